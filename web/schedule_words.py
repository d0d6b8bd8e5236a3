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
from web.language import said

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
    "first": "{} đầu tiên của tháng",
    "second": "{} thứ hai của tháng",
    "third": "{} thứ ba của tháng",
    "fourth": "{} thứ tư của tháng",
    "last": "{} cuối cùng của tháng",
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
_TYPED |= {"": MINUTE, "min": MINUTE, "giây": SECOND, "s": SECOND, "ms": 1}
_TYPED |= {"hour": HOUR, "hours": HOUR, "minute": MINUTE, "minutes": MINUTE, "second": SECOND, "seconds": SECOND}


def days(words: Sequence[str]) -> str:
    """Days as one says them: `thứ Hai đến thứ Bảy, ngày 02/09/2026`."""
    found = shortest(words)
    return ", ".join(day(it) for it in ([found] if isinstance(found, str) else found))


def day(word: str) -> str:
    """One word for days as one says it; what it does not know it leaves as it is written."""
    if word == "daily":
        return said("mỗi ngày")
    if word in WEEKDAYS:
        return said(WEEKDAYS[word])
    if word in HOLIDAYS:
        return said(HOLIDAYS[word])
    first, _, last = word.partition("-")
    if first in WEEKDAYS and last in WEEKDAYS:
        return _until(said(WEEKDAYS[first]), said(WEEKDAYS[last]))
    ordinal, _, weekday = word.partition(" ")
    if ordinal in ORDINALS and weekday in WEEKDAYS:
        return said(ORDINALS[ordinal].format(WEEKDAYS[weekday]))
    return said(_lunar(word)) or _dates(word) or word


def _until(first: str, last: str) -> str:
    return f"{first} {said('đến')} {last}"


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
    told = []
    for unit, name, _ in _UNITS:
        number, ms = divmod(ms, unit)
        told += [f"{number} {said(name)}"] if number else []
    return " ".join(told) or f"0 {said('giây')}"


def typed_length(written: Any) -> str:
    """The length that a file holds as a field shows it; what is no length as it is written."""
    try:
        return length(read_duration(written))
    except Refused:
        return "" if written is None else str(written)


def read_length(typed: str) -> str:
    """What a person typed as a length, as a file writes it; a number alone is minutes. Raises `Refused`."""
    plain = "".join(unicodedata.normalize("NFC", typed).lower().split())
    parts = re.findall(r"(\d{1,9})([^\W\d]*)", plain)
    whole = "".join(number + unit for number, unit in parts) == plain
    if not parts or not whole or not all(unit in _TYPED for _, unit in parts):
        raise Refused(
            Trouble("", f"“{typed}” không phải là một khoảng thời gian.", mend="Viết như “12 phút” hoặc “30 giây”.")
        )
    ms = sum(int(number) * _TYPED[unit] for number, unit in parts)
    written = ""
    for unit, _, letter in _UNITS:
        number, ms = divmod(ms, unit)
        written += f"{number}{letter}" if number else ""
    read_duration(written or "0s")
    return written or "0s"


def item(kind: str, value: str, titles: Mapping[str, str]) -> str:
    """An item of a rundown as one says it; `titles` of what it may name."""
    named = titles.get(value, value)
    match kind:
        case "newest":
            return said(NEWEST[Kind(value)]) if value in [*Kind] else value
        case "say":
            return f"{said('Máy đọc')}: “{value}”"
        case "rebroadcast":
            return f"{said('Tiếp âm')} {named}"
        case "live":
            return f"{said('Nói trực tiếp')}: {named}"
    return named


def late(choice: str, within: str) -> str:
    """What becomes of a broadcast whose start was missed."""
    told = said(LATE.get(choice, choice))
    return said(f"Nếu lỡ giờ: {told} {within}." if within else f"Nếu lỡ giờ: {told}.")


def clash(choice: str, within: str) -> str:
    """What becomes of a broadcast whose time a more urgent one wants."""
    told = said(CLASH.get(choice, choice))
    return said(f"Nếu trùng buổi gấp hơn: {told} {within}." if within else f"Nếu trùng buổi gấp hơn: {told}.")


def _lunar(word: str) -> str:
    match = re.fullmatch(r"lunar (\d{1,2})(?:/(\d{1,2})( leap)?)?", word)
    if not match:
        return ""
    number, month = int(match[1]), int(match[2] or 0)
    if month > len(MONTHS):
        return ""
    if month:
        named = MONTHS[month - 1]
        return f"{number} {named} nhuận âm lịch" if match[3] else f"{number} {named} âm lịch"
    usual = {1: "mùng 1 âm lịch hằng tháng", 15: "rằm hằng tháng", 30: "ngày cuối tháng âm lịch"}
    return usual.get(number, f"ngày {number} âm lịch hằng tháng")


def _dates(word: str) -> str:
    first, dots, last = word.partition("..")
    if date(first) == first:
        return ""
    return _until(date(first), date(last)) if dots else f"{said('Ngày').lower()} {date(first)}"
