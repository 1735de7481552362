"""Concentration, dependence and what-if, as functions over a networkx graph."""
