"""Where a snapshot is asked: in memory if it is small, on disk if it is not."""

import os
from typing import Final

BYTES_A_QUAD: Final = 400
"""Memory that a quad takes; 349 MB for 1,000,000 quads of contracts were seen."""

SHARE_OF_MEMORY: Final = 4
"""The part of the machine's memory, one over this, that a snapshot may take."""

AT_ONCE: Final = 100_000
"""Up to so many quads are in memory before the first answer, within a second; more are asked on disk meanwhile."""

MOST: Final = 5_000_000
"""More quads than this are never held in memory: reading them in takes most of a minute."""


MACHINE: Final = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
"""Bytes of memory of this machine."""


def fits_memory(quads: int, memory: int = MACHINE) -> bool:
    """Return whether a snapshot of so many quads is to be held in memory, where an aggregate is four times faster.

    Parameters
    ----------
    quads
        How many it has.
    memory
        Bytes of memory of the machine.

    Examples
    --------
    >>> fits_memory(1_000_000, memory=8 * 1024**3), fits_memory(1_000_000, memory=1024**3)
    (True, False)
    """
    return quads <= MOST and quads * BYTES_A_QUAD <= memory // SHARE_OF_MEMORY


def query_memory(workers: int, memory: int = MACHINE) -> int:
    """Return the bytes of memory that one query may take, so that all at once take no more than half of the machine's.

    >>> query_memory(8, memory=16 * 1024**3) == 1024**3
    True
    """
    return max(512 * 1024**2, min(4 * 1024**3, memory // 2 // workers))
