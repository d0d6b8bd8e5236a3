"""Slugs: a Vietnamese title as a name that a schedule file can hold."""

import re
import unicodedata

_LONGEST = 60


def slug(title: str) -> str:
    """`title` in small Latin letters, digits and single hyphens; "tin" when nothing of it can be kept."""
    marked = unicodedata.normalize("NFKD", title.casefold().replace("đ", "d"))
    letters = marked.encode("ascii", "ignore").decode()
    return "-".join(re.findall("[a-z0-9]+", letters))[:_LONGEST].strip("-") or "tin"
