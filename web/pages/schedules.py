"""The schedules one by one: what each is, when it airs next, its tape to listen to, and switching it on and off."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import schedules as desk
from station.desk.arranging import Heard, hear
from station.desk.tapes import ready_tape
from station.rules.origin import Origin
from station.rules.roles import Deed
from station.rules.step.broadcast import PREPARE_AHEAD
from station.rules.trouble import Refused
from station.stores.schedule_files import read_schedule, whose
from station.stores.schedule_listing import Listed
from station.stores.schedule_shelf import REMOVED
from station.stores.written import Unreadable, parse_toml
from web import here, schedule_words
from web.permits import needs
from web.schedule_form import Form, of_data, of_province
from web.weeks import SOON

pages = Blueprint("schedules", __name__)

_SHOWN = 3  # of its broadcasts to come


@pages.get("/cac-lich")
def listing() -> str:
    """All schedules, and what is wrong with some."""
    listed = desk.list_schedules(here.home())
    forms = {it.name: form for it in listed if (form := _form(it.name))}
    return render_template("schedules.html", here="timetable", listed=listed, forms=forms, said=schedule_words)


@pages.get("/lich/<named:name>")
def show(name: str) -> str:
    """One schedule in words, and when it airs."""
    listed, form, now = _listed(name), _form(name), here.now()
    coming = desk.coming_broadcasts(here.home(), name, now, _SHOWN)
    return render_template(
        "schedule.html",
        here="timetable",
        schedule=listed,
        form=form,
        text=_text(name) if form is None else "",
        heard=_heard(name, now),
        named=named(form) if form else {},
        coming=coming,
        ready=bool(coming) and ready_tape(here.home(), coming[0]) is not None,
        prepared=here.local(coming[0].start - PREPARE_AHEAD) if coming else None,
        now=here.local(now),
        local=here.local,
        titles={key: zone.title for key, zone in here.config().zones.items()},
        soon=lambda it: it.start < now + SOON,
        said=schedule_words,
    )


@pages.get("/lich/<named:name>/nghe")
def listen(name: str) -> Response:
    """The tape of its next broadcast, as it will air; seeking asks for ranges of it."""
    coming = desk.coming_broadcasts(here.home(), name, here.now(), 1)
    tape = ready_tape(here.home(), coming[0]) if coming else None
    if tape is None:
        raise NotFound
    return send_file(tape.path, mimetype="audio/wav", conditional=True)


@pages.post("/lich/<named:name>/bat-tat")
@needs(Deed.ARRANGE)
def switch(name: str) -> Response:
    """Let it air again, or keep it and air nothing."""
    on = request.form.get("on") == "yes"
    try:
        draft = desk.draft_switch(here.home(), name, on=on)
        desk.save(here.home(), draft, by=here.person(), now=here.now())
        title = _listed(name).title
        here.tell(f"Đã bật lịch “{title}”." if on else f"Đã tắt lịch “{title}”. Lịch vẫn còn, chỉ không phát.")
    except (Refused, Unreadable) as error:
        return _back(name, error)
    return redirect(url_for("schedules.show", name=name))


@pages.get("/lich/<named:name>/bo")
@needs(Deed.ARRANGE)
def ask_remove(name: str) -> str | Response:
    """Ask before it is taken away, with what that alters."""
    listed = _listed(name)
    try:
        changes = desk.coming_effect(here.home(), desk.draft_removal(here.home(), name), here.now())
    except (Refused, Unreadable) as error:
        return _back(name, error)
    return render_template(
        "remove_schedule.html", here="timetable", schedule=listed, changes=changes, local=here.local
    )


@pages.post("/lich/<named:name>/bo")
@needs(Deed.ARRANGE)
def remove(name: str) -> Response:
    """Take it away; its file stays beside."""
    listed = _listed(name)
    try:
        desk.save(here.home(), desk.draft_removal(here.home(), name), by=here.person(), now=here.now())
    except (Refused, Unreadable) as error:
        return _back(name, error)
    here.tell(f"Đã bỏ lịch “{listed.title}”. Kỹ thuật còn lấy lại được từ tệp “{name}.toml{REMOVED}”.")
    return redirect(url_for("schedules.listing"))


def named(form: Form) -> Mapping[str, str]:
    """What people call whatever a rundown names."""
    config = here.config()
    known = {it.value: here.home().library.find(it.value) for it in form.items if it.kind == "play"}
    return {
        **{name: it.title for name, it in config.streams.items()},
        **{name: it.title for name, it in config.microphones.items()},
        **{name: segment.title for name, segment in known.items() if segment},
    }


def _back(name: str, error: Refused | Unreadable) -> Response:
    """Back to the schedule, with why nothing was done."""
    here.tell(str(error.trouble if isinstance(error, Refused) else error.troubles[0]), done=False)
    return redirect(url_for("schedules.show", name=name))


def _listed(name: str) -> Listed:
    found = next((it for it in desk.list_schedules(here.home()) if it.name == name), None)
    if found is None:
        raise NotFound
    return found


def _form(name: str) -> Form | None:
    """A schedule as its form would show it, unless its file cannot be read at all."""
    try:
        text = desk.schedule_text(here.home(), name)
        form = of_data(parse_toml(text, f"{name}.toml"), tuple(here.config().zones), text)
        return form if whose(name) is Origin.COMMUNE else of_province(form)
    except Unreadable:
        return None


def _text(name: str) -> str:
    try:
        return desk.schedule_text(here.home(), name)
    except Unreadable:
        return ""


def _heard(name: str, now: int) -> tuple[Heard, ...]:
    """Its items as they would be heard now, unless its file is wrong."""
    try:
        schedule = read_schedule(desk.schedule_text(here.home(), name), name, here.config().known)
    except Unreadable:
        return ()
    return hear(here.home(), schedule.rundown, schedule.crossfade, now)
