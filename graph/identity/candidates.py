"""Likenesses between names that are not equal: found by blocks, scored by kind, certain ones and doubtful ones.

Each kind of likeness has one score, in `words.yaml`: the kinds in their order of trust, not measured probabilities.
Comparing every name with every other is out of the question at 100,000 names: names meet in blocks of what they share.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations
from typing import Final, TypeAlias, TypeVar

import numpy as np
from rapidfuzz.distance import OSA

from civicgraph.graph.identity.councils import council_key, fits, may_be_parish
from civicgraph.graph.identity.names import Name, is_acronym, read_name, without_reference
from civicgraph.graph.identity.words import words

TELLING_WORDS = 3
"""Words that a name has at least if their order is not to count: Martin James Ltd is not James Martin Ltd."""

LARGEST_BLOCK = 60
"""Names that share a block with more others than this share what is common, not what is telling."""

SHORT_WORD = 3
"""Letters of a word that is too short to tell anything, or to be misspelt and still be known."""

SHORTEST_CUT = 20
"""Letters that a name has at least if it may be the beginning of another that was cut within a word."""

SHORTEST_CUT_BETWEEN = 28
"""The same where it was cut between two words."""

MOST_LONGER = 5
"""Longer names that one is offered with at most."""

LONGEST_SHORTENED = 6
"""Letters of an abbreviation at most."""

_JOINING: Final = frozenset({"and"})
_COUNTRY: Final = frozenset({"uk"})
_K = TypeVar("_K")


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of one organisation.

    `registered` is a public body that a register lists, `council` one of these that is a council; `public` is what the
    records themselves take for a public body. `parents` is what is left of the name without its department,
    `languages` what it is in each of two. `from_text` is the name of a curator's facts, which no field has cut off.
    """

    key: str
    name: Name
    registered: bool = False
    council: bool = False
    public: bool = False
    from_text: bool = False
    parents: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


Pairs: TypeAlias = Iterator[tuple[Entry, Entry, str]]
"""Pairs of names that may be one organisation's, each with the kind of likeness."""


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """Two organisations that may be one: the keys in order, how sure, by what kind of likeness, and both names."""

    left: str
    right: str
    score: float
    kind: str
    names: tuple[str, str]


def candidates(entries: Sequence[Entry]) -> list[Candidate]:
    """Return the pairs of organisations whose names are alike but not equal, the best likeness of each pair.

    The order is by falling score, then by key, whatever order the entries come in.
    """
    entries = sorted(set(entries), key=lambda entry: (entry.key, entry.name.normal, not entry.registered))
    best: dict[tuple[str, str], Candidate] = {}
    for one, other, kind in _likenesses(entries):
        if one.key == other.key:
            continue
        first, second = sorted((one, other), key=lambda entry: entry.key)
        score = words().scores[kind]
        pair = (first.key, second.key)
        if pair not in best or best[pair].score < score:
            best[pair] = Candidate(*pair, score, kind, (first.name.normal, second.name.normal))
    return sorted(best.values(), key=lambda found: (-found.score, found))


def _likenesses(entries: Sequence[Entry]) -> Pairs:
    yield from _by_spaces(entries)
    yield from _sharing(entries, "order", _telling_in_order)
    yield from _to_councils(entries)
    yield from _to_registered(entries)
    yield from _among_councils(entries)
    yield from _by_misspelling(entries)
    # These prove nothing by themselves: a person is to judge.
    yield from _sharing(entries, "form", lambda entry: entry.name.core, lambda entry: entry.name.form)
    yield from _sharing(entries, "and", lambda entry: " ".join(_plain_words(entry)), lambda entry: entry.name.normal)
    yield from _sharing(entries, "country", _without_country, lambda entry: entry.name.core)
    by_core = _blocks(entries, lambda entry: entry.name.core)
    yield from _called(((entry, _trading_core(entry)) for entry in entries if entry.name.trading), by_core, "trading")
    by_normal = _blocks(entries, lambda entry: entry.name.normal)
    yield from _called(((entry, part) for entry in entries for part in entry.languages), by_normal, "bilingual")
    yield from _by_reference(entries)
    yield from _by_cut(entries)
    yield from _by_abbreviation(entries)


def _blocks(entries: Iterable[Entry], key: Callable[[Entry], _K | None]) -> Mapping[_K, list[Entry]]:
    """Return names by what they share; one that shares nothing is in no block."""
    found: dict[_K, list[Entry]] = defaultdict(list)
    for entry in entries:
        if (shared := key(entry)) is not None:
            found[shared].append(entry)
    return dict(found)


def _meeting(entries: Iterable[Entry], key: Callable[[Entry], str | None]) -> Iterator[tuple[Entry, Entry]]:
    """Yield each two names that share a key; what a large block has in common is common, and tells nothing."""
    for block in _blocks(entries, key).values():
        if len(block) <= LARGEST_BLOCK:
            yield from combinations(block, 2)


def _sharing(
    entries: Iterable[Entry],
    kind: str,
    key: Callable[[Entry], str | None],
    apart: Callable[[Entry], str] | None = None,
) -> Pairs:
    """Yield names that share a key, of those that differ in what `apart` gives, if it is given."""
    for one, other in _meeting(entries, key):
        if apart is None or apart(one) != apart(other):
            yield one, other, kind


def _by_spaces(entries: Sequence[Entry]) -> Pairs:
    """Yield names that differ in spaces alone: two companies cannot register such. Of one name a person is asked."""
    for one, other in _meeting(entries, lambda entry: entry.name.normal.replace(" ", "")):
        if one.name.form == other.name.form and not (_is_bare(one, other) or _is_bare(other, one)):
            same = "acronym" if is_acronym(one.name.normal) else "same name"
            yield one, other, same if one.name.normal == other.name.normal else "spaces"


def _is_bare(council: Entry, other: Entry) -> bool:
    """Tell whether a council is named by its place alone, which proves nothing: Christ Church is not a Christchurch."""
    key = council_key(council.name.normal) if council.council and not (other.council or other.public) else None
    return key is not None and not key[2]


def _telling_in_order(entry: Entry) -> str | None:
    """Return the words of a name in order, if three of them tell something, or Martin James would be James Martin."""
    return _in_order(entry) if len(set(entry.name.core.split()) - words().small) >= TELLING_WORDS else None


def _to_councils(entries: Sequence[Entry]) -> Pairs:
    """Yield names of councils in the other ways they are written, if exactly one registered council fits."""
    known = words().councils
    keys = {entry: key for entry in entries if (key := council_key(entry.name.normal)) is not None}
    councils = _blocks((entry for entry in keys if entry.council), lambda entry: keys[entry][0])
    for entry, (place, tier, is_called_so) in keys.items() if councils else ():
        if not entry.registered and (is_called_so or entry.public) and entry.name.form in {"", *known.abbreviations}:
            fitting = [other for other in councils.get(place, ()) if fits(tier, keys[other][1])]
            if _is_one(fitting):
                parish = may_be_parish(entry.name.normal, [other.name.normal for other in fitting])
                yield entry, fitting[0], "tier" if parish else "council"


def _among_councils(entries: Sequence[Entry]) -> Pairs:
    """Yield names of one council that no register lists, in the ways they are written: for a person to judge."""
    keys = {entry: council_key(entry.name.normal) for entry in entries if not (entry.registered or entry.name.form)}
    called = {entry: key for entry, key in keys.items() if key is not None and key[2]}
    for one, other in _meeting(called, lambda entry: called[entry][0]):
        if fits(called[one][1], called[other][1]):
            yield one, other, "council name"


def _to_registered(entries: Sequence[Entry]) -> Pairs:
    """Yield names with the words of one registered body in another order, or with its department about them."""
    registered = [entry for entry in entries if entry.registered]
    bodies = _blocks((entry for entry in registered if not entry.council), lambda entry: entry.name.normal)
    worded = _blocks(registered, _in_order)
    for entry in entries if worded else ():
        if entry.registered:
            continue
        for normal in entry.parents:
            if _is_one(bodies.get(normal, [])):
                yield entry, bodies[normal][0], "parent"
        telling = _in_order(entry)
        if " " in telling and _is_one(worded.get(telling, [])):
            yield entry, worded[telling][0], "order"


def _is_one(entries: Sequence[Entry]) -> bool:
    return len({entry.key for entry in entries}) == 1


def _in_order(entry: Entry) -> str:
    return " ".join(sorted(_plain_words(entry)))


def _by_misspelling(entries: Sequence[Entry]) -> Pairs:
    """Yield names that differ by one slip of the keyboard in one word of some length.

    Which of two words is the slip shows in how often each is met: "sevices" is rare and "services" is not. Where both
    are rare, the rest of the name decides: if it holds a word that no other name holds, the two are one.
    """
    by_normal = _blocks(entries, lambda entry: entry.name.normal)
    normals = sorted(by_normal)
    met = Counter(token for normal in normals for token in set(normal.split()))
    split = [normal.split() for normal in normals]
    for first, second in _one_slip_apart(split):
        registered = any(entry.registered for at in (first, second) for entry in by_normal[normals[at]])
        kind = _kind_of_slip(split[first], split[second], met, registered=registered)
        if kind:
            yield from ((one, other, kind) for one in by_normal[normals[first]] for other in by_normal[normals[second]])


def _kind_of_slip(one: Sequence[str], other: Sequence[str], met: Counter[str], *, registered: bool) -> str | None:
    differing = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if len(differing) != 1:
        return None
    a, b = differing[0]
    if OSA.distance(a, b) != 1 or not (a.isalpha() and b.isalpha()):
        return None
    rare, common = sorted((a, b), key=lambda token: (met[token], token))
    short = min(len(a), len(b)) < words().shortest_misspelt - registered or len(one) == 1
    plural = rare.rstrip("s") == common.rstrip("s")
    evident = met[rare] == 1 and met[common] >= words().rarity and a[0] == b[0] and not plural
    telling = any(met[token] == len((one, other)) and len(token) > SHORT_WORD for token in one if token not in {a, b})
    return "misspelt" if not short and (evident or telling) else "typing"


def _one_slip_apart(names: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
    """Yield pairs of names, by index, that agree in all words but one, which shares what is left by one deletion."""
    hashes: list[int] = []
    owners: list[int] = []
    for index, tokens in enumerate(names):
        for place, token in enumerate(tokens):
            if len(token) > SHORT_WORD and token.isalpha():
                rest = (*tokens[:place], "", *tokens[place + 1 :])
                for left in _deletions(token):
                    hashes.append(hash((rest, left)))
                    owners.append(index)
    if not hashes:
        return
    keys, names_of = np.array(hashes, dtype=np.int64), np.array(owners, dtype=np.int64)
    order = np.lexsort((names_of, keys))
    keys, names_of = keys[order], names_of[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    ends = np.r_[starts[1:], len(keys)]
    found: set[tuple[int, int]] = set()
    for start, end in zip(starts[ends - starts > 1].tolist(), ends[ends - starts > 1].tolist(), strict=True):
        block = sorted(set(names_of[start:end].tolist()))
        if len(block) <= LARGEST_BLOCK:
            found.update(combinations(block, 2))
    yield from sorted(found)


@lru_cache(maxsize=1 << 16)
def _deletions(token: str) -> tuple[str, ...]:
    return tuple(sorted({token, *(token[:place] + token[place + 1 :] for place in range(len(token)))}))


def _plain_words(entry: Entry) -> list[str]:
    """Return the words of a normal name without those that only join others."""
    return [token for token in entry.name.normal.split() if token not in _JOINING]


def _without_country(entry: Entry) -> str:
    core = [token for token in entry.name.core.split() if token not in _COUNTRY]
    return f"{' '.join(core) or entry.name.core} /{entry.name.form}"


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
    for name, block in _blocks(entries, lambda entry: without_reference(entry.name.normal)).items():
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
    met: dict[tuple[str, ...], list[tuple[str, Entry]]] = defaultdict(list)
    for entry in entries:
        core = entry.name.core.split()
        for place, token in enumerate(core if len(core) > 1 else ()):
            if len(token) >= SHORT_WORD and token.isalpha():
                rest = (*core[:place], token[:SHORT_WORD] + "*", *core[place + 1 :], entry.name.form)
                met[rest].append((token, entry))
    for block in met.values():
        if 1 < len(block) <= LARGEST_BLOCK:
            for (short, one), (long, other) in permutations(block, 2):
                if len(short) <= LONGEST_SHORTENED and len(long) > len(short) + 1 and long.startswith(short):
                    yield one, other, "abbreviation"
