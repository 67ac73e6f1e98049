"""What is newer than what."""

import pytest

from otrs_web.updates.versions import is_newer, is_pre_release, newest, shown


@pytest.mark.parametrize(
    ("candidate", "current", "newer"),
    [
        ("v1.2.3", "1.2.3", False),
        ("1.2.3", "v1.2.3", False),
        ("v1.2.10", "1.2.9", True),
        ("V2", "1.9.9", True),
        ("1.2", "1.2.0", False),
        ("1.2.3rc1", "1.2.3", False),
        ("1.2.3", "1.2.3rc1", True),
        ("1.2.3.post1", "1.2.3", True),
        ("1.2.3", "1.2.3+site.7", False),
        ("1.2.2", "1.2.3", False),
        ("nightly", "1.2.3", False),
        ("9.9.9", "unknown", False),
        ("--upload-pack=x", "0.1", False),
        (None, "0.1", False),
    ],
)
def test_which_is_newer(candidate: str | None, current: str, newer: bool) -> None:
    assert is_newer(candidate, current) is newer


def test_the_newest_is_the_highest_version_and_not_the_last_word() -> None:
    tags = ["v0.9.0", "v0.10.0", "nightly", "release-7", "v0.2.0", "v0.11.0rc2", "latest"]
    assert newest(tags, pre_releases=False) == "v0.10.0"
    assert newest(tags, pre_releases=True) == "v0.11.0rc2"
    assert newest(["nightly", ""], pre_releases=True) is None


def test_how_a_version_is_called() -> None:
    assert [shown(tag) for tag in ("v1.2.3", "1.2.3", "4f0c1d2e3a4b")] == ["1.2.3", "1.2.3", "4f0c1d2e3a4b"]
    assert [is_pre_release(tag) for tag in ("v1.0rc1", "1.0.dev3", "1.0", "x")] == [True, True, False, False]
