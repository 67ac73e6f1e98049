"""Figures that the project promises, measured on the machine at hand: see `python -m bench --help`."""
