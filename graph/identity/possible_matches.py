"""Likenesses that prove nothing by themselves, for a person to judge: a form, a language, a cut, an abbreviation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations
from typing import Final

from civicgraph.graph.identity.entries import LARGEST_BLOCK, SHORT_WORD, Entry, Pairs, blocks, meeting, plain_words
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


def possible_matches(entries: Sequence[Entry]) -> Pairs:
    """Yield pairs of names that may be one organisation's, each with the kind of likeness."""
    yield from _by_form_or_country(entries)
    by_core = blocks(entries, lambda entry: entry.name.core)
    yield from _called(((entry, _trading_core(entry)) for entry in entries if entry.name.trading), by_core, "trading")
    by_normal = blocks(entries, lambda entry: entry.name.normal)
    yield from _called(((entry, part) for entry in entries for part in entry.languages), by_normal, "bilingual")
    yield from _by_reference(entries)
    yield from _by_cut(entries)
    yield from _by_abbreviation(entries)


def _by_form_or_country(entries: Sequence[Entry]) -> Pairs:
    """Yield names that differ in the legal form, in "and" or in "UK" alone: for a person to judge."""
    for one, other in meeting(entries, lambda entry: entry.name.core):
        if one.name.form != other.name.form:
            yield one, other, "form"
    for one, other in meeting(entries, lambda entry: tuple(plain_words(entry.name.normal))):
        if one.name.normal != other.name.normal:
            yield one, other, "and"
    for one, other in meeting(entries, _without_country):
        if one.name.core != other.name.core:
            yield one, other, "country"


def _without_country(entry: Entry) -> tuple[str, ...]:
    core = [token for token in entry.name.core.split() if token not in _COUNTRY]
    return (*(core or [entry.name.core]), f"/{entry.name.form}")


def _trading_core(entry: Entry) -> str:
    return read_name(entry.name.trading).core


def _called(named: Iterable[tuple[Entry, str]], known: Mapping[str, Sequence[Entry]], kind: str) -> Pairs:
    """Yield names with those that are called as a part of them is: what it trades as, or what it is in one language."""
    for entry, part in named:
        yield from ((entry, other, kind) for other in known.get(part, ())[:LARGEST_BLOCK])


def _by_reference(entries: Sequence[Entry]) -> Pairs:
    """Yield names with a reference at their end, as card statements have, and the name without, or the first such."""
    plain: dict[str, Entry] = {}
    for entry in entries:
        if not without_reference(entry.name.normal):
            plain.setdefault(entry.name.normal, entry)
    for name, block in blocks(entries, lambda entry: without_reference(entry.name.normal)).items():
        if name:
            first, *others = [plain[name], *block] if name in plain else block
            yield from ((first, other, "reference") for other in others)


def _by_cut(entries: Sequence[Entry]) -> Pairs:
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


def _by_abbreviation(entries: Sequence[Entry]) -> Pairs:
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
