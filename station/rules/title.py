"""Titles and other words of strangers, as one line that can be read anywhere."""

import unicodedata

LONGEST = 120
_LONGEST_WORDS = 200  # letters
_NONE = "Không tên"
_INVISIBLE = ("C", "Zl", "Zp")  # controls, marks that turn the direction, halves of letters, ends of lines


def one_line(title: str) -> str:
    """`title` without what cannot be seen, cut at `LONGEST` letters; "Không tên" when nothing is left."""
    seen = "".join(" " if unicodedata.category(it).startswith(_INVISIBLE) else it for it in title)
    return unicodedata.normalize("NFC", " ".join(seen.split()))[:LONGEST].strip() or _NONE


def clean(words: str) -> str:
    """What a stranger wrote, in one line of a bounded length, and in the order in which it is read."""
    some = words[: 2 * _LONGEST_WORDS]
    shown = "".join(" " if unicodedata.category(letter) in _UNSEEN else letter for letter in some)
    line = " ".join(shown.split())
    return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}…"


_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}  # controls, marks that turn the direction of writing, breaks
