"""The shapes of the JSON answers: what the documentation shows is what is sent. Ticket times are the wall
clock of the site; times of uploads are shown on that clock as well."""

from datetime import datetime
from typing import Any

import msgspec


class Remark(msgspec.Struct):
    """One line of an import's quality report; `lines` are at most the first hundred."""

    code: str
    level: str
    message: str
    count: int
    lines: list[int]


class Stats(msgspec.Struct):
    """The figures of the tickets that the filter chooses."""

    total_records: int
    current_open_count: int
    empty_firstresponse_count: int
    reopened_count: int
    undated_open_count: int
    daily_new: dict[str, int]
    daily_closed: dict[str, int]
    daily_open: dict[str, int]
    priority_distribution: dict[str, int]
    state_distribution: dict[str, int]
    age_segments: dict[str, int]
    open_age_unknown: int
    empty_firstresponse_by_priority: dict[str, int]


class Accepted(msgspec.Struct):
    """The file is stored and its import waits its turn."""

    upload_id: int
    status: str
    status_url: str
    success: bool = True


class Imported(msgspec.Struct):
    """The import is done. `total_records` is what is stored now, the counts are what this file changed."""

    upload_id: int
    filename: str
    total_records: int
    record_count: int
    new_records_count: int
    updated_records_count: int
    unchanged_records_count: int
    rejected_records_count: int
    removed_records_count: int
    as_of: datetime | None
    as_of_source: str | None
    stats: Stats
    warnings: list[Remark]
    status: str = "done"
    success: bool = True


class ImportProgress(msgspec.Struct):
    """How far an import is. `status`: idle (there was no upload yet), queued, running, done, rejected, failed
    or cancelled."""

    current_step: int
    total_steps: int
    message: str
    details: str
    upload_id: int | None
    status: str
    rows_done: int
    rows_total: int | None
    percent: int
    filename: str | None = None
    elapsed_seconds: int | None = None
    remaining_seconds: int | None = None
    code: str | None = None
    lines: list[int] = []
    warnings: list[Remark] = []


class TicketSummary(msgspec.Struct):
    ticket_number: str
    age: str | None
    created: str | None
    priority: str | None
    state: str | None


class Details(msgspec.Struct):
    total: int
    details: list[TicketSummary]
    success: bool = True


class DatabaseStats(msgspec.Struct):
    """`empty_firstresponse_details` are the first thousand of `empty_firstresponse_details_total`."""

    total_records: int
    data_sources_count: int
    last_updated: str | None
    as_of: datetime
    stats: Stats
    empty_firstresponse_details: list[TicketSummary]
    empty_firstresponse_details_total: int
    success: bool = True


class LatestUpload(msgspec.Struct):
    upload_id: int
    filename: str
    record_count: int
    new_records_count: int | None
    upload_time: str
    as_of: datetime | None
    total_records: int
    open_tickets: int


class LatestUploadInfo(msgspec.Struct):
    has_data: bool
    latest_upload: LatestUpload | None
    success: bool = True


class TicketRow(msgspec.Struct):
    """The columns of the list, as in the database."""

    id: int
    ticket_number: str
    created_date: datetime | None
    closed_date: datetime | None
    state: str | None
    priority: str | None
    first_response: str | None
    age: str | None
    age_hours: float | None
    queue: str | None
    owner: str | None
    customer_id: str | None
    customer_realname: str | None
    title: str | None
    service: str | None
    type: str | None
    category: str | None
    sub_category: str | None
    responsible: str | None
    import_time: datetime | None
    data_source: str | None
    state_type: str
    is_open: bool
    upload_id: int | None


class TicketList(msgspec.Struct):
    """`total` counts all tickets of the filter; `next_after` is the key of the next page, if there is one.
    `limit` is null where no page was asked for: then all tickets come."""

    total: int
    as_of: datetime
    tickets: list[TicketRow]
    limit: int | None
    offset: int
    next_after: str | None
    success: bool = True


class LogEntry(msgspec.Struct):
    """One change to the data; `operation_details` is in the reader's language where the entry can be
    translated."""

    id: int
    operation_time: datetime
    operation_type: str
    table_name: str | None
    records_affected: int | None
    operation_details: str
    user_info: str | None
    filename: str | None


class LogEntries(msgspec.Struct):
    """`total` counts all entries of the filter; without a `limit`, which is null then, all of them come."""

    total: int
    entries: list[LogEntry]
    limit: int | None
    offset: int
    success: bool = True


class Cleared(msgspec.Struct):
    message: str
    records_cleared: int
    success: bool = True


class SignedIn(msgspec.Struct):
    authenticated: bool
    success: bool = True


class Done(msgspec.Struct):
    message: str
    success: bool = True


JsonObject = dict[str, Any]
