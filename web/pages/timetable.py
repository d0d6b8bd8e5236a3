"""Lịch phát: what will air in the coming days, the rehearsal of it, and its address for a phone's calendar."""

import hmac
from hashlib import sha256
from itertools import groupby

from flask import Blueprint, current_app, render_template, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk.calendar import calendar
from station.desk.rehearsal import rehearse
from station.desk.timetable import broadcasts, fit_for, read_plan
from station.desk.told_actions import action_line
from station.rules.hours import instant, local
from station.rules.now import DAY
from web import here

pages = Blueprint("timetable", __name__, url_prefix="/lich")

_DAYS = 7


@pages.get("/")
def timetable() -> str:
    """The coming week, day by day."""
    home, zone = here.home(), here.zone()
    plan = read_plan(home)
    midnight = instant(local(here.now(), zone).date(), 0, zone)
    found = [
        (local(it.start, zone), local(it.end, zone), it)
        for it in broadcasts(home, plan, midnight, midnight + _DAYS * DAY)
    ]
    days = [(day, list(airing)) for day, airing in groupby(found, key=lambda it: it[0].date())]
    feed = url_for("timetable.feed", token=_token(), _external=True)
    titles = {name: zone.title for name, zone in plan.config.zones.items()}
    return render_template(
        "timetable.html", days=days, titles=titles, troubles=plan.troubles, feed=feed, here="timetable"
    )


@pages.get("/dien-tap")
def rehearsal() -> str:
    """What the player would do in the coming two days, by its own rules."""
    plan = read_plan(here.home())
    taken = rehearse(plan, fit_for(here.home(), plan, here.now()), here.now(), here.now() + 2 * DAY)
    lines = [line for line in (action_line(it, plan.station) for it in taken) if line]
    return render_template("rehearsal.html", lines=lines, here="timetable")


@pages.get("/<token>.ics")
def feed(token: str) -> Response:
    """The timetable for whoever knows the private address."""
    if not hmac.compare_digest(token, _token()):
        raise NotFound
    return Response(calendar(here.home(), here.now()), mimetype="text/calendar")


def _token() -> str:
    """What makes the address private: nobody without the page's key can make it."""
    return hmac.new(current_app.config["SECRET_KEY"], b"calendar feed", sha256).hexdigest()[:32]
