"""Likenesses that prove nothing by themselves, for a person to judge: a form, a language, a cut, an abbreviation."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations
from typing import Final

from civicgraph.graph.identity.blocks import JOINING, LARGEST_BLOCK, SHORT_WORD, Entry, pairs_in
from civicgraph.graph.identity.names import read_name, without_reference

SHORTEST_CUT = 20
"""Letters that a name has at least if it may be the beginning of another that was cut within a word."""

SHORTEST_CUT_BETWEEN = 28
"""The same where it was cut between two words."""

MOST_LONGER = 5
"""Longer names that one is offered with at most."""

LONGEST_SHORTENED = 6
"""Letters of an abbreviation at most."""

_COUNTRY: Final = frozenset({"uk"})


def possible_matches(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield pairs of names that may be one organisation's, each with the kind of likeness."""
    yield from _by_form_or_country(entries)
    yield from _by_trading_name(entries)
    yield from _by_language(entries)
    yield from _by_reference(entries)
    yield from _by_cut(entries)
    yield from _by_abbreviation(entries)


def _by_form_or_country(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names that differ in the legal form, in "UK" or in "and" alone: for a person to judge."""
    forms: dict[str, list[Entry]] = defaultdict(list)
    countries: dict[str, list[Entry]] = defaultdict(list)
    joined: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        forms[entry.name.core].append(entry)
        joined[" ".join(token for token in entry.name.normal.split() if token not in JOINING)].append(entry)
        core = [token for token in entry.name.core.split() if token not in _COUNTRY]
        if core:
            countries[" ".join([*core, f"/{entry.name.form}"])].append(entry)
    yield from ((one, other, "form") for one, other in pairs_in(forms) if one.name.form != other.name.form)
    yield from ((one, other, "and") for one, other in pairs_in(joined) if one.name.normal != other.name.normal)
    yield from ((one, other, "country") for one, other in pairs_in(countries) if one.name.core != other.name.core)


def _by_trading_name(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    known: dict[str, list[Entry]] = defaultdict(list)
    trading: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        known[entry.name.core].append(entry)
        if entry.name.trading:
            trading[read_name(entry.name.trading).core].append(entry)
    for core, block in trading.items():
        for entry in block:
            yield from ((entry, other, "trading") for other in known.get(core, ())[:LARGEST_BLOCK])


def _by_language(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names in Welsh and English, and those that are one of the two."""
    known: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        known[entry.name.normal].append(entry)
    for entry in entries:
        for part in entry.languages:
            yield from ((entry, other, "bilingual") for other in known.get(part, ())[:LARGEST_BLOCK])


def _by_reference(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names with a reference at their end, as card statements have, and the name without, or the first such."""
    blocks: dict[str, list[Entry]] = defaultdict(list)
    plain: dict[str, Entry] = {}
    for entry in entries:
        without = without_reference(entry.name.normal)
        if without:
            blocks[without].append(entry)
        else:
            plain.setdefault(entry.name.normal, entry)
    for name, block in blocks.items():
        first, *others = [plain[name], *block] if name in plain else block
        yield from ((first, other, "reference") for other in others)


def _by_cut(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names that begin as a longer one does: within a word, or so long that a field may have been too short."""
    ordered = sorted(entries, key=lambda entry: entry.name.normal)
    for place, entry in enumerate(ordered):
        normal = entry.name.normal
        if len(normal) < SHORTEST_CUT or entry.name.form or entry.from_text:
            continue
        for other in ordered[place + 1 : place + 1 + MOST_LONGER]:
            if not other.name.normal.startswith(normal):
                break
            rest = other.name.normal[len(normal) :]
            if rest and (rest[0] != " " or len(normal) >= SHORTEST_CUT_BETWEEN):
                yield entry, other, "cut off"


def _by_abbreviation(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names of which one has the beginning of a word where the other has the word: "assoc" may be several."""
    blocks: dict[tuple[str, ...], list[tuple[str, Entry]]] = defaultdict(list)
    for entry in entries:
        core = entry.name.core.split()
        for place, token in enumerate(core if len(core) > 1 else ()):
            if len(token) >= SHORT_WORD and token.isalpha():
                rest = (*core[:place], token[:SHORT_WORD] + "*", *core[place + 1 :], entry.name.form)
                blocks[rest].append((token, entry))
    for block in blocks.values():
        if 1 < len(block) <= LARGEST_BLOCK:
            for (short, one), (long, other) in permutations(block, 2):
                if len(short) <= LONGEST_SHORTENED and len(long) > len(short) + 1 and long.startswith(short):
                    yield one, other, "abbreviation"
