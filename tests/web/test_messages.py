"""No text without a translation, no translation that loses a placeholder, no list that is out of date."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment

from otrs_web.i18n import translations
from otrs_web.reader import template_engine
from otrs_web.resources import folder
from tests.web.marking import unmarked

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(folder("templates").rglob("*.html"))
_PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*\}")


def environment() -> Environment:
    engine = template_engine(lambda name: name).engine
    assert isinstance(engine, Environment)
    return engine


def chinese() -> Catalog:
    with (folder("locale") / "zh_CN/LC_MESSAGES/messages.po").open("rb") as stream:
        return read_po(stream, locale="zh_CN")


def texts(message: Message) -> list[tuple[str, str]]:
    """Each translation with the source it is of; Chinese has one form for all numbers."""
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return [(str(message.id[-1]), str(text)) for text in message.string]


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: path.relative_to(folder("templates")).as_posix()
)
def test_every_text_of_a_template_is_marked_for_translation(template: Path) -> None:
    assert unmarked(template.read_text(), environment()) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Nothing here</p>",
        "<p>{{ _('Marked') }} but not this</p>",
        '<input placeholder="Search" />',
        '<a aria-label="Close {{ name }}"></a>',
        '<img alt="A chart" src="x" />',
        "{{ 'Plain sentence' }}",
        "{{ 'Open' if is_open else _('Closed') }}",
        "{{ name or 'No name' }}",
    ],
)
def test_unmarked_texts_are_found(source: str) -> None:
    assert unmarked(source, environment())


@pytest.mark.parametrize(
    "source",
    [
        "<p>{{ _('Marked') }} – 12 %</p>",
        "{% trans %}Marked{% endtrans %}",
        '<a class="button plain" href="/tickets">{{ name }}</a>',
        "<script type='application/json'>{\"words\": 1}</script>",
        "{# A remark for developers. #}",
        '<th{{ " hidden" if last }}></th>',
    ],
)
def test_what_is_no_text_is_not_taken_for_one(source: str) -> None:
    assert unmarked(source, environment()) == []


def test_every_message_has_a_chinese_translation() -> None:
    missing = [m.id for m in chinese() if m.id and not all(text.strip() for _, text in texts(m))]
    assert missing == []


def test_no_chinese_translation_is_only_guessed() -> None:
    assert [m.id for m in chinese() if m.id and m.fuzzy] == []


def test_translations_keep_the_placeholders() -> None:
    wrong = [
        (source, text)
        for message in chinese()
        if message.id
        for source, text in texts(message)
        if set(_PLACEHOLDER.findall(source)) != set(_PLACEHOLDER.findall(text))
    ]
    assert wrong == []


def test_chinese_sentences_end_with_chinese_punctuation() -> None:
    """A half-width full stop behind a Chinese character is what a hasty translation looks like."""
    wrong = [
        text for m in chinese() if m.id for _, text in texts(m) if re.search(r"[\u4e00-\u9fff][.,;!?]", text)
    ]
    assert wrong == []


def test_the_lists_of_messages_are_up_to_date() -> None:
    check = subprocess.run(
        ["sh", "scripts/locale.sh", "--check"],
        cwd=ROOT,
        env={"PYBABEL": str(Path(sys.executable).with_name("pybabel")), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stderr


def test_a_translation_is_found_and_a_missing_one_shows_its_source() -> None:
    assert translations("zh-CN").gettext("Backlog") == "积压"
    assert translations("en").gettext("Backlog") == "Backlog"
    assert translations("zh-CN").gettext("not a message") == "not a message"
