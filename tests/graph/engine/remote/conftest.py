"""The SPARQL server of the tests of this folder."""

from tests.graph.remote_server import councils, port, remote, remote_seeds, serving_over

__all__ = ["councils", "port", "remote", "remote_seeds", "serving_over"]
