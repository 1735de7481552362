"""Likenesses between names that are not equal: found by blocks, scored by kind, certain ones and doubtful ones.

Each kind of likeness has one score, in `words.yaml`: the kinds in their order of trust, not measured probabilities.
Comparing every name with every other is out of the question at 100,000 names: names meet in blocks of what they share.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from rapidfuzz.distance import OSA

from civicgraph.graph.identity.councils import council_key, fits, may_be_parish
from civicgraph.graph.identity.entries import LARGEST_BLOCK, SHORT_WORD, Entry, Pairs, blocks, meeting, plain_words
from civicgraph.graph.identity.names import is_acronym
from civicgraph.graph.identity.possible_matches import possible_matches
from civicgraph.graph.identity.words import words

TELLING_WORDS = 3
"""Words that a name has at least if their order is not to count: Martin James Ltd is not James Martin Ltd."""


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
    yield from _by_order(entries)
    yield from _to_councils(entries)
    yield from _to_registered(entries)
    yield from _among_councils(entries)
    yield from _by_misspelling(entries)
    yield from possible_matches(entries)


def _by_spaces(entries: Sequence[Entry]) -> Pairs:
    """Yield names that differ in spaces alone: two companies cannot register such. Of one name a person is asked."""
    for one, other in meeting(entries, lambda entry: entry.name.normal.replace(" ", "")):
        if one.name.form == other.name.form and not (_is_bare(one, other) or _is_bare(other, one)):
            same = "acronym" if is_acronym(one.name.normal) else "same name"
            yield one, other, same if one.name.normal == other.name.normal else "spaces"


def _is_bare(council: Entry, other: Entry) -> bool:
    """Tell whether a council is named by its place alone, which proves nothing: Christ Church is not a Christchurch."""
    key = council_key(council.name.normal) if council.council and not (other.council or other.public) else None
    return key is not None and not key[2]


def _by_order(entries: Sequence[Entry]) -> Pairs:
    """Yield names of the same words in another order: three telling words at least, or Martin James is James Martin."""
    telling = [entry for entry in entries if len(set(entry.name.core.split()) - words().small) >= TELLING_WORDS]
    yield from ((one, other, "order") for one, other in meeting(telling, _in_order))


def _to_councils(entries: Sequence[Entry]) -> Pairs:
    """Yield names of councils in the other ways they are written, if exactly one registered council fits."""
    known = words().councils
    keys = {entry: key for entry in entries if (key := council_key(entry.name.normal)) is not None}
    councils = blocks((entry for entry in keys if entry.council), lambda entry: keys[entry][0])
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
    for one, other in meeting(called, lambda entry: called[entry][0]):
        if fits(called[one][1], called[other][1]):
            yield one, other, "council name"


def _to_registered(entries: Sequence[Entry]) -> Pairs:
    """Yield names with the words of one registered body in another order, or with its department about them."""
    registered = [entry for entry in entries if entry.registered]
    bodies = blocks((entry for entry in registered if not entry.council), lambda entry: entry.name.normal)
    worded = blocks(registered, _in_order)
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
    return " ".join(sorted(plain_words(entry.name.normal)))


def _by_misspelling(entries: Sequence[Entry]) -> Pairs:
    """Yield names that differ by one slip of the keyboard in one word of some length.

    Which of two words is the slip shows in how often each is met: "sevices" is rare and "services" is not. Where both
    are rare, the rest of the name decides: if it holds a word that no other name holds, the two are one.
    """
    by_normal = blocks(entries, lambda entry: entry.name.normal)
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
