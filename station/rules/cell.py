"""A cell of a table that somebody will open in a spreadsheet."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with which a spreadsheet begins to reckon


def harmless(text: str) -> str:
    """The text as no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
