"""Lịch phát: weeks and months of what airs, the rehearsal of it, and its address for a phone's calendar."""

import datetime as dt
import re
from collections.abc import Sequence

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from station.desk.calendar import calendar
from station.desk.rehearsal import rehearse
from station.desk.timetable import fit_for, read_plan
from station.desk.told_actions import action_line
from station.rules.now import DAY
from station.rules.report import month_of
from web import here
from web.private import private_word, refuse_strangers
from web.weeks import days_from, monday

pages = Blueprint("timetable", __name__, url_prefix="/lich")

_PURPOSE = "calendar feed"
_WEEK = dt.timedelta(days=7)
_FIRST, _LAST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)


@pages.get("/")
def timetable() -> str:
    """A week day by day, or a month at a glance."""
    return _month(_asked("thang")) if "thang" in request.args else _week(_asked("tuan"))


def _week(day: dt.date) -> str:
    first, plan = monday(day), read_plan(here.home())
    return render_template(
        "timetable.html",
        here="timetable",
        days=days_from(here.home(), plan, first, _WEEK.days, here.now()),
        first=first,
        last=first + _WEEK - dt.timedelta(days=1),
        before=first - _WEEK,
        after=first + _WEEK,
        month=month_of(day).first,
        titles=plan.config.titles,
        known={it.name for it in plan.schedules},
        troubles=plan.troubles,
        feed=url_for("timetable.feed", token=private_word(_PURPOSE), _external=True),
    )


def _month(day: dt.date) -> str:
    month, plan = month_of(day), read_plan(here.home())
    first, after = monday(month.first), month.after.first
    count = -(-(after - first).days // _WEEK.days) * _WEEK.days
    days = days_from(here.home(), plan, first, count, here.now())
    return render_template(
        "month.html",
        here="timetable",
        weeks=_weeks(days),
        month=month.first,
        before=month.before.first,
        after=after,
        present=any(day.today and month_of(day.date) == month for day in days),
        troubles=plan.troubles,
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
    refuse_strangers(token, _PURPOSE)
    return Response(calendar(here.home(), here.now()), mimetype="text/calendar")


def _weeks(days: Sequence[object]) -> list[Sequence[object]]:
    return [days[at : at + _WEEK.days] for at in range(0, len(days), _WEEK.days)]


def _asked(name: str) -> dt.date:
    """The day that the address names, `2026-12-01` or `2026-12`; today if it names none."""
    written = request.args.get(name, "")
    try:
        day = dt.date.fromisoformat(f"{written}-01" if re.fullmatch(r"\d{4}-\d{2}", written) else written)
    except ValueError:
        day = here.local(here.now()).date()
    return min(max(day, _FIRST), _LAST)
