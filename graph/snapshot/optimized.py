"""A snapshot's store with its files in order, in place of the one that a load left.

A load ends when its files are few enough, not when they are one run of each index: to merge them all takes as long as
half the load. Whoever asks much of the data does it once, in a copy that takes the other's place.

    store/                      what is asked
    store.optimized.partial/    the copy while it is put in order
    store.optimized/            the copy, from then on what is asked, while the other is still being read
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from pyoxigraph import Store

from civicgraph.graph.snapshot.locks import BusyError, remove_lock

_STORE: Final = "store"
_BETTER: Final = "store.optimized"
_PARTIAL: Final = "store.optimized.partial"


def store_of(snapshot: Path) -> Path:
    """Return the store that is asked; it stays what it is for whoever holds the snapshot for reading."""
    better = snapshot / _BETTER
    return better if better.exists() else snapshot / _STORE


def optimize(snapshot: Path) -> None:
    """Put the files of a snapshot's store in order; only its writer may.

    Readers are not disturbed: who holds the snapshot reads on as before, whoever opens it next has the better store.
    """
    settle(snapshot)
    if (snapshot / _BETTER).exists():
        return  # made before, while the other one was read, as it still is
    partial = snapshot / _PARTIAL
    Store.read_only(str(snapshot / _STORE)).backup(str(partial))
    store = Store(str(partial))
    store.optimize()
    store.flush()
    # Closed before it moves.
    del store
    partial.rename(snapshot / _BETTER)
    sync_folder(snapshot)
    settle(snapshot)


def settle(snapshot: Path) -> None:
    """Clear away what was interrupted, and the store that a better one replaces, unless it is still being read."""
    shutil.rmtree(snapshot / _PARTIAL, ignore_errors=True)
    better = snapshot / _BETTER
    if better.exists():
        with suppress(BusyError), remove_lock(snapshot):
            shutil.rmtree(snapshot / _STORE, ignore_errors=True)
            better.rename(snapshot / _STORE)


def sync_folder(path: Path) -> None:
    """Make what was renamed in a folder last even if the machine stops."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
