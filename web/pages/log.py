"""Nhật ký: what truly aired, against what was planned; looked through, and taken away as a table."""

from enum import StrEnum
from itertools import groupby
from typing import TypeVar

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from station.desk.log import search_log, search_whole_log
from station.rules.now import DAY
from station.rules.origin import Origin
from station.rules.schedule import Priority
from station.rules.step.actions import Result
from station.rules.trouble import Refused, Trouble
from station.stores.log_search import LogSearch
from web import here, words
from web.spreadsheet import spreadsheet

pages = Blueprint("log", __name__)

_LAST_PAGE = 1_000_000
_ASKED = ("tim", "tu", "den", "ket-qua", "nguon", "cum", "muc")

T = TypeVar("T", bound=StrEnum)


@pages.get("/nhat-ky")
def log() -> str | tuple[str, int]:
    """What is looked for, the newest first."""
    try:
        search = _search()
    except Refused as refusal:
        return _shown(LogSearch(), trouble=refusal.trouble), 400
    return _shown(search)


@pages.get("/nhat-ky/bang.csv")
def table() -> Response:
    """All that is looked for, as a table for a spreadsheet."""
    try:
        search = _search()
    except Refused as refusal:
        return Response(str(refusal.trouble), 400, mimetype="text/plain")
    lines = spreadsheet(search_whole_log(here.home(), search), here.config().titles, here.zone())
    response = Response(lines, mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="nhat-ky-phat-song.csv")
    return response


def _shown(search: LogSearch, trouble: Trouble | None = None) -> str:
    found = search_log(here.home(), search) if trouble is None else None
    records = found.records if found else ()
    days = [(day, list(each)) for day, each in groupby(records, lambda it: here.local(it.planned_start).date())]
    return render_template(
        "log.html",
        here="log",
        days=days,
        more=found is not None and found.more,
        search=search,
        trouble=trouble,
        asked={key: value for key in _ASKED if (value := request.args.get(key))},
        titles=here.config().titles,
        public=here.config().public.page,
        results={result: words.RESULTS[result] for result in Result},
        local=here.local,
    )


def _search() -> LogSearch:
    """What the address asks for; what it does not know it leaves out. Raises `Refused` for what is no date."""
    since, until = (here.day_edge(request.args.get(key, ""), later) for key, later in (("tu", 0), ("den", DAY)))
    if since is not None and until is not None and until <= since:
        mend = "Chọn ngày bắt đầu trước ngày kết thúc."
        raise Refused(Trouble("", "“Đến ngày” ở trước “Từ ngày”.", mend=mend))
    return LogSearch(
        since=since,
        until=until,
        result=_one_of(Result, "ket-qua"),
        origin=_one_of(Origin, "nguon"),
        zone=request.args.get("cum", ""),
        priority=_one_of(Priority, "muc"),
        words=request.args.get("tim", ""),
        page=min(max(0, request.args.get("trang", 0, type=int)), _LAST_PAGE),
    )


def _one_of(words_known: type[T], key: str) -> T | None:
    asked = request.args.get(key, "")
    return words_known(asked) if asked in [*words_known] else None
