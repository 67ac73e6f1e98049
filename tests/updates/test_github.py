"""Questions to a real server: what it says, says not, says too slowly or says wrongly."""

import logging
import time

import httpx
import pytest

from otrs_web.clock import utc_now
from otrs_web.settings import Settings
from otrs_web.updates import github as asking
from otrs_web.updates.github import GitHub, NoAnswer
from tests.support import make_settings
from tests.updates.conftest import TOKEN
from tests.updates.github_server import REPO, GitHubServer, in_seconds


@pytest.fixture
def settings(tmp_path, github: GitHubServer) -> Settings:
    return make_settings(
        tmp_path, app_update_repo=REPO, app_update_api_url=github.url, app_update_github_token=TOKEN
    )


async def refused(github: GitHub) -> str:
    with pytest.raises(NoAnswer) as raised:
        await github.latest_release()
    assert TOKEN not in repr(raised.value)
    return str(raised.value)


async def test_the_token_is_sent_and_its_absence_does_no_harm(settings, github, tmp_path) -> None:
    github.release("v1.0.0")
    assert (await GitHub(settings).latest_release()).tag_name == "v1.0.0"
    assert github.asked[-1].headers["authorization"] == f"Bearer {TOKEN}"
    assert github.asked[-1].headers["user-agent"].startswith("otrs-web/")
    without = make_settings(tmp_path, app_update_repo=REPO, app_update_api_url=github.url)
    assert (await GitHub(without).latest_release()).tag_name == "v1.0.0"
    assert "authorization" not in github.asked[-1].headers


async def test_what_has_not_changed_is_not_sent_again(settings, github) -> None:
    github.release("v1.0.0")
    first = GitHub(settings)
    before = await first.latest_release()
    second = GitHub(settings, first.answers)
    assert await second.latest_release() == before
    assert github.asked[1].headers["if-none-match"].startswith('W/"')
    assert second.answers == first.answers
    github.release("v1.1.0")
    assert (await GitHub(settings, second.answers).latest_release()).tag_name == "v1.1.0"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"<html>Sign in to the hotel's network</html>",
        b"[]",
        b'{"tag_name": 7}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
async def test_nonsense_is_said_to_be_nonsense(settings, github, raw) -> None:
    github.release("v1.0.0")
    github.raw = raw
    assert await refused(GitHub(settings)) == "The answer of 127.0.0.1 cannot be understood."


async def test_an_endless_answer_is_not_read(settings, github, monkeypatch) -> None:
    github.release("v1.0.0", body="x" * 2000)
    monkeypatch.setattr(asking, "MAX_BYTES", 1000)
    assert await refused(GitHub(settings)) == "The answer of 127.0.0.1 is too long."


async def test_a_server_that_hangs_costs_seconds(settings, github, monkeypatch) -> None:
    github.release("v1.0.0")
    github.delay_s = 30
    monkeypatch.setattr(asking, "TIMEOUT", httpx.Timeout(0.3))
    begin = time.monotonic()
    assert await refused(GitHub(settings)) == "127.0.0.1 does not answer in time."
    assert time.monotonic() - begin < 5


async def test_a_host_that_is_not_there(tmp_path) -> None:
    settings = make_settings(tmp_path, app_update_api_url="http://127.0.0.1:9", app_update_github_token=TOKEN)
    assert (await refused(GitHub(settings))).startswith("127.0.0.1 cannot be reached.")


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "600"}),
        (429, {"x-ratelimit-reset": "600"}),
        (403, {"retry-after": "600"}),
        (429, {"retry-after": "600", "x-ratelimit-reset": "5"}),
    ],
)
async def test_a_rate_limit_ends_when_github_says(settings, github, status, headers) -> None:
    github.release("v1.0.0")
    github.status, github.headers = status, dict(headers)
    if reset := headers.get("x-ratelimit-reset"):
        github.headers["x-ratelimit-reset"] = in_seconds(int(reset))
    asked = GitHub(settings)
    assert "for now" in await refused(asked)
    assert asked.limited_until is not None
    assert 590 < (asked.limited_until - utc_now()).total_seconds() < 610
    assert "for now" in await refused(asked)
    assert len(github.asked) == 1


@pytest.mark.parametrize("reset", ["", "soon", "-1", "99999999999999999999", "4102444800"])
async def test_a_limit_without_a_sensible_end_ends_all_the_same(settings, github, reset) -> None:
    github.release("v1.0.0")
    github.status, github.headers = 429, {"x-ratelimit-reset": reset}
    asked = GitHub(settings)
    await refused(asked)
    assert asked.limited_until is not None
    assert 30 < (asked.limited_until - utc_now()).total_seconds() <= 86_400


async def test_the_last_answer_before_the_limit_counts(settings, github) -> None:
    github.release("v1.0.0")
    github.headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "600"}
    asked = GitHub(settings)
    assert (await asked.latest_release()).tag_name == "v1.0.0"
    with pytest.raises(NoAnswer):
        await asked.tags()
    assert github.paths == ["releases/latest"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "127.0.0.1 does not accept APP_UPDATE_GITHUB_TOKEN for the repository desk/otrs-web."),
        (403, "127.0.0.1 does not accept APP_UPDATE_GITHUB_TOKEN for the repository desk/otrs-web."),
        (500, "127.0.0.1 answers with the error 500."),
        (503, "127.0.0.1 answers with the error 503."),
    ],
)
async def test_errors_in_words(settings, github, status, words) -> None:
    github.status, github.raw = status, f'{{"message": "{TOKEN}"}}'.encode()
    assert await refused(GitHub(settings)) == words


async def test_a_renamed_repository_is_followed_on_the_same_host_alone(settings, github) -> None:
    github.release("v1.0.0")
    github.redirect = "/elsewhere{path}"
    assert (await GitHub(settings).latest_release()).tag_name == "v1.0.0"
    github.redirect = github.url.replace("127.0.0.1", "localhost") + "/elsewhere{path}"
    asked = len(github.asked)
    assert await refused(GitHub(settings)) == "127.0.0.1 sends the question on to another host."
    assert len(github.asked) == asked + 1
    github.redirect = "{path}"
    assert await refused(GitHub(settings)) == "127.0.0.1 sends the question on and on."


async def test_a_token_that_no_header_can_carry(tmp_path, github) -> None:
    for token in ("ghp_ünsafe", "a\nb"):
        settings = make_settings(tmp_path, app_update_api_url=github.url, app_update_github_token=token)
        with pytest.raises(NoAnswer) as raised:
            await GitHub(settings).latest_release()
        assert token not in repr(raised.value)
    assert github.asked == []


async def test_the_token_is_in_no_log(settings, github, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "httpx")  # which the program quiets
    github.release("v1.0.0")
    await GitHub(settings).latest_release()
    github.status = 401
    await refused(GitHub(settings))
    assert "GET" in caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(settings)
