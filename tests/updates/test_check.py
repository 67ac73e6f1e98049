"""What a check finds, notes and leaves alone; that one process asks for all, and when the next one is due."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from otrs_web.clock import frozen
from otrs_web.database import Database
from otrs_web.models import AppUpdateStatus
from otrs_web.updates import check, checkout, shapes
from otrs_web.updates.shapes import Fault, Status
from otrs_web.updates.status import begin_update, fail_update, load, note_check
from tests.support import migrated
from tests.updates.conftest import TOKEN
from tests.updates.github_server import GitHubServer

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def runs_1_2_0(monkeypatch: pytest.MonkeyPatch) -> None:
    runs(monkeypatch, "1.2.0")


def runs(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    """As if this version of the program was installed."""
    for module in (check, shapes):
        monkeypatch.setattr(module, "running_version", lambda: version)


async def status_of(db: Database) -> Status:
    async with db.read() as session:
        return await load(session)


async def checked(db: Database, at: datetime = NOW, **how: Any) -> Status:
    with frozen(at):
        await check.run_due(db, **how)
        return await status_of(db)


async def changed(db: Database, change: Any, *values: Any, **named: Any) -> Any:
    async with db.write() as session:
        return await session.run_sync(lambda s: change(s, *values, **named))


async def test_a_newer_release_is_found(db: Database, github: GitHubServer) -> None:
    github.release("v1.2.0")
    github.release("v1.3.0", name="Autumn", assets=[{"name": "a.whl", "browser_download_url": "https://x/a"}])
    status = await checked(db)
    assert (status.state, status.current_version) == ("update_available", "1.2.0")
    target = status.offers
    assert target is not None
    assert (target.kind, target.version, target.ref, target.name) == ("release", "v1.3.0", "v1.3.0", "Autumn")
    assert target.notes is not None
    assert "faster" in target.notes
    assert target.url == "https://github.com/desk/otrs-web/releases/tag/v1.3.0"
    assert target.published_at == datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert target.assets == {"a.whl": "https://x/a"}
    assert (status.last_checked_at, status.fault, status.failures) == (NOW, None, 0)
    assert github.paths == ["releases/latest"]


@pytest.mark.parametrize("tag", ["v1.2.0", "1.2.0", "v1.1.9", "1.2"])
async def test_the_same_or_an_older_version_is_no_news(db: Database, github: GitHubServer, tag: str) -> None:
    github.release(tag)
    status = await checked(db)
    assert (status.state, status.offers) == ("up_to_date", None)


async def test_drafts_and_pre_releases_are_not_for_everybody(
    db: Database, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.release("v1.3.0rc1", prerelease=True)
    github.release("v1.3.0rc2", prerelease=True)
    github.release("v1.4.0", draft=True)
    github.tag("v1.3.0rc2")
    github.branch("main", "c" * 40)
    monkeypatch.setattr(check, "has_commit", answering(True))
    assert (await checked(db)).state == "up_to_date"
    runs(monkeypatch, "1.3.0rc1")
    status = await checked(db, NOW + 61 * MINUTE)
    assert status.offers is not None
    assert status.offers.version == "v1.3.0rc2"
    github.release("v1.3.0")
    status = await checked(db, NOW + 122 * MINUTE)
    assert status.offers is not None
    assert status.offers.version == "v1.3.0"


async def test_without_releases_the_newest_tag_counts(db: Database, github: GitHubServer) -> None:
    for name in ("v1.9.0", "v1.10.0", "nightly", "v2.0.0rc1", "v1.2.0", "x" * 300):
        github.tag(name, "b" * 40)
    status = await checked(db)
    assert status.offers is not None
    assert (status.offers.kind, status.offers.version) == ("tag", "v1.10.0")
    assert status.offers.commit == "b" * 40


async def test_the_newest_tag_may_stand_anywhere(db: Database, github: GitHubServer) -> None:
    for number in range(250):
        github.tag(f"v1.3.{number}", "b" * 40)
    status = await checked(db)
    assert status.offers is not None
    assert status.offers.version == "v1.3.249"
    assert github.paths[1:] == [f"tags?per_page=100&page={page}" for page in (1, 2, 3)]


def answering(has: bool | None) -> Any:
    async def has_commit(_commit: str) -> bool | None:
        return has

    return has_commit


@pytest.mark.parametrize(
    ("has", "state"), [(True, "up_to_date"), (False, "update_available"), (None, "idle")]
)
async def test_without_tags_the_branch_counts(
    db: Database, github: GitHubServer, monkeypatch: pytest.MonkeyPatch, has: bool | None, state: str
) -> None:
    monkeypatch.setattr(check, "has_commit", answering(has))
    github.branch("main", "c0ffee" + "0" * 34)
    status = await checked(db)
    assert status.state == state
    assert status.target is not None
    assert (status.target.kind, status.target.ref) == ("branch", "main")
    assert status.target.version == "c0ffee000000"
    assert github.paths == ["releases/latest", "tags?per_page=100&page=1", "branches/main"]


def test_the_commits_of_this_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    top = checkout.checkout()
    if top is None:
        pytest.skip("these tests do not run in a checkout")
    assert checkout._has(top, "HEAD~1") is True
    assert checkout._has(top, "c" * 40) is False
    assert checkout._has(tmp_path, "c" * 40) is None


async def test_a_repository_that_is_not_there(db: Database, github: GitHubServer) -> None:
    status = await checked(db)
    assert status.state == "error"
    assert str(status.fault) == (
        "There is no repository desk/otrs-web with a release, a tag or a branch main, or it is private."
    )


async def test_an_unchanged_answer_is_known_already(db: Database, github: GitHubServer) -> None:
    github.release("v1.3.0")
    first = await checked(db)
    second = await checked(db, NOW + 61 * MINUTE)
    assert "if-none-match" in github.asked[1].headers
    assert second.offers == first.offers
    assert second.last_checked_at == NOW + 61 * MINUTE


async def test_what_github_said_of_another_repository_counts_no_more(
    db: Database, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.release("v1.3.0")
    await checked(db)
    runs(monkeypatch, "1.3.0")
    status = await checked(db, NOW + 61 * MINUTE)
    assert "if-none-match" not in github.asked[1].headers
    assert (status.state, status.current_version) == ("up_to_date", "1.3.0")


async def test_one_process_asks_for_all(db: Database, github: GitHubServer) -> None:
    github.release("v1.3.0")
    others = [Database(db.settings) for _ in range(3)]
    with frozen(NOW):
        done = await asyncio.gather(*(check.run_due(one, at_start=True) for one in (db, *others)))
    for other in others:
        await other.dispose()
    assert sorted(done) == [False, False, False, True]
    assert len(github.asked) == 1


async def test_at_the_start_and_then_every_so_often(db: Database, github: GitHubServer) -> None:
    github.release("v1.2.0")
    await checked(db)
    for minutes in (1, 30, 59):
        await checked(db, NOW + minutes * MINUTE)
    assert len(github.asked) == 1
    await checked(db, NOW + 60 * MINUTE)
    assert len(github.asked) == 2
    await checked(db, NOW + 60.5 * MINUTE, at_start=True)
    assert len(github.asked) == 2
    await checked(db, NOW + 62 * MINUTE, at_start=True)
    assert len(github.asked) == 3


async def test_after_failures_the_pauses_grow(db: Database, github: GitHubServer) -> None:
    github.status = 500
    at, pauses = NOW, []
    for _ in range(4):
        status = await checked(db, at)
        assert (status.state, str(status.fault)) == ("error", "127.0.0.1 answers with the error 500.")
        with frozen(at):
            due = check.next_check(status, db.settings, at)
        assert due is not None
        asked = len(github.asked)
        await checked(db, due - 30 * timedelta(seconds=1))
        assert len(github.asked) == asked
        pauses.append((due - at) / MINUTE)
        at = due
    assert pauses == [1, 2, 4, 8]
    status = Status(current_version="1.2.0", state="error", failures=40, last_checked_at=NOW)
    with frozen(NOW):
        assert check.next_check(status, db.settings, NOW) == NOW + timedelta(hours=6)
    github.status = None
    github.release("v1.3.0")
    status = await checked(db, at)
    assert (status.state, status.failures, status.fault) == ("update_available", 0, None)


async def test_a_check_whose_process_was_ended_is_made_up_for(db: Database, github: GitHubServer) -> None:
    github.release("v1.3.0")
    github.delay_s = 30
    with frozen(NOW):
        began = asyncio.create_task(check.run_due(db))
        while not github.asked:  # noqa: ASYNC110 - the server is in a thread of its own
            await asyncio.sleep(0.02)
        began.cancel()
    github.delay_s = 0
    assert (await checked(db, NOW + timedelta(seconds=30))).state == "idle"
    assert (await checked(db, NOW + MINUTE)).state == "update_available"


async def test_an_outage_hides_no_offer(db: Database, github: GitHubServer) -> None:
    github.release("v1.3.0")
    await checked(db)
    github.status = 500
    status = await checked(db, NOW + 61 * MINUTE)
    assert status.state == "error"
    assert status.offers is not None


async def test_github_is_left_alone_until_it_wants_questions(db: Database, github: GitHubServer) -> None:
    github.release("v1.3.0")
    github.status = 403
    reset = int((NOW + 50 * MINUTE).timestamp())
    github.headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)}
    status = await checked(db)
    assert (status.state, status.failures) == ("error", 0)
    assert status.limited_until is not None
    assert status.limited_until >= NOW + 50 * MINUTE
    for minutes in (2, 20, 49):
        await checked(db, NOW + minutes * MINUTE, at_start=True)
        with frozen(NOW + minutes * MINUTE):
            await check.run_by_hand(db)
    assert len(github.asked) == 1
    github.status, github.headers = None, {}
    status = await checked(db, NOW + 51 * MINUTE)
    assert (status.state, status.limited_until) == ("update_available", None)


async def test_a_dripping_answer_ends(
    db: Database, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.release("v1.3.0")
    github.drip = True
    monkeypatch.setattr(check, "DEADLINE_S", 0.5)
    status = await checked(db)
    assert str(status.fault) == "GitHub does not answer in time."


async def test_by_hand_once_a_minute(db: Database, github: GitHubServer) -> None:
    github.release("v1.2.0")
    await checked(db)
    github.release("v1.3.0")
    with frozen(NOW + timedelta(seconds=5)):
        assert (await check.run_by_hand(db)).state == "update_available"
    with frozen(NOW + timedelta(seconds=45)), pytest.raises(check.AskedJustNow) as raised:
        await check.run_by_hand(db)
    assert 15 < raised.value.seconds <= 21
    with frozen(NOW + timedelta(seconds=70)):
        await check.run_by_hand(db)
    assert len(github.asked) == 3


async def test_switched_off_there_is_no_question(github: GitHubServer, tmp_path) -> None:
    db = Database(migrated(tmp_path, app_update_enabled=False, app_update_api_url=github.url))
    assert await check.run_due(db, at_start=True) is False
    await db.dispose()
    assert github.asked == []


async def test_an_update_that_runs_is_not_talked_over(db: Database, github: GitHubServer) -> None:
    github.release("v1.3.0")
    assert await changed(db, begin_update, "v1.3.0")
    assert not await changed(db, begin_update, "v1.3.0")
    status = await checked(db)
    assert (status.state, github.asked) == ("updating", [])
    assert not await changed(db, note_check, {"status": "up_to_date"})
    with frozen(NOW):
        assert (await check.run_by_hand(db)).state == "updating"


async def test_why_an_update_failed_stays_to_be_read(db: Database, github: GitHubServer) -> None:
    github.release("v1.3.0")
    await checked(db)
    await changed(db, begin_update, "v1.3.0")
    await changed(db, fail_update, "start", Fault("It did not {verb}.", {"verb": "answer"}), who="x")
    for minutes in (61, 122):
        status = await checked(db, NOW + minutes * MINUTE)
        assert (status.state, str(status.fault)) == ("update_failed", "It did not answer.")
        assert status.offers is not None
    github.status = 500
    assert (await checked(db, NOW + 183 * MINUTE)).state == "update_failed"
    github.status = None
    github.release("v1.3.1")
    status = await checked(db, NOW + 244 * MINUTE)
    assert (status.state, status.fault) == ("update_available", None)


async def test_a_version_that_came_by_itself_is_no_offer_any_more(
    db: Database, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.release("v1.3.0")
    await checked(db)
    runs(monkeypatch, "1.3.0")
    status = await status_of(db)
    assert (status.state, status.offers) == ("up_to_date", None)


async def test_a_new_version_has_been_told_to_nobody(db: Database, github: GitHubServer) -> None:
    github.release("v1.3.0")
    await checked(db)
    await changed(db, note_check, {"notified_at": NOW})
    assert (await checked(db, NOW + 61 * MINUTE)).notified_at == NOW
    github.release("v1.4.0")
    assert (await checked(db, NOW + 122 * MINUTE)).notified_at is None


async def test_what_an_adopted_row_tells_is_of_another_program(db: Database) -> None:
    async with db.write() as session:
        session.add(
            AppUpdateStatus(id=3, current_version="1.2.9", latest_version="v9.0.0", status="update_available")
        )
    status = await status_of(db)
    assert (status.state, status.target) == ("idle", None)
    await changed(db, note_check, {"status": "up_to_date"})
    async with db.read() as session:
        assert (await session.scalars(select(AppUpdateStatus.id))).all() == [3]


async def test_text_that_a_database_might_refuse(db: Database, github: GitHubServer) -> None:
    github.release(
        "v1.3.0",
        name="n\0ame" * 200,
        body="zero \0 byte 🎫",
        html_url="javascript:alert(1)",
        published_at="yesterday",
        assets=[{"name": "\0", "browser_download_url": "x"}],
    )
    status = await checked(db)
    assert status.offers is not None
    assert (status.offers.url, status.offers.published_at) == (None, None)
    assert status.offers.notes == "zero  byte 🎫"
    assert len(status.offers.name or "") == 255


async def test_the_token_is_nowhere(
    db: Database, github: GitHubServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    github.release("v1.3.0")
    await checked(db)
    github.status = 401
    status = await checked(db, NOW + 61 * MINUTE)
    async with db.read() as session:
        row = (await session.execute(text("SELECT * FROM app_update_status"))).one()
    assert TOKEN in github.asked[0].headers["authorization"]
    for seen in (caplog.text, repr(status), str(row)):
        assert "127.0.0.1" in seen or "v1.3.0" in seen
        assert TOKEN not in seen
