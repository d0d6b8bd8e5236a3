"""Setting up the first person with the terminal's one-time code, signing in and out."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from station.desk import people
from station.rules.trouble import Refused
from web import here

pages = Blueprint("people", __name__)

_COOKIE = "phien"
_LASTS_S = 30 * 24 * 3600
_OPEN = {
    "static",
    "bootstrap.static",
    "people.set_up",
    "people.sign_in",
    "timetable.feed",
    "language.choose",
    "language.words",
    "replay.listing",
    "replay.feed",
    "replay.programme",
    "replay.sound",
}


def require_sign_in() -> Response | None:
    """Send whoever is not signed in to where they can be."""
    g.person = people.person_of(here.home(), token=request.cookies.get(_COOKIE, ""), now=here.now())
    if g.person or request.endpoint in _OPEN:
        return None
    if "Tus-Resumable" in request.headers:  # a script that sends a file would not see where it is led
        raise Unauthorized
    if people.nobody_yet(here.home()):
        return redirect(url_for("people.set_up"))
    return redirect(url_for("people.sign_in"))


def still_here() -> Callable[[], bool]:
    """What tells, also when this request is over, whether its person is still signed in."""
    home, clock, token = here.home(), current_app.extensions["clock"], request.cookies.get(_COOKIE, "")
    return lambda: people.person_of(home, token=token, now=clock.now().wall) is not None


def who_is_here() -> dict[str, Any]:
    """What every page shows: the station and the person."""
    config = here.config()
    return {"station_name": config.name, "practice": config.practice, "person": g.get("person")}


@pages.route("/thiet-lap", methods=["GET", "POST"])
def set_up() -> Response | tuple[str, int] | str:
    """Make a person with the one-time code."""
    first = people.nobody_yet(here.home())
    if request.method == "GET":
        return render_template("set_up.html", first=first, form={})
    form = request.form
    try:
        token = people.set_up(
            here.home(),
            code=form.get("code", ""),
            name=form.get("name", ""),
            password=form.get("password", ""),
            now=here.now(),
        )
    except Refused as refusal:
        return render_template("set_up.html", first=first, form=form, trouble=refusal.trouble), 400
    return _signed_in(token)


@pages.route("/dang-nhap", methods=["GET", "POST"])
def sign_in() -> Response | tuple[str, int] | str:
    """Begin a session."""
    if request.method == "GET":
        if people.nobody_yet(here.home()):
            return redirect(url_for("people.set_up"))
        return render_template("sign_in.html", form={})
    form = request.form
    try:
        token = people.sign_in(
            here.home(), name=form.get("name", ""), password=form.get("password", ""), now=here.now()
        )
    except Refused as refusal:
        return render_template("sign_in.html", form=form, trouble=refusal.trouble), 400
    return _signed_in(token)


@pages.post("/dang-xuat")
def sign_out() -> Response:
    """End this session."""
    people.sign_out(here.home(), token=request.cookies.get(_COOKIE, ""))
    response = redirect(url_for("people.sign_in"))
    response.delete_cookie(_COOKIE)
    return response


def _signed_in(token: str) -> Response:
    response = redirect(url_for("today.today"))
    response.set_cookie(_COOKIE, token, max_age=_LASTS_S, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
