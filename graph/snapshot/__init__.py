"""Snapshots: what was loaded, built beside the current one and switched to in one step."""
