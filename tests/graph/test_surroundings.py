"""What a store says of some things is what it says of them among all."""

from civicgraph.graph.edges.surroundings import named_in, surroundings
from civicgraph.graph.engine.embedded import EmbeddedEngine


def test_some_things_are_called_what_they_are_called_among_all(seeds: EmbeddedEngine) -> None:
    named = surroundings(seeds).named
    some = sorted(named)[::7]
    assert len(some) > 10
    assert named_in(seeds, [*some, "http://example.org/nobody"]) == {iri: named[iri] for iri in some}
    assert named_in(seeds, [*named, *(f"http://example.org/{number}" for number in range(600))]) == named
    assert named_in(seeds, []) == {}
