"""The server's side of the processes that it starts: store processes and their workers."""

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
    StoppedError,
    WorkerEndedError,
)
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.engine.store_process import WorkerLimits, main

_GONE: Final = "the process that holds the data has ended; ask again, and start the server again if that does not help"
_KINDS: Final = {kind.__name__: kind for kind in (EngineFailedError, QueryMemoryError, WorkerEndedError)}
_LOG: Final = logging.getLogger(__name__)


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
                    # Run as a module it would have classes of its own, unequal to ours.
                    [sys.executable, "-P", "-c", f"from {main.__module__} import main; main()"],
                    # The GNU C library would give each thread 64 MB of address space, up to eight a core, and what one
                    # has freed no other can use. One is for what is there before a fork, one for who answers.
                    env=os.environ | {"MALLOC_ARENA_MAX": "2"},
                    stdin=theirs.fileno(),
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
