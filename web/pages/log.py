"""Nhật ký: what truly aired, against what was planned."""

from itertools import groupby

from flask import Blueprint, render_template

from station.desk.log import as_run_log
from station.rules.hours import local
from station.rules.now import DAY
from web import here

pages = Blueprint("log", __name__)

_DAYS = 7


@pages.get("/nhat-ky")
def log() -> str:
    """The last days, the newest first."""
    zone, now = here.zone(), here.now()
    records = [
        (local(record.planned_start, zone), record.actual_start and local(record.actual_start, zone), record)
        for record in reversed(as_run_log(here.home(), now - _DAYS * DAY, now + 1))
    ]
    days = [(day, list(found)) for day, found in groupby(records, key=lambda it: it[0].date())]
    return render_template("log.html", days=days, here="log")
