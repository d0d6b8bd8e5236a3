"""The public holidays of Vietnam, by the holidays package: the Labour Code's, and days off that were swapped."""

import datetime as dt
from functools import lru_cache

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
_OBSERVED = "(observed)"  # the day off in place of one that fell on a weekend: a day off, but not the day itself


def is_holiday(day: dt.date, name: str) -> bool:
    """Whether `day` is that holiday, or with `ANY` a public day off for whatever reason."""
    told = _year(day.year).get(day)
    if told is None:
        return False
    return name == ANY or any(NAMES[name] in it and _OBSERVED not in it for it in told.split("; "))


@lru_cache(maxsize=16)
def _year(year: int) -> dict[dt.date, str]:
    from holidays.countries.vietnam import Vietnam  # noqa: PLC0415 - heavy, and only for schedules that name a holiday

    return dict(Vietnam(years=year, language="en_US"))  # type: ignore[no-untyped-call]
