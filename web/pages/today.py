"""Hôm nay: what sounds now, the day as a drawing, what comes next and whether it is ready."""

from typing import Any

from flask import Blueprint, render_template

from station.desk.timetable import Plan, broadcasts, read_plan
from station.rules.approval import State
from station.rules.hours import instant
from station.rules.now import DAY
from web import here
from web.drawing import Drawing, draw_day
from web.pages.practice import learnt

pages = Blueprint("today", __name__)

_NEXT = 4


@pages.get("/")
def today() -> str:
    """The home page."""
    return render_template("today.html", here="today", **_seen())


@pages.get("/tinh-hinh")
def now() -> str:
    """The part that changes, for a page that is open."""
    return render_template("_now.html", **_seen())


def _seen() -> dict[str, Any]:
    wall, plan = here.now(), read_plan(here.home())
    status, trouble = here.status()
    return {
        "at": here.local(wall),
        "status": status,
        "trouble": trouble,
        "faults": status["faults"] if status else plan.troubles,
        "next": status["next"][:_NEXT] if status else (),
        "titles": {name: zone.title for name, zone in plan.config.zones.items()},
        "waiting": here.home().library.count(State.DRAFT, State.WAITING),
        "drawing": _drawing(plan, wall, running=status is not None),
        "learnt": learnt(),
    }


def _drawing(plan: Plan, wall: int, *, running: bool) -> Drawing:
    home = here.home()
    midnight = instant(here.local(wall).date(), 0, here.zone())
    aired = home.log.between(midnight, midnight + DAY)
    coming = [it for it in broadcasts(home, plan, midnight, midnight + DAY) if it.start > wall]
    return draw_day(midnight, wall, plan.station.hours, aired, coming, running=running)
