"""Who may write to a data folder, and which snapshots are being read."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


class BusyError(RuntimeError):
    """Another process writes to the same data: what is known of it, and what to do."""

    def __init__(self, what: str, remedy: str = "wait until it has ended") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(what)


def write_lock(folder: Path) -> AbstractContextManager[None]:
    """Hold the data folder for writing. The lock goes with the process, however it ends.

    Raises
    ------
    BusyError
        Another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return _flocked(folder / "lock", fcntl.LOCK_EX | fcntl.LOCK_NB, f"another load is writing to {folder}")


def read_lock(snapshot: Path, *, alone: bool = False) -> AbstractContextManager[None]:
    """Hold a snapshot so that it is not removed while it is being read, or alone, to remove it.

    Raises
    ------
    FileNotFoundError
        The snapshot is gone.
    BusyError
        It is wanted alone, and a reader holds it.
    """
    how = fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH
    return _flocked(snapshot / "readers", how, f"{snapshot} is being read", create=alone)


@contextmanager
def _flocked(path: Path, how: int, busy: str, *, create: bool = True) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if create else 0) | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(descriptor, how)
        except BlockingIOError as error:
            raise BusyError(busy) from error
        yield
    finally:
        os.close(descriptor)
