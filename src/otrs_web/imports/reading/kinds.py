"""What a file is, by its content. Names lie: web pages called .xls, CSV called .xlsx and workbooks called
.csv are all common, and each deserves to be read or to be refused for what it is."""

import mmap
import re
from pathlib import Path

from otrs_web.imports.quality import Rejected
from otrs_web.imports.reading.package import Package

_HEAD = 1 << 14
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES = (
    (b"%PDF", "pdf"), (b"{\\rtf", "rtf"), (b"\x89PNG", "image"), (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"), (b"\x1f\x8b", "archive"), (b"7z\xbc\xaf", "archive"), (b"Rar!", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ", "archive"), (b"SQLite format 3", "database"), (b"MZ", "program"), (b"\x7fELF", "program"),
)  # fmt: skip
_OLD_EXCEL = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
)
_HTML = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body|table|meta|style|div|script|tr|br|p)\b", re.DOTALL
)


def file_kind(path: Path) -> str:
    """'xlsx', 'xlsb', 'ods', 'xls' or 'text'. Raises Rejected for everything else, with what it is."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise Rejected("file_empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    if head.startswith(_OLE):
        return _ole_kind(path)
    if head.startswith(_OLD_EXCEL):
        raise Rejected("excel_too_old")
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            raise Rejected("not_a_spreadsheet", kind=kind)
    _refuse_markup(head)
    return "text"


def _refuse_markup(head: bytes) -> None:
    text = _loosely(head).lstrip("\ufeff \t\r\n")
    lower = text.casefold()
    if "urn:schemas-microsoft-com:office:spreadsheet" in lower and lower.startswith("<?xml"):
        raise Rejected("xml_spreadsheet")
    if _HTML.match(lower) or (lower.startswith("<") and ("<html" in lower or "<table" in lower)):
        raise Rejected("web_page")
    if lower.startswith(("mime-version:", "from: <saved by", "content-type: multipart")):
        raise Rejected("web_page")
    if lower.startswith("<?xml") or re.match(r"<[a-z][\w:-]*[\s>/]", lower):
        raise Rejected("not_a_spreadsheet", kind="xml")
    if re.match(r'\{\s*"|\[\s*[\[{]', text):
        raise Rejected("not_a_spreadsheet", kind="json")


def _loosely(head: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(encoding, "ignore")
    return head.decode("utf-8", "ignore")


def _zip_kind(path: Path) -> str:
    package = Package(path)
    names = [name.lower() for name in package.parts]
    if any(name.endswith("workbook.xml") for name in names):
        return "xlsx"
    if any(name.endswith("workbook.bin") for name in names):
        return "xlsb"
    if "content.xml" in names:
        return _open_document_kind(package)
    if any(name.startswith(("word/", "ppt/")) or name.endswith((".iwa", ".class")) for name in names):
        raise Rejected("not_a_spreadsheet", kind="document")
    if any(name.endswith((".xlsx", ".xls", ".csv", ".tsv", ".ods", ".xlsb", ".txt")) for name in names):
        raise Rejected("not_a_spreadsheet", kind="archive")
    raise Rejected("zip_without_workbook")


def _open_document_kind(package: Package) -> str:
    """Texts and drawings are OpenDocument as well, and a password is told by the manifest alone."""
    if "META-INF/manifest.xml" in package.parts and b"encryption-data" in package.read(
        "META-INF/manifest.xml"
    ):
        raise Rejected("password_protected")
    if "mimetype" in package.parts and b"spreadsheet" not in package.read("mimetype"):
        raise Rejected("not_a_spreadsheet", kind="document")
    return "ods"


def _ole_kind(path: Path) -> str:
    """OLE files name their streams in UTF-16: an encrypted xlsx is one of them, a Word document another."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:

        def has(stream: str) -> bool:
            return data.find(stream.encode("utf-16-le")) >= 0

        if has("EncryptedPackage") or has("EncryptionInfo"):
            raise Rejected("password_protected")
        if has("Workbook") or has("Book"):
            return "xls"
        if has("WordDocument") or has("PowerPoint Document"):
            raise Rejected("not_a_spreadsheet", kind="document")
    raise Rejected("workbook_damaged")
