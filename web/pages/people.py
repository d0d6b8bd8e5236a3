"""Becoming a person of the page with a one-time code, signing in and out."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from station.desk import people
from station.desk.commissioning import is_untouched
from station.rules.now import SECOND
from station.rules.roles import NO_ROLE
from station.rules.trouble import Refused, Trouble
from station.stores.asking import Asker, end_asking, let_ask
from web import here
from web.cookies import signed_in_name
from web.devices import device
from web.strangers import LARGEST_FORM
from web.throttle import Throttle

pages = Blueprint("people", __name__)

OPEN = {
    "static",
    "bootstrap.static",
    "people.set_up",
    "people.sign_in",
    "people.is_signed_in",
    "timetable.feed",
    "metrics.metrics",
    "certificate.explain",
    "certificate.authority",
    "language.choose",
    "language.words",
    "replay.listing",
    "replay.feed",
    "replay.programme",
    "replay.sound",
    "handbook.contents",
    "handbook.show",
    "handbook.picture",
}

_LASTS_S = 30 * 24 * 3600


class _TooOften(Refused):
    """Too many wrong tries; the next one must wait."""


def require_sign_in() -> Response | None:
    """Note who asks, and send whoever is not signed in to where they can be."""
    session = people.session_of(here.home(), token=request.cookies.get(signed_in_name(), ""), now=here.now())
    g.session, g.person = session, session.person if session else None
    g.roles = session.roles if session else NO_ROLE
    g.asking = let_ask(Asker(g.roles, request.remote_addr or ""))
    if session:
        return None
    request.max_content_length = LARGEST_FORM
    if request.endpoint in OPEN:
        return None
    if "Tus-Resumable" in request.headers:  # a script that sends a file would not see where it is led
        raise Unauthorized
    if people.nobody_yet(here.home()):
        return redirect(url_for("people.set_up"))
    return redirect(url_for("people.sign_in"))


def forget_who_asked(_: BaseException | None) -> None:
    """The thread that answered belongs to the machine again."""
    if asking := g.pop("asking", None):
        end_asking(asking)


def still_here() -> Callable[[], bool]:
    """What tells, also when this request is over, whether its person is still signed in, in the same roles."""
    home, clock, token = here.home(), current_app.extensions["clock"], request.cookies.get(signed_in_name(), "")
    roles = g.roles

    def tell() -> bool:
        session = people.session_of(home, token=token, now=clock.now().wall)
        return session is not None and session.roles == roles

    return tell


def who_is_here() -> dict[str, Any]:
    """What every page shows: the station and the person."""
    config = here.config()
    return {"station_name": config.name, "practice": config.practice, "person": g.get("person")}


@pages.route("/thiet-lap", methods=["GET", "POST"])
def set_up() -> Response | tuple[str, int] | str:
    """Become a person, or set one's password anew, with the one-time code."""
    first = people.nobody_yet(here.home())
    form = request.form
    if request.method == "GET":
        return render_template("set_up.html", first=first, form={})
    place = _place()
    try:
        _begin_try(place)
        token = people.set_up(
            here.home(),
            code=form.get("code", ""),
            name=form.get("name", ""),
            password=form.get("password", ""),
            device=_device(),
            address=request.remote_addr or "",
            now=here.now(),
        )
    except Refused as refusal:
        told = render_template("set_up.html", first=first, form=form, trouble=refusal.trouble)
        return told, 429 if isinstance(refusal, _TooOften) else 400
    _throttle().was_right(place)
    return _signed_in(token, to="commissioning.contents" if first and is_untouched(here.home()) else "today.today")


@pages.route("/dang-nhap", methods=["GET", "POST"])
def sign_in() -> Response | tuple[str, int] | str:
    """Begin a session."""
    if request.method == "GET":
        if people.nobody_yet(here.home()):
            return redirect(url_for("people.set_up"))
        return render_template("sign_in.html", form={})
    form = request.form
    name = form.get("name", "")
    keys = [_place()]
    if not people.was_here(here.home(), name, request.remote_addr or "", here.now()):
        keys.append(f"person {people.composed(name)}")  # from many places at once; never where the person is known
    try:
        _begin_try(*keys)
        token = people.sign_in(
            here.home(),
            name=name,
            password=form.get("password", ""),
            device=_device(),
            address=request.remote_addr or "",
            now=here.now(),
        )
    except Refused as refusal:
        if any(_throttle().is_at_limit(key) for key in keys) and not isinstance(refusal, _TooOften):
            people.note_wrong_tries(here.home(), name, now=here.now())
        told = render_template("sign_in.html", form=form, trouble=refusal.trouble)
        return told, 429 if isinstance(refusal, _TooOften) else 400
    _throttle().was_right(*keys)
    return _signed_in(token)


@pages.get("/phien")
def is_signed_in() -> tuple[str, int]:
    """Whether the browser is signed in, for nginx, which asks before it takes a large file."""
    return "", 204 if g.session else 401


@pages.post("/dang-xuat")
def sign_out() -> Response:
    """End this session."""
    people.end_session(here.home(), g.session.key, by=here.person(), now=here.now())
    response = redirect(url_for("people.sign_in"))
    response.delete_cookie(signed_in_name(), secure=request.is_secure)
    return response


def _place() -> str:
    return f"place {request.remote_addr}"


def _device() -> str:
    return device(request.user_agent.string)


def _throttle() -> Throttle:
    kept: Throttle = current_app.extensions["throttle"]
    return kept


def _begin_try(*keys: str) -> None:
    """Count a try. Raises `_TooOften` when it must wait."""
    if wait := _throttle().begin(*keys):
        seconds = -(-wait // SECOND)
        what, still = "Sai nhiều lần liền nên trang tạm không nhận.", "Ai đang đăng nhập vẫn dùng bình thường."
        raise _TooOften(Trouble("", what, still, f"Chờ {seconds} giây rồi thử lại."))


def _signed_in(token: str, to: str = "today.today") -> Response:
    response = redirect(url_for(to))
    response.set_cookie(
        signed_in_name(), token, max_age=_LASTS_S, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response
