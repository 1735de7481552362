"""Likenesses between names that are not equal: found by blocks, scored by kind, certain ones and doubtful ones.

Each kind of likeness has one score, in `words.yaml`: the kinds in their order of trust, not measured probabilities.
Comparing every name with every other is out of the question at 100,000 names: names meet in blocks of what they share.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations
from typing import Final

import numpy as np
from rapidfuzz.distance import OSA

from civicgraph.graph.identity.names import Name, is_acronym, normalise, read_name, without_reference
from civicgraph.graph.identity.words import words

TELLING_WORDS = 3
"""Words that a name has at least if their order is not to count: Martin James Ltd is not James Martin Ltd."""

LONGEST_PLACE = 4
"""Words of a place at most; what is longer is no name of a council."""

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

LARGEST_BLOCK = 60
"""Names that share a block with more others than this share what is common, not what is telling."""

_ANYWHERE: Final = frozenset({"boro"})
_JOINING: Final = frozenset({"and"})
_COUNTRY: Final = frozenset({"uk"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of one organisation.

    `registered` is a public body that a register lists, `council` one of these that is a council; `public` is what the
    records themselves take for a public body. `parents` is what is left of the name without its department,
    `languages` what it is in each of two.
    """

    key: str
    name: Name
    registered: bool = False
    council: bool = False
    public: bool = False
    parents: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


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


def council_key(normal: str) -> tuple[str, str, bool] | None:
    """Return where a council is, its tier (upper, lower or unknown) and whether it calls itself a council.

    None where nothing is left but words that say what kind of body it is.

    >>> council_key("lb camden"), council_key("london borough of camden")
    (('camden', 'lower', True), ('camden', 'lower', True))
    >>> council_key("durham county council"), council_key("durham")
    (('durham', 'upper', True), ('durham', '', False))
    """
    known = words().councils
    tokens: list[str] = []
    parts = normal.split()
    for index, token in enumerate(parts):
        at_an_end = index in {0, len(parts) - 1}
        tokens.extend(known.abbreviations.get(token, (token,)) if at_an_end or token in _ANYWHERE else (token,))
    marks = {token for token in tokens if token in known.marks or token in known.welsh}
    place = [token for token in tokens if token not in marks and token not in words().small]
    if not place or len(place) > LONGEST_PLACE:
        return None
    tier = "upper" if marks & known.upper and not marks & known.lower else "lower" if marks & known.lower else ""
    # A county borough is of one tier, and a combined authority is no council.
    tier = "combined" if marks & known.combined else "" if marks & known.upper and marks & known.lower else tier
    where = " ".join(place)
    return known.welsh_places.get(where, where), tier, bool(marks)


def is_one_council(name: str, council: str) -> bool:
    """Tell whether a normal name is a council's, spelt otherwise: of the same place and of no other tier.

    >>> is_one_council("lb hackney", "london borough of hackney"), is_one_council("hackney", "hackney council")
    (True, False)
    """
    ours, theirs = council_key(name), council_key(council)
    if ours is None or theirs is None or not ours[2]:
        return False
    return ours[0] == theirs[0] and _fits(ours[1], theirs[1]) and not _may_be_parish(name, [council])


def readings(name: str) -> tuple[str, ...]:
    """Return the other ways in which a name may be written: its normal name, and a council's written out.

    >>> readings("LB Hackney"), readings("Cyngor Sir Gar")
    (('lb hackney', 'hackney london borough'), ('cyngor sir gar', 'carmarthenshire council'))
    """
    normal = normalise(name)
    key = council_key(normal)
    if key is None or not key[2]:
        return (normal,)
    known = words().councils
    tokens = [full for token in normal.split() for full in known.abbreviations.get(token, (token,))]
    marks = [token for token in tokens if token in known.marks] or ["council"]
    return normal, " ".join([key[0], *marks])


def _likenesses(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    yield from _by_spaces(entries)
    yield from _by_order(entries)
    yield from _to_councils(entries)
    yield from _to_registered(entries)
    yield from _among_councils(entries)
    yield from _by_form_or_country(entries)
    yield from _by_trading_name(entries)
    yield from _by_language(entries)
    yield from _by_misspelling(entries)
    yield from _by_reference(entries)
    yield from _by_cut(entries)
    yield from _by_abbreviation(entries)


def _pairs(blocks: dict[str, list[Entry]]) -> Iterator[tuple[Entry, Entry]]:
    for block in blocks.values():
        if 1 < len(block) <= LARGEST_BLOCK:
            yield from combinations(block, 2)


def _by_spaces(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names that differ in spaces alone: two companies cannot register such. Of one name a person is asked."""
    blocks: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        blocks[entry.name.normal.replace(" ", "")].append(entry)
    for one, other in _pairs(blocks):
        if one.name.form == other.name.form and not (_is_bare(one, other) or _is_bare(other, one)):
            same = "acronym" if is_acronym(one.name.normal) else "same name"
            yield one, other, same if one.name.normal == other.name.normal else "spaces"


def _is_bare(council: Entry, other: Entry) -> bool:
    """Tell whether a council is named by its place alone, which proves nothing: Christ Church is no Christchurch."""
    key = council_key(council.name.normal) if council.council and not (other.council or other.public) else None
    return key is not None and not key[2]


def _by_order(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names of the same words in another order: three telling words at least, or Martin James is James Martin."""
    blocks: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if len(set(entry.name.core.split()) - words().small) >= TELLING_WORDS:
            blocks[_telling(entry.name)].append(entry)
    yield from ((one, other, "order") for one, other in _pairs(blocks))


def _to_councils(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names of councils in the other ways they are written, if exactly one registered council fits."""
    known = words().councils
    councils: dict[str, list[tuple[Entry, str]]] = defaultdict(list)
    for entry in entries:
        key = council_key(entry.name.normal) if entry.council else None
        if key is not None:
            councils[key[0]].append((entry, key[1]))
    for entry in entries if councils else ():
        key = None if entry.registered else council_key(entry.name.normal)
        if key is not None and (key[2] or entry.public) and entry.name.form in {"", *known.abbreviations}:
            place, tier, _ = key
            fitting = [other for other, its in councils.get(place, ()) if _fits(tier, its)]
            if _is_one(fitting):
                parish = _may_be_parish(entry.name.normal, [other.name.normal for other in fitting])
                yield entry, fitting[0], "tier" if parish else "council"


def _among_councils(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names of one council that no register lists, in the ways they are written: for a person to judge."""
    blocks: dict[str, list[Entry]] = defaultdict(list)
    tiers: dict[str, str] = {}
    for entry in entries:
        key = None if entry.registered or entry.name.form else council_key(entry.name.normal)
        if key is not None and key[2]:
            blocks[key[0]].append(entry)
            tiers[entry.name.normal] = key[1]
    for one, other in _pairs(blocks):
        if _fits(tiers[one.name.normal], tiers[other.name.normal]):
            yield one, other, "council name"


def _to_registered(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names with the words of one registered body in another order, or with its department about them."""
    bodies: dict[str, list[Entry]] = defaultdict(list)
    worded: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.registered:
            worded[_telling(entry.name)].append(entry)
            if not entry.council:
                bodies[entry.name.normal].append(entry)
    for entry in entries if worded else ():
        if entry.registered:
            continue
        for normal in entry.parents:
            named = bodies.get(normal, [])
            if _is_one(named):
                yield entry, named[0], "parent"
        telling = _telling(entry.name)
        alike = worded.get(telling, [])
        if " " in telling and _is_one(alike):
            yield entry, alike[0], "order"


def _is_one(entries: Sequence[Entry]) -> bool:
    return len({entry.key for entry in entries}) == 1


def _may_be_parish(name: str, councils: Sequence[str]) -> bool:
    """Tell whether a city council may be the parish of a district: Lichfield City Council is not the district's."""
    named = {token for council in councils for token in council.split()}
    return "city" in name.split() and "city" not in named and not named.isdisjoint({"district", "borough"})


def _fits(tier: str, other: str) -> bool:
    return tier == other or ("combined" not in {tier, other} and not (tier and other))


def _telling(name: Name) -> str:
    return " ".join(sorted(token for token in name.normal.split() if token not in _JOINING))


def _by_form_or_country(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names that differ in the legal form, in "UK" or in "and" alone: for a person to judge."""
    forms: dict[str, list[Entry]] = defaultdict(list)
    countries: dict[str, list[Entry]] = defaultdict(list)
    joined: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        forms[entry.name.core].append(entry)
        joined[" ".join(token for token in entry.name.normal.split() if token not in _JOINING)].append(entry)
        core = [token for token in entry.name.core.split() if token not in _COUNTRY]
        if core:
            countries[" ".join([*core, f"/{entry.name.form}"])].append(entry)
    yield from ((one, other, "form") for one, other in _pairs(forms) if one.name.form != other.name.form)
    yield from ((one, other, "and") for one, other in _pairs(joined) if one.name.normal != other.name.normal)
    yield from ((one, other, "country") for one, other in _pairs(countries) if one.name.core != other.name.core)


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
        if len(normal) < SHORTEST_CUT or entry.name.form:
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


def _by_misspelling(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry, str]]:
    """Yield names that differ by one slip of the keyboard in one word of some length.

    Which of two words is the slip shows in how often each is met: "sevices" is rare and "services" is not. Where both
    are rare, the rest of the name decides: if it holds a word that no other name holds, the two are one.
    """
    normals = sorted({entry.name.normal for entry in entries})
    by_normal: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_normal[entry.name.normal].append(entry)
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
