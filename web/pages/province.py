"""Hệ thống › Tỉnh: enrolling with a province, and how the link to it is."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import province as desk
from station.rules.enrolment import fingerprint, from_line
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from web import here
from web.back import way_back
from web.permits import needs

pages = Blueprint("province", __name__, url_prefix="/he-thong/tinh")


@pages.get("/")
def province() -> str:
    """How the link is, or how to get one."""
    return _province()


@pages.get("/tinh-hinh")
def now() -> str:
    """The part that changes, for a page that is open."""
    known = desk.link(here.home(), here.now())
    return _drawn("_province.html", known) if known else ""


@pages.post("/xem")
@needs(Deed.MACHINE)
def read() -> str | tuple[str, int]:
    """Show what a line says, to be compared by telephone before it is taken."""
    return _compared(request.form.get("line", ""))


@pages.post("/ghi-danh")
@needs(Deed.MACHINE)
def enrol() -> Response | tuple[str, int]:
    """Take a line that was compared."""
    line, replace = request.form.get("line", ""), request.form.get("replace") == "yes"
    try:
        made = desk.enrol(here.home(), line, by=here.person(), now=here.now(), replace=replace)
    except Refused as refusal:
        return _compared(line, refusal.trouble)
    here.tell(f"Đã ghi danh với {made.province}. Đài đang hỏi tin của tỉnh.")
    return redirect(way_back(request.form.get("back", "")) or url_for("province.province"))


@pages.post("/dong-bo")
@needs(Deed.SYNC)
def sync() -> Response:
    """Ask the province for its news at once."""
    try:
        here.tell(here.done(desk.ask_to_sync(here.home(), by=here.person(), now=here.now())))
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    return redirect(url_for("province.province"))


@pages.get("/thoi")
@needs(Deed.MACHINE)
def ask_to_leave() -> str:
    """Ask whether to believe the province no more."""
    known = desk.link(here.home(), here.now())
    if known is None:
        raise NotFound
    return render_template("leave_province.html", here="system", enrolment=known.enrolment)


@pages.post("/thoi")
@needs(Deed.MACHINE)
def leave() -> Response:
    """Believe it no more."""
    try:
        left = desk.leave(here.home(), by=here.person(), now=here.now())
        here.tell(f"Đã thôi ghi danh với {left.province}.")
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    return redirect(url_for("province.province"))


def _province(line: str = "", trouble: Trouble | None = None) -> str:
    state = desk.province_state(here.home(), here.now())
    back = way_back(request.form.get("back", ""))
    return _drawn(
        "province.html", state.link if state else None, state=state, line=line, refusal=trouble, back=back
    )


def _drawn(template: str, link: desk.Link | None, **more: object) -> str:
    return render_template(
        template,
        here="system",
        link=link,
        reported_until=link and desk.reported_until(here.home(), link.enrolment),
        at=here.local(here.now()),
        local=here.local,
        fingerprint=fingerprint,
        **more,
    )


def _compared(line: str, trouble: Trouble | None = None) -> tuple[str, int]:
    try:
        wanted = from_line(line)
    except Refused as refusal:
        return _province(line, refusal.trouble), 400
    shown = render_template(
        "enrol.html",
        here="system",
        line=line,
        back=way_back(request.form.get("back", "")),
        wanted=wanted,
        known=desk.another(here.home(), wanted),
        fingerprint=fingerprint,
        trouble=trouble,
    )
    return shown, 400 if trouble else 200
