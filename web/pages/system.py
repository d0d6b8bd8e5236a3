"""Hệ thống: the machine, its zones, and what only its technician needs now and then."""

from pathlib import Path

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.care.power import Power
from station.desk import orders
from station.desk.backup import back_up, backup_name, backup_size
from station.desk.backup_stick import backup_trouble, make_backup_stick, stick_state
from station.desk.database import database_trouble, mark_rebuilt_seen
from station.desk.machine import look_at_machine, machine_facts
from station.desk.province import link, link_json
from station.desk.updates import ask_for_update, update_state
from station.desk.vault import vault_state, vault_trouble
from station.rules.hours import iso
from station.rules.now import SECOND
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from web import here
from web.back import way_back
from web.commissioning import steps
from web.lights import Light, clock_light, province_light
from web.pages.metrics import scrape_config
from web.permits import allowed, needs

pages = Blueprint("system", __name__, url_prefix="/he-thong")

_TRIAL = 10 * SECOND  # about what trying a zone takes


@pages.get("/")
def system() -> str:
    """How the machine is, and the way to all its rooms."""
    status, trouble = here.status()
    home, config = here.home(), here.config()
    seen = look_at_machine(home, Power(**status["power"]) if status and status["power"] else None)
    known = link(home, here.now())
    return render_template(
        "system.html",
        here="system",
        status=status,
        trouble=trouble,
        config=config,
        now_by_zone={it["name"]: it for it in status["zones"]} if status else {},
        to_apply=here.to_apply(status),
        time=clock_light(status["clock"]) if status else Light("off", "Đồng hồ", "chưa biết"),
        province=province_light(link_json(known, here.zone()) if known else None, iso(here.now(), here.zone())),
        facts=machine_facts(seen),
        heard_at=seen.machine.time.heard_at,
        local=here.local,
        scrape_config=scrape_config(),
        steps=None if config.practice or not allowed(Deed.MACHINE) else steps(status),
        sizes=[backup_size(home, recordings=it) for it in (True, False)],
        sticks=stick_state(home),
        database_trouble=database_trouble(home),
        stick_trouble=backup_trouble(home, here.now()),
        update=update_state(home, here.now()),
        vault=vault_state(home),
        vault_trouble=vault_trouble(home, here.now()),
    )


@pages.get("/cum-loa/<zone>/thu")
@needs(Deed.SWITCH)
def ask_trial(zone: str) -> str:
    """Ask whether to try a zone."""
    return _trial(zone)


@pages.post("/cum-loa/<zone>/thu")
@needs(Deed.SWITCH)
def try_zone(zone: str) -> Response | tuple[str, int]:
    """Sound a few seconds in it; what is told is what truly happened."""
    reason = request.form.get("override", "")
    try:
        answer = orders.try_zone(here.home(), zone, override=reason, by=here.person(), now=here.now())
        here.tell(here.done(answer))
    except Refused as refusal:
        return _trial(zone, reason, refusal.trouble), 400
    return redirect(url_for("system.system"))


@pages.post("/khoi-dong-lai")
@needs(Deed.MACHINE)
def restart() -> Response:
    """Have the player begin anew by the settings as they are now."""
    try:
        here.tell(here.done(orders.restart(here.home(), by=here.person(), now=here.now())))
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    return redirect(way_back(request.form.get("back", "")) or url_for("system.system"))


@pages.post("/sao-luu")
@needs(Deed.MACHINE)
def backup() -> Response:
    """Send a backup, as it is read."""
    home, now = here.home(), here.now()
    pieces = back_up(home, recordings=request.form.get("recordings") == "yes", by=here.person(), now=now)
    response = Response(pieces, mimetype="application/x-tar")
    response.headers.set("Content-Disposition", "attachment", filename=backup_name(home, now))
    return response


@pages.post("/co-so-du-lieu")
@needs(Deed.MACHINE)
def mark_seen() -> Response:
    """Tell no more of a database that was made anew."""
    mark_rebuilt_seen(here.home(), by=here.person(), now=here.now())
    here.tell("Đã ghi là đã xem.")
    return redirect(url_for("system.system"))


@pages.post("/usb-sao-luu")
@needs(Deed.MACHINE)
def choose_stick() -> Response:
    """Make a stick that is plugged in the station's own."""
    try:
        make_backup_stick(here.home(), Path(request.form.get("stick", "")), by=here.person(), now=here.now())
        here.tell("Từ nay mỗi đêm đài sao lưu vào USB này khi nó được cắm.")
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    return redirect(url_for("system.system"))


@pages.post("/cap-nhat")
@needs(Deed.MACHINE)
def update() -> Response:
    """Have the machine install the newer release that the province offers."""
    try:
        ask_for_update(here.home(), request.form.get("sha256", ""), by=here.person(), now=here.now())
        here.tell("Máy đã nhận yêu cầu cập nhật. Kết quả hiện ở mục Cập nhật của trang này.")
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    return redirect(url_for("system.system"))


def _trial(name: str, reason: str = "", trouble: Trouble | None = None) -> str:
    zone = here.config().zones.get(name)
    if zone is None:
        raise NotFound
    status, down = here.status()
    return render_template(
        "try_zone.html",
        here="system",
        name=name,
        zone=zone,
        air=status and status["on_air"],
        shut=here.shut(_TRIAL),
        reason=reason,
        trouble=trouble or down,
    )
