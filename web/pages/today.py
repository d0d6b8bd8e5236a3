"""Hôm nay: what sounds now, the day as a drawing, what comes next and whether it is ready."""

from typing import Any

from flask import Blueprint, current_app, g, render_template
from werkzeug.wrappers import Response

from station.desk import alerts
from station.desk.commissioning import is_untouched
from station.desk.timetable import Plan, broadcasts, read_plan
from station.rules.alerting.aired import alert_of
from station.rules.approval import State
from station.rules.hours import instant
from station.rules.now import DAY
from station.rules.roles import Deed
from station.rules.trouble import Refused
from web import here, words
from web.drawing import Drawing, draw_day, entries_of
from web.language import language
from web.lights import lights
from web.pages.alerts import shown_with
from web.pages.people import still_here
from web.pages.practice import learnt
from web.permits import allowed
from web.watching import Eyes, Seen, Watching

pages = Blueprint("today", __name__)

_NEXT = 4


@pages.get("/")
def today() -> str:
    """The home page."""
    return render_template(
        "today.html", here="today", learnt=learnt(), untouched=_untouched(), **_shown(Seen(*here.status()))
    )


@pages.get("/tinh-hinh")
def now() -> str:
    """The part that changes, for a page that is open."""
    return draw(Seen(*here.status()))


@pages.get("/tinh-hinh/lien-tuc")
def stream() -> Response:
    """The part that changes, sent whenever it does. No content when too many look on: the page asks then."""
    watching: Watching = current_app.extensions["watching"]
    if watching.full:
        return Response(status=204)
    return Response(watching.events(Eyes(language(), g.roles), still_here()), mimetype="text/event-stream")


def draw(seen: Seen) -> str:
    """The part that changes; nothing in it is of one person."""
    return render_template("_now.html", **_shown(seen))


def pulse(seen: Seen) -> dict[str, Any]:
    """What runs on by itself, as the page shows it between two drawings."""
    wall = here.now()
    air = seen.status and seen.status["on_air"]
    told: dict[str, Any] = {"now": wall, "clock": f"{here.local(wall):%H:%M:%S}"}
    if air:
        told["position"] = air["position"]
        if "heard" in air:
            told["heard"] = air["heard"]
        if air["level"] is not None:
            told |= {"level": air["level"], "loud": words.loud(air["level"])}
    return told


def _shown(seen: Seen) -> dict[str, Any]:
    wall, plan, status = here.now(), read_plan(here.home()), seen.status
    coming = status["next"][:_NEXT] if status else []
    return {
        **shown_with(),
        "alert": _alert_on_air(seen),
        "proposals": alerts.proposals(here.home(), wall),
        "status": status,
        "trouble": seen.trouble,
        "faults": status["faults"] if status else plan.troubles,
        "coming": coming,
        "next": next((it for it in coming if it["airs"]), None),
        "titles": plan.config.titles,
        "waiting": here.home().library.count(State.DRAFT, State.WAITING),
        "lights": lights(status),
        "drawing": _drawing(plan, wall, running=status is not None),
    }


def _untouched() -> bool:
    """Whether somebody who may should set the station up first."""
    return allowed(Deed.MACHINE) and is_untouched(here.home())


def _alert_on_air(seen: Seen) -> alerts.Shown | None:
    """The alert from outside that is being heard."""
    air = seen.status and seen.status["on_air"]
    of = alert_of(air["key"].partition("@")[0]) if air else ""
    try:
        return alerts.alert(here.home(), of, here.now()) if of else None
    except Refused:
        return None


def _drawing(plan: Plan, wall: int, *, running: bool) -> Drawing:
    home = here.home()
    midnight = instant(here.local(wall).date(), 0, here.zone())
    aired = home.log.between(midnight, midnight + DAY)
    recorded = {it.key for it in aired}
    planned = broadcasts(home, plan, midnight, midnight + DAY)
    coming = [it for it in planned if it.start > wall and it.key not in recorded]
    entries = entries_of(aired, coming, running=running)
    return draw_day(midnight, wall, plan.station.hours, entries, plan.config.titles)
