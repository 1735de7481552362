"""Finding things by their names, aliases and identifiers, however they are spelt."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz, process

from civicgraph.api.own_queries import query
from civicgraph.graph.store.engine import Engine
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG_NS

LONGEST_QUERY: Final = 200
"""Characters of a query that are looked at; no name needs more to be found."""

_WORD: Final = re.compile(r"[^\W_]+")
_LIKE: Final = 72
"""How alike two words must be, 0 to 100: "Canterbery" is 90 % Canterbury, "Kent" and "Ken" are 86 %."""
_SPELLINGS: Final = 12
"""The known words that one word of a query may stand for."""
_SHORTEST: Final = 4
"""A word shorter than this is no misspelling of another: "IT" is not "at"."""
_OTHER_NAME: Final = 2.0
"""What a name loses that is no label."""
_LENGTH: Final = 12.0
"""What a name loses as its words are more than the query's."""


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
        self._names: list[tuple[str, str, bool]] = []
        self._lengths: list[int] = []
        self._labels: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._postings: dict[str, set[int]] = defaultdict(set)
        for row in engine.select(query("names")):
            thing, cls, prop, name = (_text(row[key]) for key in ("thing", "class", "property", "name"))
            self._kinds[thing] = cls.removeprefix(CG_NS)
            is_label = prop == PREFIXES["rdfs"] + "label"
            if is_label:
                self._labels[thing] = name
            self._add(thing, name, is_label=is_label)
        self._words = sorted(self._postings)

    def _add(self, thing: str, name: str, *, is_label: bool) -> None:
        words = words_of(name)
        self._lengths.append(len(words))
        for word in words:
            self._postings[word].add(len(self._names))
        self._names.append((thing, name, is_label))

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
        words = words_of(text[:LONGEST_QUERY])
        if not words:
            return []
        scores: dict[int, list[float]] = defaultdict(list)
        for word in dict.fromkeys(words):
            best: dict[int, float] = {}
            for spelling, score in self._spellings(word).items():
                for index in self._postings[spelling]:
                    best[index] = max(best.get(index, 0.0), score)
            for index, score in best.items():
                scores[index].append(score)
        wanted = len(set(words))
        most = max(map(len, scores.values()), default=0)
        best_of: dict[str, Hit] = {}
        for index, found in scores.items():
            # All words, or where no name has them all, as many of them as any has.
            if len(found) < most or 2 * len(found) < wanted:
                continue
            thing, name, is_label = self._names[index]
            if kinds and self._kinds[thing] not in kinds:
                continue
            surplus = max(0, self._lengths[index] - wanted)
            score = sum(found) / wanted - _LENGTH * surplus / (surplus + 4) - (0 if is_label else _OTHER_NAME)
            if thing not in best_of or best_of[thing].score < score:
                best_of[thing] = Hit(thing, self._labels.get(thing, name), self._kinds[thing], name, round(score, 3))
        return sorted(best_of.values(), key=lambda hit: (-hit.score, len(hit.label), hit.label, hit.iri))[:limit]

    def _spellings(self, word: str) -> Mapping[str, float]:
        """Return the known words that a word may stand for, with how surely, 0 to 100."""
        found = {known: 90 + 9 * len(word) / len(known) for known in self._words if known.startswith(word)}
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


def _text(term: object) -> str:
    return str(getattr(term, "value", ""))
