"""Roman numerals, where they are meant as such."""

import re

from station.rules.reading.letters import UPPER

_VALUES = {"I": 1, "V": 5, "X": 10}
_NUMERAL = r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})(?!\w)"
_COUNTED = (
    "điều|chương|phần|mục|khoản|kỷ|kỉ|thứ|khóa|khoá|quý|kỳ|kì|tập|cấp|hạng|loại|bậc|lục|hội|vùng|nhóm|đợt"
    "|giai đoạn|khu vực|quyển|bảng"
)
_AFTER_WORD = re.compile(rf"(?<!\w)((?:{_COUNTED}) )({_NUMERAL})", re.IGNORECASE)
_LINE = re.compile(rf"(?m)^({_NUMERAL})(?=[.)/] ?)")
_ALONE = re.compile(rf"(?<![\w.&/-])({_NUMERAL})(?![.&-]\w)")
_CAPITALS = rf"(?<!\w)[{UPPER}]{{2,}}"


def arabic(text: str) -> str:
    """The text with its Roman numerals in digits; a word in capitals that only looks like one stays."""
    text = _AFTER_WORD.sub(lambda it: it[1] + _value(it[2]) if it[2].isupper() else it[0], text)
    text = _LINE.sub(lambda it: _value(it[1]), text)
    return _ALONE.sub(_alone, text)


def _alone(match: re.Match[str]) -> str:
    before, after = match.string[: match.start()], match.string[match.end() :]
    among_capitals = re.search(rf"{_CAPITALS}\W{{1,2}}$", before) or re.match(rf"\W{{1,2}}{_CAPITALS}(?!\w)", after)
    return match[1] if len(match[1]) == 1 or among_capitals else _value(match[1])


def _value(numeral: str) -> str:
    values = [_VALUES[it] for it in numeral]
    return str(sum(-it if it < after else it for it, after in zip(values, [*values[1:], 0], strict=True)))
