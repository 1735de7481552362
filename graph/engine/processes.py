"""The server's side of the processes that queries run in: starts them, ends them, and says why one ended."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from multiprocessing.connection import Connection
from multiprocessing.reduction import send_handle
from typing import Final

import yaml

from civicgraph.graph.engine.errors import (
    EngineFailedError,
    QueryMemoryError,
    QueryTimeoutError,
    StoppedError,
    WorkerEndedError,
)
from civicgraph.graph.engine.fork_server import End, Ending, Fork, ForkError, OpenStore, Revise
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.engine.revision import Revision
from civicgraph.graph.engine.updates import Done
from civicgraph.graph.engine.worker import TOO_MUCH_MEMORY, WorkerLimits

_GONE: Final = "the process that holds the data has ended; ask again, and start the server again if that does not help"
_KINDS: Final = {kind.__name__: kind for kind in (EngineFailedError, QueryMemoryError, WorkerEndedError)}


class Forks:
    """A process that forks others; to be asked from any thread.

    Parameters
    ----------
    control
        The connection to it.
    await_end
        Called once the connection is closed, which ends the process and all that it has forked.
    """

    def __init__(self, control: Connection, await_end: Callable[[], object]) -> None:
        self._control = control
        self._await_end = await_end
        self._lock = threading.Lock()

    def fork(self, task: object = None) -> tuple[socket.socket, int]:
        """Fork a process; return the connection to it and its process id.

        Raises
        ------
        ForkError
            The process that forks is gone.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                return ours, int(str(self._ask(Fork(task), theirs)))
        except ForkError:
            ours.close()
            raise

    def end(self, pid: int, *, dying: bool = False) -> Ending | None:
        """End a process now, or find out why it is `dying` by itself; return how it ended, where that is known."""
        try:
            reply = self._ask(End(pid, dying))
        except ForkError:
            return None  # it took all that it forked with it
        return reply if isinstance(reply, Ending) else None

    def close(self) -> None:
        """End the process and all that it has forked."""
        with self._lock:
            self._control.close()
        self._await_end()

    def _ask(self, command: Fork | End, theirs: socket.socket | None = None) -> object:
        with self._lock:
            try:
                self._control.send(command)
                if theirs is not None:
                    send_handle(self._control, theirs.fileno(), None)
                return self._control.recv()
            except (OSError, EOFError) as error:
                raise ForkError(_GONE) from error


class ForkServer:
    """The process that every store process is forked from; started with the server, ended with it.

    Parameters
    ----------
    limits
        What each worker may take.
    is_open
        Whether workers may reach the network: those that ask a server must, and run no query of anybody themselves.
    """

    def __init__(self, limits: WorkerLimits, *, is_open: bool = False) -> None:
        self.limits = limits
        self._is_open = is_open
        self._lock = threading.Lock()
        self._forks = self._start()

    def _start(self) -> Forks:
        ours, theirs = socket.socketpair()
        # Run as a module it would have classes of its own, unequal to ours.
        program = "from civicgraph.graph.engine.fork_server import main; main()"
        words = [sys.executable, "-P", "-c", program, *(["open"] if self._is_open else []), str(theirs.fileno())]
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - this interpreter
                words, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )
        return Forks(Connection(ours.detach()), process.wait)

    def open(self, source: str | Engine, *, in_memory: bool = False) -> Forks:
        """Return a process with a store on disk, or with an engine that asks a server and has not asked it yet.

        It forks workers over it.

        Parameters
        ----------
        source
            The folder of the store, or the engine.
        in_memory
            Whether the store is read into memory; else each worker opens it.

        Raises
        ------
        ForkError
            The store cannot be read.
        """
        control, pid, forks = self._fork(OpenStore(self.limits, source, in_memory))
        held = Forks(control, partial(forks.end, pid, dying=True))
        try:
            failure = control.recv()
        except (OSError, EOFError):
            failure = ForkError(str(reason_of(forks.end(pid, dying=True))))
        if failure is not None:
            held.close()
            raise failure
        return held

    def revise(self, revision: Revision, timeout: float) -> Done:
        """Make a changed copy of a store on disk.

        Raises
        ------
        QueryError
            The change is at fault.
        QueryTimeoutError
            It took too long.
        StoppedError
            The process ended by itself: mostly it took more memory than it may.
        """
        control, pid, forks = self._fork(Revise(self.limits, revision))
        dying = False
        # Until it has ended its engine may still write to the copy, which nobody could read or remove.
        with control:
            try:
                if not control.poll(timeout):
                    msg = f"the update was stopped after {timeout:g} seconds"
                    raise QueryTimeoutError(msg)
                dying = True
                done = control.recv()
            except (OSError, EOFError) as error:
                raise reason_of(forks.end(pid, dying=True)) from error
            finally:
                forks.end(pid, dying=dying)
        if isinstance(done, Done):
            return done
        raise done

    def close(self) -> None:
        """End the fork server and all that was forked from it."""
        self._forks.close()

    def _fork(self, task: OpenStore | Revise) -> tuple[Connection, int, Forks]:
        """Fork a process; return the connection to it, its process id, and what forked it."""
        with self._lock:
            try:
                ours, pid = self._forks.fork(task)
            except ForkError:  # it was ended from outside: another takes its place
                self._forks.close()
                self._forks = self._start()
                ours, pid = self._forks.fork(task)
            return Connection(ours.detach()), pid, self._forks


def reason_of(ending: Ending | None) -> StoppedError:
    """Return what is told of a query whose process ended by itself: see `endings.yaml`.

    >>> reason_of(Ending(signal.SIGSEGV, ""))
    EngineFailedError('the engine crashed over this query (SIGSEGV, Segmentation fault); ...')
    """
    if ending is None:
        return WorkerEndedError(_GONE)  # and its workers with it
    number = os.WTERMSIG(ending.status) if os.WIFSIGNALED(ending.status) else 0
    name = signal.Signals(number).name if number else ""
    panic = ending.said.partition("panicked at")[2].partition("\n")[2].partition("\n")[0].strip()
    entries = yaml.safe_load(files("civicgraph.graph.engine").joinpath("endings.yaml").read_text(encoding="utf-8"))
    entry = next(
        one
        for one in entries
        if ("signals" not in one or name in one["signals"])
        and ("said" not in one or any(words in ending.said for words in one["said"]))
    )
    meaning = signal.strsignal(number) if number else ""
    told = entry["told"].format(signal=name, meaning=meaning, panic=panic, memory=TOO_MUCH_MEMORY)
    return _KINDS[entry["error"]](told)
