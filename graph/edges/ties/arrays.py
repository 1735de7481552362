"""Ties as columns: what the sums of all measures run over, with the texts behind the codes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from itertools import pairwise
from typing import Any, Final, Self, overload

import numpy as np
import numpy.typing as npt

KINDS: Final = ("service", "contract", "spend")
CERTAINTIES: Final = ("asserted", "reported", "speculative")
NOBODY: Final = -1
"""The code of a supplier that a record does not name."""
NO_DAY: Final = 0
"""A day that is not known; the first day of the year 1 is 1."""

Ints = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]


class Texts(Sequence[str]):
    """Texts by number, kept as one run of UTF-8 bytes, so that those never asked for are never read.

    Parameters
    ----------
    blob
        All texts, one after the other, as bytes.
    offsets
        Where each begins; the last number is where the last ends.
    """

    def __init__(self, blob: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int64]) -> None:
        self.blob = blob
        self.offsets = offsets

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Return texts given one by one.

        >>> list(Texts.of(["Leeds", "", "Ynys Môn"]))
        ['Leeds', '', 'Ynys Môn']
        """
        encoded = [text.encode() for text in texts]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        """Return one text, or those of a slice."""
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        number = at + len(self) if at < 0 else at
        if not 0 <= number < len(self):
            msg = f"there is no text {at} among {len(self)}"
            raise IndexError(msg)
        start, end = self.offsets[number : number + 2].tolist()
        return self.blob.data[start:end].tobytes().decode()

    def __iter__(self) -> Iterator[str]:
        """Yield all texts, the bytes read once."""
        blob, ends = self.blob.tobytes(), self.offsets.tolist()
        if blob.isascii():
            text = blob.decode()
            return (text[start:end] for start, end in pairwise(ends))
        return (blob[start:end].decode() for start, end in pairwise(ends))


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """Several codes a row: those of row `i` stand from `offsets[i]` to `offsets[i + 1]`."""

    offsets: npt.NDArray[np.int64]
    codes: npt.NDArray[np.int32]

    def lengths(self) -> npt.NDArray[np.int64]:
        """Return how many codes each row has."""
        return np.diff(self.offsets)

    def rows(self) -> npt.NDArray[np.int64]:
        """Return the row of each code."""
        return np.repeat(np.arange(len(self.offsets) - 1), self.lengths())

    def among(self, wanted: Bools) -> npt.NDArray[np.int64]:
        """Return how many of each row's codes are wanted."""
        before = np.zeros(len(self.codes) + 1, dtype=np.int64)
        np.cumsum(wanted[self.codes], out=before[1:])
        return before[self.offsets[1:]] - before[self.offsets[:-1]]

    def take(self, rows: npt.NDArray[np.int64]) -> "Ragged":
        """Return some of the rows.

        >>> Ragged(np.array([0, 2, 2, 3]), np.array([7, 8, 9], dtype=np.int32)).take(np.array([2, 0])).codes.tolist()
        [9, 7, 8]
        """
        starts, lengths = self.offsets[rows], self.lengths()[rows]
        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum(lengths, out=offsets[1:])
        at = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
        return Ragged(offsets, self.codes[at])


@dataclass(frozen=True, slots=True, eq=False)
class Parties:
    """Everybody who buys or supplies, in the order of their IRIs.

    `if_refused` and `if_taken` give, for each party as records name it, the number of the organisation that it would
    be if every doubtful merge of names were refused, or taken. `collective` marks what is no single body.
    """

    iris: Texts
    names: Texts
    classes: npt.NDArray[np.int32]
    class_names: tuple[str, ...]
    collective: Bools
    if_refused: npt.NDArray[np.int32]
    if_taken: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """One row for each buyer and supplier of a contract, service or spend.

    `edge` numbers the contracts, services and spends, whose IRIs are in `edges`; `kind` is the place in `KINDS`.
    `buyer` and `supplier` number `parties`, as resolved; `stated_buyer` and `stated_supplier` as the record names
    them; a supplier that is not named is `NOBODY`. `start` and `end` are days (`date.toordinal`), `NO_DAY` where
    unknown. `value` is the amount of the whole contract or spend, not a number where unknown, in the currency that
    `currency` numbers, -1 where none is stated; `split` the fraction of it that this pair of parties carries; `guard`
    numbers why it counts in no share, -1 where it counts; `certainty` the place in `CERTAINTIES`; `planned` marks
    what is no more than a plan. `services` and `places` number `things`. `labels` and `broader` are those of service
    types and places, as in a network.
    """

    edge: npt.NDArray[np.int32]
    kind: npt.NDArray[np.uint8]
    buyer: npt.NDArray[np.int32]
    supplier: npt.NDArray[np.int32]
    stated_buyer: npt.NDArray[np.int32]
    stated_supplier: npt.NDArray[np.int32]
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    value: Floats
    currency: npt.NDArray[np.int32]
    split: Floats
    guard: npt.NDArray[np.int32]
    certainty: npt.NDArray[np.uint8]
    planned: Bools
    services: Ragged
    places: Ragged
    edges: Texts
    parties: Parties
    things: tuple[str, ...]
    currencies: tuple[str, ...]
    guards: tuple[str, ...]
    labels: Mapping[str, str]
    broader: Mapping[str, frozenset[str]]
    as_of: date | None
    version: str
    known: dict[str, Bools] = field(default_factory=dict, repr=False)
    """What `under` has answered."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.edge)

    def take(self, rows: npt.NDArray[np.int64]) -> "Ties":
        """Return some of the rows, each once and in order, so that all of them are the ties themselves."""
        if len(rows) == len(self):
            return self
        columns = {name: getattr(self, name)[rows] for name in COLUMNS}
        return replace(self, **columns, services=self.services.take(rows), places=self.places.take(rows))

    def under(self, thing: str) -> Bools:
        """Return which of `things` are a service type or place, or lie under it."""
        found = self.known.get(thing)
        if found is None:
            under = (one == thing or thing in self.broader.get(one, ()) for one in self.things)
            found = self.known[thing] = np.fromiter(under, dtype=np.bool_, count=len(self.things))
        return found

    def label(self, thing: str) -> str:
        """Return the name of a service type or place, or its IRI where it has none."""
        return self.labels.get(thing, thing)


COLUMNS: Final = tuple(field.name for field in fields(Ties))[: [field.name for field in fields(Ties)].index("services")]
"""The columns that have one number a row."""
