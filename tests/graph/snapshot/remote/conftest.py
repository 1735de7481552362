"""The SPARQL server of the tests of this folder."""

from tests.graph.remote_server import port, remote, remote_seeds, serving_over

__all__ = ["port", "remote", "remote_seeds", "serving_over"]
