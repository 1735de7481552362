"""Finding things by their names, aliases and identifiers, however they are spelt."""

import math
import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile
from typing import Final

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from civicgraph.api.own_queries import query
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.identity.councils import readings
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, CG_NS

LONGEST_QUERY: Final = 200
"""Characters of a query that are looked at; no name needs more to be found."""

IntArray = npt.NDArray[np.intp]
FloatArray = npt.NDArray[np.float64]

_KEPT: Final = 4096
"""Words whose spellings are remembered: names of a table, or of a page of results, have most words in common."""
_WORD: Final = re.compile(r"[^\W_]+")
_LIKE: Final = 72
"""How alike two words must be, 0 to 100: "Canterbery" is 90 % Canterbury, "Kent" and "Ken" are 86 %."""
_SPELLINGS: Final = 12
"""The known words that one word of a query may stand for."""
_SHORTEST: Final = 4
"""A word shorter than this is not a misspelling of another: "IT" is not "at"."""
_OTHER_NAME: Final = 2.0
"""What a name loses that is not a label."""
_PLACE: Final = 3.0
"""What a place's name loses, so that the council that goes by it comes first."""
_SURPLUS: Final = 24.0
"""What a name loses for the words that the query lacks, as they weigh among its own."""
_EQUAL: Final = 1e-9
_LEAST: Final = 0.5
"""The part of a query, by the weight of its words, that a name has at least if it is found."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found: by `name`, which is its label or another of its names."""

    iri: str
    label: str
    kind: str
    name: str
    score: float


class Names:
    """The names of a snapshot's organisations, people, sectors, platforms, places and service types.

    Parameters
    ----------
    engine
        The snapshot.
    """

    def __init__(self, engine: Engine) -> None:
        self._names: list[tuple[str, str]] = []
        self._labels: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        losses: list[float] = []
        postings: dict[str, list[int]] = defaultdict(list)
        for row in engine.select(query("names")):
            terms = (row[key] for key in ("thing", "class", "property", "name"))
            thing, cls, prop, name = ("" if term is None else term.value for term in terms)
            self._kinds[thing] = cls.removeprefix(CG_NS)
            is_label = prop == PREFIXES["rdfs"] + "label"
            if is_label:
                self._labels[thing] = name
            for word in dict.fromkeys(words_of(name)):
                postings[word].append(len(self._names))
            self._names.append((thing, name))
            losses.append((0.0 if is_label else _OTHER_NAME) + (_PLACE if cls == CG.Place else 0.0))
        self._words = sorted(postings)
        self._postings = {word: np.array(found, dtype=np.int32) for word, found in postings.items()}
        # A word weighs by how rare it is: "Hackney" tells more than "council".
        self._whole = np.zeros(len(self._names))
        for found in self._postings.values():
            self._whole[found] += self._weight(len(found))
        self._losses = np.array(losses, dtype=np.float64)
        self._label_lengths = np.array(
            [len(self._labels.get(thing, name)) for thing, name in self._names], dtype=np.int32
        )
        self._spelt = lru_cache(maxsize=_KEPT)(self._spellings)

    def of(self, iri: str) -> Hit | None:
        """Return the thing that has an IRI, as if it were looked for by its label; None where there is none."""
        label = self._labels.get(iri)
        return None if label is None else Hit(iri, label, self._kinds[iri], label, 100.0)

    def find(self, text: str, limit: int = 20, kinds: Collection[str] = ()) -> list[Hit]:
        """Return the things whose names are most like a text, the likeliest first.

        Parameters
        ----------
        text
            What a person typed: words of a name in any order, the last perhaps unfinished, perhaps misspelt.
        limit
            How many to return at most.
        kinds
            The only kinds of things to look among; none means all.
        """
        text = text[:LONGEST_QUERY]
        if not words_of(text):
            return []
        ways = {tuple(dict.fromkeys(words_of(reading))): None for reading in (text, *readings(text))}
        scores = np.zeros(len(self._names))
        for words in ways:
            if words and self._names:
                np.maximum(scores, self._scores(words), out=scores)
        names = np.flatnonzero(scores > 0)
        return self._best(names, scores[names], limit, kinds)

    def _scores(self, words: Sequence[str]) -> FloatArray:
        """Return how like some words each name is, 0 to 100; 0 where another has more of them."""
        covered, totals, whole = np.zeros(len(self._names)), np.zeros(len(self._names)), 0.0
        for word in words:
            best = np.zeros(len(self._names))
            for known, score in self._spelt(word).items():
                found = self._postings[known]
                best[found] = np.maximum(best[found], score)
            weight = self._weight(int(np.count_nonzero(best)))
            covered += weight * (best > 0)
            totals += weight * best
            whole += weight
        # All words, or where no name has them all, as much of them by weight as any has.
        most = covered.max()
        if most == 0 or most < _LEAST * whole - _EQUAL:
            return np.zeros(len(self._names))
        fitting = covered > most - _EQUAL
        lacking = 1 - np.minimum(covered / self._whole.clip(_EQUAL), 1)
        return np.where(fitting, np.round(totals / whole - _SURPLUS * lacking - self._losses, 3).clip(0.001), 0.0)

    def _weight(self, names: int) -> float:
        return math.log(1 + len(self._names) / (names or 1))

    def _best(self, names: IntArray, scores: FloatArray, limit: int, kinds: Collection[str]) -> list[Hit]:
        """Return a hit for each of the things that have these names, by the name with the best score."""
        hits: dict[str, Hit] = {}
        lengths = self._label_lengths[names]
        last: tuple[float, int] | None = None
        for place in np.lexsort((lengths, -scores)).tolist():
            rank = float(scores[place]), int(lengths[place])
            if len(hits) >= limit and rank != last:
                break
            thing, name = self._names[names[place]]
            if thing in hits or (kinds and self._kinds[thing] not in kinds):
                continue
            last = rank
            hits[thing] = Hit(thing, self._labels.get(thing, name), self._kinds[thing], name, rank[0])
        return sorted(hits.values(), key=lambda hit: (-hit.score, len(hit.label), hit.label, hit.iri))[:limit]

    def _spellings(self, word: str) -> Mapping[str, float]:
        """Return the known words that a word may stand for, with how surely, 0 to 100."""
        begin = bisect_left(self._words, word)
        longer = takewhile(lambda known: known.startswith(word), islice(self._words, begin, None))
        found = {known: 90 + 9 * len(word) / len(known) for known in longer}
        if word in self._postings:
            found[word] = 100.0
        if len(word) >= _SHORTEST:
            like = process.extract(word, self._words, scorer=fuzz.ratio, score_cutoff=_LIKE, limit=_SPELLINGS)
            for known, score, _ in like:
                found.setdefault(known, score - 5)
        return found


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared.

    >>> words_of("Réseau & Söhne (UK) Ltd.")
    ['reseau', 'sohne', 'uk', 'ltd']
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(character for character in plain if not unicodedata.combining(character)))
