"""Age texts to hours, against a writer that shares no code with the reader."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otrs_web.imports.reading.ages import age_hours

LANGUAGES = [
    ("d", "h", "m"),
    ("D", "h", "m"),
    ("T", "Std", "Min"),
    ("天", "时", "分"),
    ("天", "小时", "分钟"),
    ("j", "h", "m"),
    ("дн", "ч", "мин"),
    ("д.", "ч.", "мин."),
    ("day(s)", "hour(s)", "minute(s)"),
    ("Tag(e)", "Stunde(n)", "Minute(n)"),
    ("día(s)", "hora(s)", "minuto(s)"),
    ("dia(s)", "hora(s)", "minuto(s)"),
    ("jour(s)", "heure(s)", "minute(s)"),
    ("день", "час", "минута"),
    ("days", "hours", "minutes"),
    ("Tage", "Stunden", "Minuten"),
    ("日", "時", "分"),
]


@given(
    st.integers(0, 3000), st.integers(0, 23), st.integers(0, 59), st.sampled_from(LANGUAGES), st.booleans()
)
def test_what_otrs_prints_is_read(
    days: int, hours: int, minutes: int, units: tuple[str, str, str], minus: bool
) -> None:
    day, hour, minute = units
    text = f"{days} {day} {hours} {hour} " if days else f"{hours} {hour} {minutes} {minute}"
    exact = days * 24 + hours if days else hours + minutes / 60
    assert age_hours(("-" if minus else "") + text) == pytest.approx(-exact if minus else exact, abs=1e-4)


@given(st.text(max_size=30))
def test_anything_is_an_age_or_none(text: str) -> None:
    hours = age_hours(text)
    assert hours is None or isinstance(hours, float)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("35 d 20 h ", 860),
        ("5 h 12 m", 5.2),
        ("3 m", 0.05),
        ("0 m", 0),
        ("3 T 4 Std", 76),
        ("3 天 4 小时", 76),
        ("3天4小时", 76),
        ("-2 h 5 m", -2.0833),
        ("−2 h 5 m", -2.0833),
        ("35 d 20", 860),
        ("2 w 1 d", 360),
        ("35 d 20 h 17 m", 860.2833),
        ("1,5 h", 1.5),
        ("1.5 h", 1.5),
        ("３ ｄ ４ ｈ", 76),
        ("3\u00a0d\u00a04\u00a0h", 76),
        ("10 s", 0.0028),
        ("3 d, 4 h", 76),
    ],
)
def test_forms(text: str, hours: float) -> None:
    assert age_hours(text) == pytest.approx(hours, abs=1e-4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "51600",
        "99999999 d",
        "9" * 400 + " d",
        "-",
        "h",
        "3 x",
        "4 h 3 d",
        "3 d 4 d",
        "1:30",
        "d 3",
        "5 6 h",
    ],
)
def test_no_ages(text: str) -> None:
    assert age_hours(text) is None
