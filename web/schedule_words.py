"""A schedule in words: days, hours, items and lengths as one says them, and lengths as one types them."""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from station.rules.day_words import shortest
from station.rules.lunar import MONTHS
from station.rules.now import DAY, HOUR, MINUTE, SECOND
from station.rules.public_holidays import ANY, SAID
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.written import read_clock, read_duration

WEEKDAYS = {
    "mon": "thứ Hai",
    "tue": "thứ Ba",
    "wed": "thứ Tư",
    "thu": "thứ Năm",
    "fri": "thứ Sáu",
    "sat": "thứ Bảy",
    "sun": "Chủ nhật",
}
ORDINALS = {
    "first": "đầu tiên",
    "second": "lần thứ hai",
    "third": "lần thứ ba",
    "fourth": "lần thứ tư",
    "last": "cuối cùng",
}
HOLIDAYS = {"tet": "Tết Nguyên đán", **SAID, ANY: "mọi ngày nghỉ lễ"}
NEWEST = {
    Kind.NEWS: "Tin mới nhất",
    Kind.NOTICE: "Thông báo mới nhất",
    Kind.FEATURE: "Bài mới nhất",
    Kind.MUSIC: "Nhạc mới nhất",
    Kind.IDENT: "Nhạc hiệu mới nhất",
    Kind.STING: "Nhạc cắt mới nhất",
    Kind.SIGNOFF: "Lời kết mới nhất",
}
LATE = {
    "skip": "bỏ qua buổi ấy",
    "start within": "vẫn phát, nếu trễ không quá",
    "join": "vào giữa chừng, hết đúng giờ",
}
CLASH = {"drop": "nhường hẳn, không phát", "cut": "phát ngắn lại", "move within": "lùi lại sau, nhiều nhất"}
_UNITS = ((HOUR, "giờ", "h"), (MINUTE, "phút", "m"), (SECOND, "giây", "s"), (1, "ms", "ms"))
_TYPED = {"giờ": HOUR, "g": HOUR, "h": HOUR, "phút": MINUTE, "ph": MINUTE, "p": MINUTE, "m": MINUTE}
_TYPED |= {"": MINUTE, "giây": SECOND, "s": SECOND, "ms": 1}


def days(words: Sequence[str]) -> str:
    """Days as one says them: `thứ Hai đến thứ Bảy, ngày 02/09/2026`."""
    found = shortest(words)
    return ", ".join(day(it) for it in ([found] if isinstance(found, str) else found))


def day(word: str) -> str:
    """One word for days as one says it; what it does not know it leaves as it is written."""
    if word == "daily":
        return "mỗi ngày"
    if word in WEEKDAYS:
        return WEEKDAYS[word]
    if word in HOLIDAYS:
        return HOLIDAYS[word]
    first, _, last = word.partition("-")
    if first in WEEKDAYS and last in WEEKDAYS:
        return f"{WEEKDAYS[first]} đến {WEEKDAYS[last]}"
    ordinal, _, weekday = word.partition(" ")
    if ordinal in ORDINALS and weekday in WEEKDAYS:
        return f"{WEEKDAYS[weekday]} {ORDINALS[ordinal]} của tháng"
    return _lunar(word) or _dates(word) or word


def date(written: str) -> str:
    """A date of a file as one writes it here; anything else as it is."""
    try:
        return f"{dt.date.fromisoformat(written):%d/%m/%Y}"
    except ValueError:
        return written


def later(at: str, ms: int) -> str:
    """The clock time so many ms after `17:00`; nothing if that is no clock time."""
    try:
        seconds = round((read_clock(at) + ms) / SECOND) % (DAY // SECOND)
    except Refused:
        return ""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def length(ms: int) -> str:
    """A length as one says it: `1 giờ 30 phút`."""
    said = []
    for unit, name, _ in _UNITS:
        number, ms = divmod(ms, unit)
        said += [f"{number} {name}"] if number else []
    return " ".join(said) or "0 giây"


def typed_length(written: Any) -> str:
    """The length that a file holds as a field shows it; what is no length as it is written."""
    try:
        return length(read_duration(written))
    except Refused:
        return "" if written is None else str(written)


def read_length(said: str) -> str:
    """What a person typed as a length, as a file writes it; a number alone is minutes. Raises `Refused`."""
    plain = "".join(unicodedata.normalize("NFC", said).lower().split())
    parts = re.findall(r"(\d+)([^\W\d]*)", plain)
    whole = "".join(number + unit for number, unit in parts) == plain
    if not parts or not whole or not all(unit in _TYPED for _, unit in parts):
        raise Refused(
            Trouble("", f"“{said}” không phải là một khoảng thời gian.", mend="Viết như “12 phút” hoặc “30 giây”.")
        )
    ms = sum(int(number) * _TYPED[unit] for number, unit in parts)
    written = ""
    for unit, _, letter in _UNITS:
        number, ms = divmod(ms, unit)
        written += f"{number}{letter}" if number else ""
    return written or "0s"


def item(kind: str, value: str, titles: Mapping[str, str]) -> str:
    """An item of a rundown as one says it; `titles` of what it may name."""
    if kind == "newest":
        return NEWEST[Kind(value)] if value in [*Kind] else value
    if kind == "say":
        return f"Máy đọc: “{value}”"
    named = titles.get(value, value)
    return {"rebroadcast": f"Tiếp âm {named}", "live": f"Nói trực tiếp: {named}"}.get(kind, named)


def late(choice: str, within: str) -> str:
    """What becomes of a broadcast whose start was missed."""
    return f"Nếu lỡ giờ: {' '.join(filter(None, (LATE.get(choice, choice), within)))}."


def clash(choice: str, within: str) -> str:
    """What becomes of a broadcast whose time a more urgent one wants."""
    return f"Nếu trùng buổi gấp hơn: {' '.join(filter(None, (CLASH.get(choice, choice), within)))}."


def _lunar(word: str) -> str:
    match = re.fullmatch(r"lunar (\d{1,2})(?:/(\d{1,2})( leap)?)?", word)
    if not match:
        return ""
    number = int(match[1])
    said = {1: "mùng 1", 15: "rằm"}.get(number, f"{'mùng' if number <= 10 else 'ngày'} {number}")  # noqa: PLR2004 - as one counts
    if not match[2]:
        return "ngày cuối tháng âm lịch" if number == 30 else f"{said} hằng tháng (âm lịch)"  # noqa: PLR2004 - a month's last
    month = int(match[2])
    if not 1 <= month <= len(MONTHS):
        return ""
    return f"{said} tháng {MONTHS[month - 1]}{' nhuận' if match[3] else ''} (âm lịch)"


def _dates(word: str) -> str:
    first, dots, last = word.partition("..")
    if date(first) == first:
        return ""
    return f"{date(first)} đến {date(last)}" if dots else f"ngày {date(first)}"
