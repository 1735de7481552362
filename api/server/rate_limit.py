"""How many requests a second one client may make, and what counts as one client."""

import ipaddress
import time
from collections import OrderedDict
from functools import lru_cache
from typing import Final

from starlette.types import Scope

from civicgraph.api.settings import DEFAULT_RATE

_BURST: Final = 5.0
"""Seconds' worth of requests that may come at once."""

_CLIENTS: Final = 8192
"""Clients that are remembered; who came longest ago gives way, and has its allowance again."""

_THIS_MACHINE: Final = "this machine"


class RateLimit:
    """A bucket a client that fills at a steady rate and holds a few seconds' worth.

    Parameters
    ----------
    rate
        Requests a second; if None, 100 for clients on other machines and no limit for those on this one.
    """

    def __init__(self, rate: float | None) -> None:
        self.rate = DEFAULT_RATE if rate is None else rate
        self._spares_this_machine = rate is None
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, now: float | None = None) -> float:
        """Count a request; return 0 where it may pass, else the seconds until the next one may.

        Parameters
        ----------
        client
            Who asks, as `client_of` names it.
        now
            Seconds on a clock that only goes forward; if None, the system's.
        """
        if self._spares_this_machine and client == _THIS_MACHINE:
            return 0.0
        now = time.monotonic() if now is None else now
        most = max(1.0, self.rate * _BURST)
        left, since = self._left.pop(client, (most, now))
        left = min(most, left + (now - since) * self.rate)
        wait = 0.0 if left >= 1 else (1 - left) / self.rate
        self._left[client] = (left - 1 if wait == 0 else left, now)
        if len(self._left) > _CLIENTS:
            self._left.popitem(last=False)
        return wait


def client_of(scope: Scope) -> str:
    """Return who sends a request: an address; a whole IPv6 network of 64 bits counts as one client."""
    client = scope.get("client")
    return _network(client[0]) if client else _THIS_MACHINE


@lru_cache(maxsize=4096)
def _network(client: str) -> str:
    """Return what counts as one client.

    >>> _network("192.0.2.7"), _network("2001:db8::1:2"), _network("127.0.0.1")
    ('192.0.2.7', '2001:db8::/64', 'this machine')
    """
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return _THIS_MACHINE  # a socket of this machine has no address
    if address.is_loopback:
        return _THIS_MACHINE
    if address.version == 6:  # noqa: PLR2004
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
