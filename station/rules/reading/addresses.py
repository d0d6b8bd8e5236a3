"""What is dictated rather than read: addresses of the network, telephone numbers, numbers to call in need."""

import re

from station.rules.reading.letters import apart, spelled
from station.rules.reading.numbers import one_by_one

_EMAIL = re.compile(r"(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_URL = re.compile(
    r"(?:https?://|(?<![\w@.-])www\.)[^\s<>\"”’)\]]+"
    r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:vn|com|net|org|info|edu|gov)(?:/[\w./-]*)?(?![\w@])",
    re.ASCII | re.IGNORECASE,
)
_LABELS = {"com": "com", "net": "nét", "edu": "e đu", "gmail": "gờ meo", "mail": "meo", "email": "i meo"}
_SIGNS = {"@": "a còng", ".": "chấm", "/": "gạch chéo", "-": "gạch ngang", "_": "gạch dưới", "+": "cộng"}

_PHONE = re.compile(r"(?<![\w.,/+-])(\(\+84\)|\+84|\(0\d{1,3}\)|0\d)((?:[ .-]{0,2}\d){7,9})(?![\d/]|[.,]\d)")
_SERVICE = re.compile(r"(?<![\w.,/-])(1[89]00)[ .]?(\d{4}|\d{2}[ .]?\d{2}|\d{6})(?!\d|[.,]\d)")
_ACCOUNT = re.compile(
    r"(?<!\w)((?:tài khoản|stk|tk|mã số(?: thuế)?|mst|cccd|cmnd|căn cước)(?: số)?:? ?)(\d(?:[ .]?\d){5,})(?![\w/])",
    re.IGNORECASE,
)
_HOTLINE = re.compile(r"(?<![\w.,/-])(11[1-5])(?![\w/]|[.,]\d)")
_CALLED = re.compile(
    r"(?:gọi|bấm|quay|tổng đài|hotline|đường dây nóng)(?: (?:ngay|điện|số|tới|đến|cho|máy|là))*:? $"
)
_COUNTS_NOTHING = re.compile(r"\W*$|\s?[.,:;!?()\n/–-]|\s(?:hoặc|và|hay|để|khi|nếu|ngay|trong|miễn|từ|là)\b")
_CALLS = re.compile(
    r"gọi|tổng đài|đường dây|hotline|điện thoại|đt\b|quay số|bấm|cứu hỏa|cứu hoả|chữa cháy|cấp cứu|cảnh sát"
    r"|số máy|số khẩn|báo ngay|liên hệ|bảo vệ trẻ em"
)
_USUAL_GROUPS = {10: (4, 3, 3), 11: (3, 4, 4)}


def addresses(text: str) -> str:
    """E-mail and web addresses, sign by sign."""
    return _URL.sub(_url, _EMAIL.sub(lambda it: _dictated(it[0]), text))


def telephones(text: str) -> str:
    """Numbers to call, digit by digit."""
    text = _ACCOUNT.sub(lambda it: it[1] + _grouped(it[2]), text)
    text = _PHONE.sub(_phone, text)
    text = _SERVICE.sub(lambda it: f"{one_by_one(it[1])}, {one_by_one(re.sub('[ .]', '', it[2]))}", text)
    return _HOTLINE.sub(_hotline, text)


def _url(match: re.Match[str]) -> str:
    address = re.sub(r"^(?:https?://)?(?:www\.)?", "", match[0], flags=re.IGNORECASE)
    stop = re.search(r"[.,;:!?/]*$", address)
    end = re.sub("/", "", stop[0]) if stop else ""
    return _dictated(re.split(r"[?#]", address.rstrip(".,;:!?/"))[0]) + end


def _dictated(address: str) -> str:
    parts = re.findall(r"[^\W\d_]+|\d+|[@./_+-]", address)
    return " ".join(_SIGNS.get(part) or _part(part) for part in parts)


def _part(part: str) -> str:
    if part.isdecimal():
        return one_by_one(part)
    small = part.lower()
    if small in _LABELS:
        return _LABELS[small]
    short = 4  # such as gov, ubnd
    return apart(small) or (small if len(small) > short else spelled(small))


def _phone(match: re.Match[str]) -> str:
    groups = [re.sub(r"\D", "", it) for it in re.split(r"[ .()-]+", match[0]) if re.search(r"\d", it)]
    usual = _USUAL_GROUPS.get(len(groups[0]))
    if len(groups) == 1 and usual:
        ends = [sum(usual[: count + 1]) for count in range(len(usual))]
        groups = [groups[0][end - size : end] for end, size in zip(ends, usual, strict=True)]
    return ("cộng " if "+" in match[0] else "") + ", ".join(one_by_one(it) for it in groups)


def _grouped(digits: str) -> str:
    return ", ".join(one_by_one(it) for it in re.split("[ .]", digits))


def _hotline(match: re.Match[str]) -> str:
    clause = re.split(r"[.;!?\n]", match.string[: match.start()])[-1].lower()
    alone = _COUNTS_NOTHING.match(match.string[match.end() :])
    to_call = _CALLED.search(clause) or (alone and _CALLS.search(clause))
    return one_by_one(match[1]) if to_call else match[0]
