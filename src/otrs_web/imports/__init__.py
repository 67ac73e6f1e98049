"""Reading exports and storing them: the file side knows no database, the database side no formats."""
