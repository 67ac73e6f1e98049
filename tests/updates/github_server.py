"""A small real HTTP server that speaks as much of GitHub's API as an update asks for: releases, tags,
branches, ETags, rate limits, and everything that goes wrong on the way."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

REPO = "desk/otrs-web"


@dataclass
class Asked:
    """One question: its path without the repository's part, and its headers with small names."""

    path: str
    headers: dict[str, str]


@dataclass
class GitHubServer:
    """What the server has and how it behaves; to be changed while it runs. `delay_s` is a wait before each
    answer, `drip` sends it byte by byte, `raw` is sent instead of any answer, `status` instead of 200."""

    url: str = ""
    releases: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    branches: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    delay_s: float = 0.0
    drip: bool = False
    redirect: str | None = None
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def paths(self) -> list[str]:
        return [question.path for question in self.asked]

    def release(self, tag: str, **values: Any) -> dict[str, Any]:
        """Publish a release; the newest one stands first."""
        release = {
            "id": len(self.releases) + 1,
            "tag_name": tag,
            "name": f"otrs-web {tag}",
            "body": f"## What is new in {tag}\n\n- faster\n- prettier",
            "html_url": f"https://github.com/{REPO}/releases/tag/{tag}",
            "draft": False,
            "prerelease": False,
            "published_at": "2026-10-01T08:00:00Z",
            "assets": [],
            **values,
        }
        self.releases.insert(0, release)
        return release

    def tag(self, name: str, sha: str = "a" * 40) -> None:
        self.tags.append({"name": name, "commit": {"sha": sha, "url": ""}, "zipball_url": ""})

    def branch(self, name: str, sha: str) -> None:
        url = f"https://github.com/{REPO}/commit/{sha}"
        self.branches[name] = {"name": name, "commit": {"sha": sha, "html_url": url}, "protected": False}

    def answer(self, path: str) -> Any:
        """What is at a path below the repository; None where there is nothing."""
        parts = urlsplit(path)
        place, _, rest = parts.path.partition("/")
        if place == "releases":
            return self._releases(rest)
        if place == "tags":
            asked = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
            begin = (asked.get("page", 1) - 1) * asked.get("per_page", 30)
            return self.tags[begin : begin + asked.get("per_page", 30)]
        if place == "branches":
            return self.branches.get(unquote(rest))
        return None

    def _releases(self, rest: str) -> Any:
        published = [release for release in self.releases if not release["draft"]]
        if rest == "latest":
            return next((release for release in published if not release["prerelease"]), None)
        if rest.startswith("tags/"):
            tag = unquote(rest.removeprefix("tags/"))
            return next((release for release in published if release["tag_name"] == tag), None)
        # with a token of the owner the list has drafts as well
        return self.releases


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    github: GitHubServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        github = self.server.github
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/elsewhere").removeprefix(f"/repos/{REPO}/")
        path += f"?{parts.query}" if parts.query else ""
        github.asked.append(Asked(path, {name.lower(): value for name, value in self.headers.items()}))
        github.over.wait(github.delay_s)
        if github.redirect is not None and not parts.path.startswith("/elsewhere"):
            self._send(301, b"", {"location": github.redirect.format(path=self.path)})
            return
        found = github.answer(path)
        body = json.dumps({"message": "Not Found"} if found is None else found).encode()
        self._answer(
            github.status or (404 if found is None else 200), body if github.raw is None else github.raw
        )

    def _answer(self, status: int, body: bytes) -> None:
        headers = dict(self.server.github.headers)
        if status == 200:
            headers["etag"] = f'W/"{hashlib.sha256(body).hexdigest()}"'
            if self.headers.get("if-none-match") == headers["etag"]:
                self._send(304, b"", headers)
                return
        self._send(status, body, headers)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        github = self.server.github
        for piece in [bytes([octet]) for octet in body] if github.drip else [body]:
            try:
                self.wfile.write(piece)
            except OSError:  # whoever asked has gone
                return
            if github.drip and github.over.wait(0.05):
                return


@contextmanager
def running_github() -> Iterator[GitHubServer]:
    """The server on a free port of this machine, with nothing in it yet."""
    github = GitHubServer()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.github = github
    github.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        github.over.set()
        server.shutdown()
        server.server_close()


def in_seconds(seconds: float) -> str:
    """The value of `x-ratelimit-reset` for so many seconds from now."""
    return str(int(time.time() + seconds))
