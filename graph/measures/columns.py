"""Figures as columns: one array for each field, and a record of one row made when it is asked for.

Of 50,000 suppliers a table shows forty, and a file wants rows of text: neither needs 50,000 records.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt

from civicgraph.graph.edges.ties.arrays import Texts

_R = TypeVar("_R")
Cell = str | int | float | None


class Named:
    """A column of texts that are looked up by number when they are asked for; -1 stands for none."""

    def __init__(self, texts: Texts, codes: npt.NDArray[np.int64]) -> None:
        self._texts = texts
        self._codes = codes

    def __len__(self) -> int:
        return len(self._codes)

    def cells(self, at: slice) -> list[str | None]:
        """Return the texts of some rows."""
        codes = self._codes[at].tolist()
        # Read one after the other, all texts take less time than a quarter of them by number.
        texts: Sequence[str] = list(self._texts) if len(codes) * 4 > len(self._texts) else self._texts
        return [None if code < 0 else texts[code] for code in codes]


class Alike:
    """A column that says the same in every row."""

    def __init__(self, cell: Cell, size: int) -> None:
        self._cell = cell
        self._size = size

    def __len__(self) -> int:
        return self._size

    def cells(self, at: slice) -> list[Cell]:
        """Return it once for each of some rows."""
        return [self._cell] * len(range(*at.indices(self._size)))


Column = npt.NDArray[np.float64] | npt.NDArray[np.int64] | Named | Alike
"""Numbers, of which one that is not a number stands for None; or texts."""


class Columns(Sequence[_R], Generic[_R]):
    """Records of one class, kept as columns by the names of its fields.

    Examples
    --------
    >>> from collections import namedtuple
    >>> columns = {"share": np.array([0.7, 0.3]), "hhi": np.array([5e3, np.nan])}
    >>> found = Columns(namedtuple("Figure", "share hhi"), columns)
    >>> len(found), found[1]
    (2, Figure(share=0.3, hhi=None))
    """

    def __init__(self, record: type[_R], columns: Mapping[str, Column]) -> None:
        self.record = record
        self.columns = columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @overload
    def __getitem__(self, at: int) -> _R: ...
    @overload
    def __getitem__(self, at: slice) -> list[_R]: ...
    def __getitem__(self, at: int | slice) -> _R | list[_R]:
        """Return the record of one row, or those of a slice."""
        if isinstance(at, slice):
            return self._records(at)
        number = range(len(self))[at]
        return self._records(slice(number, number + 1))[0]

    def __iter__(self) -> Iterator[_R]:
        """Yield all records."""
        return iter(self._records(slice(None)))

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """Yield the cells of each row, in the order of the columns."""
        return zip(*(_cells(column, slice(None)) for column in self.columns.values()), strict=True)

    def _records(self, at: slice) -> list[_R]:
        made: Any = self.record
        return list(map(made, *(_cells(column, at) for column in self.columns.values())))


def _cells(column: Column, at: slice) -> Sequence[Cell]:
    if isinstance(column, Named | Alike):
        return column.cells(at)
    chosen = column[at]
    cells: list[Cell] = chosen.tolist()
    if chosen.dtype.kind == "f":
        for row in np.flatnonzero(np.isnan(chosen)).tolist():
            cells[row] = None
    return cells
