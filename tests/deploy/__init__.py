"""What is used to put the program into operation: the files are read, and what they say is done, for real."""
