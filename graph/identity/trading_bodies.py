"""Public bodies that sell in a market, by name."""

import re
from functools import cache
from importlib.resources import files

import yaml


def trades(name: str) -> bool:
    """Return whether a public body by this name sells in a market, so that a payment to it is a purchase.

    The rules are data, in `trading_bodies.yaml`.

    >>> trades("ORDNANCE SURVEY"), trades("Leeds Teaching Hospitals NHS Trust"), trades("Leeds City Council")
    (True, True, False)
    """
    trading, but_not = _patterns()
    name = " ".join(name.split())
    return trading.fullmatch(name) is not None and but_not.fullmatch(name) is None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    text = files("civicgraph.graph.identity").joinpath("trading_bodies.yaml").read_text(encoding="utf-8")
    rules = yaml.safe_load(text)
    trading, but_not = ("|".join(f"(?:{one})" for one in rules[part]) for part in ("trades", "but_not"))
    return re.compile(trading, re.IGNORECASE), re.compile(but_not, re.IGNORECASE)
