"""What the quality report says, marked for translation. A key is a finding's code; `code:parameter` is the
variant for when that parameter has a value, `code:parameter=value` for one value of it."""

from otrs_web.i18n import N_

FINDINGS = {
    "no_tickets": N_(
        "The file has a header but no tickets, so nothing was changed. Please check the search in OTRS "
        "if you expected some."
    ),
    "search_limit": N_(
        "The file has exactly {count} rows, the number at which OTRS cuts a search off: tickets are "
        "probably missing. Please narrow the search, or ask the administrator to raise the search limit."
    ),
    "columns_missing_costly": N_(
        "Columns are missing, and with them statistics: {costs}. Please add the columns to the export "
        "in OTRS."
    ),
    "row_without_number": N_("Rows without a ticket number were left out: {count}."),
    "row_without_number:samples": N_(
        "Rows whose ticket number is no number ({samples}) were left out: {count}."
    ),
    "created_missing": N_("Rows without a creation time (column {column}) were left out: {count}."),
    "created_missing:samples": N_(
        "Rows whose creation time (column {column}) says only “{samples}” were left out: {count}."
    ),
    "created_unreadable": N_(
        "Rows whose creation time (column {column}) cannot be read were left out: {count}. Such values "
        "are: {samples}."
    ),
    "closed_unreadable_rejected": N_(
        "Rows whose close time (column {column}) cannot be read, and whose state does not tell whether "
        "they are open, were left out: {count}. Such values are: {samples}."
    ),
    "closed_date_unreadable": N_(
        "Close times that cannot be read were left empty (column {column}): {count}, such as {samples}. "
        "The tickets count by their state; please correct the values and import again."
    ),
    "first_response_unreadable": N_(
        "First responses that are no date were kept as text and count as given (column {column}): "
        "{count}, such as {samples}."
    ),
    "duplicates": N_(
        "Rows that repeat a ticket number were left out, the first row of each ticket counts: {count}, "
        "such as {samples}."
    ),
    "future_dates": N_(
        "Dates that lie after the export was made were imported as they are (column {column}): {count}, "
        "such as {samples}. Please check them in OTRS."
    ),
    "closed_before_created": N_(
        "Tickets that were closed before they were created: {count}. They are imported, but give no "
        "resolution time; please check their dates."
    ),
    "numbers_doubtful": N_(
        "The ticket numbers are stored as amounts and end in zero: {count}. If a spreadsheet program has"
        " rounded them, upload the file as OTRS exported it."
    ),
    "unknown_states": N_(
        "Tickets whose state is not known here: {count}. States: {states}. They count as open as long as"
        " they have no close time; the meaning of states can be set in the settings."
    ),
    "day_month_undecided": N_(
        "Nothing in the column {column} tells whether the day or the month comes first: {count} dates "
        "were read with the {order}. If that is wrong, please export dates as 2026-01-31."
    ),
    "long_rows": N_(
        "Rows with more fields than the header has: {count}. The additional fields were left out; please"
        " check these rows for stray separators."
    ),
    "nul_bytes": N_("Characters that are no text (NUL) were removed: {count}."),
    "encoding_guessed": N_(
        "The character encoding was guessed ({encoding}). Please check a few names with accents or "
        "umlauts; if they look wrong, save the file as “CSV UTF-8” or .xlsx."
    ),
    "other_sheets": N_(
        "The sheet {sheet} was imported. Other sheets with tickets were not: {sheets}. Please upload "
        "them as files of their own."
    ),
    "error_cells": N_(
        "Cells that show an error such as #N/A: {count}. They were not taken for empty; please repair "
        "them and import again."
    ),
    "older_export": N_(
        "Tickets of which a newer export is stored already: {count}. They were left as they are, because"
        " this file is older."
    ),
    "older_replace": N_(
        "This export is older ({at}) than the tickets that it replaced ({stored}). If that was a mistake, "
        "import the newer file again."
    ),
    "columns_kept": N_("Columns that no statistic uses are kept with each ticket: {columns}."),
    "columns_nameless": N_("Columns without a name were left out: {columns}."),
    "columns_missing_optional": N_("Columns that the file does not have, and what they would give: {costs}."),
    "open_with_close_time": N_(
        "Open tickets that have a close time, because they were reopened: {count}. They count as open."
    ),
    "closed_without_close_time": N_(
        "Closed, merged or removed tickets without a close time: {count}. They count as closed on the "
        "day of their creation."
    ),
    "age_unreadable": N_(
        "Ages that cannot be read (column {column}): {count}, such as {samples}. Ages are taken from the"
        " creation time."
    ),
    "zero_dates": N_("Dates that are only zeros were taken as none (column {column}): {count}."),
    "zones": N_("The dates name a time zone ({zones}). They were taken as they are, without conversion."),
    "day_month_decided": N_(
        "Dates in the column {column} were read with the {order}, because {why}: {count}."
    ),
    "encoding_legacy": N_("The text was read in the encoding {encoding}."),
    "formulas_ignored": N_(
        "Formulas without a value in columns that no statistic uses were taken as empty: {count}."
    ),
    "columns_used": N_("Columns in use – {columns}."),
    "read_sheet": N_("Read from the sheet {sheet}, whose header is in row {line}."),
    "read_text": N_("Read as text in {encoding}, separated by {separator}, with the header in row {line}."),
    "snapshot": N_("The export shows the tickets as of {at}."),
    "snapshot:source=user": N_(
        "The export shows the tickets as of {at}, the time that was given with the upload."
    ),
    "snapshot:source=filename": N_("The export shows the tickets as of {at}, the time in the file name."),
    "snapshot:source=title": N_("The export shows the tickets as of {at}, the time in its title line."),
    "snapshot:source=data": N_("The export shows the tickets as of {at}, the latest event in it."),
    "snapshot:source=upload": N_(
        "Nothing in the file tells when it was exported, so the time of the upload is used: {at}. If "
        "that is wrong, upload it again with the right time."
    ),
}
