"""/reconcile takes whatever may stand in a batch: it is answered, or refused with what is wrong."""

import json
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
kinds = st.sampled_from(["Organisation", "Place", "https://w3id.org/civicgraph/ontology#ServiceType", "Dog"])
query = st.fixed_dictionaries(
    {},
    optional={
        "query": st.sampled_from(["Capita", "east kent", "Kent", "EKS", "payroll"]) | st.text(max_size=30) | anything,
        "type": kinds | st.lists(kinds, max_size=2) | anything,
        "limit": st.integers(-1, 60) | anything,
        "type_strict": st.sampled_from(["any", "should", "all"]),
        "properties": anything,
    },
)
batch = st.dictionaries(st.text(max_size=5), query, max_size=4) | anything


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=batch)
def test_batch_is_answered_or_refused(seeds: TestClient, batch: Any) -> None:  # noqa: ANN401 - any JSON
    response = seeds.post("/reconcile", data={"queries": json.dumps(batch)})
    if response.status_code == 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["detail"]
        return
    assert response.status_code == 200
    answers = response.json()
    assert set(answers) == set(batch)
    for key, answer in answers.items():
        found = answer["result"]
        assert len(found) <= min(batch[key].get("limit", 5), 50)
        scores = [candidate["score"] for candidate in found]
        assert scores == sorted(scores, reverse=True)
        assert len({candidate["id"] for candidate in found}) == len(found)
        assert sum(candidate["match"] for candidate in found) <= 1
        wanted = batch[key].get("type") or []
        names = {kind.rpartition("#")[2] for kind in ([wanted] if isinstance(wanted, str) else wanted)}
        assert not names or {candidate["type"][0]["id"].rpartition("#")[2] for candidate in found} <= names


def test_batch_that_takes_too_long_is_stopped(seeds_data: Path) -> None:
    with TestClient(create_app(Settings(seeds_data, timeout=0.0, workers=1))) as hurried:
        response = hurried.post("/reconcile", data={"queries": '{"q0": {"query": "Capita"}}'})
    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert response.json()["detail"] == "the batch was stopped after 0 seconds: send fewer queries"
