"""From a file to ticket rows: formats, encodings, headers, dates, ages. No database and no web here."""
