"""Practice: hear in the browser what a practice station would sound, and learn the day by doing it."""

from flask import Blueprint, g, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk.first_day import Lesson, lessons_learnt, note_practised
from web import here

pages = Blueprint("practice", __name__, url_prefix="/tap")


@pages.get("/nghe/<tape>")
def hear(tape: str) -> Response:
    """The tape that is on air, of a practice station alone: a real one is heard by its horns."""
    status, _ = here.status()
    air = status and status["on_air"]
    if not here.config().practice or not air or air.get("tape") != tape:
        raise NotFound
    return send_file(here.home().places.tapes / tape, mimetype="audio/wav", conditional=True)


@pages.after_app_request
def note(response: Response) -> Response:
    """Note what a person learns by looking and listening, which no deed tells."""
    if g.get("person") and request.method == "GET" and response.status_code < 300 and here.config().practice:  # noqa: PLR2004 - HTTP
        if request.blueprint in {"log", "report"} and response.mimetype == "text/html":
            note_practised(here.home(), Lesson.REPORT, by=here.person(), now=here.now())
        elif str(response.mimetype).startswith("audio/") and request.blueprint != "practice":
            note_practised(here.home(), Lesson.LISTEN, by=here.person(), now=here.now())
    return response


def learnt() -> frozenset[Lesson] | None:
    """What whoever is signed in has done of the first day; None on a real station."""
    return lessons_learnt(here.home(), here.person(), here.now()) if here.config().practice else None
