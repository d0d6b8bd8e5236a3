"""References to laws and papers: the number, the year, and who issued it."""

import re

from station.rules.reading.abbreviations import COMMON, OFFICES, PAPERS
from station.rules.reading.letters import UPPER, spelled
from station.rules.reading.numbers import one_by_one, whole

_KINDS = (
    "nghị định|thông tư liên tịch|thông tư|quyết định|chỉ thị|nghị quyết|kế hoạch|công văn|thông báo|luật|bộ luật"
    "|pháp lệnh|tờ trình|báo cáo|hướng dẫn|công điện|giấy mời|kết luận|quy định|chương trình|văn bản|đề án"
)
_CODE = rf"[{UPPER}][\w&]*"
_REFERENCE = re.compile(
    rf"(?P<named>(?<!\w)(?:{_KINDS})(?: số)?:? )?(?<![\w.,/-])(?P<number>\d{{1,6}})(?P<letter>[a-z]?)"
    rf"(?:/(?P<year>(?:19|20)\d{{2}}))?[/-](?P<codes>{_CODE}(?:[/&-]{_CODE})*)(?!\w)",
    re.IGNORECASE,
)
_SITTING = re.compile(r"(QH|UBTVQH)(\d{1,2})")
_NEARBY = 80  # characters in which the issuer may be named once more


def references(text: str) -> str:
    """Such as “Nghị định số 15/2020/NĐ-CP”: number fifteen of the year 2020, of the government."""
    return _REFERENCE.sub(_reference, text)


def _reference(match: re.Match[str]) -> str:
    codes = re.split(r"[/-]", match["codes"])
    if not any(_known(code) for code in codes):
        return match[0]
    paper = PAPERS.get(codes[0], "") if len(codes) > 1 or codes[0] not in OFFICES else ""
    issuers = [_issuer(code) for code in (codes[1:] if paper else codes)]
    return " ".join(filter(None, [_opening(match, paper), _issued_by(codes[-len(issuers) :], issuers, match)]))


def _opening(match: re.Match[str], paper: str) -> str:
    digits = match["number"]
    number = one_by_one(digits) if digits[0] == "0" and len(digits) > 2 else whole(int(digits))  # noqa: PLR2004
    said = " ".join(filter(None, [number, match["letter"], match["year"] and f"năm {whole(int(match['year']))}"]))
    if match["named"]:
        return match["named"] + said
    numbered = re.search(r"(?:số|Số|SỐ):? ?$", match.string[: match.start()])
    return f"{said} {paper}" if numbered or not paper else f"{paper} số {said}"


def _known(code: str) -> bool:
    return code in PAPERS or code in OFFICES or code in COMMON or bool(_SITTING.fullmatch(code))


def _issued_by(codes: list[str], issuers: list[str], match: re.Match[str]) -> str:
    known = list(OFFICES.values())
    if not issuers:
        return ""
    following = match.string[match.end() : match.end() + _NEARBY].lower()
    if f"của {issuers[0]}" in following or f"của {codes[0].lower()}" in following:
        return ""
    said = ", ".join(issuers)
    return f"của {said}" if any(issuers[0].startswith(it) for it in known) else said


def _issuer(code: str) -> str:
    if sitting := _SITTING.fullmatch(code):
        return f"{OFFICES[sitting[1]]} khóa {whole(int(sitting[2]))}"
    letters = re.sub(r"[^\W\d_]+", lambda it: spelled(it[0]) + " ", code.replace("&", " và "))
    return OFFICES.get(code) or COMMON.get(code) or re.sub(r"\d+", lambda it: one_by_one(it[0]), letters).strip()
