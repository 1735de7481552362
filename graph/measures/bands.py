"""Bands of HHI, each under the name of who drew it: what is concentrated is a convention, not a fact."""

from typing import Final

US_2023: Final = "U.S. Merger Guidelines 2023"
"""U.S. Department of Justice and Federal Trade Commission, Merger Guidelines (2023), section 2.1."""
EC_2004: Final = "EC guidelines 2004/C 31/03"
"""European Commission, Guidelines on the assessment of horizontal mergers (2004/C 31/03), points 19 and 20."""

_US_MODERATE, _US_HIGH, _US_RISE, _US_SHARE = 1_000, 1_800, 100, 0.3
_EC_LOW, _EC_HIGH, _EC_RISE, _EC_RISE_HIGH = 1_000, 2_000, 250, 150

LINES: Final[dict[str, tuple[int, int]]] = {US_2023: (_US_MODERATE, _US_HIGH), EC_2004: (_EC_LOW, _EC_HIGH)}
"""Where the bands of each source meet."""
_NAMES: Final = {
    US_2023: ("unconcentrated", "moderately concentrated", "highly concentrated"),
    EC_2004: ("below 1,000", "1,000 to 2,000", "above 2,000"),
}


def band(source: str, index: float | None) -> str | None:
    """Return the band of an HHI by a source; where two meet, it is the middle one.

    >>> band(US_2023, 1800), band(US_2023, 1801), band(EC_2004, 999)
    ('moderately concentrated', 'highly concentrated', 'below 1,000')
    """
    if index is None:
        return None
    low, high = LINES[source]
    return _NAMES[source][(index >= low) + (index > high)]


def us_presumes_harm(after: float, rise: float, share: float) -> bool:
    """Return whether a merger raises a structural presumption of harm by the U.S. guidelines of 2023.

    Parameters
    ----------
    after, rise
        HHI after the merger, and by how much it rises.
    share
        The share of the merged firm, 0 to 1.

    Examples
    --------
    >>> us_presumes_harm(1900, 150, 0.2), us_presumes_harm(1500, 150, 0.31), us_presumes_harm(1900, 90, 0.4)
    (True, True, False)
    """
    return rise > _US_RISE and (after > _US_HIGH or share > _US_SHARE)


def ec_has_no_concern(after: float, rise: float) -> bool:
    """Return whether horizontal concerns about a merger are unlikely by the European Commission's guidelines of 2004.

    >>> ec_has_no_concern(900, 500), ec_has_no_concern(1500, 249), ec_has_no_concern(2500, 150)
    (True, True, False)
    """
    if after < _EC_LOW:
        return True
    return rise < (_EC_RISE if after <= _EC_HIGH else _EC_RISE_HIGH)
