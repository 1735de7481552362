"""What can be wrong with a server, or with how it is named."""


class RemoteError(RuntimeError):
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
