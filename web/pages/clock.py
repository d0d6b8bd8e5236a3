"""Đồng hồ: what time it is for the station, who vouches for it, and setting it by hand."""

import datetime as dt

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from station.desk.clock import ODD, look_at_clock, set_clock
from station.rules import clock as rules
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from web import here
from web.permits import needs

pages = Blueprint("clock", __name__, url_prefix="/he-thong/dong-ho")


@pages.get("/")
def clock() -> str:
    """How the clock is, and how to set it."""
    return _page()


@pages.post("/")
@needs(Deed.MACHINE)
def set_by_hand() -> Response | tuple[str, int]:
    """Set it to the telephone's time, or to what was written."""
    try:
        done = set_clock(here.home(), _wanted(), by=here.person(), sure=request.form.get("sure") == "yes")
    except Refused as refusal:
        return _page(refusal.trouble), 400
    here.tell(f"Đã đặt giờ thành {here.local(done.at):%H:%M:%S %d/%m/%Y}.")
    return redirect(url_for("clock.clock"))


def _wanted() -> int:
    """The wall ms that the telephone says, or that a person wrote by the station's own clock. Raises `Refused`."""
    telephone, written = request.form.get("telephone", ""), request.form.get("written", "")
    try:
        if telephone:
            return int(telephone)
        return round(dt.datetime.fromisoformat(written).replace(tzinfo=here.zone()).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Refused(_NO_DATE) from None


def _page(trouble: Trouble | None = None) -> str:
    seen = look_at_clock(here.home())
    status, _ = here.status()
    return render_template(
        "clock.html",
        here="system",
        seen=seen,
        vouched=rules.told(seen.source, here.zone()),
        sure=seen.source.kind is not rules.TimeKind.NOBODY,
        offset=here.local(seen.wall).utcoffset(),
        air=status and status["on_air"],
        trouble=trouble,
        odd=trouble == ODD,
        written=request.form.get("written", ""),
        local=here.local,
    )


_NO_DATE = Trouble(
    "Đồng hồ", "Chưa hiểu giờ ấy nên chưa đặt.", "Đồng hồ vẫn chạy như cũ.", "Chọn ngày và giờ rồi đặt lại."
)
