"""Measures of concentration and dependence: pure functions over shares or over a network."""
