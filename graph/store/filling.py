"""Records on their way into the engine's bulk loader, which leaves this program's other threads to work meanwhile."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread
from typing import IO, Final, Protocol

from pyoxigraph import RdfFormat, Store

from civicgraph.graph.store.rewrite import Rewritten

_PART: Final = 1 << 27
"""Bytes of quads that are handed to the engine's bulk loader at a time: it holds them all, five times as large."""
_CHUNK: Final = 1 << 20


class WithQuads(Protocol):
    """What has N-Quads to load."""

    def quads(self) -> IO[bytes]:
        """Open them."""


def fill(
    store: Store, source: WithQuads, canonical: Mapping[str, str], is_wanted: Callable[[], bool] = lambda: True
) -> None:
    """Load the quads of a source, the keys of organisations and places replaced by those decided.

    Parameters
    ----------
    store
        Where to.
    source
        What to load.
    canonical
        The decided key for each key that is to be replaced.
    is_wanted
        Asked now and then; once it says no, the rest is left out.
    """
    with source.quads() as file:
        for part in Rewritten(file, canonical).parts(_PART):
            if not is_wanted():
                return
            _fill_part(store, part, is_wanted)


@contextmanager
def filling(store: Store, sources: Iterable[WithQuads], canonical: Mapping[str, str]) -> Iterator[None]:
    """Load sources one after the other in a thread of their own while the body runs; after it they are all loaded.

    Parameters are those of `fill`. If the body fails, what is not loaded yet is left out.
    """
    left = Event()

    def fill_all() -> None:
        for source in sources:
            if left.is_set():
                return
            fill(store, source, canonical, lambda: not left.is_set())

    with ThreadPoolExecutor(1, "filling") as pool:
        filled = pool.submit(fill_all)
        try:
            yield
        except BaseException:
            left.set()
            raise
        filled.result()


def _fill_part(store: Store, part: Rewritten, is_wanted: Callable[[], bool]) -> None:
    # From a file of Python's the engine would wait for the interpreter with every few kilobytes; from a pipe it reads
    # by itself, and the interpreter only has to keep the pipe full.
    read_end, write_end = os.pipe()

    def feed() -> None:
        try:
            with open(write_end, "wb") as pipe:  # noqa: PTH123 - a descriptor has no path
                while is_wanted() and (chunk := part.read(_CHUNK)):
                    pipe.write(chunk)
        except BrokenPipeError:
            pass  # the engine has given up, and says why

    feeder = Thread(target=feed, name="feeding")
    feeder.start()
    try:
        store.bulk_load(path=f"/dev/fd/{read_end}", format=RdfFormat.N_QUADS)
    finally:
        os.close(read_end)
        feeder.join()
