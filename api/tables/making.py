"""Making the tables of a large snapshot before anybody asks: in a process of its own, which ends with its server."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path


def begin_making_tables(snapshot: Path) -> Callable[[], None]:
    """Start a process that makes the tables of a snapshot; return what ends it, if it has not ended.

    Parameters
    ----------
    snapshot
        The folder of the snapshot.
    """
    program = "from civicgraph.api.tables.maker import main; main()"
    words = [sys.executable, "-P", "-c", program, str(snapshot)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603 - this interpreter
    threading.Thread(target=process.wait, daemon=True).start()

    def end() -> None:
        if process.stdin is not None:
            process.stdin.close()

    return end
