"""Backups of the database: made while everything runs, checked by restoring them elsewhere, and restored as a
whole or not at all. One file carries everything, so that it can be copied by hand and still be trusted: a zip
of the dump and a manifest that says what it is, how much is in it and what its checksum must be.

The files that were uploaded are not part of a backup.
"""

from otrs_web.backups.folder import latest

__all__ = ["latest"]
