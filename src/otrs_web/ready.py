"""Answers that stay the same for as long as the data do: made and compressed once, then sent as they are."""

import gzip
from dataclasses import dataclass

from litestar import Response

from otrs_web.reader import AnyRequest

_LEVEL = 5
#: the key of a handler's `opt` that says: do not compress, it is or it would cost other readers too much
SENT_AS_IT_IS = "sent_as_it_is"


@dataclass(frozen=True)
class Ready:
    """The bytes of an answer, plain and compressed. The handler that sends it must be marked so that nothing
    compresses it again (`SENT_AS_IT_IS`)."""

    body: bytes
    gzipped: bytes
    media_type: str

    @classmethod
    def of(cls, body: bytes, media_type: str) -> "Ready":
        return cls(body, gzip.compress(body, _LEVEL, mtime=0), media_type)

    def answer(self, request: AnyRequest) -> Response[bytes]:
        headers = {"vary": "accept-encoding"}
        body = self.body
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            body = self.gzipped
        return Response(body, media_type=self.media_type, headers=headers)
