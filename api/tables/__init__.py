"""Flat tables and stored queries for dashboards."""
