"""Look-ups that share one worker: a request each as it comes, answered in turn, without a task for any of them.

To wake a process, and to be woken by it, takes longer than a look-up. So questions that are likely to be answered at
once are sent to one worker, several at a time. What takes longer than a moment has the worker from then on to itself,
with the limits that every query has, and those behind it are asked again elsewhere: a worker answers in turn and says
so each time, so the first that has no answer is the one that takes so long, or that ended the worker.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from civicgraph.graph.engine.asking import Answer, QueryCrashError, StoppedError
from civicgraph.graph.engine.channel import Channel, Frame
from civicgraph.graph.engine.frames import CHUNK, END, WHOLE, read_whole
from civicgraph.graph.engine.interface import QueryError
from civicgraph.graph.engine.running import Pool, Run, Watch, content_of, form_of, how_ended

_MOMENT: Final = 0.01
"""Seconds that a look-up may take until it has the worker to itself."""

_MOST: Final = 32
"""Look-ups that may be on their way to the worker."""

_ONE_PART: Final = 3
"""Frames of an answer that is sent in one part."""

Outcome = Answer | Run | Exception | None
"""The whole answer; a run whose answer is still to come; why there is none; None where it is to be asked elsewhere."""

Told = Callable[[Outcome], None]


class LanePool(Pool, Protocol):
    """Where the worker comes from and goes back to."""

    def at_rest(self) -> Channel | None:
        """Return a worker that has nothing to do."""

    def is_of_now(self, channel: Channel) -> bool:
        """Return whether a worker may be given more to do."""


class LookUp:
    """A question on its way."""

    __slots__ = ("_told",)

    def __init__(self, told: Told) -> None:
        self._told: Told | None = told

    @property
    def is_wanted(self) -> bool:
        """Whether anybody waits for what comes of it."""
        return self._told is not None

    def leave(self) -> None:
        """Let nobody be told: who asked has gone."""
        self._told = None

    def tell(self, outcome: Outcome) -> None:
        """Tell who asked what came of it."""
        told, self._told = self._told, None
        if told is not None:
            told(outcome)
        elif isinstance(outcome, Run):
            outcome.leave()


class Lane:
    """The way to one worker at a time.

    Parameters
    ----------
    pool
        Where the worker comes from.
    watch
        Is told what becomes of each look-up.
    """

    def __init__(self, pool: LanePool, watch: Watch | None) -> None:
        self.moment = _MOMENT
        """Seconds after which a look-up has the worker to itself."""
        self._pool = pool
        self._watch = watch
        self._channel: Channel | None = None
        self._asked: deque[tuple[LookUp, float]] = deque()
        self._began = 0.0
        self._clock: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def is_used(self) -> bool:
        """Whether there are look-ups on their way."""
        return self._channel is not None

    @property
    def takes_more(self) -> bool:
        """Whether more may follow those that are on their way."""
        channel = self._channel
        return channel is not None and len(self._asked) < _MOST and self._pool.is_of_now(channel)

    def ask(self, content: bytes, told: Told) -> LookUp | None:
        """Send a question, a frame, to the worker; None where there is none at rest, or too many are on their way."""
        loop = asyncio.get_running_loop()
        channel = self._channel
        if channel is None:
            channel = self._pool.at_rest()
            if channel is None:
                return None
            self._channel = channel
            channel.listen(self._heard)
            self._begin(0.0)
            if self._clock is None:
                self._clock = loop.call_later(self.moment, self._strike)
        elif not self.takes_more:
            return None
        look_up = LookUp(told)
        self._asked.append((look_up, loop.time()))
        channel.send(content)
        return look_up

    def _begin(self, waited: float) -> None:
        self._began = asyncio.get_running_loop().time()
        if self._watch is not None:
            self._watch.began(waited)

    def _heard(self) -> None:
        channel = self._channel
        while channel is not None and channel is self._channel and self._asked:
            frames = channel.answer_at_hand()
            if frames is None:
                if channel.closed:
                    msg = "the query took more memory than it may"
                    self._next(QueryCrashError(msg), is_last=True)
                elif channel.frames_at_hand >= _ONE_PART:
                    self._make_way()
                return
            outcome = _outcome(frames)
            if isinstance(outcome, Exception):
                self._next(outcome, is_last=not isinstance(outcome, QueryError))
            else:
                kind, content = frames[-1]
                self._next(outcome, is_last=kind == END and content != b"")  # it asks to be replaced

    def _next(self, outcome: Answer | Exception, *, is_last: bool) -> None:
        """Tell the first what came of it, and let the worker go if it answers no more, or has no more to answer."""
        look_up, _ = self._asked.popleft()
        now = asyncio.get_running_loop().time()
        if self._watch is not None:
            error = outcome if isinstance(outcome, Exception) else None
            self._watch.ended(how_ended(error), now - self._began)
        behind: Sequence[LookUp] = ()
        if is_last or not self._asked:
            behind = self._leave(unharmed=not is_last)
        else:
            self._begin(now - self._asked[0][1])
        look_up.tell(outcome)
        for one in behind:
            one.tell(None)

    def _leave(self, *, unharmed: bool) -> Sequence[LookUp]:
        """Give the worker back, and return those that it is not to answer any more."""
        channel, self._channel = self._channel, None
        behind = [look_up for look_up, _ in self._asked]
        self._asked.clear()
        if channel is not None:
            channel.listen(None)
            self._pool.give_back(channel, unharmed=unharmed)
        return behind

    def _strike(self) -> None:
        """See whether the first takes too long."""
        loop = asyncio.get_running_loop()
        self._clock = None
        if not self._asked:
            return
        if loop.time() - self._began >= self.moment:
            self._make_way()
        else:
            self._clock = loop.call_at(self._began + self.moment, self._strike)

    def _make_way(self) -> None:
        """Let the first have the worker to itself, and the others be asked elsewhere."""
        channel, self._channel = self._channel, None
        first, *behind = [look_up for look_up, _ in self._asked]
        self._asked.clear()
        if channel is not None:
            channel.listen(None)
            run = Run(self._pool, channel, asyncio.get_running_loop(), self._watch, self._began)
            run.is_last = bool(behind)
            first.tell(run)
        for one in behind:
            one.tell(None)


def _outcome(frames: Sequence[Frame]) -> Answer | Exception:
    """Return what the frames of a whole answer say."""
    kind, content = frames[0]
    if kind == WHOLE:
        return Answer(*read_whole(content))
    try:
        content_of(frames[-1], END)
        form = form_of(frames[0])
        return Answer(form, b"".join([content_of(frame, CHUNK) for frame in frames[1:-1]]))
    except (QueryError, StoppedError) as error:
        return error
