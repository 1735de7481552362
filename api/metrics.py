"""What operators watch: counts and durations of requests and queries, for Prometheus."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_ENDS: Final = ("done", "refused", "timeout", "memory", "limit", "left", "busy")


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "civicgraph_http_requests", "Requests by status class", ["status"], registry=self.registry
        )
        self._by_status = {number: self._requests.labels(f"{number}xx") for number in range(1, 6)}
        self._cached = Counter(
            "civicgraph_cache_hits", "Requests answered from the result cache", registry=self.registry
        )
        self._missed = Counter(
            "civicgraph_cache_misses", "Requests that could have been, and were not", registry=self.registry
        )
        self._limited = Counter(
            "civicgraph_rate_limited", "Requests refused because a client made too many", registry=self.registry
        )
        ends = Counter("civicgraph_queries", "Queries by how they ended", ["end"], registry=self.registry)
        self._ends = {end: ends.labels(end) for end in _ENDS}
        kills = Counter("civicgraph_workers_killed", "Workers killed, by why", ["reason"], registry=self.registry)
        self._kills = {why: kills.labels(why) for why in ("timeout", "memory", "limit", "left")}
        self._seconds = Histogram(
            "civicgraph_query_seconds",
            "Seconds of a query, its results included",
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._queue = Histogram(
            "civicgraph_queue_seconds", "Seconds until a query had a worker", buckets=_BUCKETS, registry=self.registry
        )
        self.running = Gauge("civicgraph_queries_running", "Queries that run now", registry=self.registry)
        self.queued = Gauge("civicgraph_queries_queued", "Queries that wait now", registry=self.registry)
        self.cache_bytes = Gauge("civicgraph_cache_bytes", "Bytes in the result cache", registry=self.registry)
        self.snapshot = Gauge(
            "civicgraph_snapshot_quads", "Quads of the snapshot served", ["version"], registry=self.registry
        )

    def began(self, waited: float) -> None:
        """Note that a query has a worker, after so many seconds."""
        self._queue.observe(waited)

    def ended(self, how: str, seconds: float) -> None:
        """Note how a query ended, and after how many seconds."""
        self._ends[how].inc()
        self._seconds.observe(seconds)
        if how in self._kills:
            self._kills[how].inc()

    def busy(self) -> None:
        """Note a query that found no worker."""
        self._ends["busy"].inc()

    def answered(self, status: int) -> None:
        """Note a response."""
        self._by_status[status // 100].inc()

    def cache(self, *, hit: bool) -> None:
        """Note whether a request was answered from the result cache."""
        (self._cached if hit else self._missed).inc()

    def limited(self) -> None:
        """Note a request that was one too many."""
        self._limited.inc()

    def text(self) -> bytes:
        """Return all of them as Prometheus reads them."""
        return generate_latest(self.registry)
