"""Look-ups: short queries that are asked by GET and answered at once, without a task or a framework for any of them.

What is read here of a request is what stands in most of them. Anything else, and any answer that is not there whole in
a moment, goes the long way, to the same limits and the same answer.
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

import httptools
from starlette.exceptions import HTTPException
from starlette.types import Scope

from civicgraph.api.server.access_log import AccessLog
from civicgraph.api.server.cache import Key, ResultCache
from civicgraph.api.server.quick import Peer, begun_of
from civicgraph.api.server.rates import RateLimit
from civicgraph.api.server.security import finished
from civicgraph.api.serving import Serving, Snapshot
from civicgraph.api.sparql import requests
from civicgraph.api.sparql.answers import VARYING, answer_headers, formats
from civicgraph.graph.engine.asking import Answer, Question
from civicgraph.graph.engine.frames import LOOK_UP, frame, look_up_bytes, question_bytes
from civicgraph.graph.engine.interface import ResultFormat, ResultKind
from civicgraph.graph.engine.lane import LookUp, Outcome
from civicgraph.graph.engine.running import Run

_PATH: Final = "/sparql"
_BEGIN: Final = b"GET /sparql?query="
_QUERY: Final = b"query="
_END: Final = b" HTTP/1.1\r\n"
_VALUE: Final = re.compile(rb"[A-Za-z0-9%+._~!$'()*,;:@/?=-]+")
_MIN_COMPRESSED: Final = 1024
_HEADS: Final = 16

_ENCODED: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})|%(?:4[1-9A-Fa-f]|5[0-9ACac]|6[1-9A-Fa-f]|7[0-9Aa])")
"""A letter or a backslash that is percent-encoded, for no good reason: words would not be seen."""
_HIGH: Final = re.compile(rb"%[89A-Fa-f]")
_FOR_THE_LONG_WAY: Final = frozenset(
    (b"connection", b"content-length", b"expect", b"forwarded", b"if-none-match", b"range", b"transfer-encoding")
)
_FORWARDED: Final = b"x-forwarded-"
_LONG: Final = (b"group", b"order", b"count", b"sum", b"avg", b"concat", b"regex")
"""Words of queries that take long more often than not: only a guess, which decides what waits for what."""
_WORDS: Final = (*_LONG, *(word.encode() for word in VARYING))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What follows from the headers of a request, whatever it asks."""

    formats: Mapping[ResultKind, ResultFormat]
    base: str
    like: bytes
    """A question like those that are asked with them, as it is sent."""
    key: tuple[bytes, ...]
    from_page: bool
    may_be_compressed: bool
    heads: dict[tuple[ResultFormat, str], tuple[bytes, bytes]] = field(default_factory=dict)

    def content(self, answer: Answer, body: bytes, version: str) -> bytes:
        """Return a response after its date."""
        head = self.heads.get((answer.format, version))
        if head is None:
            if len(self.heads) >= _HEADS:
                self.heads.clear()
            headers = answer_headers(answer.format, version)
            given = _lines(headers)
            after = _lines(finished(headers, from_page=self.from_page)[len(headers) :])
            head = self.heads[answer.format, version] = (given + b"content-length: ", b"\r\n" + after + b"\r\n")
        return b"%b%d%b%b" % (head[0], len(body), head[1], body)


class _Request(NamedTuple):
    """What is asked, by whom, and what the answer may be kept as if this was asked before."""

    plan: _Plan
    value: bytes
    client: str
    kept_as: Key | None


class Asked:
    """A request whose query has been asked already: what is to come of it, and over which snapshot."""

    __slots__ = ("_began", "_look_up", "_outcome", "_owner", "_peer", "_request", "snapshot")

    def __init__(self, owner: "LookUps", snapshot: Snapshot, peer: Peer, request: _Request) -> None:
        self.snapshot = snapshot
        self._owner = owner
        self._peer = peer
        self._request = request
        self._began = time.perf_counter()
        self._look_up: LookUp | None = None
        self._outcome: Outcome = None

    def ask(self) -> bool:
        """Ask, and return whether the answer will be told."""
        content = frame(LOOK_UP, look_up_bytes(self._request.plan.like, self._request.value))
        self._look_up = self.snapshot.pool.look_up(content, self._told)
        return self._look_up is not None

    async def answer(self) -> Answer:
        """Return the answer, as `WorkerPool.answer` does and with the same errors."""
        outcome, self._outcome = self._outcome, None
        if isinstance(outcome, Run):
            return await outcome.first()
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is not None:
            return outcome
        plan, value = self._request.plan, self._request.value
        return await self.snapshot.pool.answer(Question(_text(value), plan.formats, base=plan.base))

    def leave(self) -> None:
        """Take note that nobody waits for it any more."""
        if self._look_up is not None:
            self._look_up.leave()
        if isinstance(self._outcome, Run):
            self._outcome.leave()
        self._owner.serving.release(self.snapshot)

    def _told(self, outcome: Outcome) -> None:
        plan = self._request.plan
        if isinstance(outcome, Answer) and outcome.body is not None:
            body = outcome.body
            if len(body) < _MIN_COMPRESSED or not plan.may_be_compressed:
                version = self.snapshot.version
                content = plan.content(outcome, body, version)
                if self._request.kept_as is not None:
                    self._owner.keep(self._request.kept_as, version, outcome, body)
                self._owner.note(self._request, len(body), time.perf_counter() - self._began)
                self._owner.serving.release(self.snapshot)
                self._peer.answered(content)
                return
        self._outcome = outcome
        self._peer.handed_on(self)


class LookUps:
    """Asks look-ups as they come.

    Parameters
    ----------
    serving
        What is served.
    cache
        The results that are kept; a request whose answer is among them goes the long way.
    rate
        How many requests a client may make.
    log
        Where each request is noted, if anywhere.
    """

    def __init__(self, serving: Serving, cache: ResultCache, rate: RateLimit, log: AccessLog | None) -> None:
        self.serving = serving
        self._cache = cache
        self._rate = rate
        self._log = log

    def begin(self, request: bytes, client: str, peer: Peer) -> Asked | None:
        """Ask what a request asks; None where it is to go the long way.

        Parameters
        ----------
        request
            All that has come.
        client
            Who sent it.
        peer
            Is told of the answer later, if this returns something.
        """
        end = request.find(_END, len(_BEGIN)) if request.startswith(_BEGIN) else -1
        value = request[len(_BEGIN) : end]
        if end < 0 or _VALUE.fullmatch(value) is None:
            return None
        plan = _plan(request[end + len(_END) :])
        if plan is None or not _is_simple(value):
            return None
        snapshot = self.serving.acquire_at_hand()
        if snapshot is None:
            return None
        key, version = Key(_PATH, _QUERY + value, plan.key, has_condition=False), snapshot.version
        if self._cache.get(version, key) is None and snapshot.pool.takes_look_ups and not self._rate.take(client):
            kept_as = key if self._cache.was_asked(version, key) else None
            asked = Asked(self, snapshot, peer, _Request(plan, value, client, kept_as))
            if asked.ask():
                return asked
        self.serving.release(snapshot)
        return None

    def note(self, request: _Request, size: int, seconds: float) -> None:
        """Take note of a request that was answered."""
        metrics = self.serving.metrics
        metrics.cache(hit=False)
        metrics.answered(200)
        if self._log is not None:
            told = {"client": (request.client,), "method": "GET", "path": _PATH}
            scope = {**told, "query_string": _QUERY + request.value}
            self._log.note(scope, 200, size, seconds)

    def keep(self, key: Key, version: str, answer: Answer, body: bytes) -> None:
        """Keep an answer that was asked for again."""
        headers = answer_headers(answer.format, version)
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        self._cache.put(version, key, [start, {"type": "http.response.body", "body": body}])
        self.serving.metrics.cached(self._cache.size)


def asked_of(scope: Scope) -> Asked | None:
    """Return what was asked for a request already, if anything."""
    found = begun_of(scope)
    return found if isinstance(found, Asked) else None


def _is_simple(value: bytes) -> bool:
    """Return whether a query, as it stands in the address, is UTF-8, answered the same each time, and perhaps soon."""
    words = value.lower()
    for word in _WORDS:
        if word in words:
            return False
    if _ENCODED.search(value) is not None:
        return False
    if _HIGH.search(value) is not None:
        try:
            _text(value)
        except UnicodeDecodeError:
            return False
    return True


def _text(value: bytes) -> str:
    return requests.unquoted(value.replace(b"+", b" ").decode("ascii"))


def _lines(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join([name + b": " + value + b"\r\n" for name, value in headers])


class _Read:
    """What the server's own parser finds in a request."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.messages = 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_message_complete(self) -> None:
        self.messages += 1


@lru_cache(maxsize=256)
def _plan(block: bytes) -> _Plan | None:
    """Return what follows from headers as they came, None where their request is to go the long way."""
    if not block.endswith(b"\r\n\r\n") or block.index(b"\r\n\r\n") != len(block) - 4:
        return None
    read = _Read()
    parser = httptools.HttpRequestParser(read)
    try:
        parser.feed_data(b"GET / HTTP/1.1\r\n" + block)
    except httptools.HttpParserError:
        return None
    names = {name for name, _ in read.headers}
    if read.messages != 1 or not _FOR_THE_LONG_WAY.isdisjoint(names) or parser.should_upgrade():
        return None
    if any(name.startswith(_FORWARDED) for name in names):
        return None
    scope = {"headers": read.headers, "path": _PATH, "query_string": b"", "scheme": "http"}
    try:
        wanted = formats(requests.header(scope, b"accept"))
    except HTTPException:
        return None
    key = Key.of(scope).headers
    base = requests.address(scope, _PATH)
    like = question_bytes(Question("", wanted, base=base))
    return _Plan(wanted, base, like, key, b"origin" in names, b"accept-encoding" in names)
