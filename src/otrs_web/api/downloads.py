"""Files that are written while they are sent."""

from collections.abc import AsyncIterator

from litestar.response import Stream

from otrs_web.api.labels import attachment
from otrs_web.reader import AnyRequest


async def download(request: AnyRequest, octets: AsyncIterator[bytes], media_type: str, name: str) -> Stream:
    """An answer that browsers store under `name`."""
    headers = {"content-disposition": attachment(name)}
    return Stream(await begun(_in_turn(request, octets)), media_type=media_type, headers=headers)


async def begun(octets: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """With the first piece there: what fails until then is an error, not a broken answer."""
    first = await anext(octets)

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for piece in octets:
            yield piece

    return whole()


async def _in_turn(request: AnyRequest, octets: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """A long file holds a connection for long, so there is a bound on those that are sent at once."""
    async with request.app.state.downloads:
        async for piece in octets:
            yield piece
