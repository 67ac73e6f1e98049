"""Newer versions of this program: asking GitHub for them, telling people, and putting one in place."""
