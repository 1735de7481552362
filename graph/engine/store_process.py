"""What runs in a store process: it holds the store of one snapshot, and forks the workers that queries run in.

The server starts it as a program of its own, for a server has threads, and whoever forks must have one only: another's
locks would stay locked in the child for ever. So what opens a store on disk, whose engine has threads of its own, is
always a worker or a helper, and never forks. A small store is held in memory, shared by all workers, each of which is
forked within milliseconds; over a larger one each worker opens the files of the snapshot.
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
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from typing import IO, Final, NoReturn, cast

from pyoxigraph import NamedNode, RdfFormat, Store

from civicgraph.graph.engine.embedded import EmbeddedEngine
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.engine.sandbox import deny_sockets, limit_memory, share_arenas
from civicgraph.graph.engine.worker import WorkerLimits, answer_until_closed

_PR_SET_PDEATHSIG: Final = 1

_STACK: Final = 256 << 20
"""Bytes of stack for the thread that answers: the engine reads and plans a query by recursion."""

_PATIENCE: Final = 2.0
"""Seconds in which a process that ends by itself is to have ended."""

_WORDS: Final = 2000
"""Bytes that are kept of the first and the last that a process said: a panic begins with its reason, Python ends so."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process ended: its exit code, the negative number of a signal, and what it said on standard error."""

    code: int
    said: str


def main() -> NoReturn:
    """Be the store process of the server at the other end of the socket whose number is the last argument.

    The server says what the store is and what workers may take. After that it asks for a worker, on the other end of
    the connection whose descriptor follows, by None; and by its process id for the end of one that is to end now or,
    where the second is true, is ending by itself. Once it closes the connection, all workers are ended.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    share_arenas()
    control = Connection(int(sys.argv[-1]))
    source, in_memory, limits = control.recv()
    if isinstance(source, str):
        # Workers are denied sockets too; those that they need are handed to them. Who asks a server must reach it.
        deny_sockets()
    try:
        source = _read(source) if in_memory else source
    except (OSError, SyntaxError, MemoryError) as error:
        control.send(f"{type(error).__name__}: {error}")
        os._exit(0)
    control.send(None)
    workers: dict[int, IO[bytes]] = {}
    with suppress(EOFError, ConnectionError):
        while True:
            command = control.recv()
            control.send(_fork(control, workers, source, limits) if command is None else _end(workers, *command))
    for pid in tuple(workers):
        _end(workers, pid)
    os._exit(0)


def _fork(
    control: Connection, workers: dict[int, IO[bytes]], source: Store | str | Engine, limits: WorkerLimits
) -> int:
    theirs = recv_handle(control)
    said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process lives
    pid = os.fork()
    if pid == 0:
        try:
            if sys.platform == "linux":
                ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            os.dup2(said.fileno(), 2)
            control.close()
            for other in workers.values():
                other.close()
            _answer_queries(source, limits, Connection(theirs))
            os._exit(0)
        finally:
            traceback.print_exc()
            os._exit(1)
    os.close(theirs)
    workers[pid] = said
    return pid


def _end(workers: dict[int, IO[bytes]], pid: int, dying: bool = False) -> Ending | None:
    """End a worker, if it has not ended, and return how it did; None for one that is not known any more."""
    if pid not in workers:
        return None
    found, until = (0, 0), time.monotonic() + _PATIENCE
    while dying and found[0] == 0 and time.monotonic() < until:
        found = os.waitpid(pid, os.WNOHANG)
        time.sleep(0.001)
    if found[0] == 0:
        os.kill(pid, signal.SIGKILL)
        found = os.waitpid(pid, 0)
    return Ending(os.waitstatus_to_exitcode(found[1]), words_of(workers.pop(pid)))


def _answer_queries(source: Store | str | Engine, limits: WorkerLimits, connection: Connection) -> None:
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


def words_of(said: IO[bytes]) -> str:
    """Return the first and the last that a process said into a file, and close that."""
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
