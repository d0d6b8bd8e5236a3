"""The link to the province: signed programmes in, as-run records out; and the province's own side of it."""
