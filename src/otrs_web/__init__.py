"""Ticket analytics for help desks that run OTRS, Znuny or OTOBO."""
