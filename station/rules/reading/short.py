"""What is written short: abbreviations, also those whose meaning hangs on their neighbours."""

import re
from collections.abc import Mapping

from station.rules.reading.abbreviations import COMMON, LOANS
from station.rules.reading.letters import UPPER, is_syllable

_NAME = rf"(?=[{UPPER}])"

# Each with what must stand around it, so that its meaning is sure; the first that fits wins.
_SURE: tuple[tuple[str, str], ...] = (
    (r"v\.v(?:\.\.\.|…|\.)?", "vân vân"),
    (r"[Vv]/[Vv](?!\w)", "về việc"),
    (r"[ĐđD]/c(?!\w)\.?", "đồng chí"),
    (r"(?:TP|Tp|tp)\. ?HCM(?!\w)", "thành phố Hồ Chí Minh"),
    (rf"(?:TP|Tp|tp)\. ?{_NAME}", "thành phố "),
    (rf"(?:TX|Tx|tx)\. ?{_NAME}", "thị xã "),
    (rf"(?:TT|Tt|tt)\. ?{_NAME}", "thị trấn "),
    (r"TT (?=Y tế|[Vv]ăn h|[Gg]iáo dục|[Dd]ạy nghề|[Cc]hính trị|[Hh]ành chính|[Hh]ọc tập|[Dd]ịch vụ|[Kk]huyến)",
     "trung tâm "),
    (r"BCH (?=[Qq]uân sự|QS|PCTT|[Pp]hòng|PCCC|[Tt]hống nhất|[Cc]hiến dịch)", "ban chỉ huy "),
    (r"BCH(?!\w)", "ban chấp hành"),
    (r"(?<=[Tt]rường )TH(?!\w)", "tiểu học"),
    (r"(?<=[Tt]rường )MN(?!\w)", "mầm non"),
    (r"CA (?=xã|phường|tỉnh|TP|thành phố|huyện|thị|đặc khu)", "công an "),
    (r"(?<=[Cc]ông ty )CP(?!\w)", "cổ phần"),
    (r"(?<=TNHH )MTV(?!\w)", "một thành viên"),
    (r"SN (?=(?:19|20)\d{2})", "sinh năm "),
    (r"QL\.? ?(?=\d)", "quốc lộ "),
    (r"TL\.? ?(?=\d)", "tỉnh lộ "),
    (r"ĐT ?(?=\d{3}(?!\d))", "đường tỉnh "),
    (r"ĐT(?= ?[:.]| (?:không|một|cộng)(?!\w))", "điện thoại"),
    (r"Q\.? ?(?=\d{1,2}(?!\d))", "quận "),
    (r"P\. ?(?=\d{1,2}(?!\d))", "phường "),
    (r"tr\. ?(?=\d)", "trang "),
    (r"(?:PGS|Pgs)\.? ?TS\.", "phó giáo sư, tiến sĩ"),
    (r"(GS|PGS|TS|ThS|BS)\.(?= )", ""),
)  # fmt: skip
_PLACES = {"Q": "quận", "P": "phường", "H": "huyện", "X": "xã", "T": "tỉnh", "h": "huyện", "x": "xã"}
_PLACE = re.compile(rf"(?<![\w./])([QPHXThx])\. ?{_NAME}")
_AFTER_A_NAME = re.compile(rf"(?<!\w)[{UPPER}]\w* $")


def expanded(text: str) -> str:
    """The text with its abbreviations read out."""
    for pattern, meaning in _SURE_PATTERNS:
        text = pattern.sub(lambda it, said=meaning: said or COMMON[it[1]], text)  # type: ignore[misc]
    text = _PLACE.sub(_place, text)
    text = _COMMON.sub(lambda it: COMMON[it[0]], text)
    text = re.sub(r"(?<!\w)[^\W\d_]{2,}(?!\w)", _in_small_letters, text)
    return _LOANS.sub(lambda it: LOANS[it[0].lower()], text)


def _place(match: re.Match[str]) -> str:
    """A kind of place before its name; after a name, and with no comma, it is a person's initial."""
    before = match.string[: match.start()]
    initial = _AFTER_A_NAME.search(before) or (match[1] == "T" and not before.rstrip().endswith((",", "-")))
    return match[0] if initial else f"{_PLACES[match[1]]} "


def _in_small_letters(match: re.Match[str]) -> str:
    word = match[0]
    known = COMMON.get(word.upper())
    return known if known and word.islower() and not is_syllable(word) else word


def _any_of(words: Mapping[str, str], flags: int = 0) -> re.Pattern[str]:
    listed = "|".join(re.escape(it) for it in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{listed})(?!\w)", flags)


_SURE_PATTERNS = tuple((re.compile(rf"(?<!\w){pattern}"), meaning) for pattern, meaning in _SURE)
_COMMON = _any_of(COMMON)
_LOANS = _any_of(LOANS, re.IGNORECASE)
