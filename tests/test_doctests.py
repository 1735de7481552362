"""Run the examples in the docstrings.

They run on the installed packages: pytest's own collection of doctests would import `graph.x` beside
`civicgraph.graph.x` and so make every class twice.
"""

import doctest
import importlib
import pkgutil
from collections.abc import Iterator

import pytest

PACKAGES = ("civicgraph.api", "civicgraph.graph", "civicgraph.ontology", "civicgraph.seeds_loader")


def module_names() -> Iterator[str]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield name
        for module in pkgutil.walk_packages(package.__path__, f"{name}.", onerror=refuse):
            yield module.name


def refuse(name: str) -> None:
    """Take the place of walk_packages' default, which skips a package that cannot be imported."""
    message = f"{name} cannot be imported, so its examples cannot be run"
    raise ImportError(message)


@pytest.mark.parametrize("name", sorted(module_names()))
def test_examples_in_docstrings_are_true(name: str) -> None:
    module = importlib.import_module(name)
    failed, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert failed == 0, f"{failed} examples of {name} failed; the difference is in the captured output"
