"""Which page numbers a pagination offers: the ends, the neighbours, and gaps between them."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pages:
    """`numbers` has None for a gap; `first` and `last` are the positions of the rows shown, of `total`."""

    current: int
    count: int
    numbers: Sequence[int | None]
    first: int
    last: int
    total: int


def page_numbers(total: int, limit: int, offset: int) -> Pages:
    """Pages of `limit` rows around the one that begins at `offset`."""
    count = max(1, -(-total // limit))
    current = min(offset // limit + 1, count)
    near = {1, count, *(n for n in range(current - 1, current + 2) if 1 <= n <= count)}
    numbers: list[int | None] = []
    for number in sorted(near):
        if numbers and number - (numbers[-1] or 0) == 2:
            numbers.append(number - 1)
        elif numbers and number - (numbers[-1] or 0) > 2:
            numbers.append(None)
        numbers.append(number)
    return Pages(current, count, numbers, min(offset + 1, total), min(offset + limit, total), total)
