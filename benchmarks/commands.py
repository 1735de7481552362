"""Commands as whole processes: what they print, what they take; and whom to ask about."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

BIN = Path(sys.executable).parent


def timed(words: Sequence[str | Path]) -> tuple[bytes, float, float, float]:
    """Run a command; return what it prints, its seconds by the clock and of CPU, and its peak memory in megabytes."""
    began = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.PIPE)
    output = process.stdout.read() if process.stdout else b""
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, words
    return output, time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def largest(made: Path) -> str:
    """Return the name of the supplier with the most of the first contracts of `loading.releases`."""
    names: Counter[str] = Counter()
    with made.open(encoding="utf-8") as file:
        for line in islice(file, 20_000):
            names[json.loads(line)["awards"][0]["suppliers"][0]["name"]] += 1
    return names.most_common(1)[0][0]
