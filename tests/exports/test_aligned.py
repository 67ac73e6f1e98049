"""Plain text tables: every column begins at the same place, whatever the script."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otrs_web.exports import aligned as module
from otrs_web.exports.aligned import aligned
from otrs_web.exports.tables import Column, Table, table_of
from otrs_web.exports.width import display_width

COLUMNS = [Column("Name"), Column("Count", "number"), Column("End")]


async def lines_of(table, **options):
    return "".join([text async for text in aligned(table, **options)]).split("\n")[:-1]


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("工单", 4),
        ("ＡＢ", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("a\u200bb", 2),
        ("한국", 4),
        ("🎫", 2),
    ],
)
def test_width(text, width):
    assert display_width(text) == width


async def test_columns_stand_below_each_other():
    rows = [("工单 系统", 5, "x"), ("ab", 1234, "y"), ("Ü", 7, None)]
    assert await lines_of(table_of("t", COLUMNS, rows)) == [
        "Name       Count  End",
        "---------------------",
        "工单 系统      5  x",
        "ab          1234  y",
        "Ü              7  -",
    ]


async def test_without_a_head_numbers_end_all_lines_at_the_same_place():
    rows = [("非常高:", 5), ("3 normal:", 1234)]
    lines = await lines_of(table_of("t", COLUMNS[:2], rows), head=False)
    assert lines == ["非常高:       5", "3 normal:  1234"]


@given(st.lists(st.tuples(st.text(max_size=30), st.integers(0, 9999), st.just("end")), max_size=20))
async def test_any_text_stays_on_its_line_and_moves_no_other_column(rows):
    lines = await lines_of(table_of("t", COLUMNS, rows))
    assert len(lines) == len(rows) + 2
    assert len({display_width(line) for line in lines[2:]}) <= 1


async def test_a_value_that_is_too_wide_moves_only_its_own_line():
    lines = await lines_of(table_of("t", COLUMNS, [("x" * 500, 1, "end"), ("y", 2, "end")]))
    assert len(lines[2]) > 500
    assert len(lines[3]) == module.WIDEST + len("  Count  end")


async def test_a_table_that_is_too_long_to_keep_is_read_twice_and_looks_the_same(monkeypatch):
    rows = [(f"工单 {n}", n, "end") for n in range(50)]
    kept = await lines_of(table_of("t", COLUMNS, rows))
    monkeypatch.setattr(module, "KEPT_ROWS", 10)
    assert await lines_of(table_of("t", COLUMNS, rows)) == kept


async def test_memory_does_not_grow_with_the_table(monkeypatch):
    monkeypatch.setattr(module, "KEPT_ROWS", 1000)

    async def peak(rows):
        async def batches():
            for start in range(0, rows, 500):
                yield [(f"2026010110{n:08}", n, "state") for n in range(start, start + 500)]

        tracemalloc.start()
        async for _ in aligned(Table("t", COLUMNS, rows, batches)):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    await peak(2000)
    assert await peak(40_000) < await peak(4000) * 1.2
