"""Phát trực tiếp: speaking into a microphone of the station, or into the one of the device that shows the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from station.control.messages import Answer
from station.desk import microphone, orders
from station.rules.now import MINUTE
from station.rules.roles import Deed
from station.rules.rundown import BROWSER
from station.rules.trouble import Refused, Trouble
from web import here
from web.permits import needs

pages = Blueprint("live", __name__, url_prefix="/truc-tiep")

_MOST = 2 * 96_000  # bytes of samples at once: two seconds


@pages.get("/")
@needs(Deed.SOUND)
def ask() -> str:
    """Ask who is to be heard where."""
    return _form({"urgent": request.args.get("urgent", "")}, tuple(here.config().zones))


@pages.post("/")
@needs(Deed.SOUND)
def live() -> tuple[str, int] | Response:
    """Go on air. The script of a browser's microphone is told in JSON: it stays on its page and speaks."""
    by_script = "X-Microphone" in request.headers
    try:
        told = here.done(_order(request.form, by_script=by_script))
    except Refused as refusal:
        if by_script:
            return jsonify(trouble=str(refusal.trouble))
        return _form(request.form, request.form.getlist("zones"), refusal.trouble), 400
    if by_script:
        return jsonify(trouble="")
    here.tell(told)
    return redirect(url_for("today.today"))


@pages.post("/tieng")
@needs(Deed.SOUND)
def speak() -> Response:
    """What the browser's microphone heard; answers what becomes of it."""
    if (request.content_length or 0) > _MOST:
        raise RequestEntityTooLarge
    return jsonify(stage=microphone.speak(here.home(), request.get_data(), by=here.person()))


@pages.post("/roi-trang")
@needs(Deed.STOP)
def hang_up() -> tuple[str, int]:
    """The page was left: nobody speaks any more."""
    microphone.hang_up(here.home(), by=here.person(), now=here.now())
    return "", 204


def _order(form: Mapping[str, str], *, by_script: bool) -> Answer:
    return orders.live(
        here.home(),
        BROWSER if by_script else f"microphone:{form.get('microphone', '')}",
        zones=here.zones(),
        urgent="urgent" in form,
        override=form.get("override", ""),
        by=here.person(),
        now=here.now(),
    )


def _form(form: Mapping[str, Any], chosen: Sequence[str], trouble: Trouble | None = None) -> str:
    config = here.config()
    status, down = here.status()
    return render_template(
        "live.html",
        form=form,
        chosen=chosen,
        trouble=trouble or down,
        air=status and status["on_air"],
        microphones=config.microphones,
        zones=config.zones,
        longest=config.live.longest // MINUTE,
        shut=here.shut(config.live.longest),
    )
