"""Letters: Vietnamese text as it is searched, with its marks and without."""

import unicodedata


def spelled(*texts: str) -> str:
    """Texts in small letters, composed one way; a line each."""
    return unicodedata.normalize("NFC", "\n".join(texts)).casefold()


def plain(*texts: str) -> str:
    """The same without marks: "Đường đê" is "duong de"."""
    bare = unicodedata.normalize("NFD", spelled(*texts).replace("đ", "d"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))
