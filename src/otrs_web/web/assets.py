"""Static files from memory, under an address that changes with their content: browsers keep them for good and
never ask again, and a page that was open during an upgrade still finds what it names. All files share one
version, so that a script can import its neighbour by a relative path."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from otrs_web.resources import folder

_TEXT = (".css", ".js", ".svg")
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    body: bytes
    gzipped: bytes | None
    media_type: str


@dataclass(frozen=True)
class Assets:
    """The files of a folder by their relative path, and a version that stands for all their content."""

    files: Mapping[str, Asset]
    version: str

    @classmethod
    def load(cls, root: Path) -> "Assets":
        files: dict[str, Asset] = {}
        digest = hashlib.sha256()
        for path in sorted(p for p in root.rglob("*") if p.suffix in (*_TEXT, ".png", ".ico")):
            name, body = path.relative_to(root).as_posix(), path.read_bytes()
            digest.update(f"{name} {len(body)} ".encode() + body)
            media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
            is_text = path.suffix in _TEXT
            files[name] = Asset(body, gzip.compress(body, mtime=0) if is_text else None, media_type)
        return cls(files, digest.hexdigest()[:12])


@cache
def _assets() -> Assets:
    return Assets.load(folder("static"))


def static_url(name: str) -> str:
    """The address of a static file. KeyError for one that is not there: a page must not name it."""
    assets = _assets()
    if name not in assets.files:
        raise KeyError(name)
    return f"/static/{assets.version}/{name}"


@get("/static/{version:str}/{name:path}", include_in_schema=False, sync_to_thread=False)
def static_file(
    request: Request[None, None, State], version: FromPath[str], name: FromPath[Path]
) -> Response[bytes]:
    """A static file; one that is asked for by an older version is the present one, and not to be kept."""
    assets = _assets()
    asset = assets.files.get(name.as_posix().lstrip("/"))
    if asset is None:
        raise NotFoundException
    headers = {
        "cache-control": _FOREVER if version == assets.version else "no-cache",
        "vary": "accept-encoding",
    }
    body = asset.body
    if asset.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        body = asset.gzipped
    return Response(body, media_type=asset.media_type, headers=headers)
