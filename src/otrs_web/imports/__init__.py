"""Reading exports and storing them: the file's side knows no database, the database's side no file formats."""
