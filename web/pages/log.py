"""Nhật ký: what truly aired, against what was planned."""

from itertools import groupby

from flask import Blueprint, render_template

from station.desk.log import as_run_log
from station.rules.now import DAY
from web import here

pages = Blueprint("log", __name__)

_DAYS = 7


@pages.get("/nhat-ky")
def log() -> str:
    """The last days, the newest first."""
    now = here.now()
    records = reversed(as_run_log(here.home(), now - _DAYS * DAY, now + 1))
    days = [(day, list(found)) for day, found in groupby(records, lambda it: here.local(it.planned_start).date())]
    titles = {name: it.title for name, it in here.config().zones.items()}
    return render_template("log.html", days=days, titles=titles, local=here.local, here="log")
