"""What release notes may show, and what they may not do."""

import re
import time

import pytest

from otrs_web.updates.notes import rendered

HOSTILE = [
    "<script>alert(1)</script>",
    "text <script src=https://evil.test/x.js></script> text",
    "<img src=x onerror=alert(1)>",
    '<div onclick="alert(1)" style="position:fixed">x</div>',
    "<iframe src=https://evil.test></iframe>",
    "<svg><script>alert(1)</script></svg>",
    "<!-- <script>alert(1)</script> -->",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java&#x0A;script:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](//evil.test/x)",
    "[x](/settings/clear)",
    "[x](https:/settings)",
    "[x](https:///settings)",
    "<javascript:alert(1)>",
    "[x][1]\n\n[1]: javascript:alert(1)",
    '[x](https://good.test "\\" onmouseover=alert(1) x=\\"")',
    "![x](https://evil.test/pixel.png)",
    '![<script>alert(1)</script>](x "y")',
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "```<script>\nalert(1)\n```",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>`",
    "# <script>alert(1)</script>",
    "| <script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | d |",
]
TAG = re.compile(r"<(/?[a-z0-9]+)((?:\s+[a-z]+=\"[^\"<>]*\")*)\s*/?>")
ALLOWED = {
    *("p", "strong", "em", "a", "code", "pre", "ul", "ol", "li", "blockquote", "hr", "br", "s"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


@pytest.mark.parametrize("notes", HOSTILE)
def test_nothing_acts_and_nothing_is_fetched(notes: str) -> None:
    html = str(rendered(notes))
    assert html.count("<") == len(TAG.findall(html)), html
    for tag, attributes in TAG.findall(html):
        assert tag.removeprefix("/") in ALLOWED, html
        names = dict(re.findall(r'([a-z]+)="([^"]*)"', attributes))
        assert set(names) <= {"href", "rel", "title", "class", "start", "style"}
        assert names.get("href", "https://good.test") == "https://good.test", html


def test_what_notes_are_made_of() -> None:
    html = str(
        rendered(
            "## What is new\n\n- **fast** and `small`, see [the page](https://good.test/a?b=1&c=2)\n"
            "- ~~old~~\n\n<https://good.test>\n\n![The chart](https://evil.test/chart.png)\n\n"
            "| a | b |\n|---|:--|\n| 1 | 2 |"
        )
    )
    assert "<p><strong>What is new</strong></p>" in html
    assert "<li><strong>fast</strong> and <code>small</code>" in html
    link = '<a href="https://good.test/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">the page</a>'
    assert link in html
    assert '<a href="https://good.test" rel="noopener noreferrer nofollow">' in html
    assert "The chart" in html
    assert "chart.png" not in html
    assert "<td>1</td>" in html
    assert " style=" not in html


@pytest.mark.parametrize(
    "notes", ["[" * 50_000, ">" * 50_000, "*" * 50_000 + "a", "- " * 30_000, "`" * 50_001, "![" * 30_000]
)
def test_notes_cannot_keep_a_page_waiting(notes: str) -> None:
    begin = time.monotonic()
    rendered(notes)
    assert time.monotonic() - begin < 2
