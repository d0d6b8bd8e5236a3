"""Updates: what leads to another version, and what is refused on the way."""
