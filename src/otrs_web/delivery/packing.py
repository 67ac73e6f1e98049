"""How an answer's bytes are packed for those who can unpack them. Browsers take brotli over HTTPS and from
their own machine, and gzip everywhere; scripts often neither."""

import gzip
from functools import lru_cache
from typing import Literal

import brotli

Coding = Literal["br", "gzip"]
#: the better one first
CODINGS: tuple[Coding, ...] = ("br", "gzip")
#: below so many bytes a packet on the wire is not saved
WORTHWHILE = 1_000

_AT_ONCE = {"br": 5, "gzip": 5}
#: brotli knows an eleventh level, which takes three times as long for one percent
_FOR_GOOD = {"br": 10, "gzip": 9}


@lru_cache(maxsize=128)
def coding_for(accept_encoding: str) -> Coding | None:
    """The coding that a client of this header likes best, the smaller one where it likes both; None where it
    wants the bytes as they are (RFC 9110, 12.5.3)."""
    weights = dict(map(_weighted, accept_encoding.lower().split(",")))
    others = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda coding: weights.get(coding, others))  # the first of equals
    return best if weights.get(best, others) > 0 else None


def _weighted(part: str) -> tuple[str, float]:
    name, _, parameters = part.partition(";")
    key, _, value = parameters.partition("=")
    if key.strip() != "q":
        return name.strip(), 1.0
    try:
        return name.strip(), float(value)
    except ValueError:
        return name.strip(), 0.0


def packed(body: bytes, coding: Coding, *, for_good: bool = False) -> bytes:
    """The same bytes always give the same packed ones. `for_good`: as small as they get, which takes some
    fifty times as long, for what is packed once and sent for a year."""
    level = (_FOR_GOOD if for_good else _AT_ONCE)[coding]
    if coding == "br":
        return bytes(brotli.compress(body, quality=level))
    return gzip.compress(body, level, mtime=0)
