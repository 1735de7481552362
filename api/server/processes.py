"""Several processes that answer requests at one address, over one set of holders.

The first process, the *parent*, listens, starts the nursery and the others, and answers nothing itself. One that ends
unbidden is started again. Counts and the allowances of clients are kept in memory that all share; each has a result
cache of its own.
"""

import ctypes
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from types import FrameType
from typing import Final

from civicgraph.api.app import Shared, create_app
from civicgraph.api.server import counts
from civicgraph.api.server.answering import answer_requests
from civicgraph.api.settings import Settings
from civicgraph.graph.engine.answering import AnswerLimits
from civicgraph.graph.engine.holder import WorkerLimits
from civicgraph.graph.engine.nursery import Nursery
from civicgraph.graph.engine.sharing import SharedHolders
from civicgraph.graph.snapshot.placing import query_memory

_PR_SET_PDEATHSIG: Final = 1
_PATIENCE: Final = 0.5
"""Seconds between two starts of one that keeps ending."""


def serve_in_processes(settings: Settings, listener: socket.socket, processes: int) -> None:
    """Answer requests in so many processes until this one is told to end.

    Parameters
    ----------
    settings
        What the server needs to know; `workers` are those of all processes together.
    listener
        The socket that they all take connections from.
    processes
        How many.
    """
    limits = WorkerLimits(query_memory(settings.workers), AnswerLimits(settings.rows, settings.bytes))
    nursery = Nursery(limits)
    holders = SharedHolders(nursery)
    own = replace(settings, workers=max(1, settings.workers // processes))
    ending, told = threading.Event(), list[int]()
    with tempfile.TemporaryFile() as file:
        file.truncate(counts.size(processes))
        parts = [_Process(own, listener, file.fileno(), processes, number, holders) for number in range(processes)]

        def end(number: int, _: FrameType | None) -> None:
            told.append(number)
            ending.set()
            for part in parts:
                part.end()

        signal.signal(signal.SIGINT, end)
        signal.signal(signal.SIGTERM, end)
        threads = [threading.Thread(target=part.keep_running, args=(ending,)) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    nursery.close()
    for number in told:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        signal.raise_signal(number)


class _Process:
    """One of the processes, started again whenever it ends unbidden."""

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        counted: int,
        processes: int,
        number: int,
        holders: SharedHolders,
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._counted = counted
        self._place = (processes, number)
        self._holders = holders
        self._running: subprocess.Popen[bytes] | None = None

    def keep_running(self, ending: threading.Event) -> None:
        """Run it, again and again, until all are to end."""
        while not ending.is_set():
            with self._start() as running:
                self._running = running
                if ending.is_set():
                    self.end()
                status = running.wait()
            if not ending.is_set():
                print(f"a process ended by itself ({status}) and is started again", file=sys.stderr)  # noqa: T201
                ending.wait(_PATIENCE)

    def end(self) -> None:
        """Let it finish what it has begun, and end."""
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()

    def _start(self) -> subprocess.Popen[bytes]:
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._holders.serve, args=(ours,), daemon=True).start()
        handed = (self._listener.fileno(), self._counted, theirs.fileno())
        # Run as a module it would have classes of its own, unequal to ours.
        program = "from civicgraph.api.server.processes import main; main()"
        words = [sys.executable, "-P", "-c", program, *map(str, (*handed, *self._place))]
        with theirs:
            # In a group of its own: Ctrl-C is for the parent, which tells the others.
            running = subprocess.Popen(words, pass_fds=handed, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603
        if running.stdin is not None:
            with running.stdin as told:
                told.write(pickle.dumps(self._settings))
        return running


def main() -> None:
    """Be one of the processes: descriptors of listener, counts and holders, how many there are and which this is."""
    # Whoever ends the parent ends this.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    listener, counted, control, processes, number = map(int, sys.argv[-5:])
    settings: Settings = pickle.load(sys.stdin.buffer)  # noqa: S301 - of the parent
    shared = Shared(counts.shared_counts(counted, processes, number), socket.socket(fileno=control))
    answer_requests(create_app(settings, shared), socket.socket(fileno=listener))
