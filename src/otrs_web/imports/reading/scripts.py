"""How much a text looks like one that people wrote. Bytes of an unknown encoding decode to something in
nearly every encoding; only in the right one do they give the words and characters that are common in a
language."""

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+")
_SYMBOLS = frozenset("–—…’‘“”„«»€°·º²³§®©×´№\xa0¿¡‚‹›•")
_MISPLACED = re.compile(r"(?<=[^\W\d_])[„”“‚…•«»·°º²³§®©×´€№](?=[^\W\d_])")
_WESTERN = frozenset("äöüßéèêëàâáãåçñíîïóôòõúùûœæøªº")
_LATIN = {
    "cp1252": _WESTERN,
    "iso8859_15": _WESTERN,
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
    "cp437": _WESTERN,
    "cp1250": frozenset("ąćęłńóśźżčřšžěůőűťďňáéíýúôäöüßĺŕľ"),
    "cp1254": frozenset("çğıöşüâîû"),
}
_RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
_COMMON_RUSSIAN = frozenset("оеаинтсрвл")  # more than half of any text
# the bytes that lead the everyday characters of each encoding, and those that every text of the language has
_LEADS = {
    "gb18030": ("gb2312", range(0xB0, 0xD8), range(0xC9, 0xD8)),
    "big5hkscs": ("big5", range(0xA4, 0xC7), range(0xA4, 0xC7)),
    "cp932": ("shift_jis", range(0x82, 0x98), range(0x82, 0x84)),
    "euc_jp": ("euc_jp", range(0xA4, 0xD0), range(0xA4, 0xA6)),
    "cp949": ("euc_kr", range(0xB0, 0xC9), range(0xB0, 0xC9)),
}


def likeness(text: str, encoding: str) -> float:
    """From 0 to 1: the share of words and signs beyond ASCII that one expects in this encoding."""
    if encoding in _LEADS:
        return _asian(text, encoding)
    expected = _LATIN.get(encoding, _RUSSIAN)
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    signs = [c for c in text if c > "\x7f" and not c.isalpha()]
    if not words and not signs:
        return 0.0
    good = sum(_plausible(word, expected, mixed=encoding in _LATIN) for word in words)
    good += sum(sign in _SYMBOLS for sign in signs) - len(_MISPLACED.findall(text))
    score = max(good, 0) / (len(words) + len(signs))
    return score if encoding in _LATIN or not words else score * min(1, _russian("".join(words)) * 2)


def _plausible(word: str, expected: frozenset[str], *, mixed: bool) -> bool:
    """Only expected letters, capitals only in front or throughout; Latin words are mostly ASCII, others
    not."""
    if not (word[1:].islower() or len(word) == 1 or word.isupper()):
        return False
    plain = sum(letter.isascii() for letter in word)
    if not all(letter.isascii() or letter in expected for letter in word.lower()):
        return False
    return plain * 2 >= len(word) - 1 if mixed else plain == 0


def _russian(letters: str) -> float:
    """Other alphabets decode to Cyrillic letters as well, but not to the common ones."""
    common = sum(letter in _COMMON_RUSSIAN for letter in letters.lower()) / len(letters)
    return common * (0.5 + sum(map(str.islower, letters)) / len(letters) / 2)


def _asian(text: str, encoding: str) -> float:
    """Everyday characters; half as likely without those that every text of the language has."""
    letters = [c for c in text if c > "\x7f" and not unicodedata.category(c).startswith(("P", "Z"))]
    if not letters:
        return 0.0
    small, common, needed = _LEADS[encoding]
    leads = [_lead(letter, small) for letter in letters]
    score = sum(lead in common for lead in leads) / len(leads)
    return score if any(lead in needed for lead in leads) else score / 2


def _lead(letter: str, encoding: str) -> int:
    try:
        return letter.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0
