"""Names of files come from outside and are only ever labels: shown, stored and offered at a download, never
used as a path. Here they lose what could mislead a reader or a terminal, and nothing else."""

import re
import unicodedata
from urllib.parse import quote

MAX_LENGTH = 255
# Direction overrides make `gpj.exe` read as `exe.jpg`; the joiners within emoji stay.
_MISLEADING = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def file_label(name: str) -> str:
    """The last part of a path in NFC without control characters, at most 255 characters with its ending
    kept; empty if nothing is left."""
    name = unicodedata.normalize("NFC", name)
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cs"})
    name = re.split(r"[/\\]", _MISLEADING.sub("", name))[-1].strip()
    if name.strip(".") == "":
        return ""
    stem, dot, ending = name.rpartition(".")
    if len(name) > MAX_LENGTH and stem and len(ending) <= 8:
        return stem[: MAX_LENGTH - len(ending) - 1] + dot + ending
    return name[:MAX_LENGTH]


def attachment(name: str) -> str:
    """A Content-Disposition header that offers a file under `name` (RFC 6266, RFC 5987): a plain ASCII
    name for old clients and the true one beside it."""
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
