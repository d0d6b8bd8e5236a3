"""Amounts: ranges, money, units, per cent, and all numbers that are left."""

import re

from station.rules.reading.letters import UPPER
from station.rules.reading.numbers import NUMBER, figure

_UNITS = {
    "km": "ki lô mét", "m": "mét", "dm": "đề xi mét", "cm": "xen ti mét", "mm": "mi li mét",
    "km2": "ki lô mét vuông", "m2": "mét vuông", "dm2": "đề xi mét vuông", "cm2": "xen ti mét vuông",
    "mm2": "mi li mét vuông", "m3": "mét khối", "dm3": "đề xi mét khối", "cm3": "xen ti mét khối",
    "ha": "héc ta", "kg": "ki lô gam", "g": "gam", "gr": "gam", "mg": "mi li gam", "μg": "mi cờ rô gam",
    "l": "lít", "L": "lít", "ml": "mi li lít", "mL": "mi li lít", "°C": "độ xê", "oC": "độ xê", "°": "độ",
    "kW": "ki lô oát", "kWh": "ki lô oát giờ", "KWh": "ki lô oát giờ", "MW": "mê ga oát", "W": "oát", "V": "vôn",
    "kV": "ki lô vôn", "Hz": "héc", "kHz": "ki lô héc", "MHz": "mê ga héc", "KB": "ki lô bai",
    "MB": "mê ga bai", "GB": "gi ga bai", "TB": "tê ra bai", "dB": "đề xi ben", "h": "giờ", "ph": "phút",
    "s": "giây", "%": "phần trăm", "‰": "phần nghìn", "đ": "đồng", "₫": "đồng", "vnđ": "đồng",
    "vnd": "đồng", "VNĐ": "đồng", "VND": "đồng", "USD": "đô la Mỹ", "$": "đô la", "EUR": "ơ rô", "€": "ơ rô",
    "k": "nghìn", "K": "nghìn", "tr": "triệu", "trđ": "triệu đồng",
}  # fmt: skip
_ALONE = ("km2", "km", "m2", "m3", "cm2", "cm", "mm", "kg", "mg", "ml", "kWh", "kW", "kV", "MW", "MHz", "°C", "%")
_MONEY = {"đồng", "đô la", "đô la Mỹ", "ơ rô", "nghìn", "triệu", "triệu đồng"}
_SHARERS = (
    "người|hộ|năm|tháng|ngày|tuần|giờ|phút|vụ|lần|cái|con|chiếc|buổi|suất|lượt|sào|công|tổ|thôn|xã|em|cháu|khẩu"
    "|gia đình|học sinh|thửa|nhân khẩu|bộ|bao|lít|tấn|tạ|yến"
)


def _one_of(units: tuple[str, ...]) -> str:
    return "|".join(re.escape(it) for it in sorted(units, key=len, reverse=True))


_UNIT = _one_of(tuple(_UNITS))
_COUNTED = r"(?<=\d)|(?<=nghìn)|(?<=ngàn)|(?<=triệu)|(?<=tỷ)|(?<=tỉ)|(?<=trăm)|(?<=rưỡi)"
_MEASURED = re.compile(rf"(?:{_COUNTED})( ?)({_UNIT})((?: ?/ ?(?:{_UNIT}|{_SHARERS})(?!\w))*)(?!\w)")
_UNCOUNTED = re.compile(rf"(?<![\w.@/])({_one_of(_ALONE)})((?: ?/ ?(?:{_UNIT}|{_SHARERS})(?!\w))*)(?!\w)")
_SHARED = re.compile(rf"(?<=\w)((?: ?/ ?(?:{_UNIT}|{_SHARERS})(?!\w))+)")
_MONEY_BEFORE = re.compile(rf"(?<!\w)(US\$|\$|€|USD ?)({NUMBER})((?: (?:nghìn|triệu|tỷ|tỉ))?)")

_RANGE = re.compile(rf"(\d ?(?:{_one_of(('km', 'm', 'cm', 'kg', 'g', 'l', 'h', 'ha', 'm2', '%', '°C', 'đ'))})?)"
                    r"( ?)[-–—](\2)(?=\d)")  # fmt: skip
_WEEKDAY = re.compile(r"(?<!\w)T([2-7])(?![\w/])")
_SUNDAY = re.compile(r"(?<!\w)(thứ \d ?(?:,|và|đến|-|–) ?)CN(?!\w)")
_WEEKDAYS = re.compile(r"(?<=thứ \d)( ?)[-–—]\1(?=thứ|chủ nhật)", re.IGNORECASE)
_CODE = re.compile(r"(?<![\w.,/-])\d+(?:-\d+){2,}(?![\w/])")
_NEGATIVE = re.compile(rf"(?<![\w)%°-])-(?={NUMBER})")
_NUMBER = re.compile(NUMBER)
_ORDINAL = re.compile(r"(?<!\w)(thứ) (1|4)(?!\w|[.,/]\d)", re.IGNORECASE)
_SCALE = re.compile(r"(?<=\d) ?: ?(?=\d)")
_TIMES = re.compile(r"(?<=\d)( ?)[x×*](\1)(?=\d)")


def ranges(text: str) -> str:
    """Two numbers with a dash between: from the one to the other, unless the second is smaller."""
    text = _CODE.sub(lambda it: ", ".join(" ".join(part) for part in it[0].split("-")), text)
    text = _SUNDAY.sub(lambda it: f"{it[1]}chủ nhật", _WEEKDAY.sub(lambda it: f"thứ {it[1]}", text))
    return _RANGE.sub(_range, _WEEKDAYS.sub(" đến ", text))


def measures(text: str) -> str:
    """Money and units, per hour and per head too."""
    text = _MONEY_BEFORE.sub(
        lambda it: f"{it[2]}{it[3]} {'đô la' if '$' in it[1] else _UNITS[it[1].strip()]}", text
    )
    text = _MEASURED.sub(lambda it: f" {_said(it[2], it[3])}", text)
    text = _UNCOUNTED.sub(lambda it: _said(it[1], it[2]), text)
    return _SHARED.sub(lambda it: _shares(it[1], " một "), text)


def numbers(text: str) -> str:
    """Every number that is left, in words."""
    text = _ORDINAL.sub(lambda it: f"{it[1]} {'nhất' if it[2] == '1' else 'tư'}", text)
    text = _TIMES.sub(" nhân ", _SCALE.sub(" trên ", text))
    text = _NEGATIVE.sub("âm ", text)
    text = re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", text)
    text = re.sub(r"(?<=[^\W\d_])-(?=\d)|(?<=\d)-(?=[^\W\d_])", " ", text)
    return _NUMBER.sub(lambda it: f" {figure(it[0])} ", text)


def _range(match: re.Match[str]) -> str:
    before = re.search(r"(?:^|[^\w/:.,-])(\d+)$", match.string[: match.start() + 1])
    after = re.match(r"\d+(?![\d/:h]|[.,]\d)", match.string[match.end() :])
    of_a_code = re.search(rf"[{UPPER}]\d+$", match.string[: match.start() + 1])
    falls = before and after and match[1].isdecimal() and int(before[1]) > int(after[0])
    return match[1] + (" " if falls or of_a_code else " đến ")


def _said(unit: str, shares: str) -> str:
    name = _UNITS[unit]
    return name + _shares(shares, " một " if name in _MONEY else " trên ")


def _shares(shares: str, joined: str) -> str:
    parts = [it.strip() for it in shares.split("/") if it.strip()]
    return "".join((joined if it in _UNITS else " một ") + _UNITS.get(it, it) for it in parts)
