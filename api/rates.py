"""How many requests a second one client may make."""

import ipaddress
import time
from collections import OrderedDict
from functools import lru_cache
from typing import Final

from civicgraph.api.settings import DEFAULT_RATE

_BURST: Final = 5.0
"""Seconds' worth of requests that may come at once."""

_CLIENTS: Final = 10_000
"""Clients that are remembered; one that has long not come has its full allowance anyway."""


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
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, now: float | None = None) -> float:
        """Count a request; return 0 where it may pass, else the seconds until the next one may.

        Parameters
        ----------
        client
            Its address; a whole IPv6 network of 64 bits counts as one.
        now
            Seconds on a clock that only goes forward; if None, the system's.
        """
        key = _network(client)
        if self._spares_this_machine and key == "":
            return 0.0
        time_now = time.monotonic() if now is None else now
        most = max(1.0, self.rate * _BURST)
        left, since = self._clients.pop(key, (most, time_now))
        left = min(most, left + (time_now - since) * self.rate)
        wait = 0.0 if left >= 1 else (1 - left) / self.rate
        self._clients[key] = (left - 1 if wait == 0 else left, time_now)
        if len(self._clients) > _CLIENTS:
            self._clients.popitem(last=False)
        return wait


@lru_cache(maxsize=4096)
def _network(client: str) -> str:
    """Return what counts as one client; empty for this machine."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return ""  # a socket of this machine has no address
    if address.is_loopback:
        return ""
    if address.version == 6:  # noqa: PLR2004
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
