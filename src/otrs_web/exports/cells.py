"""How a value stands in an exported cell. Text comes from strangers' tickets, and a spreadsheet program takes
text that looks like a formula for one: so it is marked as text, whatever it begins with."""

from datetime import datetime
from zoneinfo import ZoneInfo

# OWASP, "CSV Injection": also behind blanks and control characters, and the full-width forms of East Asia.
_FORMULA_STARTS = frozenset("=+-@＝＋－＠")
_SKIPPED = "".join(map(chr, range(0x21))) + "\x7f\xa0\ufeff"


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet program might read the text as something else than text."""
    if not text or text[0].isalnum():
        return False
    return text[0] < " " or text.lstrip(_SKIPPED)[:1] in _FORMULA_STARTS


def csv_cell(value: object, timezone: ZoneInfo) -> str:
    """The text of a cell; text that could be taken for a formula gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if looks_like_formula(value) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return on_the_wall(value, timezone).isoformat(" ", "seconds")
    return str(value)


def on_the_wall(moment: datetime, timezone: ZoneInfo) -> datetime:
    """A system time on the site's clock; a ticket time is that already."""
    return moment.astimezone(timezone).replace(tzinfo=None) if moment.tzinfo else moment
