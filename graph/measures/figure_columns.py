"""What a figure of a market, of a supplier or of a buyer is: a row of the columns in `figure_columns.yaml`."""

from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

By = Literal["market", "supplier", "buyer"]
Figure = dict[str, Any]
"""A row by its public column names: texts, numbers and None. HHI is from 0 to 10,000; shares, ratios, Gini and coverage
are from 0 to 1."""


@cache
def columns(by: By | Literal["saved of a market", "saved of a party"]) -> list[str]:
    """Return the public column names of a kind of figures, in order, or of those of its columns that are saved.

    >>> columns("supplier")[:4]
    ['supplier', 'name', 'total', 'share']
    """
    text = files("civicgraph.graph.measures").joinpath("figure_columns.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load(text)[by])
