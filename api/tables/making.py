"""Making the tables of a large snapshot before anybody asks: in processes of their own, which end with their server."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path


def begin_making_tables(snapshot: Path) -> Callable[[], None]:
    """Start processes that make the tables of a snapshot; return what ends them, if they have not ended.

    Parameters
    ----------
    snapshot
        The folder of the snapshot.
    """
    program = "from civicgraph.api.tables.maker import main; main()"
    processes = []
    for end in ("first", "last"):
        words = [sys.executable, "-P", "-c", program, str(snapshot), end]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603 - this interpreter
        threading.Thread(target=process.wait, daemon=True).start()
        processes.append(process)

    def stop() -> None:
        for process in processes:
            if process.stdin is not None:
                process.stdin.close()

    return stop
