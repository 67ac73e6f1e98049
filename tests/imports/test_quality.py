"""The report: every code has a sentence, every sentence a translation that says the same, and all of it can
be stored."""

import json
import re
from pathlib import Path

import pytest

from otrs_web.i18n import LANGUAGES, translations
from otrs_web.imports import remarks, wording
from otrs_web.imports.messages import SHOWN
from otrs_web.imports.quality import MAX_LINES, Finding, Findings, Rejected, message

SOURCES = Path(wording.__file__).parent
CODES = sorted(
    {
        code
        for path in SOURCES.glob("*.py")
        for code in re.findall(r'(?:Rejected|findings\.say|findings\.add)\(\s*"(\w+)"', path.read_text())
    }
)
TEMPLATES = {**wording.REFUSALS, **remarks.FINDINGS}
PARAMS = {
    "line": 3,
    "column": "Created",
    "samples": ["x", "y"],
    "found": ["a"],
    "missing": ["ticket_number"],
    "value": "2E15",
    "unpacked": 300,
    "rows": 5,
    "columns": {"state": "Status"},
    "limit": 10,
    "kind": "pdf",
    "encoding": "cp1251",
    "costs": ["closed_date"],
    "states": {"Strange": 2},
    "order": "dmy",
    "why": "values",
    "sheet": "S",
    "sheets": ["T"],
    "zones": ["UTC"],
    "separator": ";",
    "at": "2026-01-12 18:00:00",
    "stored": "2026-01-13 18:00:00",
    "reason": "created_missing",
    "count": 7,
}


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence(code: str) -> None:
    assert code in TEMPLATES


@pytest.mark.parametrize("key", TEMPLATES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_filled(key: str, language: str) -> None:
    gettext = translations(language).gettext
    needed = set(re.findall(r"\{(\w+)\}", TEMPLATES[key]))
    params = {name: PARAMS[name] for name in needed}
    code, _, variant = key.partition(":")
    if variant:
        name, _, value = variant.partition("=")
        params.setdefault(name, value or PARAMS[name])
    sentence = message(Finding(code, "notice", 7, [], params), gettext)
    assert "{" not in sentence
    assert sentence[-1] in ".。"
    for name in needed & {"sheet", "encoding", "at"}:
        assert str(PARAMS[name]) in sentence


def test_variants_by_what_is_known() -> None:
    def said(code: str, **params: object) -> str:
        return message(Finding(code, "notice", 1, [], params), str)

    assert "time in the file name" in said("snapshot", at="x", source="filename")
    assert "“nan”" in said("created_missing", column="Created", samples=["nan"])
    assert "Rows without a creation time" in said("created_missing", column="Created")


def test_unknown_codes_and_missing_parameters_do_no_harm() -> None:
    assert message(Finding("from_the_future", "notice"), str) == wording.UNNAMED
    assert "–" in message(Finding("read_sheet", "fine"), str)
    odd = Rejected("no_header", found=["{x}", "{0}", "%s"])
    assert "{x}" in message(odd, str)


def test_long_lists_are_cut() -> None:
    names = [f"c{n}" for n in range(SHOWN + 48)]
    text = message(Finding("columns_kept", "notice", len(names), [], {"columns": names}), str)
    assert f"c{SHOWN - 1}" in text
    assert f"c{SHOWN}" not in text
    assert "+48" in text


def test_findings_add_up_and_keep_the_first_lines() -> None:
    findings = Findings()
    for start in range(0, 1000, 100):
        findings.add("duplicates", "attention", [(n, f"v{n}") for n in range(start, start + 100)])
    findings.add("future_dates", "attention", [(1, "x")], column="Created")
    findings.add("future_dates", "attention", [(2, "y")], column="Closed")
    findings.add("nothing", "notice", [])
    found = findings.all()
    assert [(f.code, f.count) for f in found] == [
        ("duplicates", 1000),
        ("future_dates", 1),
        ("future_dates", 1),
    ]
    assert found[0].lines == list(range(MAX_LINES))
    assert found[0].params["samples"] == ["v0", "v1", "v2", "v3", "v4"]


def test_reports_survive_storing() -> None:
    finding = Finding("duplicates", "attention", 2, [3, 4], {"samples": ["a"]})
    assert Finding.from_json(json.loads(json.dumps(finding.to_json()))) == finding
    reason = Rejected("columns_missing", lines=[1], missing=["state"])
    again = Rejected.from_json(json.loads(json.dumps(reason.to_json())))
    assert (again.code, again.params, again.lines) == (reason.code, reason.params, reason.lines)


def test_levels_come_in_the_order_of_their_weight() -> None:
    findings = Findings()
    findings.say("read_text", "fine")
    findings.say("zones", "notice")
    findings.say("no_tickets", "attention")
    assert [finding.level for finding in findings.all()] == ["attention", "notice", "fine"]
