"""Letters: which words are Vietnamese syllables, and how those that are none are spelled."""

import re
import unicodedata

_NAMES = {
    "a": "a", "ă": "á", "â": "ớ", "b": "bê", "c": "xê", "d": "dê", "đ": "đê", "e": "e", "ê": "ê", "f": "ép",
    "g": "giê", "h": "hát", "i": "i", "j": "gi", "k": "ca", "l": "e lờ", "m": "em mờ", "n": "en nờ", "o": "ô",
    "ô": "ô", "ơ": "ơ", "p": "pê", "q": "quy", "r": "e rờ", "s": "ét xì", "t": "tê", "u": "u", "ư": "ư",
    "v": "vê", "w": "vê kép", "x": "ích xì", "y": "i", "z": "dét",
}  # fmt: skip
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_SHARP = ("\u0301", "\u0323")  # one of them is on every syllable that ends in c, ch, p or t

_SOUNDS = (
    r"(?:ngh|ng|nh|gh|gi|kh|ch|ph|qu|th|tr|[bcdđghklmnrstvx])?"
    r"(?:[aăâeêioôơuưy]|ai|ao|au|ay|âu|ây|eo|êu|ia|i[eê]|iu|i[eê]u|oa|oă|oai|oay|oe|oeo|o[oi]|[ôơưu]i"
    r"|u[aâêôơoey]|uây|u[oô]i|uy[aeêu]|ư[aơu]|ươ[iu]|y[eê]|y[eê]u)"
    r"(?:ch|nh|ng|[cmnpt])?"
)
_SYLLABLE = re.compile(_SOUNDS)
_SYLLABLES = re.compile(f"(?:{_SOUNDS})+")

UPPER = "A-Z" + "".join(it for it in map(chr, range(0xC0, 0x1EFA)) if it.isupper())


def is_syllable(word: str) -> bool:
    """Whether a word in small letters can be a Vietnamese one; marks may be missing."""
    marked = unicodedata.normalize("NFD", word)
    bare = _without_tones(word)
    sharp = any(tone in marked for tone in _SHARP)
    return bool(_SYLLABLE.fullmatch(bare)) and (sharp or not bare.endswith(("c", "ch", "p", "t")))


def apart(word: str) -> str:
    """The syllables of a word of an address, “huongson” as “huong son”; nothing if it is not made of such."""
    if not _SYLLABLES.fullmatch(word):
        return ""
    for end in range(len(word), 0, -1):
        if _SYLLABLE.fullmatch(word[:end]) and (end == len(word) or _SYLLABLES.fullmatch(word[end:])):
            return f"{word[:end]} {apart(word[end:])}".strip()
    return ""


def spelled(word: str) -> str:
    """Each letter's name."""
    return " ".join(_NAMES.get(letter, letter) for letter in _without_tones(word.lower()))


def capitals(text: str) -> str:
    """Words all in capitals: Vietnamese ones in small letters, others spelled."""
    return re.sub(rf"(?<!\w)[{UPPER}]+(?!\w)", lambda it: _said(it[0].lower()), text)


def _said(word: str) -> str:
    return word if is_syllable(word) else spelled(word)


def _without_tones(word: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(_TONES))
