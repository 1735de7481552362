"""What operators watch."""

from civicgraph.api.server.metrics import Metrics


def test_metrics_are_those_of_prometheus() -> None:
    metrics = Metrics()
    metrics.began(0.002)
    metrics.ended("timeout", 70.0)
    metrics.began(0.002)
    metrics.answered(503)
    text = metrics.text("v1", 12).decode()
    for line in (
        'civicgraph_http_requests_total{status="5xx"} 1.0',
        'civicgraph_queries_total{end="timeout"} 1.0',
        'civicgraph_workers_killed_total{reason="timeout"} 1.0',
        'civicgraph_query_seconds_bucket{le="60.0"} 0.0',
        'civicgraph_query_seconds_bucket{le="+Inf"} 1.0',
        "civicgraph_query_seconds_sum 70.0",
        'civicgraph_queue_seconds_bucket{le="0.001"} 0.0',
        'civicgraph_queue_seconds_bucket{le="0.0025"} 2.0',
        "civicgraph_queries_running 1.0",
        'civicgraph_snapshot_quads{version="v1"} 12.0',
    ):
        assert line in text.splitlines()
