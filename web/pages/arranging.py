"""Making and editing a schedule in a form: nothing is saved before it says so, nothing typed is lost."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from attrs import frozen
from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import schedules as desk
from station.desk.arranging import Heard, hear
from station.desk.schedules import Draft
from station.rules.approval import State
from station.rules.now import SECOND
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.library import StoredSegment
from station.stores.schedule_shelf import difference, digest
from station.stores.search import Search
from station.stores.written import Unreadable, parse_toml
from web import here, schedule_words, words
from web.language import said
from web.pages.schedules import named
from web.permits import needs
from web.schedule_form import Form, Item, of_data, typed
from web.schedule_merging import merged
from web.schedule_reading import length_of, read_form, rundown_of
from web.schedule_steps import rearranged

pages = Blueprint("arranging", __name__)

_FOUND = 8  # segments to pick from
_EMPTY = Form()
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@frozen
class Row:
    """An item of the rundown in the form: its fields, and what it would be heard as now."""

    item: Item
    said: str
    lacking: bool
    end: int


@frozen
class Filed:
    """The file that a form edits: its name, what it holds, and the form of that; a new schedule has no file."""

    name: str = ""
    data: Mapping[str, Any] = _NOTHING
    form: Form = _EMPTY


@pages.get("/lich-moi")
@needs(Deed.ARRANGE)
def ask_new() -> str:
    """The form of a new schedule."""
    return show_new(rearranged(of_data({}, tuple(here.config().zones), ""), "airing", "", MultiDict()))


@pages.post("/lich-moi")
@needs(Deed.ARRANGE)
def make() -> str | tuple[str, int] | Response:
    """One more step in making it."""
    return _answer(Filed())


@pages.get("/lich/<named:name>/sua")
@needs(Deed.ARRANGE)
def ask_edit(name: str) -> str:
    """The form of a schedule that is there."""
    filed = _filed(name)
    return _page(filed, filed.form)


@pages.post("/lich/<named:name>/sua")
@needs(Deed.ARRANGE)
def edit(name: str) -> str | tuple[str, int] | Response:
    """One more step in editing it."""
    return _answer(_filed(name))


@pages.post("/lich/tinh")
@needs(Deed.ARRANGE)
def look() -> Response:
    """How long what is arranged so far takes, for a page that is open."""
    form = typed(request.form)
    rows = _rows(form)
    return jsonify(
        rows={row.item.id: {"said": row.said, "lacking": row.lacking} for row in rows}, total=_total(form, rows)
    )


def show_new(form: Form) -> str:
    """The form of a new schedule, filled in so far."""
    return _page(Filed(), form)


def _answer(filed: Filed) -> str | tuple[str, int] | Response:
    form = typed(request.form)
    step, _, what = request.form.get("do", "preview").partition(":")
    if step not in {"preview", "save"}:
        return _page(filed, rearranged(form, step, what, request.form))
    if filed.name and form.base != filed.form.base:
        told, form = _meanwhile(form, filed)
        return _page(filed, form, troubles=[told]), 409
    reading = read_form(form, filed.form, tuple(here.config().zones))
    if reading.mistakes:
        return _page(filed, form, mistakes=reading.mistakes), 400
    try:
        if filed.name:
            draft = desk.draft_edit(
                here.home(), filed.name, reading.wanted.changes(filed.data), based_on=digest(form.base)
            )
        else:
            name = desk.free_name(here.home(), form.title)
            draft = desk.draft_new(here.home(), name, reading.wanted.fields())
        if step == "preview":
            return _page(filed, form, draft=draft)
        desk.save(here.home(), draft, by=here.person(), now=here.now())
    except Refused as refusal:
        return _page(filed, form, troubles=[refusal.trouble]), 409
    except Unreadable as error:
        return _page(filed, form, troubles=error.troubles), 400
    here.tell(f"Lịch “{form.title}” vẫn như cũ." if draft.empty else f"Đã lưu lịch “{form.title}”.")
    return redirect(url_for("schedules.show", name=draft.name))


def _page(
    filed: Filed,
    form: Form,
    *,
    mistakes: Mapping[str, Trouble] = _NOTHING,
    troubles: Sequence[Trouble] = (),
    draft: Draft | None = None,
) -> str:
    config, rows = here.config(), _rows(form)
    return render_template(
        "arrange.html",
        here="timetable",
        filed=filed,
        action=url_for("arranging.edit", name=filed.name) if filed.name else url_for("arranging.make"),
        form=form,
        rows=rows,
        total=_total(form, rows),
        mistakes=mistakes,
        troubles=troubles,
        draft=draft,
        changes=desk.coming_effect(here.home(), draft, here.now()) if draft and not draft.empty else (),
        named=named(form),
        zones=config.zones,
        streams=config.streams,
        microphones=config.microphones,
        kinds=words.KINDS,
        newest=schedule_words.NEWEST,
        found=_found(request.form.get("find", "")),
        find=request.form.get("find", ""),
        local=here.local,
        said=schedule_words,
    )


def _meanwhile(form: Form, filed: Filed) -> tuple[Trouble, Form]:
    """What somebody else saved while the form was open, and the form with that where it was left alone."""
    what = f"Trong lúc đó lịch đã được người khác sửa: {difference(form.base, filed.form.base)}."
    still = "Những gì bạn đã sửa vẫn còn ở dưới, chỗ khác theo bản mới."
    told = Trouble("", what, still, "Xem lại rồi bấm Lưu.")
    try:
        before = of_data(parse_toml(form.base, filed.name), tuple(here.config().zones), form.base)
    except Unreadable:
        before = Form()
    return told, merged(form, before, filed.form)


def _rows(form: Form) -> list[Row]:
    rundown = rundown_of(form)
    heard = iter(hear(here.home(), [it for it in rundown if it], length_of(form.crossfade), here.now()))
    return [_row(item, next(heard) if it else None) for item, it in zip(form.items, rundown, strict=True)]


def _row(item: Item, heard: Heard | None) -> Row:
    if heard is None:
        return Row(item, said("chưa biết dài bao lâu"), lacking=True, end=0)
    if heard.gaps:
        return Row(item, " ".join(said(str(it)) for it in heard.gaps), lacking=True, end=heard.end)
    begin, length = words.length(heard.begin / SECOND), words.length((heard.end - heard.begin) / SECOND)
    titles = ", ".join(heard.titles) if item.kind == "newest" else ""
    told = said(f"từ {begin} · dài {length}")
    return Row(item, f"{told}: {titles}" if titles else told, lacking=False, end=heard.end)


def _total(form: Form, rows: Sequence[Row]) -> str:
    """How long all of it takes, and when it is over."""
    end = max((row.end for row in rows), default=0)
    over = [(it.at, schedule_words.later(it.at, end)) for it in form.airings]
    told = [said(f"phát {at} thì hết lúc {until}") for at, until in over if until]
    return " · ".join([said(f"Dài khoảng {words.length(end / SECOND)}"), *told]) if end else ""


def _found(wanted: str) -> Sequence[StoredSegment]:
    return here.home().library.found(Search(words=wanted, states=(State.APPROVED,))).segments[:_FOUND]


def _filed(name: str) -> Filed:
    """The schedule `name` as it is now."""
    try:
        text = desk.schedule_text(here.home(), name)
        data = parse_toml(text, f"{name}.toml")
    except (Refused, Unreadable):
        raise NotFound from None
    return Filed(name, data, of_data(data, tuple(here.config().zones), text))
