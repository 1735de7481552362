"""The processes that queries run in, and those that fork them.

A server starts one *fork server*: a process of one thread with everything imported and no store. For each snapshot that
forks a *store process*, and this its workers, each within milliseconds. A small store is held in memory, shared by all
its workers; over a larger one each worker opens the files of the snapshot.

Whoever forks must have one thread only: another's locks would stay locked in the child for ever. So what opens a store
on disk, whose engine has threads of its own, is always a worker or a helper, and never forks.
"""

import ctypes
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, Final, NoReturn, cast

from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.errors import QueryError, StoppedError
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.engine.revision import Revision, revise
from civicgraph.graph.engine.sandbox import deny_sockets, limit_memory, share_arenas
from civicgraph.graph.engine.worker import WorkerLimits, answer_until_closed, known_failure

_PR_SET_PDEATHSIG: Final = 1
_RECEIVED: Final = 1 << 26

_STACK: Final = 256 << 20
"""Bytes of stack for the thread that answers: the engine reads and plans a query by recursion."""

_PATIENCE: Final = 2.0
"""Seconds in which a worker that closed its connection is to have ended."""

_WORDS: Final = 2000
"""Bytes that are kept of the first and the last that a worker said: a panic begins with its reason, Python ends so."""


@dataclass(frozen=True, slots=True)
class OpenStore:
    """To the fork server: fork a store process.

    `source` is the folder of a store on disk, which is read into memory or opened by each worker; or an engine that
    asks a server, and has not asked it yet.
    """

    limits: WorkerLimits
    source: str | Engine
    in_memory: bool


@dataclass(frozen=True, slots=True)
class Revise:
    """To the fork server: fork a helper that makes a changed copy of a store on disk."""

    limits: WorkerLimits
    revision: Revision


@dataclass(frozen=True, slots=True)
class ForkWorker:
    """To a store process: fork a worker on the other end of the connection that comes with this."""


@dataclass(frozen=True, slots=True)
class EndWorker:
    """To a store process: end a worker now; or, where it is `dying` by itself, take note of how."""

    pid: int
    dying: bool = False


Command = OpenStore | Revise | ForkWorker | EndWorker


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: its status as the system gives it, and what it said on standard error."""

    status: int
    said: str


class ForkError(RuntimeError):
    """A process that was to be forked could not do its work; the message says why."""


def send(connection: socket.socket, message: object, descriptors: tuple[int, ...] = ()) -> None:
    """Send a command or a reply between server, fork server and store processes, all of which are this program."""
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
    """Be the fork server of the server at the other end of the socket whose number is the last argument.

    With `open` before it, what is forked may reach the network: it asks a server, and answers no query by itself.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
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


def _begin(command: OpenStore | Revise, control: socket.socket, *, denied: bool) -> NoReturn:
    try:
        if isinstance(command, Revise):
            _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            send(control, os.getpid())
            limit = partial(limit_memory, command.limits.memory)
            send(control, revise(command.revision, limit, sockets_denied=denied))
        else:
            is_read = command.in_memory and isinstance(command.source, str)
            source = _read(str(command.source)) if is_read else command.source
            send(control, None)
            _StoreProcess(control, command.limits, source).run()
    except BaseException as error:  # noqa: BLE001 - there is nobody above
        _tell(control, known_failure(error) or error)
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


class _StoreProcess:
    """Forks workers over a store, and takes note of how they end."""

    def __init__(self, control: socket.socket, limits: WorkerLimits, source: Store | str | Engine) -> None:
        self._control = control
        self._limits = limits
        self._source = source
        self._children: dict[int, IO[bytes]] = {}

    def run(self) -> None:
        """Do as the server says until it closes; then end all workers."""
        try:
            while True:
                command, descriptors = receive(self._control)
                if isinstance(command, ForkWorker):
                    self._fork_worker(descriptors[0])
                elif isinstance(command, EndWorker):
                    send(self._control, self._end(command.pid, dying=command.dying))
        finally:
            for pid in tuple(self._children):
                self._end(pid)

    def _fork_worker(self, descriptor: int) -> None:
        said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the worker lives
        pid = os.fork()
        if pid == 0:
            try:
                os.dup2(said.fileno(), 2)
                self._control.close()
                self._work(socket.socket(fileno=descriptor))
                os._exit(0)
            finally:
                traceback.print_exc()
                os._exit(1)
        os.close(descriptor)
        self._children[pid] = said
        send(self._control, pid)

    def _work(self, connection: socket.socket) -> None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for said in self._children.values():
            said.close()
        # The C library gives another thread other memory. In the first one's, what loading freed lies scattered among
        # the store, and each little thing put there makes a copy of a page that is shared: 100 MB a worker were seen.
        threading.stack_size(_STACK)
        threading.excepthook = _give_up
        thread = threading.Thread(target=self._answer, args=(connection,))
        thread.start()
        thread.join()

    def _answer(self, connection: socket.socket) -> None:
        source = Store.read_only(self._source) if isinstance(self._source, str) else self._source
        engine = EmbeddedEngine(source, version="") if isinstance(source, Store) else source
        limit_memory(self._limits.memory)
        answer_until_closed(connection, engine, self._limits)

    def _end(self, pid: int, *, dying: bool = False) -> Ending | None:
        """End a child, if it has not ended, and return how it did; None for one that is not known any more."""
        if pid not in self._children:
            return None
        found, until = (0, 0), time.monotonic() + _PATIENCE
        while dying and found[0] == 0 and time.monotonic() < until:
            found = os.waitpid(pid, os.WNOHANG)
            time.sleep(0.001)
        if found[0] == 0:
            os.kill(pid, signal.SIGKILL)
            found = os.waitpid(pid, 0)
        return Ending(found[1], _words(self._children.pop(pid)))


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


def _tell(control: socket.socket, error: BaseException) -> None:
    known = error if isinstance(error, QueryError | StoppedError) else ForkError(f"{type(error).__name__}: {error}")
    try:
        send(control, known)
    except OSError:
        os._exit(1)  # nobody is there to be told


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
