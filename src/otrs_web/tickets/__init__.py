"""Which tickets: the filter, the list behind every number, and one ticket's page."""
