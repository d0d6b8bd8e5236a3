"""The Vietnamese lunar calendar, by lunar-vn: Hồ Ngọc Đức's algorithm for the meridian of 105° east."""

import datetime as dt
from functools import lru_cache

import lunar_vn
from attrs import frozen

_FIRST_YEAR, _LAST_YEAR = lunar_vn.SUPPORTED_YEAR_RANGE
MONTHS = (
    "tháng Giêng",
    "tháng Hai",
    "tháng Ba",
    "tháng Tư",
    "tháng Năm",
    "tháng Sáu",
    "tháng Bảy",
    "tháng Tám",
    "tháng Chín",
    "tháng Mười",
    "tháng Mười Một",
    "tháng Chạp",
)


@frozen
class LunarDate:
    """A date of the lunar calendar; `leap` in a leap month, `last` on a month's last day."""

    day: int
    month: int
    leap: bool
    last: bool


def lunar(day: dt.date) -> LunarDate | None:
    """The lunar date of a day, or None outside the years that are computed."""
    return _year(day.year).get(day) if _FIRST_YEAR < day.year < _LAST_YEAR else None


def lunar_name(day: dt.date) -> str:
    """As a calendar on the wall says it: `15 tháng Mười âm lịch`; nothing outside the years that are computed."""
    date = lunar(day)
    if date is None:
        return ""
    month = MONTHS[date.month - 1]
    return f"{date.day} {month} nhuận âm lịch" if date.leap else f"{date.day} {month} âm lịch"


@lru_cache(maxsize=16)
def _year(year: int) -> dict[dt.date, LunarDate]:
    """The lunar dates of a whole year."""
    first = dt.date(year, 1, 1)
    days = [first + dt.timedelta(days=count) for count in range((dt.date(year + 1, 1, 1) - first).days + 1)]
    computed = [lunar_vn.solar_to_lunar(day) for day in days]
    return {
        day: LunarDate(it.day, it.month, it.leap, last=following.day == 1)
        for day, it, following in zip(days, computed, computed[1:], strict=False)
    }
