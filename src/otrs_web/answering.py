"""Questions to what may never answer: a database or a broker that hangs, a disk of another machine that is
gone. Whoever asks waits a few seconds; the question itself is broken off later, if that is possible, and not
asked anew before it is over: however often somebody looks, what hangs is not buried under questions."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

PATIENCE_SECONDS = 3
#: a question that hangs so long is broken off
_BROKEN_OFF_AFTER_SECONDS = 30

_T = TypeVar("_T")

_asked: MutableMapping[object, dict[str, asyncio.Future[Any]]] = WeakKeyDictionary()


async def answer_of(whom: object, name: str, ask: Callable[[], Awaitable[_T]]) -> _T:
    """What `ask` gives, or raises, if it does so within PATIENCE_SECONDS; TimeoutError if not. Those who ask
    `whom` the same, by its `name`, while the answer is outstanding get the same answer."""
    questions = _asked.setdefault(whom, {})
    question = questions.get(name)
    if question is None or question.done():
        question = asyncio.ensure_future(asyncio.wait_for(ask(), _BROKEN_OFF_AFTER_SECONDS))
        # one that nobody waits for any more may fail as it likes
        question.add_done_callback(lambda over: over.cancelled() or over.exception())
        questions[name] = question
    await asyncio.wait([question], timeout=PATIENCE_SECONDS)
    if not question.done():
        raise TimeoutError
    return cast("_T", question.result())
