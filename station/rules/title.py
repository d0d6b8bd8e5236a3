"""Titles: what a stranger's file or form is called, as one line that can be read anywhere."""

import unicodedata

LONGEST = 120
_NONE = "Không tên"
_INVISIBLE = ("C", "Zl", "Zp")  # controls, marks that turn the direction, halves of letters, ends of lines


def one_line(title: str) -> str:
    """`title` without what cannot be seen, cut at `LONGEST` letters; "Không tên" when nothing is left."""
    seen = "".join(" " if unicodedata.category(it).startswith(_INVISIBLE) else it for it in title)
    return unicodedata.normalize("NFC", " ".join(seen.split()))[:LONGEST].strip() or _NONE
