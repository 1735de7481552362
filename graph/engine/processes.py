"""The server's side of the processes that it starts: store processes and their workers, and those of updates."""

import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
from importlib.resources import files
from typing import Final

import yaml

from civicgraph.graph.engine.errors import (
    TOO_MUCH_MEMORY,
    EngineFailedError,
    QueryMemoryError,
    QueryTimeoutError,
    StoppedError,
    WorkerEndedError,
)
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.engine.store_process import WorkerLimits
from civicgraph.graph.engine.updates import Done, Revision

_GONE: Final = "the process that holds the data has ended; ask again, and start the server again if that does not help"
_KINDS: Final = {kind.__name__: kind for kind in (EngineFailedError, QueryMemoryError, WorkerEndedError)}
_LOG: Final = logging.getLogger(__name__)


# The GNU C library would give each thread 64 MB of address space of its own, up to eight a core, and what one thread
# has freed no other can use. One is for what is there before a fork, one for the thread that answers.
_FEW_ARENAS: Final = {"MALLOC_ARENA_MAX": "2"}


def _program(module: str) -> list[str]:
    # Run as a module it would have classes of its own, unequal to ours.
    return [sys.executable, "-P", "-c", f"from civicgraph.graph.engine.{module} import main; main()"]


class StoreProcess:
    """A process that holds a store and forks workers over it; to be asked from any thread.

    Parameters
    ----------
    source
        The folder of a store on disk; or an engine that asks a server, and has not asked it yet.
    limits
        What each worker may take.
    in_memory
        Whether the store is read into memory; else each worker opens it.

    Raises
    ------
    StoppedError
        The store cannot be read.
    """

    def __init__(self, source: str | Engine, limits: WorkerLimits, *, in_memory: bool = False) -> None:
        self._control, theirs = socket.socketpair()
        with tempfile.TemporaryFile() as said:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - this interpreter
                    _program("store_process"),
                    env=os.environ | _FEW_ARENAS,
                    stdin=theirs,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    start_new_session=True,  # it ends with its workers, and Ctrl-C is for the server
                )
            try:
                self._control.sendall(pickle.dumps((source, in_memory, limits)))
                is_ready = self._control.recv(1) != b""
            except OSError:
                is_ready = False
            if not is_ready:
                self.close()
                said.seek(0)
                raise reason_of(self._process.returncode, said.read().decode("utf-8", "replace"))

    def fork(self) -> tuple[socket.socket, socket.socket]:
        """Fork a worker.

        Returns
        -------
        tuple[socket.socket, socket.socket]
            The connection to it; and what says how it ended by itself (see `read_ending`), or ends it when closed.

        Raises
        ------
        WorkerEndedError
            The store process is gone.
        """
        (connection, theirs), (ending, told) = socket.socketpair(), socket.socketpair()
        with theirs, told:
            try:
                socket.send_fds(self._control, [b"\n"], [theirs.fileno(), told.fileno()])
            except OSError as error:
                connection.close()
                ending.close()
                raise WorkerEndedError(_GONE) from error
        return connection, ending

    def close(self) -> None:
        """End the process and its workers."""
        self._control.close()
        self._process.wait()


def read_ending(told: bytes) -> StoppedError:
    """Return what is told of a query whose worker ended by itself."""
    code, _, said = told.partition(b" ")
    # Nothing is told where the store process ended, and its workers with it.
    return reason_of(int(code), said.decode("utf-8", "replace")) if told else WorkerEndedError(_GONE)


def revise_aside(revision: Revision, memory: int, timeout: float) -> Done:
    """Make a changed copy of a store on disk in a process of its own, which has so many bytes and seconds.

    Raises
    ------
    QueryError
        The change is at fault.
    QueryTimeoutError
        It took too long.
    StoppedError
        The process ended by itself: mostly it took more memory than it may.
    """
    task = pickle.dumps((revision, memory, timeout))
    try:
        done = subprocess.run(  # noqa: S603 - as above
            _program("updates"),
            env=os.environ | _FEW_ARENAS,
            input=task,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        msg = f"the update was stopped after {timeout:g} seconds"
        raise QueryTimeoutError(msg) from error
    if done.returncode != 0:
        raise reason_of(done.returncode, done.stderr.decode("utf-8", "replace"))
    found = pickle.loads(done.stdout)  # noqa: S301 - of this program
    if isinstance(found, Done):
        return found
    raise found


def reason_of(code: int, said: str) -> StoppedError:
    """Return what is told of a process that ended by itself, by its exit code and its words: see `endings.yaml`.

    >>> reason_of(-signal.SIGSEGV, "")
    EngineFailedError('the engine crashed over this query (SIGSEGV, Segmentation fault); ...')
    """
    number = max(0, -code)
    name = signal.Signals(number).name if number else ""
    panic = said.partition("panicked at")[2].partition("\n")[2].partition("\n")[0].strip()
    entries = yaml.safe_load(files("civicgraph.graph.engine").joinpath("endings.yaml").read_text(encoding="utf-8"))
    entry = next(
        one
        for one in entries
        if ("signals" not in one or name in one["signals"])
        and ("said" not in one or any(words in said for words in one["said"]))
    )
    meaning = signal.strsignal(number) if number else ""
    told = entry["told"].format(signal=name, meaning=meaning, panic=panic, memory=TOO_MUCH_MEMORY)
    _LOG.warning("a process ended by itself: %s\n%s", told, said)
    return _KINDS[entry["error"]](told)
