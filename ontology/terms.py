"""The ontology's terms as Python names: a misspelt one is an error where it is named.

The Turtle is the authority. The values are plain strings: neither rdflib nor the query engine has to be imported to
name a term.
"""

import re
from functools import cache
from importlib.resources import files
from typing import Final

CG_NS: Final = "https://w3id.org/civicgraph/ontology#"
SERVICES_NS: Final = "https://w3id.org/civicgraph/services#"
DELIVERY_NS: Final = "https://w3id.org/civicgraph/delivery#"

DECLARING: Final = ("civicgraph.ttl", "procurement.ttl")
"""The files that declare the terms."""

_DECLARED: Final = re.compile(r"^cg:(\w+) a ", re.MULTILINE)


@cache
def declared() -> frozenset[str]:
    """Return the local names of all terms that the Turtle declares.

    >>> "Council" in declared(), "council" in declared()
    (True, False)
    """
    folder = files("civicgraph.ontology")
    return frozenset(name for file in DECLARING for name in _DECLARED.findall(folder.joinpath(file).read_text("utf-8")))


class _Terms(type):
    """Gives a class an attribute for each declared term; `from_` is `cg:from`, as `from` is a word of Python's own."""

    def __getattr__(cls, name: str) -> str:
        local = name.removesuffix("_")
        if local not in declared():
            msg = f"the ontology has no term cg:{local}"
            raise AttributeError(msg)
        # Kept, so that it is looked up once.
        setattr(cls, name, iri := CG_NS + local)
        return iri


class CG(metaclass=_Terms):
    """Terms of the civicgraph ontology, each the full IRI of the term with the same name.

    >>> CG.Contract
    'https://w3id.org/civicgraph/ontology#Contract'
    """
