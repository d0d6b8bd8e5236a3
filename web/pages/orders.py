"""Phát ngay and Dừng phát: each asks once more before it does anything."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import orders
from station.rules.trouble import Refused
from web import here

pages = Blueprint("orders", __name__)


@pages.get("/dung-phat")
def ask_stop() -> str:
    """Ask whether to stop."""
    return render_template("stop.html")


@pages.post("/dung-phat")
def stop() -> Response:
    """Be silent now."""
    try:
        answer = orders.stop(here.home(), by=here.person(), now=here.now())
        here.tell(answer.sentence, done=answer.done)
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    return redirect(url_for("today.today"))


@pages.get("/phat-ngay/<name>")
def ask_play(name: str) -> str:
    """Ask whether to play, and where."""
    segment = here.home().library.find(name)
    if segment is None:
        raise NotFound
    return render_template("play.html", segment=segment, zones=here.config().zones)


@pages.post("/phat-ngay/<name>")
def play(name: str) -> Response:
    """Put it on air; what is told is what truly happened."""
    zones = tuple(request.form.getlist("zones"))
    if not zones:
        here.tell("Chưa chọn cụm loa nào nên chưa phát.", done=False)
        return redirect(url_for("orders.ask_play", name=name))
    try:
        answer = orders.play(here.home(), name, zones=zones, by=here.person(), now=here.now())
        here.tell(answer.sentence, done=answer.done)
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    return redirect(url_for("today.today"))
