"""The access log: a line of JSON a request, with how long it took."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import orjson
from starlette.types import Scope

_LONGEST: int = 2000


class AccessLog:
    """Writes a line a request.

    Parameters
    ----------
    target
        The file to add to; `-` is standard error.
    """

    def __init__(self, target: str) -> None:
        self._file: IO[bytes] = sys.stderr.buffer if target == "-" else Path(target).open("ab")  # noqa: SIM115 - closed with the server
        self._is_ours = target != "-"

    def note(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        """Write the line of a request that has ended."""
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": scope["client"][0] if scope.get("client") else None,
            "method": scope["method"],
            "path": scope["path"][:_LONGEST],
            "query": scope["query_string"][:_LONGEST].decode("latin-1"),
            "status": status,
            "bytes": size,
            "seconds": round(seconds, 6),
        }
        self._file.write(orjson.dumps(line) + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._is_ours:
            self._file.close()
