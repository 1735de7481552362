"""What can go wrong with a query: one tree of errors for every engine, and how a worker tells its server of one.

QueryError                  the query itself is at fault
QueryKindError          it is of another kind than was asked for
StoppedError                there is no answer, or not all of it, for reasons beyond the query's text
QueryTimeoutError       it took too long
QueryMemoryError        it took too much memory
ResultLimitError        its answer is too long
EngineFailedError       the engine panicked or crashed over it
WorkerEndedError        its process was ended from outside
PoolBusyError           there was no worker for it in time
RemoteError             the server that keeps the data cannot be used, or not now
AddressError                the address of such a server cannot be used
"""

from typing import Final

import orjson

TOO_MUCH_MEMORY: Final = (
    "the query took more memory than it may; ask for less at a time, or start the server with fewer --workers, "
    "of which each may then take more"
)


class QueryError(ValueError):
    """A query is not SPARQL 1.1, or asks for what this engine will not do."""

    outcome = "refused"


class QueryKindError(QueryError):
    """A query is of another kind than was asked for: not a SELECT, or not an ASK."""


class StoppedError(RuntimeError):
    """An answer that was not given, or not to its end, for reasons that do not lie in the query's text."""

    outcome = "left"


class QueryTimeoutError(StoppedError):
    """A query took longer than it may."""

    outcome = "timeout"


class QueryMemoryError(StoppedError):
    """A query took more memory than it may."""

    outcome = "memory"


class ResultLimitError(StoppedError):
    """An answer is longer than it may be."""

    outcome = "limit"


class EngineFailedError(StoppedError):
    """The engine panicked or crashed over a query: a fault of the engine, which the same query meets again."""

    outcome = "crash"


class WorkerEndedError(StoppedError):
    """The process that answered was ended from outside."""

    outcome = "ended"


class PoolBusyError(StoppedError):
    """All workers are busy, and none became free in time."""


class RemoteError(StoppedError):
    """A server cannot be used, or not now: what is wrong, and what to do."""

    outcome = "store"

    def __init__(self, what: str, remedy: str) -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(what, remedy)

    def __str__(self) -> str:
        """Return both in one line."""
        return f"{self.what}; {self.remedy}"


class RemoteTimeoutError(RemoteError):
    """A server took longer than it may."""

    outcome = "timeout"


class RemoteBusyError(RemoteError):
    """A server said several times that it has no room."""


class RemoteCutError(RemoteError):
    """An answer ended before its end, or holds less than it should."""


class AddressError(ValueError):
    """An address of a server, or what the environment says of it, cannot be used."""


OUTCOMES = ("done", "refused", "timeout", "memory", "limit", "store", "crash", "ended", "left")
"""How queries end, for those who count: `outcome` of the error that ended one, without any `done`, else `left`."""


def error_bytes(error: QueryError | StoppedError) -> bytes:
    """Return an error as a worker tells its server of it."""
    return orjson.dumps([type(error).__name__, *map(str, error.args)])


def read_error(content: bytes) -> QueryError | StoppedError:
    """Return an error as it was told.

    >>> str(read_error(error_bytes(RemoteCutError("the answer was cut", "try again"))))
    'the answer was cut; try again'
    >>> read_error(error_bytes(QueryError("this is not SPARQL")))
    QueryError('this is not SPARQL')
    """
    name, *args = orjson.loads(content)
    kinds = (one for one in globals().values() if isinstance(one, type) and issubclass(one, QueryError | StoppedError))
    return {kind.__name__: kind for kind in kinds}.get(name, EngineFailedError)(*args)
