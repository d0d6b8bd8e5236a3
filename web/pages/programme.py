"""Soạn chương trình: a day's programme from a template, in three choices."""

import datetime as dt
from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from station.desk import programmes
from station.desk.schedules import save
from station.rules.roles import Deed
from station.rules.template import ProgrammeTemplate
from station.rules.trouble import Refused, Trouble
from station.stores.written import Unreadable, parse_toml
from web import here, words
from web.pages.arranging import show_new
from web.permits import needs
from web.schedule_form import of_data

pages = Blueprint("programme", __name__, url_prefix="/chuong-trinh")


@pages.get("/")
@needs(Deed.ARRANGE)
def templates() -> str:
    """The templates to choose from."""
    found = programmes.list_templates(here.home())
    return render_template("templates.html", here="timetable", found=found)


@pages.get("/<template>")
@needs(Deed.ARRANGE)
def ask(template: str) -> str | tuple[str, int]:
    """Ask what goes into it, when, and where."""
    try:
        chosen = programmes.programme_template(here.home(), template)
    except Refused as refusal:
        return render_template("error.html", what=str(refusal.trouble), mend="Chọn một mẫu khác."), 404
    tomorrow = (here.local(here.now()) + dt.timedelta(days=1)).date().isoformat()
    return _form(chosen, {"day": tomorrow, "clock": "17:00"})


@pages.post("/<template>")
@needs(Deed.ARRANGE)
def arrange(template: str) -> str | tuple[str, int] | Response:
    """Make it a schedule that airs once."""
    try:
        chosen = programmes.programme_template(here.home(), template)
    except Refused as refusal:
        return render_template("error.html", what=str(refusal.trouble), mend="Chọn một mẫu khác."), 404
    try:
        draft = programmes.draft_programme(
            here.home(),
            chosen,
            request.form.getlist("segments"),
            day=_day(request.form.get("day", "")),
            at=request.form.get("clock", ""),
            zones=() if set(zones := here.zones()) == set(here.config().zones) else zones,
        )
        if request.form.get("do") == "open":
            return show_new(of_data(parse_toml(draft.text or "", draft.name), tuple(here.config().zones), ""))
        save(here.home(), draft, by=here.person(), now=here.now())
    except Refused as refusal:
        return _form(chosen, request.form, refusal.trouble), 400
    except Unreadable as error:
        return _form(chosen, request.form, error.troubles[0]), 400
    here.tell(f"Đã xếp “{chosen.title}” lúc {request.form['clock']} ngày {_day(request.form['day']):%d/%m}.")
    return redirect(url_for("schedules.show", name=draft.name))


def _form(template: ProgrammeTemplate, typed: Mapping[str, str], trouble: Trouble | None = None) -> str:
    places = {kind: programmes.choices(here.home(), kind, here.now()) for kind in template.kinds}
    return render_template(
        "programme.html",
        here="timetable",
        template=template,
        places=places,
        form=typed,
        picked=request.form.getlist("segments"),
        chosen=request.form.getlist("zones") or list(here.config().zones),
        zones=here.config().zones,
        trouble=trouble,
        kinds=words.KINDS,
    )


def _day(written: str) -> dt.date:
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        raise Refused(Trouble("", "Chưa chọn ngày phát.", mend="Chọn ngày trên lịch.")) from None
