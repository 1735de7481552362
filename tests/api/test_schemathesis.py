"""Every operation of the OpenAPI description is asked by schemathesis: it answers as described, and never with 500."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from civicgraph.api.app import create_app
from civicgraph.api.settings import Settings

TOKEN: Final = "of-the-tests"  # noqa: S105 - a server of the tests alone takes it
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES: Final = settings(
    max_examples=4,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""The same requests on every machine."""

Served = Callable[..., AbstractContextManager[str]]


@schemathesis.serializer(
    *("application/sparql-query", "application/sparql-update", "text/turtle", "application/n-triples"),
    *("application/n-quads", "application/trig", "application/rdf+xml"),
)
def as_text(_: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


def operations() -> list[tuple[str, str, GenerationMode]]:
    """Name what can be asked: as it is described and, where it takes anything, as it is not."""
    paths = create_app(Settings(Path("unused"))).openapi()["paths"]
    return [
        (path, method, mode)
        for path, methods in paths.items()
        for method, operation in methods.items()
        for mode in GenerationMode
        if mode == GenerationMode.POSITIVE or operation.get("parameters") or "requestBody" in operation
    ]


@pytest.fixture(scope="module")
def address(small_data: Path, served: Served) -> Iterator[str]:
    with served(small_data, "--store", "memory", CIVICGRAPH_TOKEN=TOKEN) as at:
        yield at


@pytest.fixture(scope="module")
def schema(address: str) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(f"{address}/openapi.json", timeout=300)  # however busy the machine is


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.headers["Authorization"] = f"Bearer {TOKEN}"
        yield opened


@pytest.mark.parametrize(("path", "method", "mode"), operations())
def test_operation_answers_as_it_says(
    path: str, method: str, mode: GenerationMode, schema: schemathesis.BaseSchema, session: requests.Session
) -> None:
    @EXAMPLES
    @given(case=schema[path][method].as_strategy(mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(session=session, checks=CHECKS, allow_redirects=False)

    ask()


def test_other_methods_are_refused_with_those_that_there_are(session: requests.Session, address: str) -> None:
    methods: dict[str, set[str]] = {}
    for path, method, _ in operations():
        methods.setdefault(path, set()).add(method)
    for path, known in methods.items():
        filled = path.replace("{form}", "json").replace("{", "").replace("}", "")
        for method in {"get", "post", "put", "delete", "patch"} - known:
            refused = session.request(method, address + filled)
            assert (refused.status_code, refused.headers["content-type"]) == (405, "application/problem+json"), path
            assert known <= {one.strip().lower() for one in refused.headers["allow"].split(",")}, path
