"""Reading: a written text as a Vietnamese announcer says it, in words only."""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

from station.rules.reading.addresses import addresses, telephones
from station.rules.reading.amounts import measures, numbers, ranges
from station.rules.reading.clean import one_way, only_words, without_bullets
from station.rules.reading.dates import dates, dates_of_dashes, times
from station.rules.reading.legal import references
from station.rules.reading.letters import capitals
from station.rules.reading.roman import arabic
from station.rules.reading.short import expanded

__all__ = ["as_read"]

_SIGNS = (
    (r"(?<=số )#", ""), (r"#(?=\s?\d)", " số "), (r"#", " thăng "), (r"&", " và "), (r"\+", " cộng "),
    (r"=", " bằng "), (r"@", " a còng "), (r"±", " cộng trừ "), (r"≥", " lớn hơn hoặc bằng "),
    (r"≤", " nhỏ hơn hoặc bằng "),
    (r">(?=\s?\d)", " lớn hơn "), (r"<(?=\s?\d)", " nhỏ hơn "), (r"~(?=\s?\d)", " khoảng "), (r"→", " đến "),
    (r"(?<=và)\s?/\s?(?=hoặc)", " "), (r"(?<=\w)\s?/\s?(?=\w)", " hoặc "),
)  # fmt: skip


def as_read(text: str, dictionary: Mapping[str, str]) -> str:
    """The words to say for `text`, with its stops; no digit, sign or abbreviation is left.

    `dictionary` holds the station's own readings, which win over everything and are taken as they are: whole
    words, whatever their case unless the word holds a capital.
    """
    return _as_read(without_bullets(unicodedata.normalize("NFC", text)), tuple(dictionary.items()))


@lru_cache(maxsize=128)  # the page asks for the same texts each second
def _as_read(text: str, readings: tuple[tuple[str, str], ...]) -> str:
    if not readings:
        return only_words(_read(text))
    words = {unicodedata.normalize("NFC", word): reading for word, reading in readings}
    pieces = re.split(f"({'|'.join(map(_whole_word, sorted(words, key=len, reverse=True)))})", text)
    return only_words("".join(words.get(it) or words.get(it.lower()) or _read(it) for it in pieces))


def _read(text: str) -> str:
    """Each step leaves less that is not a word; what could be taken for something else comes first."""
    text = one_way(text)
    for step in (addresses, references, dates_of_dashes, telephones, ranges, arabic, dates, times):
        text = step(text)
    text = measures(expanded(text))
    for sign, said in _SIGNS:
        text = re.sub(sign, said, text)
    return capitals(numbers(text))


def _whole_word(word: str) -> str:
    opens = r"(?<!\w)" if re.match(r"\w", word) else ""
    closes = r"(?!\w)" if re.search(r"\w$", word) else ""
    case = "" if any(letter.isupper() for letter in word) else "i"
    return f"{opens}(?{case}:{re.escape(word)}){closes}"
