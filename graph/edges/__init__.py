"""Who is tied to whom: edges between buyers and suppliers, and the scopes that take some of them."""

from typing import Final

FILE: Final = "edges.duckdb"
"""The name of the edge table in the folder of a snapshot."""
