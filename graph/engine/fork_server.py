"""The processes that queries run in, and those that fork them.

A server starts one *fork server*: a process of one thread with everything imported and no store. For each snapshot that
forks a *store process*, and this its workers, each within milliseconds: both are a `Forker`. A small store is held in
memory, shared by all its workers; over a larger one each worker opens the files of the snapshot.

Whoever forks must have one thread only: another's locks would stay locked in the child for ever. So what opens a store
on disk, whose engine has threads of its own, is always a worker or a helper, and never forks.
"""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from typing import IO, Any, Final, NoReturn, cast

from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.engine.revision import Revision, revise
from civicgraph.graph.engine.sandbox import deny_sockets, limit_memory, share_arenas
from civicgraph.graph.engine.worker import WorkerLimits, answer_until_closed, known_failure

_PR_SET_PDEATHSIG: Final = 1

_STACK: Final = 256 << 20
"""Bytes of stack for the thread that answers: the engine reads and plans a query by recursion."""

_PATIENCE: Final = 2.0
"""Seconds in which a process that ends by itself is to have ended."""

_WORDS: Final = 2000
"""Bytes that are kept of the first and the last that a process said: a panic begins with its reason, Python ends so."""


@dataclass(frozen=True, slots=True)
class OpenStore:
    """What a store process is forked for.

    `source` is the folder of a store on disk, which is read into memory or opened by each worker; or an engine that
    asks a server, and has not asked it yet.
    """

    limits: WorkerLimits
    source: str | Engine
    in_memory: bool


@dataclass(frozen=True, slots=True)
class Revise:
    """What a helper is forked for: it makes a changed copy of a store on disk."""

    limits: WorkerLimits
    revision: Revision


@dataclass(frozen=True, slots=True)
class Fork:
    """To whoever forks: fork a process on the other end of the connection whose descriptor follows."""

    task: object = None


@dataclass(frozen=True, slots=True)
class End:
    """To whoever forks: end a process now; or, where it is `dying` by itself, take note of how."""

    pid: int
    dying: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: its status as the system gives it, and what it said on standard error."""

    status: int
    said: str


class ForkError(RuntimeError):
    """A process that was to be forked could not do its work; the message says why."""


class Forker:
    """Forks processes for whoever is at the other end of a connection, and takes note of how they end.

    Parameters
    ----------
    control
        The connection; where it is closed, all that was forked is ended.
    work
        What a forked process does: it is given its task and its own connection.
    """

    def __init__(self, control: Connection, work: Callable[[Any, Connection], None]) -> None:
        self._control = control
        self._work = work
        self._children: dict[int, IO[bytes]] = {}

    def run(self) -> None:
        """Do as the other end says until it closes."""
        try:
            while True:
                command = self._control.recv()
                reply = self._fork(command.task) if isinstance(command, Fork) else self._end(command)
                self._control.send(reply)
        except (EOFError, ConnectionError):
            return
        finally:
            for pid in tuple(self._children):
                self._end(End(pid))

    def _fork(self, task: object) -> int:
        theirs = recv_handle(self._control)
        said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process lives
        pid = os.fork()
        if pid == 0:
            try:
                _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
                os.dup2(said.fileno(), 2)
                self._control.close()
                for other in self._children.values():
                    other.close()
                self._work(task, Connection(theirs))
                os._exit(0)
            finally:
                traceback.print_exc()
                os._exit(1)
        os.close(theirs)
        self._children[pid] = said
        return pid

    def _end(self, command: End) -> Ending | None:
        """End a process, if it has not ended, and return how it did; None for one that is not known any more."""
        pid = command.pid
        if pid not in self._children:
            return None
        found, until = (0, 0), time.monotonic() + _PATIENCE
        while command.dying and found[0] == 0 and time.monotonic() < until:
            found = os.waitpid(pid, os.WNOHANG)
            time.sleep(0.001)
        if found[0] == 0:
            os.kill(pid, signal.SIGKILL)
            found = os.waitpid(pid, 0)
        return Ending(found[1], _words(self._children.pop(pid)))


def main() -> NoReturn:
    """Be the fork server of the server at the other end of the socket whose number is the last argument.

    With `open` before it, what is forked may reach the network: it asks a server, and answers no query by itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    share_arenas()
    # Whatever is forked from here is denied sockets too; those that it needs are handed to it.
    denied = "open" not in sys.argv and deny_sockets()
    Forker(Connection(int(sys.argv[-1])), partial(_do, denied=denied)).run()
    os._exit(0)


def _do(task: OpenStore | Revise, control: Connection, *, denied: bool) -> None:
    """Do what a process was forked from the fork server for, and say what came of it."""
    try:
        if isinstance(task, Revise):
            limit = partial(limit_memory, task.limits.memory)
            control.send(revise(task.revision, limit, sockets_denied=denied))
            return
        is_read = task.in_memory and isinstance(task.source, str)
        source = _read(str(task.source)) if is_read else task.source
    except BaseException as error:  # noqa: BLE001 - there is nobody above
        control.send(known_failure(error) or ForkError(f"{type(error).__name__}: {error}"))
        return
    control.send(None)
    Forker(control, partial(_answer_queries, source, task.limits)).run()


def _answer_queries(source: Store | str | Engine, limits: WorkerLimits, _: None, connection: Connection) -> None:
    """Be a worker."""

    def answer() -> None:
        store = Store.read_only(source) if isinstance(source, str) else source
        engine = EmbeddedEngine(store, version="") if isinstance(store, Store) else store
        limit_memory(limits.memory)
        answer_until_closed(connection, engine, limits)

    # The C library gives another thread other memory. In the first one's, what loading freed lies scattered among
    # the store, and each little thing put there makes a copy of a page that is shared: 100 MB a worker were seen.
    threading.stack_size(_STACK)
    threading.excepthook = _give_up
    thread = threading.Thread(target=answer)
    thread.start()
    thread.join()


_READER: Final = """
import sys
import pyoxigraph as o
store = o.Store.read_only(sys.argv[1])
store.dump(sys.stdout.buffer, o.RdfFormat.N_QUADS)
sys.stdout.close()
for graph in store.named_graphs():
    if next(store.quads_for_pattern(None, None, None, graph), None) is None:
        print(graph.value, file=sys.stderr)
"""
"""Writes out a store: its quads, and then, as no quad tells of them, the graphs that are empty."""


def _read(path: str) -> Store:
    """Return a store in memory with what is in one on disk, which a process of its own opens and writes out."""
    store = Store()
    words = [sys.executable, "-P", "-X", "utf8", "-c", _READER, path]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reader:  # noqa: S603 - this interpreter
        store.load(cast("IO[bytes]", reader.stdout), RdfFormat.N_QUADS)
        said = cast("IO[bytes]", reader.stderr).read().decode()
    if reader.returncode != 0:
        msg = f"the store in {path} cannot be read: {said.strip()[-200:]}"
        raise OSError(msg)
    for name in said.splitlines():
        store.add_graph(NamedNode(name))
    return store


def _words(said: IO[bytes]) -> str:
    with said:
        length = said.seek(0, os.SEEK_END)
        said.seek(0)
        first = said.read(_WORDS)
        said.seek(max(len(first), length - _WORDS))
        return (first + said.read()).decode("utf-8", "replace")


def _give_up(args: "threading.ExceptHookArgs") -> NoReturn:
    """End a worker whose thread has met an error that nobody foresaw."""
    traceback.print_exception(args.exc_value)
    os._exit(1)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
