"""Questions to GitHub's API, asked so that a slow, broken or unfriendly answer costs seconds and is one clear
sentence afterwards. An answer that has not changed is not sent again (ETag), and once GitHub says that it
wants no more questions there is none before the time it names. The token is in one header only, which goes to
the host of the settings alone, and in no message."""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from otrs_web.clock import utc_now
from otrs_web.i18n import N_
from otrs_web.settings import Settings
from otrs_web.updates.shapes import Fault
from otrs_web.updates.versions import running_version

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
#: a page of releases with long notes has some hundred kilobytes
MAX_BYTES = 4_000_000
_MAX_REDIRECTS = 3
_PER_PAGE, _MOST_PAGES = 100, 20
_LIMITED = frozenset({403, 429})
#: GitHub counts by the hour; a time far away is a mistake
_LONGEST_LIMIT = timedelta(days=1)
#: where GitHub does not say how long
_SHORTEST_LIMIT = timedelta(minutes=1)

Answer = TypeVar("Answer")


class Asset(msgspec.Struct, frozen=True):
    name: str
    browser_download_url: str


class Release(msgspec.Struct, frozen=True):
    tag_name: str
    name: str | None = None
    body: str | None = None
    html_url: str | None = None
    draft: bool = False
    prerelease: bool = False
    published_at: str | None = None
    assets: list[Asset] = []


class Commit(msgspec.Struct, frozen=True):
    sha: str
    html_url: str | None = None


class Tag(msgspec.Struct, frozen=True):
    name: str
    commit: Commit


class Branch(msgspec.Struct, frozen=True):
    name: str
    commit: Commit


class NoAnswer(Exception):  # noqa: N818 - reads as what happened
    """GitHub could not be asked, or what it said is of no use. `limited_until`: not again before then."""

    def __init__(self, message: str, *, limited_until: datetime | None = None, **params: str | int) -> None:
        self.fault = Fault(message, params)
        self.limited_until = limited_until
        super().__init__(str(self.fault))


class GitHub:
    """One round of questions about a repository. `known` are the answers of rounds before by path, each
    with its ETag; `answers` those of this one."""

    def __init__(self, settings: Settings, known: dict[str, Any] | None = None) -> None:
        self._settings = settings
        self._base = httpx.URL(f"{settings.app_update_api_url}/repos/{settings.app_update_repo}/")
        self._known = known or {}
        self.answers: dict[str, Any] = {}
        self.limited_until: datetime | None = None

    async def latest_release(self) -> Release | None:
        """What GitHub calls the latest: no draft, no pre-release."""
        return await self._ask("releases/latest", Release)

    async def releases(self) -> list[Release]:
        """The newest releases, pre-releases among them."""
        return await self._ask("releases?per_page=30", list[Release]) or []

    async def release(self, tag: str) -> Release | None:
        return await self._ask(f"releases/tags/{quote(tag, safe='')}", Release)

    async def tags(self) -> list[Tag]:
        """In pages, since their order says nothing of which is the newest; no more than anybody has."""
        found: list[Tag] = []
        for page in range(1, _MOST_PAGES + 1):
            more = await self._ask(f"tags?per_page={_PER_PAGE}&page={page}", list[Tag]) or []
            found += more
            if len(more) < _PER_PAGE:
                break
        return found

    async def branch(self, name: str) -> Branch | None:
        return await self._ask(f"branches/{quote(name, safe='')}", Branch)

    async def _ask(self, path: str, shape: type[Answer]) -> Answer | None:
        """The answer in its shape; None where there is no such thing. Raises NoAnswer."""
        if self.limited_until is not None:
            raise _limited(self.limited_until)
        known = self._known.get(path)
        try:
            status, headers, body = await self._get(path, known and known["etag"])
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None  # an error of the transport may hold what was sent
        self._heed(status, headers)
        if status == 304 and known:
            self.answers[path] = known
            return msgspec.convert(known["found"], shape)
        if status == 404:
            return None
        if status != 200:
            raise self._refused(status)
        found = self._read(body, shape)
        if etag := headers.get("etag"):
            self.answers[path] = {"etag": etag, "found": msgspec.to_builtins(found)}
        return found

    async def _get(self, path: str, etag: str | None) -> tuple[int, httpx.Headers, bytes]:
        headers = self._headers() | ({"if-none-match": etag} if etag else {})
        where = self._base.join(path)
        async with httpx.AsyncClient(headers=headers, timeout=TIMEOUT) as client:
            for _ in range(_MAX_REDIRECTS + 1):
                async with client.stream("GET", where) as answer:
                    if not answer.has_redirect_location:
                        return answer.status_code, answer.headers, await self._body(answer)
                    where = where.join(answer.headers["location"])
                if (where.scheme, where.host, where.port) != (
                    self._base.scheme,
                    self._base.host,
                    self._base.port,
                ):
                    raise NoAnswer(N_("{host} sends the question on to another host."), host=self._base.host)
        raise NoAnswer(N_("{host} sends the question on and on."), host=self._base.host)

    def _headers(self) -> dict[str, str]:
        headers = {
            "accept": "application/vnd.github+json",
            "user-agent": f"otrs-web/{running_version()}",
            "x-github-api-version": "2022-11-28",
        }
        token = self._settings.app_update_github_token
        if token is not None:
            if not (token.isascii() and token.isprintable()):
                raise NoAnswer(N_("APP_UPDATE_GITHUB_TOKEN has characters that no token has."))
            headers["authorization"] = f"Bearer {token}"
        return headers

    async def _body(self, answer: httpx.Response) -> bytes:
        octets = bytearray()
        async for part in answer.aiter_bytes():
            octets += part
            if len(octets) > MAX_BYTES:
                raise NoAnswer(N_("The answer of {host} is too long."), host=self._base.host)
        return bytes(octets)

    def _read(self, body: bytes, shape: type[Answer]) -> Answer:
        try:
            return msgspec.json.decode(body, type=shape)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            message = N_("The answer of {host} cannot be understood.")
            raise NoAnswer(message, host=self._base.host) from None

    def _heed(self, status: int, headers: httpx.Headers) -> None:
        """Note until when GitHub wants no more questions; raises NoAnswer where it has refused this one."""
        used_up = headers.get("x-ratelimit-remaining") == "0"
        if used_up or (status in _LIMITED and "retry-after" in headers) or status == 429:
            self.limited_until = _until(headers)
        if status in _LIMITED and self.limited_until is not None:
            raise _limited(self.limited_until)

    def _refused(self, status: int) -> NoAnswer:
        host, repo = self._base.host, self._settings.app_update_repo
        if status in {401, 403} and self._settings.app_update_github_token:
            message = N_("{host} does not accept APP_UPDATE_GITHUB_TOKEN for the repository {repo}.")
            return NoAnswer(message, host=host, repo=repo)
        return NoAnswer(N_("{host} answers with the error {status}."), host=host, status=str(status))

    def _unreachable(self, error: httpx.HTTPError) -> NoAnswer:
        if isinstance(error, httpx.TimeoutException):
            return NoAnswer(N_("{host} does not answer in time."), host=self._base.host)
        if isinstance(error, httpx.ConnectError):
            message = N_("{host} cannot be reached. Does this machine have a way to the internet?")
            return NoAnswer(message, host=self._base.host)
        return NoAnswer(N_("The connection to {host} broke off."), host=self._base.host)


def _limited(until: datetime) -> NoAnswer:
    message = N_("GitHub has answered enough questions of this address for now. It is asked again later.")
    return NoAnswer(message, limited_until=until)


def _until(headers: httpx.Headers) -> datetime:
    """When the limit ends, by `retry-after` (seconds) or `x-ratelimit-reset` (seconds since 1970)."""
    now = utc_now()
    until = now + _SHORTEST_LIMIT
    wait, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if wait.isdecimal() and len(wait) < 9:
        until = now + timedelta(seconds=int(wait) + 1)
    elif reset.isdecimal() and len(reset) < 12:
        until = datetime.fromtimestamp(int(reset) + 1, UTC)
    return min(max(until, now + timedelta(seconds=1)), now + _LONGEST_LIMIT)
