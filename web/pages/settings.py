"""Cài đặt: `station.toml` by a form, each part on a page of its own."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk.commissioning import free_name
from station.desk.timetable import read_plan
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.schedule_edit import Setting
from station.stores.written import Unreadable
from web import here
from web.permits import needs
from web.settings_form import PARTS, TABLES, Part, asked, change, placed, shown, troubles_of, written_now

pages = Blueprint("settings", __name__, url_prefix="/he-thong/cai-dat")

_NEW = "them_moi"  # no name of a table has an underscore


@pages.get("/<part>")
@needs(Deed.MACHINE)
def ask(part: str) -> str:
    """A part's form."""
    if part not in PARTS:
        raise NotFound
    return _form(PARTS[part])


@pages.post("/<part>")
@needs(Deed.MACHINE)
def save(part: str) -> Response | tuple[str, int]:
    """Save a part."""
    if part not in PARTS:
        raise NotFound
    return _saved(PARTS[part])


@pages.get("/<table>/<name>")
@needs(Deed.MACHINE)
def ask_one(table: str, name: str) -> str:
    """The form of one zone, stream or microphone; `them_moi` is a new one."""
    part, prefix = _one(table, name)
    return _form(part, prefix, removable=bool(prefix) and name in _known(table))


@pages.post("/<table>/<name>")
@needs(Deed.MACHINE)
def save_one(table: str, name: str) -> Response | tuple[str, int]:
    """Save one, or make a new one, which is called after its title."""
    part, prefix = _one(table, name)
    new = free_name(request.form.get("title", ""), _known(table))
    return _saved(part, prefix or f"{TABLES[table][0]}.{new}.", new=not prefix)


@pages.post("/<table>/<name>/bo")
@needs(Deed.MACHINE)
def remove(table: str, name: str) -> Response:
    """Take one away."""
    _one(table, name)
    try:
        change([Setting(f"{TABLES[table][0]}.{name}", None)])
    except (Refused, Unreadable) as wrong:
        here.tell(" ".join(map(str, troubles_of(wrong))), done=False)
        return redirect(url_for("settings.ask_one", table=table, name=name))
    return redirect(url_for("system.system"))


def _one(table: str, name: str) -> tuple[Part, str]:
    """What a table asks for, and how the keys of one begin; with nothing for a new one."""
    if table not in TABLES or (name != _NEW and name not in _known(table)):
        raise NotFound
    key, part = TABLES[table]
    return part, "" if name == _NEW else f"{key}.{name}."


def _known(table: str) -> Mapping[str, object]:
    config = here.config()
    return {"cum-loa": config.zones, "tiep-song": config.streams, "micro": config.microphones}[table]


def _saved(part: Part, prefix: str = "", *, new: bool = False) -> Response | tuple[str, int]:
    form, known = request.form, "" if new else prefix
    try:
        change(asked(part, prefix))
    except (Refused, Unreadable) as wrong:
        return _form(part, known, form, placed(part, prefix, troubles_of(wrong))), 400
    return redirect(url_for("system.system"))


def _form(
    part: Part,
    prefix: str = "",
    typed: Mapping[str, str] | None = None,
    troubles: tuple[Trouble, ...] = (),
    *,
    removable: bool = False,
) -> str:
    written, broken = written_now()
    return render_template(
        "settings.html",
        here="system",
        part=part,
        form=shown(part, prefix, written) if typed is None else typed,
        based_on=written.digest,
        troubles=troubles or broken,
        wrong={it.where for it in troubles},
        voices=read_plan(here.home()).voices if part is PARTS["giong-doc"] else (),
        removable=removable,
    )
