"""Colours of kinds of nodes, told apart by colour-blind readers.

The hues are the eight of Okabe and Ito (Color Universal Design, 2008), with a grey in place of their black.
"""

from collections.abc import Mapping
from typing import Final

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

_BLUE: Final = (0, 114, 178)
_VERMILLION: Final = (213, 94, 0)
_PURPLE: Final = (204, 121, 167)
_GREEN: Final = (0, 158, 115)
_ORANGE: Final = (230, 159, 0)
_SKY: Final = (86, 180, 233)
_YELLOW: Final = (240, 228, 66)
GREY: Final = (110, 110, 110)

COLOURS: Final[Mapping[str, Colour]] = {
    "buyer": _BLUE,
    "supplier": _VERMILLION,
    "both": _PURPLE,
    "contract": _GREEN,
    "service": _SKY,
    "place": _ORANGE,
    "public body": _BLUE,
    "company": _VERMILLION,
    "joint venture": _PURPLE,
    "shared service centre": _SKY,
    "sector": _ORANGE,
    "person": _YELLOW,
    "organisation": _GREEN,
}
"""The colour of each kind of node in any view; a kind that is not here is grey."""


def colour(kind: str) -> Colour:
    """Return the colour of a kind of node."""
    return COLOURS.get(kind, GREY)
