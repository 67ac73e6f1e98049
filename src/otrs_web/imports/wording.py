"""Why a file is refused, and the words for columns and choices, marked for translation. A key is a refusal's
code; `code:parameter` is the variant for when that parameter has a value."""

from otrs_web.i18n import N_

UNNAMED = N_("Something about this file is unusual. Please look at it in a spreadsheet program.")

FIELD_TITLES = {
    "ticket_number": N_("Ticket number"),
    "created_date": N_("Created"),
    "closed_date": N_("Closed"),
    "state": N_("State"),
    "priority": N_("Priority"),
    "first_response": N_("First response"),
    "age": N_("Age"),
    "queue": N_("Queue"),
    "owner": N_("Owner"),
    "responsible": N_("Responsible"),
    "customer_id": N_("Customer ID"),
    "customer_realname": N_("Customer name"),
    "title": N_("Title"),
    "service": N_("Service"),
    "type": N_("Type"),
    "category": N_("Category"),
    "sub_category": N_("Subcategory"),
}

FIELD_COSTS = {
    "closed_date": N_("closed per day, backlog, resolution time"),
    "state": N_("what is open, distribution by state"),
    "priority": N_("distribution by priority"),
    "first_response": N_("unanswered tickets, time to first response"),
    "responsible": N_("figures by responsible person"),
    "age": N_("age as OTRS gives it"),
    "queue": N_("figures by queue"),
    "owner": N_("figures by owner"),
    "customer_id": N_("figures by customer"),
    "title": N_("search in titles"),
    "service": N_("figures by service"),
    "type": N_("figures by type"),
}

CHOICES: dict[str, dict[str, str]] = {
    "kind": {
        "pdf": N_("a PDF document"),
        "rtf": N_("a text document"),
        "image": N_("a picture"),
        "archive": N_("a packed archive"),
        "database": N_("a database"),
        "program": N_("a program"),
        "document": N_("a document of another program"),
        "xml": N_("an XML file"),
        "json": N_("a JSON file"),
        "binary": N_("neither text nor a workbook"),
    },
    "order": {"dmy": N_("day first"), "mdy": N_("month first"), "ymd": N_("year first")},
    "why": {
        "values": N_("some values can only be read that way"),
        "numbers": N_("it agrees with the days in the ticket numbers"),
        "later": N_("read the other way, dates would lie in the future"),
        "columns": N_("another date column of the file shows it"),
    },
    "separator": {
        ",": N_("comma"),
        ";": N_("semicolon"),
        "\t": N_("tab"),
        "|": N_("vertical bar"),
        ":": N_("colon"),
    },
    "reason": {
        "row_without_number": N_("they have no ticket number"),
        "created_missing": N_("they have no creation time"),
        "created_unreadable": N_("their creation time cannot be read"),
        "closed_unreadable_rejected": N_(
            "their close time cannot be read and their state does not tell whether they are open"
        ),
    },
}

REFUSALS = {
    "file_empty": N_("The file is empty. Please export it again and upload the new file."),
    "nothing_in_it": N_(
        "There is nothing in this file but empty cells. Please check the export in OTRS and upload it again."
    ),
    "no_header": N_(
        "No row of this file names ticket columns. Please upload a ticket list that was exported from "
        "OTRS, with its header row."
    ),
    "no_header:found": N_(
        "No row of this file names ticket columns; its first row reads: {found}. Please upload a ticket "
        "list that was exported from OTRS, with its header row."
    ),
    "columns_missing": N_(
        "The file has no column for: {missing}. Its columns are: {found}. Please add the missing column "
        "to the export in OTRS, or rename it in the file."
    ),
    "numbers_scientific": N_(
        "The ticket numbers have been spoiled by a spreadsheet program: row {line} reads {value}. Please"
        " upload the file as OTRS exported it, without opening and saving it in between."
    ),
    "numbers_rounded": N_(
        "The ticket numbers have been rounded by a spreadsheet program, so their last digits are lost. "
        "Please upload the file as OTRS exported it, without opening and saving it in between."
    ),
    "formulas_without_value": N_(
        "The column {column} contains formulas that have never been calculated, first in row {line}. "
        "Please open the file in a spreadsheet program, save it and upload it again."
    ),
    "no_valid_row": N_(
        "None of the rows can be imported; for most of them ({count}) the reason is that {reason} "
        "(column {column}). Please check the export and upload it again."
    ),
    "workbook_damaged": N_(
        "The file is damaged or was cut off on its way. Please export it again and upload the new file."
    ),
    "password_protected": N_(
        "The file is protected by a password. Please save it without a password and upload it again."
    ),
    "unpacks_too_large": N_(
        "The file would unpack to {unpacked} MB, far more than a ticket list of its size contains. "
        "Please export the list from OTRS again."
    ),
    "sheet_too_wide": N_(
        "A sheet of this file stretches over {rows} rows and {columns} columns, most of them empty. "
        "Please copy the ticket list into a new file and upload that."
    ),
    "cell_too_long": N_(
        "A cell of this file is longer than any spreadsheet program allows. Please export the list from "
        "OTRS again."
    ),
    "too_many_errors": N_(
        "More than {limit} cells of this file contain errors or formulas without a value. Please repair "
        "the file in a spreadsheet program, or export it again."
    ),
    "unsafe_xml": N_(
        "The file contains instructions that no workbook needs, so it was not opened. Please export the "
        "list from OTRS again."
    ),
    "excel_too_old": N_(
        "This file was written by a very old Excel. Please open it, save it as .xlsx and upload it again."
    ),
    "not_a_spreadsheet": N_(
        "This file is not a spreadsheet but {kind}. Please upload the .xlsx or .csv file that OTRS exported."
    ),
    "web_page": N_(
        "This file is a web page, although its name may say otherwise. Please open it in a spreadsheet "
        "program, save it as .xlsx and upload it again."
    ),
    "xml_spreadsheet": N_(
        "This file has the XML format of Excel 2003. Please open it in Excel, save it as .xlsx and "
        "upload it again."
    ),
    "zip_without_workbook": N_(
        "This file is a zip archive without a workbook in it. Please upload the .xlsx or .csv file that "
        "OTRS exported."
    ),
    "text_damaged": N_(
        "The file claims to be text in {encoding}, but parts of it are not. Please export it again as "
        "UTF-8 or .xlsx."
    ),
    "encoding_unknown": N_(
        "The character encoding of this file cannot be told, and a wrong guess would spoil names and "
        "titles. Please save it as “CSV UTF-8” or .xlsx and upload it again."
    ),
    "quote_not_closed": N_(
        "A quotation mark that opens in row {line} is never closed, so the rows below it cannot be told "
        "apart: the file was probably cut off. Please export it again."
    ),
    "field_too_long": N_(
        "The text that begins in row {line} is longer than any ticket's. Please check this row, or "
        "export the list again."
    ),
    "line_too_long": N_(
        "This file has no line breaks where rows should end. Please upload the .xlsx or .csv file that "
        "OTRS exported."
    ),
    "restored": N_(
        "The database was restored from a backup that was made before this import was over. "
        "Please upload the file again."
    ),
    "file_missing": N_("The stored file is no longer there. Please upload it again."),
    "internal": N_(
        "The import failed for a reason of its own. Please ask the administrator to look at the log."
    ),
    "import_died": N_(
        "The import broke off several times without a result. Please try an .xlsx file, or ask the "
        "administrator to look at the log."
    ),
    "disk_full": N_("The disk is full. Ask the administrator to make room, then upload the file again."),
    "database": N_("The database could not be written. Please ask the administrator to look at the log."),
}
