"""Khẩn cấp: a page that asks what is to be said, and interrupts everything with it."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from station.control.messages import Answer
from station.desk import orders
from station.rules.approval import State
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.config import MOST_REPEATS
from station.stores.search import Search
from web import here
from web.permits import needs

pages = Blueprint("emergency", __name__)


@pages.get("/khan-cap")
@needs(Deed.SOUND)
def ask() -> str:
    """Ask what, how often and where."""
    config = here.config()
    settings = {"text": here.template_text() or config.emergency.message, "repeats": str(config.emergency.repeats)}
    return _form(settings, tuple(config.zones))


@pages.post("/khan-cap")
@needs(Deed.SOUND)
def emergency() -> tuple[str, int] | Response:
    """Interrupt everything; what is told is what truly happened, and what was typed is kept when nothing did."""
    try:
        here.tell(here.done(_order(request.form)))
    except Refused as refusal:
        return _form(request.form, request.form.getlist("zones"), refusal.trouble), 400
    return redirect(url_for("today.today"))


def _order(form: Mapping[str, str]) -> Answer:
    recorded = form.get("what") == "segment"
    return orders.emergency(
        here.home(),
        segment=form.get("segment", "") if recorded else "",
        text="" if recorded else form.get("text", ""),
        zones=here.zones(),
        repeats=_repeats(form.get("repeats", "")),
        by=here.person(),
        now=here.now(),
    )


def _repeats(written: str) -> int:
    if written.isdecimal() and 1 <= int(written) <= MOST_REPEATS:
        return int(written)
    raise Refused(Trouble("", "Chưa rõ phát mấy lần.", mend=f"Chọn từ 1 đến {MOST_REPEATS} lần."))


def _form(form: Mapping[str, str], chosen: Sequence[str], trouble: Trouble | None = None) -> str:
    status, down = here.status()
    return render_template(
        "emergency.html",
        form=form,
        chosen=chosen,
        trouble=trouble or down,
        air=status and status["on_air"],
        segments=here.home().library.found(Search(states=(State.APPROVED,))).segments,
        zones=here.config().zones,
        most=MOST_REPEATS,
    )
