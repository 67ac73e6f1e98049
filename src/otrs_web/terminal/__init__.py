"""What the commands print and ask, one module per group of commands; `cli.py` says which there are."""
