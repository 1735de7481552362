"""Claims whose value is not in the words that they cite, as `civicgraph check` reports them."""

from collections.abc import Iterator
from itertools import groupby

from pyoxigraph import Literal

from civicgraph.api.own_queries import query
from civicgraph.api.pages.values import text_of
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.records.types import Evidence, Text, Value
from civicgraph.graph.snapshot.check import Finding
from civicgraph.seeds_loader.claims.documents import Documents
from civicgraph.seeds_loader.claims.wording import REMEDY, unsaid


def unsaid_claims(engine: Engine, documents: Documents) -> Iterator[Finding]:
    """Yield a warning for each claim whose value is not in its words, as far as its document is at hand."""
    for claim, rows in groupby(engine.select(query("claim-words")), key=lambda row: text_of(row, "claim")):
        row, *others = rows
        text = documents.text(text_of(row, "sha256"))
        if text is None:
            continue
        term = row["value"]
        value: Value = Text(term.value, term.datatype.value) if isinstance(term, Literal) else text_of(row, "value")
        place = Evidence(text_of(row, "sha256"), int(text_of(row, "start")), int(text_of(row, "end")))
        names = [text_of(one, "name") for one in (row, *others) if text_of(one, "name")]
        prop = text_of(row, "property")
        if reason := unsaid(prop, value, text[place.start : place.end], names, text):
            where = f"{prop.rpartition('#')[2]}, {place.start}-{place.end}"
            yield Finding("Warning", claim, text_of(row, "subjectLabel"), f"{where}: {reason}; {REMEDY}.", prop)
