"""Likenesses between names that are not equal: found by blocks, scored by kind, certain ones and doubtful ones.

Each kind of likeness has one score, in `words.yaml`: the kinds in their order of trust, not measured probabilities.
Comparing every name with every other is out of the question at 100,000 names: names meet in blocks of what they share,
in DuckDB; see `likenesses.sql`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import duckdb

from civicgraph.graph.identity.councils import council_key
from civicgraph.graph.identity.names import Name, is_acronym, read_name
from civicgraph.graph.identity.words import sql, words

MEMORY: Final = "700MB"
"""What a comparison may take of memory; what is more goes to disk."""


class Entry(NamedTuple):
    """One name of one organisation, with what it is compared by.

    `registered` is a public body that a register lists, `council` one of these that is a council; `public` is what the
    records themselves take for a public body. `place`, `tier` and `called` (whether it calls itself a council) are of
    what may be a council, `trading` is what it trades as. `parents` is what is left of the name without its department,
    `languages` what it is in each of two. `from_text` is the name of a curator's facts, which no field has cut off.
    """

    key: str
    normal: str
    core: str
    form: str
    registered: bool
    council: bool
    public: bool
    from_text: bool
    acronym: bool
    trading: str
    place: str | None
    tier: str | None
    called: bool | None
    parents: tuple[str, ...]
    languages: tuple[str, ...]

    @classmethod
    def of(cls, key: str, name: Name, **more: Any) -> "Entry":  # noqa: ANN401 - fields of an entry
        """Return the entry of a name; what is not said of it does not hold."""
        told = dict.fromkeys(("registered", "council", "public", "from_text"), False) | {"parents": (), "languages": ()}
        council = dict(zip(("place", "tier", "called"), council_key(name.normal) or (None, None, None), strict=True))
        trading = read_name(name.trading).core if name.trading else ""
        own = {"normal": name.normal, "core": name.core, "form": name.form, "acronym": is_acronym(name.normal)}
        return cls(key=key, trading=trading, **{**own, **council, **told, **more})


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
    ordered = sorted(set(entries), key=lambda entry: (entry.key, entry.normal, not entry.registered))
    if not ordered:
        return []
    columns = dict(zip(Entry._fields, map(list, zip(*ordered, strict=True)), strict=True))
    columns |= {name: list(map(list, columns[name])) for name in ("parents", "languages")}
    known = words()
    told = {
        "small": sorted(known.small),
        "abbreviations": sorted(known.councils.abbreviations),
        "shortest": known.shortest_misspelt,
        "rarity": known.rarity,
        "kinds": list(known.scores),
        "scores": list(known.scores.values()),
    }
    with duckdb.connect(config={"memory_limit": MEMORY}) as connection:
        connection.execute(sql("entries"), {**columns, "number": list(range(len(ordered)))})
        for name, value in told.items():
            connection.execute(f"SET VARIABLE {name} = $value", {"value": value})
        found = connection.execute(sql("likenesses")).fetchall()
    return [Candidate(first, second, score, kind, (one, other)) for first, second, score, kind, one, other in found]
