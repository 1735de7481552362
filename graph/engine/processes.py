"""The server's side of the processes that queries run in: starts them, ends them, and says why one ended."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from typing import Final

from civicgraph.graph.engine.errors import (
    EngineFailedError,
    QueryMemoryError,
    QueryTimeoutError,
    StoppedError,
    WorkerEndedError,
)
from civicgraph.graph.engine.fork_server import (
    Command,
    Ending,
    EndWorker,
    ForkError,
    ForkWorker,
    OpenStore,
    Revise,
    receive,
    send,
)
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.engine.revision import Revision
from civicgraph.graph.engine.updates import Done
from civicgraph.graph.engine.worker import TOO_MUCH_MEMORY, WorkerLimits

_OUT_OF_MEMORY: Final = ("memory allocation of", "bad_alloc", "MemoryError", "Cannot allocate memory", "out of memory")
_OUT_OF_THREADS: Final = ("Resource temporarily unavailable", "can't start new thread")
_AT_ONCE: Final = 4096
_GONE: Final = "the process that holds the data has ended; ask again, and start the server again if that does not help"
_FROM_OUTSIDE: Final = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)


class StoreProcess:
    """A process that holds a store and forks workers over it; to be asked from any thread."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._lock = threading.Lock()

    def worker(self) -> tuple[socket.socket, int]:
        """Fork a worker; return the connection to it and its process id.

        Raises
        ------
        ForkError
            The store process is gone.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                return ours, int(str(self._ask(ForkWorker(), theirs)))
        except ForkError:
            ours.close()
            raise

    def end(self, pid: int, *, dying: bool = False) -> Ending | None:
        """End a worker now, or find out why it is `dying` by itself; return how it ended, where that is known."""
        try:
            reply = self._ask(EndWorker(pid, dying))
        except ForkError:
            return None  # it took its workers with it
        return reply if isinstance(reply, Ending) else None

    def close(self) -> None:
        """End the process and all its workers."""
        self._control.close()

    def _ask(self, command: Command, theirs: socket.socket | None = None) -> object:
        with self._lock:
            try:
                send(self._control, command, () if theirs is None else (theirs.fileno(),))
                return receive(self._control)[0]
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
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair()
        # Run as a module it would have classes of its own, unequal to ours.
        program = "from civicgraph.graph.engine.fork_server import main; main()"
        words = [sys.executable, "-P", "-c", program, *(["open"] if self._is_open else []), str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter
                words, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
            )

    def open(self, source: str | Engine, *, in_memory: bool = False) -> StoreProcess:
        """Return a process with a store on disk, or with an engine that asks a server and has not asked it yet.

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
        control = self._fork(OpenStore(self.limits, source, in_memory))
        try:
            _reply(control, None)
        except BaseException:
            control.close()
            raise
        return StoreProcess(control)

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
        with self._fork(Revise(self.limits, revision)) as control:
            pid = int(str(_reply(control, None)))
            try:
                return _done(control, timeout)
            except EOFError as error:
                msg = "the update ended by itself, mostly because it took more memory than it may; send it in parts"
                raise QueryMemoryError(msg) from error
            except QueryTimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                raise
            finally:
                # Until it has ended its engine may still write to the copy, which nobody could read or remove.
                _await_end(control)

    def close(self) -> None:
        """End the fork server; its store processes end as they are closed."""
        self._control.close()
        self._process.wait()

    def _fork(self, command: Command) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            try:
                send(self._control, command, (theirs.fileno(),))
            except OSError:  # it was ended from outside: another takes its place
                self._control.close()
                self._process.wait()
                self._start()
                send(self._control, command, (theirs.fileno(),))
        return ours


def _await_end(control: socket.socket) -> None:
    """Return once the process at the other end has ended, and with it its end of the connection."""
    control.settimeout(None)
    with contextlib.suppress(OSError):
        while control.recv(_AT_ONCE):
            pass


def _done(control: socket.socket, timeout: float) -> Done:
    done = _reply(control, timeout)
    if not isinstance(done, Done):
        msg = f"unexpected reply {done!r}"
        raise ForkError(msg)
    return done


def _reply(control: socket.socket, timeout: float | None) -> object:
    control.settimeout(timeout)
    try:
        reply, _ = receive(control)
    except TimeoutError as error:
        msg = f"the update was stopped after {timeout:g} seconds"
        raise QueryTimeoutError(msg) from error
    except OSError as error:
        raise EOFError(str(error)) from error
    control.settimeout(None)
    if isinstance(reply, Exception):
        raise reply
    return reply


def reason_of(ending: Ending | None) -> StoppedError:
    """Return what is told of a query whose process ended by itself.

    >>> reason_of(Ending(signal.SIGSEGV, ""))
    EngineFailedError('the engine crashed over this query (SIGSEGV, Segmentation fault); ...')
    """
    if ending is None:
        return WorkerEndedError(_GONE)  # and its workers with it
    status, said = ending.status, ending.said
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    if number in _FROM_OUTSIDE:
        name = signal.Signals(number).name
        return WorkerEndedError(
            f"the process that answered was ended from outside ({name}), by a person or, where memory runs short, "
            "by the system, whose log then says so; ask again"
        )
    if any(words in said for words in _OUT_OF_THREADS):
        return WorkerEndedError(
            "the process that answered could not start a thread: allow more (ulimit -u, pids.max of a container, "
            "TasksMax of a systemd service); ask again"
        )
    if "panicked at" in said:
        return _panic(said)
    if any(words in said for words in _OUT_OF_MEMORY):
        return QueryMemoryError(TOO_MUCH_MEMORY)
    return _crash(number)


def _panic(said: str) -> EngineFailedError:
    reason = said.partition("panicked at")[2].partition("\n")[2].partition("\n")[0].strip()
    remedy = "write it in another way, and report this one"
    if "total order" in reason:
        remedy = "it cannot sort numbers among texts: sort all as text, ORDER BY STR(?o) in place of ORDER BY ?o"
    return EngineFailedError(f"the engine panicked over this query ({reason}); {remedy}")


def _crash(number: int) -> EngineFailedError:
    if not number:
        return EngineFailedError("the process that answered ended by itself: the server's log says more; ask again")
    kind = f"{signal.Signals(number).name}, {signal.strsignal(number)}"
    return EngineFailedError(
        f"the engine crashed over this query ({kind}); "
        "mostly it is very long or deep: ask for less in one query, and report it if that does not help"
    )
