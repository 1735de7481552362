"""Where a table's header stands, what its names are in their plain form, and what unit of money they tell."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.guards.rules import compiled


@dataclass(frozen=True, slots=True)
class Header:
    """Where a header was found: how many raw rows come before the first record, its line, and its names."""

    before: int
    titles: tuple[str, ...]
    line: int
    names: tuple[str, ...]
    repeated: tuple[tuple[str, ...], ...]


def plain(header: str) -> str:
    """Return a header without case, spaces and punctuation, and without the unit of its money.

    >>> plain("Net Amount £"), plain("For_Month"), plain("Amount (£000)")
    ('netamount', 'formonth', 'amount')
    """
    if unit_in(header):
        header = words()["millions"].sub(" ", words()["thousands"].sub(" ", header))
    return words()["between"].sub("", header.casefold())


def unit_in(text: str) -> str | None:
    """Return `thousands` or `millions` where a header or title says that money is in these.

    >>> [unit_in(text) for text in ("Amount (£000)", "Value £'000s", "Spend (£m)", "Payments over £25,000")]
    ['thousands', 'thousands', 'millions', None]
    """
    return next((unit for unit in ("thousands", "millions") if words()[unit].search(text)), None)


def words() -> Mapping[str, re.Pattern[str]]:
    """Return what `header_words.yaml` has, its patterns ready for use."""
    return compiled("tables/header_words.yaml")


def find_header(file: str, rows: Sequence[tuple[int, list[str]]], known: Collection[str]) -> Header:
    """Find the header among the first rows: one row, or two where the upper one spans columns."""
    best, score = None, 1
    for at, (line, cells) in enumerate(rows):
        one = count_known(cells, known)
        if one > score:
            best, score = _header(rows, at, line, [cells], cells), one
        if at + 1 < len(rows) and not _has_numbers(rows[at + 1][1]):
            both = _joined(cells, rows[at + 1][1], known)
            if one and count_known(both, known) > max(one, count_known(rows[at + 1][1], known), score):
                score = count_known(both, known)
                best = _header(rows, at, line, [cells, rows[at + 1][1]], both)
    found = best or _widest(rows)
    if found is None and not any(len(cells) > 1 for _, cells in rows):
        remedy = "save it as CSV, with commas between its cells"
        raise SourceFileError(file, None, "one column: nothing in it tells cells apart", remedy)
    if found is None:
        raise SourceFileError(file, None, "no header", "put a row above the records that names the columns")
    return found


def _widest(rows: Sequence[tuple[int, list[str]]]) -> Header | None:
    widths = Counter(len(cells) for _, cells in rows if any(cells))
    width = max(widths, key=lambda each: (widths[each], each), default=0)
    for at, (line, cells) in enumerate(rows):
        filled = sum(1 for cell in cells if cell.strip())
        if filled > 1 and filled * 2 > width and not _has_numbers(cells):
            return _header(rows, at, line, [cells], cells)
    return None


def _header(
    rows: Sequence[tuple[int, list[str]]], at: int, line: int, raw: Sequence[list[str]], names: Sequence[str]
) -> Header:
    titles = tuple(" ".join(filter(None, cells)) for _, cells in rows[:at] if any(map(str.strip, cells)))
    names = tuple(" ".join(name.split()) for name in names)
    return Header(at + len(raw), titles, line, names, tuple(tuple(cells) for cells in raw))


def count_known(cells: Sequence[str], known: Collection[str]) -> int:
    """Return how many known names a row has."""
    return len({name for cell in cells if (name := plain(cell)) in known})


def _has_numbers(cells: Sequence[str]) -> bool:
    return any(words()["number"].fullmatch(cell) for cell in cells)


def _joined(upper: Sequence[str], lower: Sequence[str], known: Collection[str]) -> list[str]:
    """Return the names of a header of two rows, where a cell of the upper row may span several of the lower."""
    names, span = [], ""
    for at in range(max(len(upper), len(lower))):
        above = upper[at].strip() if at < len(upper) else ""
        below = lower[at].strip() if at < len(lower) else ""
        span = above or span
        both = f"{span} {below}"
        if not below:
            names.append(above)
        else:
            names.append(both if plain(both) in known or plain(below) not in known else below)
    return names
