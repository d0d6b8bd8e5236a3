"""Whether a sentence is one that an operator can read: Vietnamese, and a whole sentence."""

import re

_NAMES = {"WAV", "MP3", "M4A", "OGG", "FLAC", "AMR", "WMA", "3GP", "AAC", "MB"}
_MARKED = re.compile("[àáảãạăắằẳẵặâấầẩẫậèéẻẽẹêếềểễệìíỉĩịòóỏõọôốồổỗộơớờởỡợùúủũụưứừửữựỳýỷỹỵđ]", re.IGNORECASE)
_NOT_VIETNAMESE = re.compile(r"[fjwz]|\w{8,}", re.IGNORECASE)  # no syllable has these letters, nor so many


def vietnamese(told: str) -> bool:
    """Whether all that is told is Vietnamese sentences."""
    sentences = re.findall(r"[^.!?]+[.!?]", told)
    whole = "".join(sentences).strip() == told.strip() != ""
    return whole and all(_MARKED.search(sentence) and not _strange(sentence) for sentence in sentences)


def _strange(sentence: str) -> list[str]:
    words = re.findall(r"\w+", sentence)
    return [word for word in words if word not in _NAMES and _NOT_VIETNAMESE.search(word)]
