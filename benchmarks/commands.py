"""Commands as whole processes: what they print, what they take; and whom to ask about."""

import csv
import json
import os
import subprocess
import sys
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import NamedTuple

BIN = Path(sys.executable).parent
_OF_MERGES = {"hhi_unresolved", "hhi_if_refused", "hhi_if_taken", "resolution_coverage"}


class Run(NamedTuple):
    """One process: how long it took, how long it computed on all cores, its most memory, and what it printed."""

    seconds: float
    cpu: float
    megabytes: float
    output: bytes


def run(*command: str | Path) -> Run:
    """Run a command to its end. Its memory is its own: `wait4` gives what `getrusage` only gives for all children."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    # Linux counts in KiB, macOS in bytes.
    megabytes = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Run(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, megabytes, output)


def certain(output: bytes) -> list[tuple[str, ...]]:
    """Return what a command printed, without columns that only the folder of the loader knows: other merges."""
    rows = list(csv.reader(output.decode().splitlines()))
    left = [at for at, name in enumerate(rows[0]) if name not in _OF_MERGES]
    return [tuple(row[at] for at in left if at < len(row)) for row in rows]


def largest(made: Path) -> str:
    """Return the name of the supplier with the most of the first contracts of `loading.releases`."""
    names: Counter[str] = Counter()
    with made.open(encoding="utf-8") as file:
        for line in islice(file, 20_000):
            names[json.loads(line)["awards"][0]["suppliers"][0]["name"]] += 1
    return names.most_common(1)[0][0]
