"""What leaves as a file: tables of any length, written while they are read."""
