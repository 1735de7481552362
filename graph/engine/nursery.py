"""The server's side of the processes that hold stores: starts the nursery, asks it for holders, them for workers."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import Self

from civicgraph.graph.engine.answering import Answering
from civicgraph.graph.engine.asking import QueryTimeoutError
from civicgraph.graph.engine.changes import Change, Done
from civicgraph.graph.engine.holder import (
    Command,
    EndWorker,
    ForkWorker,
    HoldAsking,
    HoldEmpty,
    HolderError,
    HoldFolder,
    Release,
    Revise,
    Succeed,
    WorkerLimits,
    receive,
    send,
)
from civicgraph.graph.engine.interface import QueryError
from civicgraph.graph.engine.revise import Revision


class Holder:
    """A process that holds a store and forks workers over it; to be asked from any thread."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._lock = threading.Lock()

    def worker(self) -> tuple[socket.socket, int]:
        """Fork a worker; return the connection to it and its process id.

        Raises
        ------
        HolderError
            The holder is gone.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                pid = self.worker_on(theirs)
        except HolderError:
            ours.close()
            raise
        return ours, pid

    def worker_on(self, theirs: socket.socket) -> int:
        """Fork a worker on one end of a connection, and return its process id.

        Raises
        ------
        HolderError
            The holder is gone.
        """
        return int(str(self._ask(ForkWorker(), theirs)))

    def end(self, pid: int) -> None:
        """End a worker now."""
        with contextlib.suppress(HolderError):  # if the holder is gone, it took its workers with it
            self._ask(EndWorker(pid))

    def succeed(self, change: Change, timeout: float) -> tuple[Self, Done]:
        """Let a child make a change, and return it as the next holder with what came of it.

        Raises
        ------
        QueryError
            The change is at fault. This holder is as it was, as after every error.
        QueryTimeoutError
            The change took too long.
        HolderError
            The child ended by itself: it took more memory than it may.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            pid = int(str(self._ask(Succeed(change), theirs)))
        try:
            done = _reply(ours, timeout, "the update")
        except BaseException:
            ours.close()
            self.end(pid)
            raise
        with self._lock:
            send(self._control, Release(pid))
        if not isinstance(done, Done):
            msg = f"unexpected reply {done!r}"
            raise HolderError(msg)
        return type(self)(ours), done

    def close(self) -> None:
        """End the holder and all its workers."""
        self._control.close()

    def _ask(self, command: Command, theirs: socket.socket | None = None) -> object:
        with self._lock:
            try:
                send(self._control, command, () if theirs is None else (theirs.fileno(),))
                return receive(self._control)[0]
            except (OSError, EOFError) as error:
                msg = "the process that holds the data is gone"
                raise HolderError(msg) from error


class Nursery:
    """The process that every holder is forked from; started with the server, ended with it.

    Parameters
    ----------
    limits
        What each worker may take.
    control
        A connection to one that another process has started and shares; if None, it is started.
    is_open
        Whether workers may reach the network: those that ask a server must, and run no query of anybody themselves.
    """

    def __init__(self, limits: WorkerLimits, control: socket.socket | None = None, *, is_open: bool = False) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        if control is not None:
            self._control = control
            return
        self._control, theirs = socket.socketpair()
        # Run as a module it would have classes of its own, unequal to ours.
        program = "from civicgraph.graph.engine.holder import main; main()"
        words = [sys.executable, "-P", "-c", program, *(["open"] if is_open else []), str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter
                words, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )

    def hold_in_memory(self, path: str | None = None) -> tuple[Holder, int]:
        """Return a holder in memory, of a store on disk or empty, with the number of its quads.

        Raises
        ------
        HolderError
            The store cannot be read.
        """
        control = self._fork(HoldEmpty(self.limits, path))
        return Holder(control), int(str(_first(control)))

    def hold_folder(self, path: str) -> Holder:
        """Return a holder whose workers open a store on disk."""
        control = self._fork(HoldFolder(self.limits, path))
        _first(control)
        return Holder(control)

    def hold_asking(self, engine: Answering) -> Holder:
        """Return a holder whose workers ask a server, by an engine that has not asked it yet."""
        control = self._fork(HoldAsking(self.limits, engine))
        _first(control)
        return Holder(control)

    def revise(self, revision: Revision, timeout: float) -> Done:
        """Make a changed copy of a store on disk.

        Raises
        ------
        QueryError
            The change is at fault.
        QueryTimeoutError
            It took too long.
        HolderError
            Its process ended by itself: it took more memory than it may.
        """
        with self._fork(Revise(self.limits, revision)) as control:
            pid = int(str(_reply(control, None, "the update")))
            try:
                done = _reply(control, timeout, "the update")
            except QueryTimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise
        if not isinstance(done, Done):
            msg = f"unexpected reply {done!r}"
            raise HolderError(msg)
        return done

    def close(self) -> None:
        """End the nursery; its holders end as they are closed."""
        self._control.close()
        if self._process is not None:
            self._process.wait()

    def hand_on(self, command: Command, theirs: socket.socket) -> None:
        """Let a process be forked that does as a command says, and replies over one end of a connection.

        Raises
        ------
        HolderError
            The nursery is gone.
        """
        with self._lock:
            try:
                send(self._control, command, (theirs.fileno(),))
            except OSError as error:
                msg = "the process that all queries run under is gone: start the server again"
                raise HolderError(msg) from error

    def _fork(self, command: Command) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self.hand_on(command, theirs)
            except HolderError:
                ours.close()
                raise
        return ours


def _first(control: socket.socket) -> object:
    try:
        return _reply(control, None, "the start")
    except BaseException:
        control.close()
        raise


def _reply(control: socket.socket, timeout: float | None, what: str) -> object:
    control.settimeout(timeout)
    try:
        reply, _ = receive(control)
    except TimeoutError as error:
        msg = f"{what} was stopped after {timeout:g} seconds"
        raise QueryTimeoutError(msg) from error
    except (OSError, EOFError) as error:
        msg = f"{what} took more memory than it may"
        raise HolderError(msg) from error
    control.settimeout(None)
    if isinstance(reply, QueryError):
        raise reply
    if isinstance(reply, Exception):
        raise HolderError(str(reply)) from reply
    return reply
