"""Which encoding a text file has. A wrong guess stores mojibake for good, so the witnesses are asked in the
order of their weight: a byte order mark, validity as UTF-8 of the whole file, known header names that one
encoding brings out, then what letters of each script are common; what none of them can tell is refused."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from otrs_web.imports.columns import ALIASES, normal
from otrs_web.imports.quality import Rejected
from otrs_web.imports.reading.scripts import likeness

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = (
    "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1252", "cp1251", "koi8_r", "cp866", "iso8859_5",
    "mac_cyrillic", "cp1250", "cp1254", "iso8859_15", "mac_roman", "cp850", "cp437",
)  # fmt: skip
CERTAIN, LIKELY = 0.98, 0.85
"""The share of expected words from which on a reading is no guess, and below which it is no reading."""
_BLOCK = 1 << 20
_SAMPLE = 1 << 18
FALLBACK = "otrs_web_cp1252"
"""Error handler for texts that are UTF-8 but for single bytes of a Western encoding."""


def _western_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "ignore"), error.end


codecs.register_error(FALLBACK, _western_bytes)


@dataclass(frozen=True)
class Charset:
    """An encoding and what a look at every byte found on the way. `sure` is False for a guess by letters."""

    name: str
    errors: str = "strict"
    sure: bool = True
    lines: int = 0
    nuls: int = 0


def detect(path: Path) -> Charset:
    """Raises Rejected if no encoding makes text of the file."""
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return _checked(path, name)
    wide = _utf16_without_mark(start)
    if wide:
        return _checked(path, wide)
    lines, nuls, wrong, multibyte = _try_utf8(path)
    if wrong == 0:
        return Charset("utf-8", lines=lines, nuls=nuls)
    if wrong * 10 <= multibyte:
        return Charset("utf-8", FALLBACK, sure=False, lines=lines, nuls=nuls)
    name, sure = _legacy(_telling_part(path))
    return Charset(name, "strict" if _decodes(path, name) else "replace", sure, lines, nuls)


def _checked(path: Path, name: str) -> Charset:
    if not _decodes(path, name):
        raise Rejected("text_damaged", encoding=name)
    return Charset(name, lines=0)


def _decodes(path: Path, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(start: bytes) -> str | None:
    """Every other byte of Western text in UTF-16 is zero."""
    even, odd = start[:4096:2].count(0), start[1:4096:2].count(0)
    half = len(start[:4096]) // 2
    if half >= 8 and max(even, odd) > half * 0.4 and min(even, odd) < half * 0.05:
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def _try_utf8(path: Path) -> tuple[int, int, int, int]:
    """(line ends, NUL bytes, bytes that are no UTF-8, characters beyond ASCII), over the whole file."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    lines = nuls = returns = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            lines += block.count(b"\n")
            returns += block.count(b"\r")
            nuls += block.count(0)
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return lines, nuls, *_count_errors(path)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return lines, nuls, *_count_errors(path)
    return lines or returns, nuls, 0, 0


def _count_errors(path: Path) -> tuple[int, int]:
    data = _telling_part(path)
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    return max(wrong, 1), sum(1 for c in text if c > "\x7f") - wrong


def _telling_part(path: Path) -> bytes:
    """The first lines, and further lines with bytes beyond ASCII, up to the sample's size."""
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
        rest = bytearray()
        while len(rest) < _SAMPLE and (block := file.read(_BLOCK)):
            if not block.isascii():
                rest += b"\n".join(line for line in block.split(b"\n")[1:-1] if not line.isascii())
    return start[: start.rfind(b"\n") + 1 or None] + bytes(rest[:_SAMPLE].rpartition(b"\n")[0])


def _legacy(data: bytes) -> tuple[str, bool]:
    """(encoding, sure) of text that is not Unicode."""
    texts = {name: text for name in _CANDIDATES if (text := _decoded(data, name)) is not None}
    known = {name: _known_headers(text) for name, text in texts.items()}
    best = max(known.values(), default=0)
    leaders = [name for name in texts if known[name] == best]
    scores = {name: likeness(texts[name], name) for name in leaders}
    name = max(scores, key=scores.__getitem__, default="")
    if name and (best or scores[name] >= LIKELY):
        return name, best > 0 or scores[name] >= CERTAIN
    guess = from_bytes(data).best()
    if guess is not None and guess.chaos < 0.1 and guess.coherence >= 0.5:
        return guess.encoding, False
    raise Rejected("encoding_unknown")


def _decoded(data: bytes, name: str) -> str | None:
    """The text, if nearly all of it decodes: a cut field may end within a character."""
    text = data.decode(name, "replace")
    return text if text.count("\ufffd") <= len(data) // 2000 else None


def _known_headers(text: str) -> int:
    """How many header names with letters beyond ASCII this reading of the file shows."""
    names: set[str] = set()
    for line in text.splitlines()[:50]:
        for separator in ",;\t|:":
            if separator in line:
                names.update(cell.strip(' "') for cell in line.split(separator))
    return sum(1 for name in names if not name.isascii() and normal(name) in ALIASES)
