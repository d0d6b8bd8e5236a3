"""Before and after: a text in one way of writing, and at the end nothing but what a voice can say."""

import re
import unicodedata
from functools import lru_cache

_STOPS = frozenset(".,;:!?()\"'“”‘’-–—\n ")
_DASHES = str.maketrans("−‐‑‒⁃", "-----")


def without_bullets(text: str) -> str:
    """The text without what the lines of a list begin with."""
    return re.sub(r"(?m)^[ \t]*[-–—+*•·●▪✓][ \t]+(?=\S)", "", text)


def one_way(text: str) -> str:
    """The same text with every letter, digit, dash and space in its plainest form."""
    text = re.sub(r"(?<=\d)[ ]?(?=[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒])", " và ", text)
    text = re.sub(r"(?<=\d)²", " bình phương", re.sub(r"(?<=\d)³", " lập phương", text))
    plain = unicodedata.normalize("NFKC", text).replace("⁄", "/").translate(_DASHES)
    plain = "".join(str(unicodedata.decimal(it)) if it.isdecimal() else it for it in plain)
    return re.sub(r"[^\S\n]+", " ", re.sub(r"\r\n?|[\u2028\u2029\v\f\x1c-\x1e\x85]", "\n", plain))


def only_words(text: str) -> str:
    """Words and stops, one space between; whatever else there is was not for the ear."""
    said = "".join(_letter(it) for it in text)
    said = re.sub(r" +", " ", said)
    said = re.sub(r"(?m)^ | $| (?=[,.;:!?)])", "", said)
    said = re.sub(r"([,;:!?])(?:\1)+", r"\1", re.sub(r"\.{2,}", "...", said))
    said = re.sub(r"(?<=\() ", "", said)
    return re.sub(r"\n{3,}", "\n\n", said).strip()


@lru_cache(maxsize=4096)
def _letter(letter: str) -> str:
    if letter in _STOPS:
        return letter
    if not letter.isalpha() or "LATIN" not in unicodedata.name(letter, ""):
        return "" if unicodedata.category(letter) in {"Mn", "Cf"} else " "
    base = unicodedata.normalize("NFD", letter)
    if _vietnamese(base):
        return letter
    return base[0] if base[0].isascii() else " "


def _vietnamese(base: str) -> bool:
    marks = "\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b"
    return base in {"đ", "Đ"} or (base[0].isascii() and all(mark in marks for mark in base[1:]))
