"""The link to the province: signed programmes in, as-run records out."""
