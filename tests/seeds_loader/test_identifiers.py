"""Official identifiers are those of the registers that are known, in their own form; nothing else is."""

import pytest

from civicgraph.seeds_loader.identifiers import official


@pytest.mark.parametrize(
    ("scheme", "number", "expected"),
    [
        ("GB-COH", "07689604", "GB-COH-07689604"),
        ("GB-COH", "454323", "GB-COH-00454323"),
        ("GB-COH", "sc123456", "GB-COH-SC123456"),
        ("GB-COH", "GB-COH-OC301234", "GB-COH-OC301234"),
        ("GB-COH", "458577871", None),
        ("GB-COH", "SC12345", None),
        ("GB-COH", "00000000", None),
        ("GB-COH", "n/a", None),
        ("GB-CHC", "1089464", "GB-CHC-1089464"),
        ("GB-PPON", "PMWJ-1234-ABCD", "GB-PPON-PMWJ-1234-ABCD"),
        ("GB-CFS", "18525", None),
        ("GB-SRS", "sid4gov.cabinetoffice.gov.uk/8s944V4W", None),
        ("GB-COH", "", None),
    ],
)
def test_official_identifiers(scheme: str, number: str, expected: str | None) -> None:
    assert official(scheme, number) == expected
