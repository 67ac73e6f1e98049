"""The sentences' facts about a file as a whole: what was taken from where, what is missing and what that
costs, how its dates were understood, which instant it shows."""

from collections.abc import Mapping

from otrs_web.imports.quality import Findings, Rejected
from otrs_web.imports.reading.header import SEARCHED_ROWS, Header
from otrs_web.imports.reading.snapshot import Snapshot
from otrs_web.imports.reading.tables import Table, column_letter
from otrs_web.imports.reading.tickets import TicketReader

SEARCH_LIMITS = (2000, 10_000)
"""Where OTRS cuts results off: the agents' search (SearchLimit), and searches that set no limit."""
COSTLY = ("closed_date", "state", "priority", "first_response", "responsible")
OPTIONAL = ("age", "queue", "owner", "customer_id", "title", "service", "type")
_SHOWN = 60


def no_header(table: Table) -> Rejected:
    """The refusal of a file in which no row names known columns, with the first names that it has."""
    for _, cells in table.head(SEARCHED_ROWS):
        names = [str(cell).strip() for cell in cells if str(cell).strip()]
        if names:
            return Rejected("no_header", sheet=table.sheet, found=names[:_SHOWN])
    return Rejected("nothing_in_it", sheet=table.sheet)


def missing_columns(table: Table, header: Header) -> Rejected:
    mapping = header.mapping
    found = [*mapping.names.values(), *(name for _, name in mapping.others)]
    return Rejected(
        "columns_missing",
        lines=[header.line],
        missing=mapping.missing,
        found=found[:_SHOWN],
        sheet=table.sheet,
    )


def no_valid_row(findings: Findings) -> Rejected:
    """The refusal of a file with rows of which none is a ticket; it names the most frequent reason."""
    reasons = [
        finding for finding in findings.all() if finding.code.startswith(("row_", "created_", "closed_"))
    ]
    first = max(reasons, key=lambda finding: finding.count)
    return Rejected("no_valid_row", lines=first.lines, reason=first.code, count=first.count, **first.params)


def describe_file(findings: Findings, table: Table, header: Header) -> None:
    mapping = header.mapping
    findings.say("columns_used", "fine", len(mapping.fields), columns=dict(mapping.names))
    others = [name for _, name in mapping.others]
    if others:
        findings.say("columns_kept", "notice", len(others), columns=others[:_SHOWN])
    if mapping.nameless:
        letters = [column_letter(table.first_column + index) for index in mapping.nameless[:_SHOWN]]
        findings.say("columns_nameless", "notice", len(mapping.nameless), columns=letters)
    costly = [field for field in COSTLY if field not in mapping.fields]
    if costly:
        findings.say("columns_missing_costly", "attention", len(costly), costs=costly)
    optional = [field for field in OPTIONAL if field not in mapping.fields]
    if optional:
        findings.say("columns_missing_optional", "fine", len(optional), costs=optional)
    if table.other_sheets:
        findings.say(
            "other_sheets", "attention", len(table.other_sheets), sheets=table.other_sheets, sheet=table.sheet
        )
    if table.sheet is not None:
        findings.say("read_sheet", "fine", sheet=table.sheet, line=header.line, kind=table.kind)
    else:
        findings.say(
            "read_text",
            "fine",
            encoding=table.encoding,
            separator=table.separator,
            line=header.line,
            kind=table.kind,
        )
    table.describe(findings)


def describe_rows(
    findings: Findings, reader: TicketReader, orders: Mapping[str, tuple[str, str]], doubtful: list[int]
) -> None:
    if not reader.rows:
        findings.say("no_tickets", "attention")
    if reader.rows in SEARCH_LIMITS:
        findings.say("search_limit", "attention", reader.rows, limit=reader.rows)
    if doubtful:
        findings.say("numbers_doubtful", "attention", len(doubtful), doubtful)
    if reader.unknown_states:
        most = sorted(reader.unknown_states.items(), key=lambda state: -state[1])
        findings.detail("unknown_states", states=dict(most[:_SHOWN]))
    for field, column in reader.date_columns.items():
        if column.zeros and field != "created_date":
            findings.say("zero_dates", "notice", column.zeros, column=reader.column_name(field))
    zones = sorted({zone for column in reader.date_columns.values() for zone in column.zones})
    if zones:
        findings.say("zones", "notice", len(zones), zones=zones[:_SHOWN])
    for field, (order, why) in orders.items():
        count = reader.date_columns[field].ambiguous
        if not count:
            continue
        name = reader.column_name(field)
        findings.say(
            "day_month_decided" if why else "day_month_undecided",
            "notice" if why else "attention",
            count,
            column=name,
            order=order,
            why=why,
        )


def describe_snapshot(findings: Findings, snapshot: Snapshot) -> None:
    findings.say(
        "snapshot",
        "attention" if snapshot.source == "upload" else "fine",
        at=str(snapshot.at),
        source=snapshot.source,
    )
