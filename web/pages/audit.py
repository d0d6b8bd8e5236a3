"""Nhật ký hệ thống: who did what, when and from where."""

import datetime as dt
import io
from itertools import groupby
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from station.desk import audit
from station.rules.hours import instant
from station.rules.now import DAY
from station.rules.roles import Deed
from station.stores.audit import Wanted
from web import here
from web.permits import needs

pages = Blueprint("audit", __name__, url_prefix="/he-thong/nhat-ky")

_LAST_PAGE = 10_000


@pages.get("/")
@needs(Deed.INSPECT)
def audit_log() -> str:
    """The newest records that are looked for, and on demand whether any was tampered with."""
    page = min(max(0, request.args.get("trang", 0, type=int)), _LAST_PAGE)
    checked = tuple(audit.check_seals(here.home())) if "kiem-tra" in request.args else None
    found = audit.found(here.home(), _wanted(), page)
    return render_template(
        "audit.html",
        here="system",
        days=[(day, list(records)) for day, records in groupby(found.records, lambda it: here.local(it.at).date())],
        more=found.more,
        names=audit.names(here.home()),
        asked=_asked(),
        page=page,
        checked=checked,
        local=here.local,
    )


@pages.get("/nhat-ky-he-thong.csv")
@needs(Deed.INSPECT)
def as_csv() -> Response:
    """All records that are looked for, as a spreadsheet opens them."""
    written = io.StringIO()
    audit.write_csv(here.home(), _wanted(), here.zone(), written)
    named = {"Content-Disposition": 'attachment; filename="nhat-ky-he-thong.csv"'}
    return Response(written.getvalue().encode("utf-8-sig"), mimetype="text/csv", headers=named)


def _wanted() -> Wanted:
    day = _day(request.args.get("ngay", ""))
    since = None if day is None else instant(day, 0, here.zone())
    until = None if day is None else instant(day, DAY, here.zone())
    return Wanted(request.args.get("ai", ""), since, until, request.args.get("tim", ""))


def _asked() -> dict[str, Any]:
    return {key: value for key in ("ai", "ngay", "tim") if (value := request.args.get(key))}


def _day(written: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        return None
