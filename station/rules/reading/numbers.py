"""Numbers in Vietnamese words, as the northern announcers say them."""

import re

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ((10**6, "triệu"), (10**3, "nghìn"), (1, ""))
_BILLION = 10**9
_STOPS = {".": "chấm", ",": "phẩy"}
_LONGEST = 9  # digits without a separator: a longer one is the number of a thing, not a quantity

_BY_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:(?:\.\d{3})+|(?: \d{3})+|(?:,\d{3}){2,})")

# A number as people write it: thousands set apart by dots or spaces, decimals after a comma.
NUMBER = (
    r"(?:[1-9]\d{0,2}(?:(?:\.\d{3})+|(?: \d{3})+)(?:,\d+)?(?![.,]?\d)"
    r"|[1-9]\d{0,2}(?:,\d{3}){2,}(?![.,]?\d)"
    r"|\d+(?:[.,]\d+)*)"
)


def whole(number: int) -> str:
    """A whole number, not below 0: 105 is “một trăm linh năm”."""
    if number < _BILLION:
        return _below_billion(number, padded=False) or _DIGITS[0]
    billions, rest = divmod(number, _BILLION)
    return f"{whole(billions)} tỷ {_below_billion(rest, padded=True)}".rstrip()


def one_by_one(digits: str) -> str:
    """Digits each by itself, as of a telephone number."""
    return " ".join(_DIGITS[int(digit)] for digit in digits)


def figure(written: str) -> str:
    """A number as it is written: “1.000.005”, “1,5”, “05”, “1.2.3”."""
    if re.fullmatch(r"\d+(?:,\d+){2,}", written) and not _BY_THOUSANDS.fullmatch(written):
        return ", ".join(_plain(it) for it in written.split(","))
    if _BY_THOUSANDS.fullmatch(written):
        return _plain(re.sub(r"\D", "", written), counted=True)
    before, comma, after = written.rpartition(",")
    if comma and after.isdecimal():
        return f"{figure(before)} phẩy {_decimals(after)}"
    return " ".join(_STOPS.get(it) or _plain(it) for it in re.split("([.,])", written))


def _plain(digits: str, *, counted: bool = False) -> str:
    two_at_most = 2  # “05 hộ” is five of them, “007” a name
    if len(digits) > two_at_most and digits[0] == "0":
        return one_by_one(digits)
    if len(digits) > _LONGEST and not counted:
        return one_by_one(digits)
    return whole(int(digits))


def _decimals(digits: str) -> str:
    two = 2
    return whole(int(digits)) if len(digits) <= two and digits[0] != "0" else one_by_one(digits)


def _below_billion(number: int, *, padded: bool) -> str:
    said: list[str] = []
    for size, name in _GROUPS:
        group, number = divmod(number, size)
        if group:
            said += [_below_thousand(group, padded=padded or bool(said)), name]
    return " ".join(filter(None, said))


def _below_thousand(number: int, *, padded: bool) -> str:
    hundreds, rest = divmod(number, 100)
    said = [_DIGITS[hundreds], "trăm"] if hundreds or padded else []
    tens, ones = divmod(rest, 10)
    if tens == 1:
        said += ["mười", *_after_tens(ones, {5: "lăm"})]
    elif tens:
        said += [_DIGITS[tens], "mươi", *_after_tens(ones, {1: "mốt", 4: "tư", 5: "lăm"})]
    elif ones:
        said += ["linh", *_after_tens(ones, {4: "tư"})] if said else [_DIGITS[ones]]
    return " ".join(said)


def _after_tens(ones: int, changed: dict[int, str]) -> list[str]:
    return [changed.get(ones, _DIGITS[ones])] if ones else []
