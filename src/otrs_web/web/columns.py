"""The columns of the ticket list as a reader knows them, and which of them fit on a page."""

from collections.abc import Mapping

from otrs_web.i18n import N_
from otrs_web.tickets.listing import COLUMNS

TITLES: Mapping[str, str] = {
    "ticket_number": N_("Ticket number"),
    "title": N_("Title"),
    "state": N_("State"),
    "priority": N_("Priority"),
    "queue": N_("Queue"),
    "owner": N_("Owner"),
    "responsible": N_("Responsible"),
    "created_date": N_("Created at"),
    "closed_date": N_("Closed at"),
    "first_response": N_("First response"),
    "age": N_("Age"),
    "age_hours": N_("Age in hours"),
    "customer_id": N_("Customer"),
    "customer_realname": N_("Customer name"),
    "service": N_("Service"),
    "type": N_("Type"),
    "category": N_("Category"),
    "sub_category": N_("Subcategory"),
    "data_source": N_("File"),
    "import_time": N_("Imported at"),
}

USUAL = (
    "ticket_number",
    "title",
    "state",
    "priority",
    "queue",
    "responsible",
    "created_date",
    "closed_date",
)

MOMENTS = frozenset({"created_date", "closed_date", "import_time"})


def columns(everything: bool) -> tuple[str, ...]:
    """The columns to show, in reading order: the usual ones, or all that the list has."""
    return tuple(name for name in TITLES if name in COLUMNS) if everything else USUAL
