"""One set of holders for several server processes: what stands between their requests and the one nursery.

Each server process has a connection that looks to it like that of a nursery of its own. Behind it, a snapshot is held
once, however many ask for it, until the last of them lets it go; and the workers that a process had end with it.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from civicgraph.graph.engine.holder import (
    Command,
    EndWorker,
    ForkWorker,
    HoldEmpty,
    HolderError,
    HoldFolder,
    Revise,
    receive,
    send,
)
from civicgraph.graph.engine.nursery import Holder, Nursery


@dataclass(slots=True)
class _Held:
    """A holder, who uses it, and the lock of whoever opens it."""

    users: int = 0
    opening: threading.Lock = field(default_factory=threading.Lock)
    opened: tuple[Holder, int] | None = None


class SharedHolders:
    """Lends the holders of one nursery to several processes.

    Parameters
    ----------
    nursery
        What forks the holders.
    """

    def __init__(self, nursery: Nursery) -> None:
        self._nursery = nursery
        self._lock = threading.Lock()
        self._held: dict[HoldEmpty | HoldFolder, _Held] = {}

    def serve(self, control: socket.socket) -> None:
        """Do as the process at the other end of a connection asks, until it has closed."""
        with control:
            while True:
                try:
                    command, descriptors = receive(control)
                except (EOFError, OSError):
                    return
                connection = socket.socket(fileno=descriptors[0])
                threading.Thread(target=self._answer, args=(command, connection), daemon=True).start()

    def _answer(self, command: Command, connection: socket.socket) -> None:
        # An error of the connection's: who asked is gone, and with them the wish.
        with connection, contextlib.suppress(EOFError, OSError):
            if isinstance(command, Revise):
                self._nursery.hand_on(command, connection)
            elif isinstance(command, HoldEmpty | HoldFolder):
                try:
                    with self._holding(command) as (holder, quads):
                        send(connection, quads)
                        _lend(holder, connection)
                except HolderError as error:
                    send(connection, error)

    @contextmanager
    def _holding(self, command: HoldEmpty | HoldFolder) -> Iterator[tuple[Holder, int]]:
        with self._lock:
            held = self._held.setdefault(command, _Held())
            held.users += 1
        try:
            with held.opening:
                if held.opened is None:
                    held.opened = self._open(command)
            yield held.opened
        finally:
            with self._lock:
                held.users -= 1
                if held.users == 0:
                    del self._held[command]
                    if held.opened is not None:
                        held.opened[0].close()

    def _open(self, command: HoldEmpty | HoldFolder) -> tuple[Holder, int]:
        if isinstance(command, HoldFolder):
            return self._nursery.hold_folder(command.path), 0
        return self._nursery.hold_in_memory(command.path)


def _lend(holder: Holder, connection: socket.socket) -> None:
    """Fork and end workers as a process asks, and end those that are left when it closes."""
    workers: set[int] = set()
    try:
        while True:
            command, descriptors = receive(connection)
            if isinstance(command, ForkWorker):
                with socket.socket(fileno=descriptors[0]) as theirs:
                    pid = holder.worker_on(theirs)
                workers.add(pid)
                send(connection, pid)
            elif isinstance(command, EndWorker) and command.pid in workers:
                workers.discard(command.pid)
                holder.end(command.pid)
                send(connection, command.pid)
    finally:
        for pid in workers:
            holder.end(pid)
