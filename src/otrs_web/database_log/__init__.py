"""The log of every change to the data: written by whatever changes them, read by a page and its files."""

from otrs_web.database_log.writing import COMMAND_LINE, SCHEDULE, browser, entry

__all__ = ["COMMAND_LINE", "SCHEDULE", "browser", "entry"]
