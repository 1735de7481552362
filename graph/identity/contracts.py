"""Which contracts of different sources are one: a line of a register, the award of a notice, that of another portal.

A reference that both give decides, where buyer and supplier are the same and nothing speaks against it; else what
agrees in buyer, supplier, term, value and title. What is not near certain goes to a person, as with organisations. Two
contracts of one source are never taken for one: it tells them apart itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
from rapidfuzz import fuzz

from civicgraph.graph.identity.candidates import MEMORY, Candidate
from civicgraph.graph.identity.clusters import Clusters, Merge, Resolution
from civicgraph.graph.identity.judgements import Judgement
from civicgraph.graph.identity.words import sql, words
from civicgraph.graph.records.rows import OF_THE_STATE, holds_contracts, reading

KEY: Final = "contract/"
PAYMENTS: Final = "payments/"
"""Begins the key of the payments between the parties of the contract whose slug follows, while it runs."""

_NOTICES: Final = "contract/ocds-"
"""Begins the key of an award; it stands for the contract, because notices name it."""
_MOST: Final = 5
"""Contracts that one is held against for its title, those that are most like it."""


def title_likeness(one: str, other: str) -> float:
    """Return how alike two titles are, 0 to 100.

    >>> title_likeness("Payroll service", "Service PAYROLL")
    100.0
    """
    one, other = one.casefold(), other.casefold()
    return max(fuzz.token_sort_ratio(one, other), 0.95 * fuzz.token_set_ratio(one, other))


def resolve_contracts(
    files: Sequence[Path], parties: Mapping[str, str], judgements: Sequence[Judgement] = ()
) -> Resolution:
    """Decide which contracts are one.

    Parameters
    ----------
    files
        Of each source of records the file of its rows; see `civicgraph.graph.records.rows`.
    parties
        The decided key for each key of an organisation that is replaced.
    judgements
        What a person holds; those of contracts are looked at.

    Returns
    -------
    Resolution
        Its keys are those of contracts.
    """
    judged = [one for one in judgements if all(key.startswith(KEY) for key in one.keys)]
    files = [path for path in files if holds_contracts(path)]
    if not files or len(files) + bool(judged) < 2:  # noqa: PLR2004 - one source tells its contracts apart itself
        return Resolution({}, (), (), ())
    with duckdb.connect(config={"memory_limit": MEMORY}) as connection:
        connection.create_function("title_likeness", title_likeness)
        # A letter alone is the name of a lot, were it an article elsewhere.
        small = [word for word in sorted(words().small) if len(word) > 1]
        connection.execute("SET VARIABLE small = $small", {"small": small})
        _stage(connection, files, parties)
        return _resolved(connection, judged)


def _resolved(connection: duckdb.DuckDBPyConnection, judged: Sequence[Judgement]) -> Resolution:
    # An award that came to nothing is no side of a contract, and yet its source tells it from those that it made.
    held = dict(connection.execute("SELECT record, list(source) FROM stated GROUP BY record").fetchall())
    clusters = _clusters(held, judged)
    known = [one for one in judged if all(key in held for key in one.keys)]
    clusters.keep_apart(one.keys for one in known if not one.same)
    for one in known:
        if one.same:
            clusters.take(Merge(*one.keys, "judgement", one.why))
    connection.execute(sql("contracts"))
    clusters.take_alike(sorted(_candidates(connection), key=lambda one: (-one.score, one)))
    # No score of titles makes two contracts one, so it is enough to look at them once the rest is decided.
    _settle(connection, held, clusters)
    connection.execute(sql("contracts_by_title"), {"most": _MOST})
    clusters.doubtful += _candidates(connection)
    return clusters.resolution()


def judged_payments(judgements: Iterable[Judgement], same: Mapping[str, str]) -> list[str]:
    """Return the keys of the contracts that a person holds the payments between their parties to be under.

    `same` is the decided key for each key of a contract that is replaced.
    """
    found = (key for one in judgements if one.same for key in one.keys if key.startswith(PAYMENTS))
    return sorted({same.get(key := KEY + one.removeprefix(PAYMENTS), key) for one in found})


def _stage(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], parties: Mapping[str, str]) -> None:
    columns = "record, buyers, suppliers, first, last, value, label, refs, coalesce(guard IN $state, false) AS ended"
    for number, path in enumerate(files):
        said = f"SELECT {number} AS source, {columns} FROM {reading(path)}"  # noqa: S608 - the project's own text
        how = "INSERT INTO stated" if number else "CREATE TEMP TABLE stated AS"
        connection.execute(f"{how} {said}", {"path": str(path), "state": sorted(OF_THE_STATE)})
    connection.execute("CREATE TEMP VIEW contract AS SELECT * EXCLUDE ended FROM stated WHERE NOT ended")
    decided = "CREATE TEMP TABLE decided AS SELECT unnest($given::VARCHAR[]) AS given, unnest($keys::VARCHAR[]) AS key"
    connection.execute(decided, {"given": list(parties), "keys": list(parties.values())})


def _settle(connection: duckdb.DuckDBPyConnection, held: Mapping[str, Sequence[int]], clusters: Clusters) -> None:
    """Note of each contract with which other sources it has one in common."""
    sources: dict[str, set[int]] = defaultdict(set)
    for key, own in held.items():
        sources[clusters.find(key)].update(own)
    found = [(key, each) for key in held if len(of := sources[clusters.find(key)]) > 1 for each in of]
    made = (
        "CREATE TEMP TABLE settled AS SELECT unnest($keys::VARCHAR[]) AS record, unnest($sources::INTEGER[]) AS source"
    )
    connection.execute(made, {"keys": [key for key, _ in found], "sources": [each for _, each in found]})


def _clusters(held: Mapping[str, Sequence[int]], judged: Sequence[Judgement]) -> Clusters:
    """Return each contract as a set of its own; those of one source bear different numbers of one scheme."""
    one = Clusters(dict.fromkeys(held, ()))
    for judgement in judged:
        if judgement.same and all(key in held for key in judgement.keys):
            one.join(*judgement.keys)
    numbers = {key: [f"{source}-contract-{one.find(key)}" for source in sources] for key, sources in held.items()}
    return Clusters(numbers, [key for key in held if key.startswith(_NOTICES)])


def _candidates(connection: duckdb.DuckDBPyConnection) -> list[Candidate]:
    """Return the contracts that met in the table of that name and are alike; see `contracts.sql`."""
    found = connection.execute("FROM candidate WHERE kind IS NOT NULL ORDER BY record, other").fetchall()
    scores = words().scores
    return [Candidate(record, other, scores[kind], kind, (one, two)) for record, other, one, two, kind in found]
