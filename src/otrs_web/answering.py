"""Questions to what may never answer: a database or a broker that hangs, a disk of another machine that is
gone. Whoever asks waits a few seconds; the question itself cannot always be broken off, so it is left alone,
and asked anew only now and then: however often somebody looks, what hangs is not buried under questions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

PATIENCE_SECONDS = 3
#: a question that hangs so long is given up, and another one may be asked
_ASK_AGAIN_SECONDS = 30

_T = TypeVar("_T")
_Asked = tuple[float, asyncio.Future[Any]]

_asked: MutableMapping[object, dict[str, _Asked]] = WeakKeyDictionary()


async def answer_of(whom: object, name: str, ask: Callable[[], Awaitable[_T]]) -> _T:
    """What `ask` gives, or raises, if it does so within PATIENCE_SECONDS; TimeoutError if not. Those who ask
    `whom` the same, by its `name`, while the answer is outstanding get the same answer."""
    questions = _asked.setdefault(whom, {})
    since, question = questions.get(name, (0.0, None))
    now = time.monotonic()
    if question is None or question.done() or now - since > _ASK_AGAIN_SECONDS:
        question = asyncio.ensure_future(ask())
        # one that nobody waits for any more may fail as it likes
        question.add_done_callback(lambda over: over.cancelled() or over.exception())
        questions[name] = now, question
    await asyncio.wait([question], timeout=PATIENCE_SECONDS)
    if not question.done():
        raise TimeoutError
    return cast("_T", question.result())
