"""The quads of sources on their way into the store: who is who is written into them, and the bulk loader takes them.

The engine's bulk loader leaves this program's other threads to work meanwhile. A name that a person has told apart in
some sources has keys of its own in these.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from io import BytesIO
from threading import Event, Lock
from typing import Final

from pyoxigraph import RdfFormat, Store

from civicgraph.graph.identity.judgements import IN_SOURCES, Judgement
from civicgraph.graph.identity.names import key_in_sources, normalise
from civicgraph.graph.snapshot.source_files import SourceFiles

_PART: Final = 96 << 20
"""Bytes of quads that are handed to the engine's bulk loader at a time: it holds them all, five times as large.

Each part leaves files of its own, and a load ends when they are merged: that takes long where they are many.
"""
_AT_ONCE: Final = 2
"""Parts that are loaded at a time: the engine uses one core for each."""


def fill(store: Store, sources: Iterable[SourceFiles], canonical: Mapping[str, str]) -> None:
    """Load sources; parameters are those of `filling`."""
    with filling(store, sources, canonical):
        return


@contextmanager
def filling(store: Store, sources: Iterable[SourceFiles], canonical: Mapping[str, str]) -> Iterator[None]:
    """Load sources in threads of their own while the body runs; after it they are all loaded.

    If the body or a part fails, what is not loaded yet is left out.

    Parameters
    ----------
    store
        Where to.
    sources
        What to load: their quads, with the keys of organisations and places replaced by those decided.
    canonical
        The decided key for each key that is to be replaced.
    """
    left, taking = Event(), Lock()
    parts = _parts(sources, canonical)

    def load() -> None:
        while not left.is_set():
            with taking:  # a generator may not be asked by two threads at once
                part = next(parts, None)
            if part is None:
                return
            # What is loaded was written by this program, or read by the engine's parser: it need not be checked.
            store.bulk_load(part, RdfFormat.N_QUADS, lenient=True)
            # It would stay in memory until the next one is there.
            del part

    with ThreadPoolExecutor(_AT_ONCE, "filling") as pool:
        filled = [pool.submit(load) for _ in range(_AT_ONCE)]
        try:
            yield
            wait(filled, return_when=FIRST_EXCEPTION)
        finally:
            left.set()
        for one in filled:
            one.result()


def _parts(sources: Iterable[SourceFiles], canonical: Mapping[str, str]) -> Iterator[bytes]:
    """Yield the quads of sources in parts of whole lines; small sources share one."""
    # What is written here is handed on without a copy.
    part = BytesIO()
    for source in sources:
        for chunk in source.decided(canonical):
            part.write(chunk)
            if part.tell() >= _PART:
                whole, part = part.getvalue(), BytesIO()
                yield whole
                # The generator holds nothing while the part is loaded.
                del whole
    if part.tell():
        yield part.getvalue()


def told_apart(sources: Sequence[SourceFiles], judgements: Iterable[Judgement]) -> list[SourceFiles]:
    """Return sources, those renamed in which a judgement says that a name means another than elsewhere.

    Parameters
    ----------
    sources
        All sources.
    judgements
        What a person holds; a side `NAME @ PATTERN` is about the sources whose id the pattern matches (`bradford*`).
    """
    wanted = [
        (name, pattern)
        for judgement in judgements
        for name, mark, pattern in (side.rpartition(IN_SOURCES) for side in (judgement.left, judgement.right))
        if mark
    ]
    found: list[SourceFiles] = []
    for source in sources:
        here = {normalise(name): pattern for name, pattern in wanted if fnmatchcase(source.id, pattern)}
        keys = {
            one.key: key_in_sources(one.key, here[normal])
            for one in (source.mentions() if here else ())
            if not one.is_place and (normal := normalise(one.name)) in here
        }
        found.append(replace(source, renamed=keys) if keys else source)
    return found
