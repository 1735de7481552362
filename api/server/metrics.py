"""What operators watch, for Prometheus: counts and durations of requests and queries."""

from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from civicgraph.graph.engine.errors import OUTCOMES
from civicgraph.graph.engine.pool import Watch

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_KILLS: Final = ("timeout", "memory", "crash", "ended", "left")


class Metrics(Watch):
    """The counters of one server; each server that a process makes has its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        counter = partial(Counter, namespace="civicgraph", registry=registry)
        gauge = partial(Gauge, namespace="civicgraph", registry=registry)
        histogram = partial(Histogram, namespace="civicgraph", registry=registry, buckets=_BUCKETS)
        requests = counter("http_requests", "Requests by status class", ["status"])
        self._requests = {digit: requests.labels(f"{digit}xx") for digit in range(1, 6)}
        self.hits = counter("cache_hits", "Requests answered from the result cache")
        self.misses = counter("cache_misses", "Requests that could have been, and were not")
        self.limited = counter("rate_limited", "Requests refused because a client made too many")
        ends = counter("queries", "Queries by how they ended", ["end"])
        self._ends = {how: ends.labels(how) for how in OUTCOMES}
        self.busy = ends.labels("busy")
        kills = counter("workers_killed", "Workers killed, by why", ["reason"])
        self._kills = {how: kills.labels(how) for how in _KILLS}
        self._seconds = histogram("query_seconds", "Seconds of a query, its results included")
        self._queue_seconds = histogram("queue_seconds", "Seconds until a query had a worker")
        self._running = gauge("queries_running", "Queries that run now")
        self._queued = gauge("queries_queued", "Queries that wait now")
        self.cache_bytes = gauge("cache_bytes", "Bytes in the result cache")
        self._quads = gauge("snapshot_quads", "Quads of the snapshot served", ["version"])

    def began(self, waited: float) -> None:
        """Note that a query has a worker, after so many seconds."""
        self._running.inc()
        self._queue_seconds.observe(waited)

    def ended(self, how: str, seconds: float) -> None:
        """Note how a query ended, and after how many seconds."""
        self._running.dec()
        self._ends[how].inc()
        self._seconds.observe(seconds)
        if how in self._kills:
            self._kills[how].inc()

    def answered(self, status: int) -> None:
        """Note a response."""
        self._requests[status // 100].inc()

    def waits(self, change: int) -> None:
        """Note that so many queries more, or fewer, wait for a worker."""
        self._queued.inc(change)

    def text(self, version: str, quads: int) -> bytes:
        """Return all of them as Prometheus reads them, and the version that is served with the number of its quads."""
        self._quads.clear()
        self._quads.labels(version).set(quads)
        return generate_latest(self._registry)
