"""Currencies in any spelling, as codes of ISO 4217, by `currencies.yaml`."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from civicgraph.seeds_loader.yaml_lines import own_yaml

_CODE: Final = 3


@lru_cache(maxsize=1_000)
def currency_code(text: str) -> str | None:
    """Return the code of a currency, or None where it is not known which is meant.

    >>> currency_code("£"), currency_code(" gbp"), currency_code("Euros"), currency_code("$")
    ('GBP', 'GBP', 'EUR', None)
    """
    bare = " ".join(text.replace(".", "").casefold().split())
    known = _spellings().get(bare)
    if known is not None:
        return known
    return bare.upper() if len(bare) == _CODE and bare.isascii() and bare.isalpha() else None


@cache
def _spellings() -> Mapping[str, str]:
    return {spelling: code for code, spellings in own_yaml("currencies.yaml").items() for spelling in spellings}
