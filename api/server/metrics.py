"""What operators watch, for Prometheus: counts and durations of requests and queries, of all processes of a server."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from civicgraph.api.server.counts import Counts, own_counts

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_ENDS: Final = ("done", "refused", "timeout", "memory", "limit", "left", "busy", "store")
_KILLS: Final = ("timeout", "memory", "limit", "left")

# Where each number stands in a row.
_STATUS: Final = 0
_HIT, _MISSED, _LIMITED, _RUNNING, _QUEUED, _CACHE_BYTES = range(6, 12)
_END: Final = 12
_QUERY: Final = 32
_QUEUE: Final = 64


class Metrics:
    """The counters of one server.

    Parameters
    ----------
    counts
        Where they are kept; if None, in memory of this process's own.
    """

    def __init__(self, counts: Counts | None = None) -> None:
        self.counts = counts or own_counts()
        self._own = self.counts.own
        self._end_at = {end: _END + n for n, end in enumerate(_ENDS)}
        # What a process that ended had counted stands; what it did then it does no more.
        self._own[_RUNNING] = self._own[_QUEUED] = self._own[_CACHE_BYTES] = 0

    def began(self, waited: float) -> None:
        """Note that a query has a worker, after so many seconds."""
        self._own[_RUNNING] += 1
        self._observe(_QUEUE, waited)

    def ended(self, how: str, seconds: float) -> None:
        """Note how a query ended, and after how many seconds."""
        self._own[_RUNNING] -= 1
        self._own[self._end_at[how]] += 1
        self._observe(_QUERY, seconds)

    def busy(self) -> None:
        """Note a query that found no worker."""
        self._own[self._end_at["busy"]] += 1

    def answered(self, status: int) -> None:
        """Note a response."""
        self._own[_STATUS + status // 100] += 1

    def cache(self, *, hit: bool) -> None:
        """Note whether a request was answered from the result cache."""
        self._own[_HIT if hit else _MISSED] += 1

    def cached(self, size: int) -> None:
        """Note how many bytes are in the result cache of this process."""
        self._own[_CACHE_BYTES] = size

    def limited(self) -> None:
        """Note a request that was one too many."""
        self._own[_LIMITED] += 1

    def waits(self, change: int) -> None:
        """Note that so many queries more, or fewer, wait for a worker."""
        self._own[_QUEUED] += change

    def text(self, version: str, quads: int) -> bytes:
        """Return all of them as Prometheus reads them, and the version that is served with the number of its quads."""
        registry = CollectorRegistry()
        registry.register(_Collected(list(self._families(version, quads))))
        return generate_latest(registry)

    def _observe(self, start: int, seconds: float) -> None:
        self._own[start + bisect_left(_BUCKETS, seconds)] += 1
        self._own[start + len(_BUCKETS) + 1] += seconds

    def _sum(self, place: int) -> float:
        return sum(row[place] for row in self.counts.rows)

    def _families(self, version: str, quads: int) -> Iterator[Metric]:
        requests = CounterMetricFamily("civicgraph_http_requests", "Requests by status class", labels=["status"])
        for number in range(1, 6):
            requests.add_metric([f"{number}xx"], self._sum(_STATUS + number))
        yield requests
        for name, what, place in (
            ("civicgraph_cache_hits", "Requests answered from the result cache", _HIT),
            ("civicgraph_cache_misses", "Requests that could have been, and were not", _MISSED),
            ("civicgraph_rate_limited", "Requests refused because a client made too many", _LIMITED),
        ):
            yield CounterMetricFamily(name, what, value=self._sum(place))
        ends = CounterMetricFamily("civicgraph_queries", "Queries by how they ended", labels=["end"])
        kills = CounterMetricFamily("civicgraph_workers_killed", "Workers killed, by why", labels=["reason"])
        for end, place in self._end_at.items():
            ends.add_metric([end], self._sum(place))
            if end in _KILLS:
                kills.add_metric([end], self._sum(place))
        yield from (ends, kills)
        yield self._histogram("civicgraph_query_seconds", "Seconds of a query, its results included", _QUERY)
        yield self._histogram("civicgraph_queue_seconds", "Seconds until a query had a worker", _QUEUE)
        for name, what, place in (
            ("civicgraph_queries_running", "Queries that run now", _RUNNING),
            ("civicgraph_queries_queued", "Queries that wait now", _QUEUED),
            ("civicgraph_cache_bytes", "Bytes in the result caches", _CACHE_BYTES),
        ):
            yield GaugeMetricFamily(name, what, value=self._sum(place))
        yield GaugeMetricFamily("civicgraph_processes", "Processes that answer requests", value=len(self.counts.rows))
        snapshot = GaugeMetricFamily("civicgraph_snapshot_quads", "Quads of the snapshot served", labels=["version"])
        snapshot.add_metric([version], quads)
        yield snapshot

    def _histogram(self, name: str, what: str, start: int) -> Metric:
        total, buckets = 0.0, []
        for place, bound in enumerate((*map(str, _BUCKETS), "+Inf")):
            total += self._sum(start + place)
            buckets.append((bound, total))
        return HistogramMetricFamily(name, what, buckets, self._sum(start + len(_BUCKETS) + 1))


class _Collected(Collector):
    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Sequence[Metric]:
        return self._families
