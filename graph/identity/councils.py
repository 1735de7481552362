"""The names of councils: where each is, of which tier, and in which ways one name is written."""

from typing import Final

from civicgraph.graph.identity.names import normalise
from civicgraph.graph.identity.words import words

LONGEST_PLACE = 4
"""Words of a place at most; what is longer is not a name of a council."""

_ANYWHERE: Final = frozenset({"boro"})


def council_key(normal: str) -> tuple[str, str, bool] | None:
    """Return where a council is, its tier (upper, lower or unknown) and whether it calls itself a council.

    None where nothing is left but words that say what kind of body it is.

    >>> council_key("lb camden"), council_key("london borough of camden")
    (('camden', 'lower', True), ('camden', 'lower', True))
    >>> council_key("durham county council"), council_key("durham")
    (('durham', 'upper', True), ('durham', '', False))
    """
    known = words().councils
    tokens: list[str] = []
    parts = normal.split()
    for index, token in enumerate(parts):
        at_an_end = index in {0, len(parts) - 1}
        tokens.extend(known.abbreviations.get(token, (token,)) if at_an_end or token in _ANYWHERE else (token,))
    marks = {token for token in tokens if token in known.marks or token in known.welsh}
    place = [token for token in tokens if token not in marks and token not in words().small]
    if not place or len(place) > LONGEST_PLACE:
        return None
    tier = "upper" if marks & known.upper and not marks & known.lower else "lower" if marks & known.lower else ""
    # A county borough is of one tier, and a combined authority is not a council.
    tier = "combined" if marks & known.combined else "" if marks & known.upper and marks & known.lower else tier
    where = " ".join(place)
    return known.welsh_places.get(where, where), tier, bool(marks)


def is_one_council(name: str, council: str) -> bool:
    """Tell whether a normal name is a council's, spelt otherwise: of the same place and of no other tier.

    >>> is_one_council("lb hackney", "london borough of hackney"), is_one_council("hackney", "hackney council")
    (True, False)
    """
    ours, theirs = council_key(name), council_key(council)
    if ours is None or theirs is None or not ours[2]:
        return False
    named = set(council.split())
    # Lichfield City Council is a parish of the district.
    may_be_parish = "city" in name.split() and "city" not in named and not named.isdisjoint({"district", "borough"})
    return ours[0] == theirs[0] and fits(ours[1], theirs[1]) and not may_be_parish


def readings(name: str) -> tuple[str, ...]:
    """Return the other ways in which a name may be written: its normal name, and a council's written out.

    >>> readings("LB Hackney"), readings("Cyngor Sir Gar")
    (('lb hackney', 'hackney london borough'), ('cyngor sir gar', 'carmarthenshire council'))
    """
    normal = normalise(name)
    key = council_key(normal)
    if key is None or not key[2]:
        return (normal,)
    known = words().councils
    tokens = [full for token in normal.split() for full in known.abbreviations.get(token, (token,))]
    marks = [token for token in tokens if token in known.marks] or ["council"]
    return normal, " ".join([key[0], *marks])


def fits(tier: str, other: str) -> bool:
    """Tell whether two tiers of councils may be one; unknown is empty."""
    return tier == other or ("combined" not in {tier, other} and not (tier and other))
