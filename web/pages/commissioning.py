"""Thiết lập đài: a new station is led through six steps.

Each can be left, skipped and done again: how far it is follows from what the station is, and nothing else is kept.
"""

from typing import Any
from urllib.parse import urlsplit

import segno
from flask import Blueprint, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import orders, people
from station.desk import province as province_desk
from station.desk.certificate import certificate
from station.desk.commissioning import add_zones, heard_zones, note_heard, pins_taken, swap_wires
from station.desk.machine import look_at_machine, machine_facts
from station.rules.header import pin
from station.rules.now import SECOND
from station.rules.roles import ROLE_NAMES, Deed
from station.rules.trouble import Refused, Trouble
from station.stores.addresses import own_address
from station.stores.config import ZoneConfig
from station.stores.config_edit import config_setting
from station.stores.written import Unreadable
from web import here
from web.commissioning import steps
from web.pages.users import chosen_roles
from web.permits import needs
from web.pin_drawing import draw_header
from web.settings_form import PARTS, TABLES, Part, asked, change, placed, shown, troubles_of, written_now

pages = Blueprint("commissioning", __name__, url_prefix="/he-thong/thiet-lap")

_TRIAL = 10 * SECOND  # about what trying a zone takes
_STATION = Part("Tên đài và giờ phát", PARTS["dai"].fields[:3])
_ZONE = Part(
    "Cụm loa", tuple(it for it in TABLES["cum-loa"][1].fields if it.key in {"title", "pin", "active_high"})
)


@pages.before_request
def only_of_a_real_station() -> None:
    """A practice station has nothing to be wired or heard."""
    if here.config().practice:
        raise NotFound


@pages.get("/")
@needs(Deed.MACHINE)
def contents() -> str:
    """How far the station is, and what comes next."""
    address = _reached_at()
    code = segno.make(address, error="m").svg_inline(scale=4, border=3, dark="#000", light="#fff", omitsize=True)
    return _page("contents", address=address, qr=Markup(code))  # noqa: S704 - of our own making, with no words in it


# 1: name and hours


@pages.get("/dai")
@needs(Deed.MACHINE)
def station() -> str:
    """Ask for the name, and the hours."""
    return _station()


@pages.post("/dai")
@needs(Deed.MACHINE)
def name_station() -> Response | tuple[str, int]:
    """Save them: the one step that a station cannot do without."""
    if not request.form.get("name", "").strip():
        mend = "Viết tên có tên xã, để tỉnh và bà con biết."
        return _station((Trouble("Tên đài", "Chưa có tên.", mend=mend),)), 400
    try:
        change(asked(_STATION))
    except (Refused, Unreadable) as wrong:
        return _station(placed(_STATION, "", troubles_of(wrong))), 400
    return redirect(url_for("commissioning.zones"))


def _station(troubles: tuple[Trouble, ...] = ()) -> str:
    written, broken = written_now()
    form = request.form if troubles else shown(_STATION, "", written)
    return _page(
        "station",
        part=_STATION,
        form=form,
        based_on=written.digest,
        troubles=troubles or broken,
        wrong=_where(troubles),
    )


# 2: zones, their pins, and whether they are heard


@pages.get("/cum-loa")
@needs(Deed.MACHINE)
def zones() -> str:
    """Each zone with its pin, and whether it was heard."""
    return _zones()


@pages.post("/cum-loa")
@needs(Deed.MACHINE)
def make_zones() -> Response | tuple[str, int]:
    """Make zones of titles, on the best pins that are free."""
    titles, high = request.form.get("titles", "").splitlines(), request.form.get("board") != "low"
    try:
        add_zones(here.home(), titles, active_high=high, by=here.person(), now=here.now())
    except (Refused, Unreadable) as wrong:
        return _zones(troubles_of(wrong)), 400
    here.tell("Đã thêm cụm loa. Nối dây theo hình, rồi khởi động lại máy phát và nghe thử.")
    return redirect(url_for("commissioning.zones"))


def _zones(troubles: tuple[Trouble, ...] = ()) -> str:
    written, broken = written_now()
    return _page(
        "zones",
        zones={name: zone for name, zone in here.config().zones.items() if name in written.named("zones")},
        heard=heard_zones(here.home()),
        pin=pin,
        places=draw_header(pins_taken(here.config())),
        form=request.form,
        troubles=troubles or broken,
    )


@pages.get("/cum-loa/<zone>/chan")
@needs(Deed.MACHINE)
def choose_pin(zone: str) -> str:
    """Ask for a zone's title, its pin, and how its relay goes on."""
    return _pin(zone)


@pages.post("/cum-loa/<zone>/chan")
@needs(Deed.MACHINE)
def wire(zone: str) -> Response | tuple[str, int]:
    """Save them."""
    _known(zone)
    try:
        change(asked(_ZONE, f"zones.{zone}."))
    except (Refused, Unreadable) as wrong:
        return _pin(zone, placed(_ZONE, f"zones.{zone}.", troubles_of(wrong))), 400
    return redirect(url_for("commissioning.zones"))


def _pin(name: str, troubles: tuple[Trouble, ...] = ()) -> str:
    zone = _known(name)
    written, broken = written_now()
    form = request.form if troubles else shown(_ZONE, f"zones.{name}.", written)
    return _page(
        "zones",
        "pin",
        zone=zone,
        form=form,
        based_on=written.digest,
        places=draw_header(pins_taken(here.config(), but=name), active_high=form.get("active_high") != "false"),
        troubles=troubles or broken,
        wrong=_where(troubles),
    )


@pages.get("/cum-loa/<zone>/nghe")
@needs(Deed.MACHINE)
def hear(zone: str) -> str:
    """Ask whether to sound a few seconds there, or, after that, whether it was heard."""
    return _hear(zone)


@pages.post("/cum-loa/<zone>/nghe")
@needs(Deed.SWITCH)
def sound_zone(zone: str) -> Response | tuple[str, int]:
    """Sound a few seconds there; a pin that is wrong is told as the player tells it."""
    reason = request.form.get("override", "")
    try:
        answer = orders.try_zone(here.home(), zone, override=reason, by=here.person(), now=here.now())
        here.tell(here.done(answer))
    except Refused as refusal:
        return _hear(zone, reason, refusal.trouble), 400
    return redirect(url_for("commissioning.hear", zone=zone, vua="nghe"))


@pages.post("/cum-loa/<zone>/ket-qua")
@needs(Deed.MACHINE)
def answer_heard(zone: str) -> Response | tuple[str, int]:
    """Take what a person heard: this zone, nothing, or another one, with which it then changes wires."""
    _known(zone)
    home, by, now, heard = here.home(), here.person(), here.now(), request.form.get("heard", "")
    try:
        if heard == zone:
            note_heard(home, zone, by=by, now=now)
            here.tell(f"Cụm loa {here.config().zones[zone].title}: đã nghe đúng.")
        elif heard:
            swap_wires(home, zone, heard, by=by, now=now)
            here.tell("Đã đổi chân của hai cụm loa cho nhau. Khởi động lại máy phát, rồi nghe lại cả hai.")
        else:
            return redirect(url_for("commissioning.hear", zone=zone, vua="im"))
    except (Refused, Unreadable) as wrong:
        return _hear(zone, trouble=troubles_of(wrong)[0]), 400
    return redirect(url_for("commissioning.zones"))


def _hear(name: str, reason: str = "", trouble: Trouble | None = None) -> str:
    zone = _known(name)
    others = {key: it for key, it in here.config().zones.items() if key != name}
    return _page(
        "zones",
        "hear",
        name=name,
        zone=zone,
        others=others,
        pin=pin,
        just=request.args.get("vua", ""),
        shut=here.shut(_TRIAL),
        reason=reason,
        trouble=trouble,
    )


def _known(zone: str) -> ZoneConfig:
    """The zone of that name, if the file names it."""
    known = here.config().zones.get(zone)
    if known is None or zone not in written_now()[0].named("zones"):
        raise NotFound
    return known


# 3 to 6


@pages.get("/am-thanh")
@needs(Deed.MACHINE)
def sound() -> str:
    """Ask where sound goes."""
    return _sound()


@pages.post("/am-thanh")
@needs(Deed.MACHINE)
def choose_output() -> Response | tuple[str, int]:
    """Send it there, from the player's next start on."""
    try:
        change([config_setting("audio.device", request.form.get("device", ""))])
    except (Refused, Unreadable) as wrong:
        return _sound(troubles_of(wrong)), 400
    return redirect(url_for("commissioning.sound"))


def _sound(troubles: tuple[Trouble, ...] = ()) -> str:
    try:
        outputs = orders.sound_outputs(here.home())
    except Refused:
        outputs = []  # the page says that no player runs
    device, (written, broken) = here.config().audio.device, written_now()
    return _page(
        "sound",
        outputs=outputs,
        device=device,
        unlisted=device not in {it["device"] for it in outputs},
        zones=[name for name, zone in here.config().zones.items() if zone.pin is not None],
        titles=here.config().titles,
        based_on=written.digest,
        troubles=troubles or broken,
    )


@pages.get("/dong-ho")
@needs(Deed.MACHINE)
def clock() -> str:
    """Show what time it is and who vouches for it."""
    facts = dict(machine_facts(look_at_machine(here.home(), None)))
    told = [(name, facts[name]) for name in ("Đồng hồ", "Máy chủ giờ") if name in facts]
    return _page("clock", facts=told, at=here.local(here.now()))


@pages.get("/nguoi-dung")
@needs(Deed.PEOPLE)
def users() -> str:
    """Who may use the page, and an invitation."""
    return _users()


@pages.post("/nguoi-dung")
@needs(Deed.PEOPLE)
def invite() -> str | tuple[str, int]:
    """A code for somebody new, shown once."""
    try:
        return _users(people.invite(here.home(), chosen_roles(), by=here.person(), now=here.now()))
    except Refused as refusal:
        return _users(trouble=refusal.trouble), 400


def _users(code: str = "", trouble: Trouble | None = None) -> str:
    return _page(
        "users",
        everybody=people.list_people(here.home()),
        role_names=ROLE_NAMES,
        code=code,
        trouble=trouble,
        chosen=request.form.getlist("roles") if trouble else [],
        certificate=certificate(here.home()),
    )


@pages.get("/tinh")
@needs(Deed.MACHINE)
def province() -> str:
    """Ask for the province's line, or say which province it is."""
    return _page("province", link=province_desk.link(here.home(), here.now()))


# What all of them share


@pages.get("/may-phat")
@needs(Deed.MACHINE)
def player() -> str:
    """Whether the player runs, by the settings as they are, for a page that is open."""
    status, trouble = here.status()
    return render_template("_applying.html", status=status, trouble=trouble, to_apply=here.to_apply(status))


def _page(endpoint: str, template: str = "", **more: Any) -> str:
    """One of the pages, which knows where it stands among the steps."""
    status, down = here.status()
    known = steps(status)
    names = [it.endpoint for it in known]
    at = names.index(f"commissioning.{endpoint}") if endpoint != "contents" else -1
    return render_template(
        f"commissioning/{template or endpoint}.html",
        here="system",
        status=status,
        down=down,
        to_apply=here.to_apply(status),
        steps=known,
        number=at + 1,
        before=known[at - 1] if at > 0 else None,
        step=known[at] if at >= 0 else None,
        after=known[at + 1] if at + 1 < len(known) else None,
        **more,
    )


def _where(troubles: tuple[Trouble, ...]) -> set[str]:
    return {it.where for it in troubles}


def _reached_at() -> str:
    """The page's address for another phone: as it is reached now, but by number, since old phones know no names."""
    host = urlsplit(request.host_url).hostname or ""
    number = own_address()
    if number is None or not host.endswith(".local"):
        return request.host_url
    return request.host_url.replace(host, number, 1)
