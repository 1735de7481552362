"""What can be wrong with a server, or with how it is named."""

from typing import Final

import orjson

from civicgraph.graph.engine.asking import StoppedError


class RemoteError(StoppedError):
    """A server cannot be used, or not now: what is wrong, and what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what}; {remedy}")


class RemoteTimeoutError(RemoteError):
    """A server took longer than it may."""


class RemoteBusyError(RemoteError):
    """A server said several times that it has no room."""


class RemoteCutError(RemoteError):
    """An answer ended before its end, or holds less than it should."""


class AddressError(ValueError):
    """An address of a server, or what the environment says of it, cannot be used."""


_KINDS: Final = {kind.__name__: kind for kind in (RemoteTimeoutError, RemoteBusyError, RemoteCutError)}


def fault_bytes(error: RemoteError) -> bytes:
    """Return a fault as one process tells another of it."""
    return orjson.dumps([type(error).__name__, error.what, error.remedy])


def fault_of(content: bytes) -> RemoteError:
    """Return a fault as it was told.

    >>> str(fault_of(fault_bytes(RemoteCutError("the answer was cut", "try again"))))
    'the answer was cut; try again'
    """
    kind, what, remedy = map(str, orjson.loads(content))
    return _KINDS.get(kind, RemoteError)(what, remedy)
