"""Which views can be exported, and what may be chosen of one beside a scope."""

from dataclasses import dataclass, field
from typing import Final, Literal, get_args

View = Literal["network", "contracts", "suppliers", "claims"]
VIEWS: Final[tuple[View, ...]] = get_args(View)
"""The views that can be exported; docs/gephi.md says what each shows."""

DEEPEST: Final = 10
"""How many steps a neighbourhood goes at most: past that it is the whole."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is shown of a view.

    Attributes
    ----------
    around, depth
        The node by IRI, key, slug or name whose neighbourhood is wanted, up to so many steps; None for all.
    shared
        The least number of buyers that two suppliers share in the view of suppliers.
    by_money
        Whether, in a scope of every kind of edge, sizes and shares go by money paid where there is any, else by money
        awarded, and only else by customers.
    """

    around: str | None = field(default=None, metadata={"help": "Slug, IRI or name of the node in the middle"})
    depth: int = field(default=1, metadata={"help": "How many steps the neighbourhood goes", "min": 1, "max": DEEPEST})
    shared: int = field(default=2, metadata={"help": "suppliers: least number of shared buyers", "min": 1})
    by_money: bool = True
