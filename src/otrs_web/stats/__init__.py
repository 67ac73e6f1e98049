"""One module per statistic; `report` says what a statistic is, `dashboard` puts them together."""
