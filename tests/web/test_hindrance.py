"""What keeps an import from going on is asked of the job queue, which may take its time: meanwhile the
database is there for others."""

import asyncio

import httpx

from otrs_web.app import create_app
from otrs_web.imports.service import accept
from tests.support import QueryCounter, migrated

UPLOAD = {"stored_filename": "a.csv", "filename": "a.csv", "size_bytes": 1, "sha256": "0" * 64}
PAGES = ["/", "/uploads/1", "/uploads/1/progress", "/upload/a.csv"]


async def waits_without_a_connection(app, queries):
    """Whether, within two seconds, it has read what is to be shown and given the connection back."""
    for _ in range(100):
        await asyncio.sleep(0.02)
        has_read = any("upload_detail" in sql for sql in queries.statements)
        if has_read and not app.state.db.engine.pool.checkedout():
            return True
    return False


async def test_who_waits_for_the_queue_holds_no_connection_of_the_database(tmp_path):
    # a broker that takes connections and says nothing
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    app = create_app(migrated(tmp_path, language="en", queue_url=f"redis://127.0.0.1:{port}/0"))
    await accept(app.state.db, **UPLOAD, mode="replace", as_of=None, address="", user_agent="")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://site.test") as client:
        for path in PAGES:
            with QueryCounter(app.state.db) as queries:
                page = asyncio.create_task(client.get(path, headers={"accept": "text/html"}))
                assert await waits_without_a_connection(app, queries), path
            assert not page.done()
            page.cancel()
            assert not [
                sql for sql in queries.statements if "count(" in sql and "upload_detail.status" in sql
            ]
    server.close()
    await app.state.queue.disconnect()
    await app.state.db.dispose()
