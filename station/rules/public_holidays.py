"""The public holidays of Vietnam, by the holidays package: the Labour Code's, and days off that were swapped."""

import datetime as dt
from functools import lru_cache

from station.rules.lunar import lunar

# A schedule's name for a holiday, and what the package's English name of its days contains.
NAMES = {
    "tet": "Lunar New Year",
    "tet-duong-lich": "New Year's Day",
    "gio-to": "Hung Kings",
    "thong-nhat": "Liberation Day",
    "lao-dong": "International Labor Day",
    "quoc-khanh": "National Day",
    "van-hoa": "Cultural Day",
}
ANY = "holiday"
SAID = {
    "tet-duong-lich": "Tết Dương lịch",
    "gio-to": "Giỗ Tổ Hùng Vương",
    "thong-nhat": "Giải phóng miền Nam",
    "lao-dong": "Quốc tế Lao động",
    "quoc-khanh": "Quốc khánh",
    "van-hoa": "Ngày Văn hóa Việt Nam",
}
_BEFORE = {27: "27 Tết", 28: "28 Tết", 29: "29 Tết"}
_TET, _LAST_MONTH = "tet", 12
_OBSERVED = "(observed)"  # the day off in place of one that fell on a weekend: a day off, but not the day itself


def is_holiday(day: dt.date, name: str) -> bool:
    """Whether `day` is that holiday, or with `ANY` a public day off for whatever reason."""
    told = _year(day.year).get(day)
    if told is None:
        return False
    return name == ANY or any(NAMES[name] in it and _OBSERVED not in it for it in told.split("; "))


def holiday_name(day: dt.date) -> str:
    """What a calendar on the wall calls a public day off; nothing for any other day."""
    if not is_holiday(day, ANY):
        return ""
    if is_holiday(day, _TET):
        return _day_of_tet(day)
    return next((said for name, said in SAID.items() if is_holiday(day, name)), "Nghỉ bù")


def _day_of_tet(day: dt.date) -> str:
    date = lunar(day)
    if date is None:
        return "Tết Nguyên đán"
    if date.month == _LAST_MONTH:
        return "Giao thừa" if date.last else _BEFORE.get(date.day, "Tết Nguyên đán")
    return f"Mùng {date.day} Tết"


@lru_cache(maxsize=16)
def _year(year: int) -> dict[dt.date, str]:
    from holidays.countries.vietnam import Vietnam  # noqa: PLC0415 - heavy, and only for schedules that name a holiday

    return dict(Vietnam(years=year, language="en_US"))  # type: ignore[no-untyped-call]
