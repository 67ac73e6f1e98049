"""An entry as its reader sees it."""

from zoneinfo import ZoneInfo

import pytest

from otrs_web.database_log import COMMAND_LINE, SCHEDULE, browser
from otrs_web.database_log.wording import Voice, agent_name
from otrs_web.i18n import Formats, translations
from tests.database_log.writing import FIREFOX, adopted, imported


def voice(language: str) -> Voice:
    return Voice(translations(language).gettext, Formats(language, ZoneInfo("UTC")).number)


EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox"),
        (EDGE, "Edge"),
        (EDGE.replace(" Edg/130.0.0.0", ""), "Chrome"),
        ("Mozilla/5.0 (Macintosh) AppleWebKit/605.1 (KHTML, like Gecko) Version/17.6 Safari/605.1", "Safari"),
        ("curl/8.5.0", "curl"),
        ("python-requests/2.32.3", "python-requests"),
        ("Monitoring of the site, second floor, left", "Monitoring of the site, second"),
        ("", ""),
    ],
)
def test_a_browser_is_called_by_its_name(user_agent: str, name: str) -> None:
    assert agent_name(user_agent) == name


@pytest.mark.parametrize(
    ("stored", "english", "chinese"),
    [
        (browser("192.0.2.9", FIREFOX), "192.0.2.9 · Firefox", "192.0.2.9 · Firefox"),
        (browser("192.0.2.9", None), "192.0.2.9", "192.0.2.9"),
        (browser(None, None), "unknown", "未知"),
        (SCHEDULE, "By schedule", "定时执行"),
        (COMMAND_LINE, "Command line", "命令行"),
        (browser("terminal", "otrs-web import"), "Command line", "命令行"),
        ("root", "root", "root"),
        (None, "", ""),
    ],
)
def test_who_it_was_in_short(stored: str | None, english: str, chinese: str) -> None:
    assert voice("en").who(stored) == english
    assert voice("zh-CN").who(stored) == chinese


def test_details_are_in_the_language_of_the_reader_with_its_numbers() -> None:
    row = imported(new=1234)
    said = voice("en").details(row["message"], row["operation_details"])
    assert said == "Imported, replacing: 1,234 new, 3 updated, 0 unchanged."
    assert "1,234" in voice("zh-CN").details(row["message"], row["operation_details"])
    assert "Imported" not in voice("zh-CN").details(row["message"], row["operation_details"])


def test_the_meaning_of_a_state_is_translated_and_its_name_is_not() -> None:
    message = {
        "text": "State “{name}” now means {meaning}.",
        "params": {"name": "open", "meaning": "pending"},
    }
    assert voice("en").details(message, "") == "State “open” now means waiting."
    assert "open" in voice("zh-CN").details(message, "")
    assert "pending" not in voice("zh-CN").details(message, "")


def test_what_has_no_message_stays_as_it_is() -> None:
    row = adopted()
    assert voice("zh-CN").details(row["message"], row["operation_details"]) == row["operation_details"]
    assert voice("zh-CN").details(None, None) == ""
    assert voice("zh-CN").kind(row["operation_type"]) == "manual_edit"
    assert voice("zh-CN").kind("upload") == "导入"
