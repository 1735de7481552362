"""The server's side of the processes that it starts: store processes and their workers, and those of updates."""

import logging
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from importlib.resources import files
from multiprocessing.connection import Connection
from multiprocessing.reduction import send_handle
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
from civicgraph.graph.engine.store_process import Ending, WorkerLimits, words_of
from civicgraph.graph.engine.updates import Done, Revision

_GONE: Final = "the process that holds the data has ended; ask again, and start the server again if that does not help"
_KINDS: Final = {kind.__name__: kind for kind in (EngineFailedError, QueryMemoryError, WorkerEndedError)}
_LOG: Final = logging.getLogger(__name__)


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
        self._lock = threading.Lock()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - read at the end
        ours, theirs = socket.socketpair()
        self._control = Connection(ours.detach())
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter
                [*_program("store_process"), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
            )
        try:
            self._control.send((source, in_memory, limits))
            failure = self._control.recv()
        except (OSError, EOFError):
            raise reason_of(Ending(self._process.wait(), words_of(self._said))) from None
        if failure is not None:
            self.close()
            raise WorkerEndedError(failure)

    def fork(self) -> tuple[socket.socket, int]:
        """Fork a worker; return the connection to it and its process id.

        Raises
        ------
        WorkerEndedError
            The store process is gone.
        """
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            try:
                self._control.send(None)
                send_handle(self._control, theirs.fileno(), None)
                return ours, self._control.recv()
            except (OSError, EOFError) as error:
                ours.close()
                raise WorkerEndedError(_GONE) from error

    def end(self, pid: int, *, dying: bool = False) -> Ending | None:
        """End a worker now, or find out why it is `dying` by itself; return how it ended, where that is known."""
        with self._lock:
            try:
                self._control.send((pid, dying))
                found = self._control.recv()
            except (OSError, EOFError):
                return None  # its store process took it along
        return found if isinstance(found, Ending) else None

    def close(self) -> None:
        """End the process and its workers."""
        with self._lock:
            self._control.close()
        self._process.wait()
        self._said.close()


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
        done = subprocess.run(_program("updates"), input=task, capture_output=True, timeout=timeout, check=False)  # noqa: S603 - as above
    except subprocess.TimeoutExpired as error:
        msg = f"the update was stopped after {timeout:g} seconds"
        raise QueryTimeoutError(msg) from error
    if done.returncode != 0:
        raise reason_of(Ending(done.returncode, done.stderr.decode("utf-8", "replace")))
    found = pickle.loads(done.stdout)  # noqa: S301 - of this program
    if isinstance(found, Done):
        return found
    raise found


def reason_of(ending: Ending | None) -> StoppedError:
    """Return what is told of a query whose process ended by itself: see `endings.yaml`.

    >>> reason_of(Ending(-signal.SIGSEGV, ""))
    EngineFailedError('the engine crashed over this query (SIGSEGV, Segmentation fault); ...')
    """
    if ending is None:
        return WorkerEndedError(_GONE)  # and its workers with it
    number = max(0, -ending.code)
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
    _LOG.warning("a process ended by itself: %s\n%s", told, ending.said)
    return _KINDS[entry["error"]](told)
