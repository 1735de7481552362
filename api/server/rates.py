"""How many requests a second one client may make, whichever process of the server they come to."""

import hashlib
import ipaddress
import time
from functools import lru_cache
from typing import Final

from civicgraph.api.server.counts import SLOTS, Counts, own_counts
from civicgraph.api.settings import DEFAULT_RATE

_BURST: Final = 5.0
"""Seconds' worth of requests that may come at once."""

_PLACES: Final = 8
"""Places that a client may be remembered in; who was there longest ago gives way, and has its allowance again."""


class RateLimit:
    """A bucket a client that fills at a steady rate and holds a few seconds' worth.

    Parameters
    ----------
    rate
        Requests a second; if None, 100 for clients on other machines and no limit for those on this one.
    counts
        Where the buckets are kept; if None, in memory of this process's own.
    """

    def __init__(self, rate: float | None, counts: Counts | None = None) -> None:
        self.rate = DEFAULT_RATE if rate is None else rate
        self._spares_this_machine = rate is None
        self._counts = counts or own_counts()

    def take(self, client: str, now: float | None = None) -> float:
        """Count a request; return 0 where it may pass, else the seconds until the next one may.

        Parameters
        ----------
        client
            Its address; a whole IPv6 network of 64 bits counts as one.
        now
            Seconds on a clock that only goes forward, the same for all processes; if None, the system's.
        """
        key = _network(client)
        if self._spares_this_machine and key == 0:
            return 0.0
        time_now = time.monotonic() if now is None else now
        most = max(1.0, self.rate * _BURST)
        place = self._place(key)
        keys, lefts, since = self._counts.keys, self._counts.left, self._counts.since
        left = most if keys[place] != key + 1 else lefts[place]
        left = min(most, left + (time_now - since[place]) * self.rate)
        wait = 0.0 if left >= 1 else (1 - left) / self.rate
        keys[place], lefts[place], since[place] = key + 1, left - 1 if wait == 0 else left, time_now
        return wait

    def _place(self, key: int) -> int:
        first = key % (SLOTS // _PLACES) * _PLACES
        places = range(first, first + _PLACES)
        for place in places:
            if self._counts.keys[place] == key + 1:
                return place
        return min(places, key=self._counts.since.__getitem__)


@lru_cache(maxsize=4096)
def _network(client: str) -> int:
    """Return a number for what counts as one client; 0 for this machine."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return 0  # a socket of this machine has no address
    if address.is_loopback:
        return 0
    if address.version == 6:  # noqa: PLR2004
        address = ipaddress.ip_network((address, 64), strict=False).network_address
    return int.from_bytes(hashlib.blake2b(address.packed, digest_size=7).digest()) + 1
