"""Answers that stay the same for as long as the data do: made, packed and tagged once, then sent as they are.
A page is asked for again and again between two imports, and packing it takes longer than answering does."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from litestar import Response

from otrs_web.delivery import tag_of
from otrs_web.delivery.packing import CODINGS, WORTHWHILE, coding_for, packed
from otrs_web.reader import AnyRequest


@dataclass(frozen=True)
class Ready:
    """The bytes of an answer, plain and packed, and the tag of its content; `delivery.Deliver` sends nothing
    to whoever has it."""

    body: bytes
    packed: Mapping[str, bytes]
    media_type: str
    tag: str

    @classmethod
    async def of(cls, body: bytes, media_type: str) -> "Ready":
        return await asyncio.to_thread(cls._of, body, media_type)

    @classmethod
    def _of(cls, body: bytes, media_type: str) -> "Ready":
        codings = CODINGS if len(body) >= WORTHWHILE else ()
        return cls(body, {coding: packed(body, coding) for coding in codings}, media_type, tag_of(body))

    def answer(self, request: AnyRequest, headers: Mapping[str, str] | None = None) -> Response[bytes]:
        sent = {**(headers or {}), "etag": self.tag}
        coding = coding_for(request.headers.get("accept-encoding", ""))
        body = self.packed.get(coding or "", self.body)
        if body is not self.body and coding:
            sent["content-encoding"] = coding
        return Response(body, media_type=self.media_type, headers=sent)
