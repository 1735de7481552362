"""How many requests a client may make, and who is one client."""

from civicgraph.api.server.rate_limit import RateLimit, client_of


def client(address: str) -> str:
    return client_of({"type": "http", "client": (address, 1)})


def test_rate_of_a_client_on_another_machine() -> None:
    limit = RateLimit(None)
    waits = [limit.take(client("192.0.2.1"), now=1000.0) for _ in range(501)]
    assert waits[:500] == [0.0] * 500
    assert waits[500] == 0.01
    assert limit.take(client("192.0.2.2"), now=1000.0) == 0.0
    assert limit.take(client("192.0.2.1"), now=1000.02) == 0.0
    network = [limit.take(client(f"2001:db8::{number:x}"), now=1000.0) for number in range(1, 502)]
    assert (network[499], network[500] > 0) == (0.0, True)


def test_this_machine_has_a_limit_only_where_one_is_set() -> None:
    for address in ("::1", "127.0.0.1", "127.8.9.10", "a socket"):
        assert [RateLimit(None).take(client(address), now=1.0) for _ in range(2000)] == [0.0] * 2000
    limit = RateLimit(1)
    assert [limit.take(client("::1"), now=1.0) for _ in range(6)] == [0.0] * 5 + [1.0]


def test_clients_that_came_long_ago_are_forgotten() -> None:
    limit = RateLimit(1)
    for number in range(100_000):
        assert limit.take(str(number), now=1.0) == 0.0
    assert len(limit._left) < 10_000
