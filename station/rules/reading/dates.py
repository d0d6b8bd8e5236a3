"""Dates and times of day."""

import re

from station.rules.reading.numbers import whole

_D, _M, _Y = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"((?:1[89]|20|21)\d{2})"
_NAMED = r"((?<!\w)(?:ngày|mùng|mồng)\s+)?(?<![\w/.,-])"
_LAST = 10  # the days of a month that are called “mùng”

_FULL = [
    re.compile(rf"{_NAMED}{_D} ?{sign} ?{_M} ?{sign} ?{_Y}(?![\w/])", re.IGNORECASE) for sign in ("/", "-", r"\.")
]
_ISO = re.compile(rf"{_NAMED}{_Y}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?![\w/-])", re.IGNORECASE)
_DASHED = re.compile(rf"((?<!\w)(?:ngày|mùng|mồng)\s+){_D}-{_M}(?![\w/:-]|[.,]\d| tháng)", re.IGNORECASE)
_MONTH_YEAR = re.compile(rf"((?<!\w)tháng\s+)?(?<![\w/.,-]){_M} ?[/-] ?{_Y}(?![\w/-])", re.IGNORECASE)
_COUNTED_IN_YEAR = re.compile(r"(?:đợt|quý|số|kỳ|kì|lần|tập|khóa|khoá|phiên|bản|vụ) $", re.IGNORECASE)
_SHORT_MONTH = re.compile(r"(?<!\w)T\.? ?(?=\d{1,2}/(?:19|20)\d{2})")
_PER_TIME = re.compile(r"(?<=[^\W\d_]) ?/ ?(?=\d{1,2} ?(?:h|giờ)(?!\w))")
_DAY_MONTH = re.compile(rf"{_NAMED}{_D}/{_M}(?![\w/]|[.,]\d)", re.IGNORECASE)
_DAY = re.compile(r"((?<!\w)ngày\s+)(0?[1-9]|10)(?= (?:tháng|hàng|hằng|âm|đến|tới)\b)", re.IGNORECASE)
_MONTH = re.compile(rf"((?<!\w)tháng\s+){_M}(?!\w|[/.,]\d)", re.IGNORECASE)

_COUNT = r"(?:không|mốt|một|hai|ba|bốn|tư|năm|lăm|sáu|bảy|tám|chín|mười|mươi|trăm|nghìn|linh| )+"
_BETWEEN = re.compile(rf"(?<= )(tháng {_COUNT}) ?[-–—] ?(?=ngày )")

_OF_DATE = re.compile(
    r"(?:ngày|lễ|dịp|sáng|trưa|chiều|tối|đêm|hôm|nay|mai|từ|đến|tới|trước|sau|hạn|vào|khánh|nhật|hai|ba|tư|sáu"
    r"|bảy|mừng|niệm|nghỉ|hết|qua|kể|và|tháng \w+),? ?\(?$"
)
_OF_FRACTION = re.compile(r"(?:khoảng|hơn|gần|chiếm|đạt|bằng|quá|trên|dưới|được|tới|giảm|tăng|là) $")
_OF_SHARE = re.compile(r" (?:số|diện tích|tổng|dân số|quãng|trong|thời gian|chiều|lượng|thành viên|hộ|của)\b")
_OF_NUMBER = re.compile(r"(?:số|nhà|hẻm|ngõ|ngách|kiệt|thửa|tờ|tỷ lệ|tỉ lệ)(?: số)? $")
_PARTS = {"1/2", "1/3", "2/3", "1/4", "3/4"}
_OVER = 10  # what is below this line and smaller than it, is read as parts

_FRACTION = re.compile(r"(?<![\w/.,-])(\d+)/(\d+)(h(?!\w))?(?![\w/]|[.,]\d)")

_CLOCK = re.compile(
    r"(?<![\w:.,/])([01]?\d|2[0-4]) ?(?:[hg:]|giờ) ?([0-5]\d)(?:(?:[:m]|p| ?phút) ?([0-5]\d)(?: ?giây|s)?)?"
    r"(?: ?phút|[p'](?!\w))?(?![\w:]|[.,]\d)",
    re.IGNORECASE,
)
_HOUR = re.compile(r"(?<![\w:.,/])([01]?\d|2[0-4]) ?h(?![\w/])")
_MINUTES_ONLY = re.compile(r"\s*(?:$|[.,;:!?()\n–-]|(?:ngày|sáng|chiều|tối|trưa|thứ|hôm|đến|tại|cùng|và)\b)")


def dates_of_dashes(text: str) -> str:
    """Dates that a range or a telephone number could be taken for."""
    text = _ISO.sub(lambda it: _date(it[1], it[4], it[3], it[2]), text)
    for pattern in _FULL:
        text = pattern.sub(lambda it: _date(it[1], it[2], it[3], it[4]), text)
    return _DASHED.sub(lambda it: _date(it[1], it[2], it[3]), text)


def dates(text: str) -> str:
    """Dates, months, and fractions, which look like them."""
    text = _MONTH_YEAR.sub(_month_of_year, _SHORT_MONTH.sub("tháng ", text))
    text = _DAY_MONTH.sub(_date_or_part, text)
    text = _FRACTION.sub(lambda it: _part(int(it[1]), int(it[2])) + (" giờ" if it[3] else ""), text)
    text = _DAY.sub(lambda it: f"{it[1]}mùng {whole(int(it[2]))}", text)
    text = _MONTH.sub(lambda it: it[1] + _month(it[2]), text)
    return _BETWEEN.sub(lambda it: f"{it[1].strip()} đến ", text)


def times(text: str) -> str:
    """Times of day: 17h30, 17:30, 17 giờ 30, 5h."""
    text = _CLOCK.sub(_time, _PER_TIME.sub(" trong ", text))
    return _HOUR.sub(lambda it: f"{whole(int(it[1]))} giờ", text)


def _date(named: str | None, day: str, month: str, year: str | None = None) -> str:
    name = "ngày " if named is None else named
    number = whole(int(day))
    first = "mùng " if int(day) <= _LAST and name.strip().lower() in {"", "ngày"} else ""
    return f"{name}{first}{number} tháng {_month(month)}" + (f" năm {whole(int(year))}" if year else "")


def _month_of_year(match: re.Match[str]) -> str:
    """The month of a year, or the second round of a year: “đợt 2/2026”."""
    counted = not match[1] and _COUNTED_IN_YEAR.search(match.string[: match.start()])
    said = whole(int(match[2])) if counted else (match[1] or "tháng ") + _month(match[2])
    return f"{said} năm {whole(int(match[3]))}"


def _month(month: str) -> str:
    april = 4
    return "tư" if int(month) == april else whole(int(month))


def _date_or_part(match: re.Match[str]) -> str:
    before, after = match.string[: match.start()].lower(), match.string[match.end() :]
    written = match[0]
    if match[1] or (_OF_DATE.search(before) and written not in _PARTS):
        return _date("" if before.endswith("lễ ") else match[1], match[2], match[3])
    round_the_clock = written == "24/7"
    smaller = int(match[2]) < int(match[3])
    a_part = smaller and (_OF_FRACTION.search(before) or _OF_SHARE.match(after) or written in _PARTS)
    if round_the_clock or a_part or _OF_NUMBER.search(before):
        return written
    return _date(None, match[2], match[3])


def _part(above: int, below: int) -> str:
    between = "phần" if 0 < above < below <= _OVER else "trên"
    fourths = 4
    under = "tư" if between == "phần" and below == fourths else whole(below)
    return f"{whole(above)} {between} {under}"


def _time(match: re.Match[str]) -> str:
    hours, minutes, seconds = int(match[1]), int(match[2]), match[3]
    spoken_out = re.fullmatch(r"\d+ ?giờ ?\d+", match[0], re.IGNORECASE)
    if spoken_out and not _MINUTES_ONLY.match(match.string[match.end() :]):
        return match[0]
    said = f"{whole(hours)} giờ"
    if minutes or seconds:
        said += f" {whole(minutes)} phút"
    return f"{said} {whole(int(seconds))} giây" if seconds else said
