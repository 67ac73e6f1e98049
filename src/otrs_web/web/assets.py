"""Static files from memory, under names that change with their content: browsers keep them for good and never
ask again, and what an upgrade left alone is not fetched anew. The style sheets that every page needs are one
file for the browser, put together here, so that nothing has to be built. A page that was open during an
upgrade still finds what it names."""

import asyncio
import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from threading import Lock

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from otrs_web.delivery import tag_of
from otrs_web.delivery.packing import Coding, coding_for, packed
from otrs_web.resources import folder

_ON_PAPER = "print.css"
#: what is put together of files, in the order in which one overrules the other; no part may name another file
BUNDLES: Mapping[str, Sequence[str]] = {
    "app.css": (
        "vendor/pico.css",
        "tokens.css",
        "frame.css",
        "parts.css",
        "filter.css",
        "import.css",
        "updates.css",
        _ON_PAPER,
    )
}

_TEXT = (".css", ".js", ".svg")
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_HASH = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")
_IMPORTED = re.compile(rb'(?<=from "\./)[^"]+(?=";)')


@dataclass
class Asset:
    """`address` is below /static/ and has the content's hash in it; `ready` are the codings in which it has
    been packed."""

    address: str
    body: bytes
    tag: str
    media_type: str
    ready: dict[Coding, bytes] = field(default_factory=dict)
    _packing: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, name: str, body: bytes) -> "Asset":
        stem, dot, ending = name.rpartition(".")
        address = f"{stem}.{sha256(body).hexdigest()[:12]}{dot}{ending}"
        return cls(address, body, tag_of(body), mimetypes.guess_type(name)[0] or "application/octet-stream")

    def packed(self, coding: Coding) -> bytes:
        """Packed when somebody first asks: that may take most of a second, and few processes are asked for
        every file in every coding."""
        with self._packing:
            if coding not in self.ready:
                self.ready[coding] = packed(self.body, coding, for_good=True)
        return self.ready[coding]


@dataclass(frozen=True)
class Assets:
    """The files of a folder by their relative path, and what is put together of them."""

    files: Mapping[str, Asset]

    @classmethod
    def load(cls, root: Path, bundles: Mapping[str, Sequence[str]]) -> "Assets":
        """`bundles` are the parts of each style sheet that is put together."""
        paths = (path for path in root.rglob("*") if path.suffix in (*_TEXT, ".png", ".ico"))
        bodies = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
        for name, parts in bundles.items():
            bodies[name] = b"".join(_on_its_medium(part, bodies[part]) for part in parts)
        files: dict[str, Asset] = {}

        def load(name: str) -> Asset:
            if name not in files:
                body = bodies[name]
                if name.endswith(".js") and "/" not in name:  # one of ours
                    body = _IMPORTED.sub(lambda found: load(found[0].decode()).address.encode(), body)
                files[name] = Asset.of(name, body)
            return files[name]

        for name in bodies:
            load(name)
        return cls(files)


def _on_its_medium(name: str, body: bytes) -> bytes:
    return b"@media print {\n" + body + b"}\n" if name == _ON_PAPER else body


@cache
def _assets() -> Assets:
    return Assets.load(folder("static"), BUNDLES)


def static_url(name: str) -> str:
    """The address of a static file. KeyError for one that is not there: a page must not name it."""
    return f"/static/{_assets().files[name].address}"


@get("/static/{path:path}", include_in_schema=False)
async def static_file(request: Request[None, None, State], path: FromPath[Path]) -> Response[bytes]:
    """A static file. Under its plain name, or with the hash of other content, it is the present one, and may
    not be kept unasked."""
    address = path.as_posix().lstrip("/")
    asset = _assets().files.get(_HASH.sub("", address))
    if asset is None:
        raise NotFoundException
    headers = {
        "cache-control": _FOREVER if address == asset.address else _ASK_AGAIN,
        "etag": asset.tag,
        "vary": "accept-encoding",
    }
    body = asset.body
    coding = coding_for(request.headers.get("accept-encoding", ""))
    if coding and address.endswith(_TEXT):
        is_ready = coding in asset.ready
        body = asset.packed(coding) if is_ready else await asyncio.to_thread(asset.packed, coding)
        headers["content-encoding"] = coding
    return Response(body, media_type=asset.media_type, headers=headers)
