"""Takes over the data of the application that otrs-web succeeds: its SQLite file, all nine tables of it."""
