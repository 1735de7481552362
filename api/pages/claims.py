"""Claims as pages show them: what each says, who says so, in which words, and what contradicts it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import about, query
from civicgraph.api.pages.values import Node, node_of, text_of
from civicgraph.api.pages.words import property_label, sentence, standing
from civicgraph.graph.edges.scope import slug_of
from civicgraph.graph.engine.interface import Engine, Row
from civicgraph.graph.records.types import Evidence
from civicgraph.seeds_loader.claims.documents import Documents, Quotation

MARKS: Final = ("polarity", "certainty", "modality", "section")
"""The marks of a claim, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Words:
    """Where the words that something rests on stand, and the words themselves where the document is at hand."""

    document: Node
    issued: str
    evidence: Evidence
    quotation: Quotation | None


Claim = Mapping[str, Any]
"""One claim: its `iri`, its triple, its marks, `said_by` whom, the `words` it rests on.

Its `sentence` says all that but who and where; `view` is None for one that is in no view.
"""


def claim_lines(engine: Engine, documents: Documents, claims: Iterable[str]) -> list[Claim]:
    """Return what some claims say, in the order of the documents."""
    lines: dict[str, Claim] = {}
    for row in about(engine, "claims", claims):
        subject, value, prop = node_of(row, "subject"), node_of(row, "value"), text_of(row, "property")
        marks = {mark: slug_of(text_of(row, mark)) for mark in MARKS}
        line: dict[str, Any] = {
            "iri": text_of(row, "thing"),
            "subject": subject,
            "property": property_label(prop),
            "value": value,
            "marks": marks,
            "view": slug_of(text_of(row, "view")) or None,
            "rejected": text_of(row, "rejected"),
            "method": text_of(row, "method"),
            "said_by": None if row["saidBy"] is None else node_of(row, "saidBy"),
            "words": words_in(row, documents),
            "sentence": standing(marks.values()) + sentence(prop, subject.text, value.text, value.iri),
        }
        lines.setdefault(line["iri"], line)
    return list(lines.values())


def disputes(engine: Engine, documents: Documents) -> list[Sequence[Claim]]:
    """Return all claims that contradict others, those that are about one thing together."""
    pairs = [(text_of(row, "claim"), text_of(row, "other")) for row in engine.select(query("contradictions"))]
    lines = {line["iri"]: line for line in claim_lines(engine, documents, (one for pair in pairs for one in pair))}
    groups: dict[str, set[str]] = {}
    for claim, other in pairs:
        joined = groups.get(claim, {claim}) | groups.get(other, {other})
        for member in joined:
            groups[member] = joined
    together = {id(group): group for group in groups.values()}.values()
    found = [[line for iri, line in lines.items() if iri in group] for group in together]
    return [group for group in found if group]


def doubtful(
    engine: Engine, documents: Documents, view: str, *, size: int, skip: int
) -> list[tuple[Node, list[Claim]]]:
    """Return some of the claims of a view such as plans, gathered by what they are about."""
    found = engine.select(f"{query('doubtful')} LIMIT {size} OFFSET {skip}", bind={"view": NamedNode(view)})
    gathered: dict[Node, list[Claim]] = defaultdict(list)
    for line in claim_lines(engine, documents, (text_of(row, "claim") for row in found)):
        gathered[line["subject"]].append(line)
    return list(gathered.items())


def words_in(row: Row, documents: Documents) -> Words:
    """Return the words that a row of a query says something rests on."""
    evidence = Evidence(text_of(row, "sha256"), int(text_of(row, "start")), int(text_of(row, "end")))
    return Words(node_of(row, "document"), text_of(row, "issued"), evidence, documents.quote(evidence))
