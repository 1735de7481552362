"""Which of several records of one contract counts first."""

from typing import Final

OF_THE_STATE: Final = frozenset({"unsuccessful-award", "pending-award", "superseded-award"})
"""Guards that tell what became of an award: the latest word counts. Others find fault with the record itself."""


def precedence(guard: str, published: str) -> tuple[bool, int]:
    """Return what records of one contract are ordered by, the one that counts first being the least.

    A record that a guard finds fault with comes after those without; then the one published last comes first, one
    without a date after those with. Of records alike in both the one of the last source by id comes first: files of
    one publisher are mostly named in the order in which they came.

    >>> sound, late, faulty = ("", "2025-01-01"), ("", "2025-03-01"), ("absurd-amount", "2025-06-01")
    >>> sorted([faulty, sound, late], key=lambda record: precedence(*record)) == [late, sound, faulty]
    True
    """
    return bool(guard) and guard not in OF_THE_STATE, -int(published.replace("-", "") or 0)
