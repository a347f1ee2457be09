"""Writes the page that says how the engine behaves, from the engine's own tables and the catalogue."""
