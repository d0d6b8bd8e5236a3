"""Phát ngay and Dừng phát, which ask once more before they do anything, and the mute switch of each zone."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import orders
from station.rules.roles import Deed
from station.rules.trouble import Refused
from web import here
from web.permits import needs

pages = Blueprint("orders", __name__)


@pages.get("/dung-phat")
def ask_stop() -> str:
    """Ask whether to stop."""
    return render_template("stop.html")


@pages.post("/dung-phat")
@needs(Deed.STOP)
def stop() -> Response:
    """Be silent now."""
    try:
        here.tell(here.done(orders.stop(here.home(), by=here.person(), now=here.now())))
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    return redirect(url_for("today.today"))


@pages.get("/phat-ngay/<named:name>")
@needs(Deed.SOUND)
def ask_play(name: str) -> str:
    """Ask whether to play, and where."""
    segment = here.home().library.find(name)
    if segment is None:
        raise NotFound
    shut = here.shut(segment.length or 0)
    return render_template("play.html", segment=segment, zones=here.config().zones, shut=shut)


@pages.post("/phat-ngay/<named:name>")
@needs(Deed.SOUND)
def play(name: str) -> Response:
    """Put it on air; what is told is what truly happened."""
    reason = request.form.get("override", "")
    try:
        answer = orders.play(
            here.home(), name, zones=here.zones(), override=reason, by=here.person(), now=here.now()
        )
        here.tell(here.done(answer))
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
        return redirect(url_for("orders.ask_play", name=name))
    return redirect(url_for("today.today"))


@pages.post("/cum-loa/<zone>")
@needs(Deed.SWITCH)
def mute(zone: str) -> Response:
    """Keep a zone off whatever airs, or no longer."""
    muted = request.form.get("muted") == "yes"
    try:
        here.tell(here.done(orders.mute(here.home(), zone, muted=muted, by=here.person(), now=here.now())))
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    return redirect(url_for("today.today"))
