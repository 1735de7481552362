"""The process that holds a store and forks the workers that answer over it.

A server starts one *nursery*: a process of one thread with everything imported and no store. For each snapshot the
nursery forks a *holder*, and the holder its workers, each within milliseconds. A small store is held in memory, shared
by all its workers; over a larger one each worker opens the files of the snapshot. A store that lives in memory alone is
changed by forking: the holder's child makes the change on its own copy and, if that goes well, takes its parent's
place; if not, or not in time, nothing has happened.

Whoever forks must have one thread only: another's locks would stay locked in the child for ever. So what opens a store
on disk, whose engine has threads of its own, is always a worker or a helper, never a holder.
"""

import ctypes
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, Any, Final, NoReturn, cast

from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.engine.answering import Answering, AnswerLimits, answer_until_closed
from civicgraph.graph.engine.changes import Change, apply
from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.interface import QueryError
from civicgraph.graph.engine.revise import Revision, revise
from civicgraph.graph.engine.sandbox import deny_sockets, limit_memory, limited, share_arenas

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
_RECEIVED: Final = 1 << 26


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What a worker may take: bytes of memory for one query, and how long its answer may be."""

    memory: int
    answer: AnswerLimits


@dataclass(frozen=True, slots=True)
class HoldEmpty:
    """To the nursery: hold a store in memory, from a snapshot's store on disk or, without one, empty."""

    limits: WorkerLimits
    path: str | None = None


@dataclass(frozen=True, slots=True)
class HoldFolder:
    """To the nursery: fork workers that open a store on disk."""

    limits: WorkerLimits
    path: str


@dataclass(frozen=True, slots=True)
class HoldAsking:
    """To the nursery: fork workers that ask a server, over an engine that has not asked it yet."""

    limits: WorkerLimits
    engine: Answering


@dataclass(frozen=True, slots=True)
class ForkWorker:
    """To a holder: fork a worker on the other end of the connection that comes with this."""


@dataclass(frozen=True, slots=True)
class EndWorker:
    """To a holder: end a worker now."""

    pid: int


@dataclass(frozen=True, slots=True)
class Release:
    """To a holder: its successor has taken over, and is not to be ended with it."""

    pid: int


@dataclass(frozen=True, slots=True)
class Succeed:
    """To a holder in memory: fork a successor that makes a change."""

    change: Change


@dataclass(frozen=True, slots=True)
class Revise:
    """To the nursery: fork a helper that makes a changed copy of a store on disk."""

    limits: WorkerLimits
    revision: Revision


Command = HoldEmpty | HoldFolder | HoldAsking | ForkWorker | EndWorker | Release | Succeed | Revise


class HolderError(RuntimeError):
    """A process that was to be forked could not do its work; the message says why."""


def send(connection: socket.socket, message: object, descriptors: tuple[int, ...] = ()) -> None:
    """Send a command or a reply between server, nursery and holders, all of which are this program."""
    content = pickle.dumps(message)
    socket.send_fds(connection, [len(content).to_bytes(8, "big")], list(descriptors))
    connection.sendall(content)


def receive(connection: socket.socket) -> tuple[Any, list[int]]:
    """Wait for a message, and return it with the descriptors that came along.

    Raises
    ------
    EOFError
        The other side has closed.
    """
    head, descriptors, _, _ = socket.recv_fds(connection, 8, 4)
    content = bytearray()
    length = int.from_bytes(head, "big")
    while len(head) == 8 and len(content) < length:  # noqa: PLR2004 - the length of a length
        part = connection.recv(min(length - len(content), _RECEIVED))
        if not part:
            break
        content += part
    if len(head) < 8 or len(content) < length:  # noqa: PLR2004
        msg = "the other side has closed"
        raise EOFError(msg)
    return pickle.loads(content), descriptors  # noqa: S301 - of the project's own processes, and never of a worker's


def main() -> NoReturn:
    """Be the nursery of the server at the other end of the socket whose number is the last argument.

    With `open` before it, what is forked may reach the network: it asks a server, and answers no query by itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # A holder whose successor has taken over ends, and the successor's end is then ours to take note of.
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    share_arenas()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    # Whatever is forked from here is denied sockets too; those that it needs are handed to it.
    denied = "open" not in sys.argv and deny_sockets()
    with socket.socket(fileno=int(sys.argv[-1])) as control:
        while True:
            try:
                command, descriptors = receive(control)
            except (EOFError, ConnectionError):
                os._exit(0)
            (theirs,) = descriptors
            if os.fork() == 0:
                control.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _begin(command, socket.socket(fileno=theirs), denied=denied)
            os.close(theirs)


def _begin(command: Command, control: socket.socket, *, denied: bool) -> NoReturn:
    try:
        if isinstance(command, Revise):
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            limit_memory(command.limits.memory)
            send(control, os.getpid())
            send(control, revise(command.revision, reaches_nobody=denied))
        elif isinstance(command, HoldEmpty):
            store = Store() if command.path is None else _read(command.path)
            send(control, len(store))
            _Holder(control, command.limits, store, denied=denied).run()
        elif isinstance(command, HoldFolder):
            send(control, 0)
            _Holder(control, command.limits, command.path, denied=denied).run()
        elif isinstance(command, HoldAsking):
            send(control, 0)
            _Holder(control, command.limits, command.engine, denied=denied).run()
    except (QueryError, OSError, EOFError) as error:
        _tell(control, error)
    finally:
        os._exit(0)


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


class _Holder:
    """Forks workers over a store, and reaps them."""

    def __init__(
        self, control: socket.socket, limits: WorkerLimits, store: Store | str | Answering, *, denied: bool
    ) -> None:
        self._control = control
        self._denied = denied
        self._limits = limits
        self._store = store
        self._workers: set[int] = set()

    def run(self) -> None:
        """Do as the server says until it closes; then end all workers."""
        try:
            while True:
                command, descriptors = receive(self._control)
                if isinstance(command, ForkWorker):
                    self._fork_worker(descriptors[0])
                elif isinstance(command, EndWorker):
                    self._end(command.pid)
                    send(self._control, command.pid)
                elif isinstance(command, Release):
                    self._workers.discard(command.pid)
                elif isinstance(command, Succeed):
                    self._succeed(command.change, descriptors[0])
        finally:
            for pid in tuple(self._workers):
                self._end(pid)

    def _fork_worker(self, descriptor: int) -> None:
        pid = os.fork()
        if pid == 0:
            try:
                self._control.close()
                self._work(socket.socket(fileno=descriptor))
            finally:
                os._exit(0)
        os.close(descriptor)
        self._workers.add(pid)
        send(self._control, pid)

    def _work(self, connection: socket.socket) -> None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _hush_engine()
        # The C library gives another thread other memory. In the first one's, what loading freed lies scattered among
        # the store, and each little thing put there makes a copy of a page that is shared: 100 MB a worker were seen.
        thread = threading.Thread(target=self._answer, args=(connection,))
        thread.start()
        thread.join()

    def _answer(self, connection: socket.socket) -> None:
        store = Store.read_only(self._store) if isinstance(self._store, str) else self._store
        limit_memory(self._limits.memory)
        engine = EmbeddedEngine(store, version="") if isinstance(store, Store) else store
        answer_until_closed(connection, engine, self._limits.answer)

    def _succeed(self, change: Change, descriptor: int) -> None:
        pid = os.fork()
        if pid == 0:
            # The child goes on in the same loop, for its own children to find a stack no deeper than this.
            self._control.close()
            self._control = socket.socket(fileno=descriptor)
            self._workers.clear()
            self._take_over(change)
            return
        os.close(descriptor)
        self._workers.add(pid)
        send(self._control, pid)

    def _take_over(self, change: Change) -> None:
        if not isinstance(self._store, Store):
            os._exit(1)  # a store on disk is changed by a helper, and a server's not at all: nobody asks for this
        try:
            with limited(self._limits.memory):
                done = apply(self._store, change, reaches_nobody=self._denied)
        except QueryError as error:
            _tell(self._control, error)
            os._exit(0)
        send(self._control, done)

    def _end(self, pid: int) -> None:
        if pid in self._workers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            self._workers.discard(pid)


def _hush_engine() -> None:
    """Keep Python's errors, and drop what the engine prints as it dies for want of memory."""
    sys.stderr = os.fdopen(os.dup(2), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _tell(control: socket.socket, error: Exception) -> None:
    try:
        send(control, error)
    except OSError:
        os._exit(1)  # nobody is there to be told


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
