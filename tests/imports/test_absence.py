"""Notes behind names: what OTRS writes in several languages, and what people write by hand."""

import pytest

from otrs_web.imports.reading.absence import without_absence
from tests.imports.reading import read


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Max Muster", "Max Muster"),
        ("Max Muster *** out of office until 2026-08-31 (5 d left) ***", "Max Muster"),
        ("Muster *** abwesend bis 31.08.2026 (noch 5 Tage) ***, Max", "Muster, Max"),
        ("王芳 *** 外出至 2026-08-31 (剩余 5 天) ***", "王芳"),
        ("王芳（外出至 2026-08-31）", "王芳"),
        ("Max Muster (Out of Office until 2026-08-31 (5 d left))", "Max Muster"),
        ("王芳 (离开办公室)", "王芳"),
        ("Max Muster [abwesend]", "Max Muster"),
        ("Max Muster (OOO)", "Max Muster"),
        ("Muster (2nd Level), Max", "Muster (2nd Level), Max"),
        ("Office (Oooh)", "Office (Oooh)"),
        ("*** out of office ***", "*** out of office ***"),
        ("Max * Muster", "Max * Muster"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_a_note_behind_a_name_goes(given, name):
    assert without_absence(given) == name


def test_an_import_knows_one_person_however_absent_and_nobody_by_our_own_word(tmp_path):
    path = tmp_path / "tickets.csv"
    lines = [
        "Ticket Number,Created,State,Owner,Responsible,Queue",
        '1,2026-01-01 09:00:00,open,Ada,"Ada *** out of office until 2026-08-31 (5 d left) ***",Raw',
        "2,2026-01-01 09:00:00,open,Ada (abwesend),Ada,(none)",
        "3,2026-01-01 09:00:00,open,(none),-,Raw (abwesend)",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    found = read(path)
    assert found.column("owner") == ["Ada", "Ada", None]
    assert found.column("responsible")[:2] == ["Ada", "Ada"]
    assert found.column("queue") == ["Raw", None, "Raw (abwesend)"]
