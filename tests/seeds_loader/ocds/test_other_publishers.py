"""Notices as publishers elsewhere shape them, written from the standard's documentation: each gives its contracts."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from civicgraph.graph.records.types import ContractRecord
from tests.seeds_loader.ocds.reading import read_ocds

PARTIES = [
    {"id": "MX-RFC-1", "name": "Ministry of Works", "roles": ["buyer", "procuringEntity"]},
    {"id": "P-2", "name": "Acme Software Ltd", "roles": ["supplier", "tenderer"]},
]
AWARD = {
    "id": "award-7",
    "title": "Licences",
    "status": "active",
    "date": "2021-05-06T10:00:00-05:00",
    "suppliers": [{"id": "P-2", "name": "Acme Software Ltd"}],
    "value": {"amount": 5000.25, "currency": "MXN"},
}
RELEASE: Mapping[str, Any] = {
    "ocid": "ocds-other-1",
    "id": "1",
    "date": "2021-05-07T00:00:00Z",
    "tag": ["award"],
    "language": "es",
    "parties": PARTIES,
    "buyer": {"id": "MX-RFC-1"},
    "tender": {
        "id": "t",
        "title": "Licences",
        "items": [{"id": "1", "classification": {"scheme": "CUCOP", "id": "4"}}],
    },
    "awards": [AWARD],
}
CONTRACT = {
    "id": "c",
    "awardID": "award-7",
    "value": {"amount": 5000.25, "currency": "MXN"},
    "dateSigned": "2021-05-09",
}
COMPILED = {**RELEASE, "tag": ["compiled"]}
SHAPES: dict[str, object] = {
    "a release package with extensions": {
        "uri": "https://example.org/p",
        "version": "1.1",
        "extensions": ["https://example.org/extension.json"],
        "publishedDate": "2021-05-07T00:00:00Z",
        "publisher": {"name": "Treasury"},
        "releases": [RELEASE],
    },
    "a record package, compiled": {
        "version": "1.1",
        "records": [{"ocid": "ocds-other-1", "compiledRelease": COMPILED}],
    },
    "a record with linked and full releases": {
        "records": [{"ocid": "ocds-other-1", "releases": [{"url": "https://example.org/r", "date": "x"}, RELEASE]}]
    },
    "awards and their contracts": {"releases": [{**RELEASE, "contracts": [CONTRACT]}]},
    "contracts alone": {
        "releases": [
            {**{k: v for k, v in RELEASE.items() if k != "awards"}, "contracts": [CONTRACT | {"awardID": None}]}
        ]
    },
    "version 1.0, suppliers and buyer in place": {
        "releases": [
            {
                **{k: v for k, v in RELEASE.items() if k != "parties"},
                "buyer": {"name": "Ministry of Works", "identifier": {"scheme": "MX-RFC", "id": "1"}},
            }
        ]
    },
    "nulls and empty lists": {
        "releases": [{**RELEASE, "planning": None, "contracts": [], "relatedProcesses": None, "awards": [AWARD, None]}]
    },
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_its_contract(shape: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "notices.json"
    path.write_text(json.dumps(SHAPES[shape], indent=1), encoding=encoding)
    (found,) = [one for one in read_ocds(path) if isinstance(one, ContractRecord)]
    assert [party.name for party in found.buyers] == ["Ministry of Works"]
    assert [party.name for party in found.suppliers] == ["Acme Software Ltd"]
    assert (found.value, found.currency) == (Decimal("5000.25"), "MXN")
