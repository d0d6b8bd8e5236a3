"""Cảnh báo: what came from the province and other sources, what became of it, and proposals to decide."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.clock import Clock
from station.desk import alerts as desk
from station.desk.alerts import Shown
from station.rules.alerting.alert import Status
from station.rules.alerting.policy import ALL_DAY, FEED, USUAL
from station.rules.alerting.sender import read_senders
from station.rules.alerting.spoken import words as spoken_words
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.enrolment import load_enrolment, signed_fields
from station.stores.feed_states import FeedStates
from station.stores.listening import ListeningFile
from web import alert_words, here
from web.permits import needs

pages = Blueprint("alerts", __name__, url_prefix="/canh-bao")

_LISTED = 30
_REFUSALS_LISTED = 20


@pages.get("/")
def alerts() -> str:
    """All that came, and the way by which it comes."""
    home, config = here.home(), here.config()
    senders = read_senders(signed_fields(home.places.province))
    clock: Clock = current_app.extensions["clock"]
    path, listening = desk.path_state(home, clock.now()), ListeningFile(home.places.run).last()
    wrong = [*listening.wrong(here.now(), here.zone())] if listening else []
    feeds = {f"{FEED}{name}": it.title for name, it in config.feeds.items()}
    return render_template(
        "alerts.html",
        enrolled=load_enrolment(home.places.province) is not None,
        tested_at=path.tested_at,
        wrong=[*wrong, path.trouble] if path.trouble else wrong,
        listening=listening,
        senders=senders,
        rules=(*config.alerts.rule, *USUAL),
        whole_day=ALL_DAY,
        titles={it.name: it.title for it in senders} | feeds,
        feeds=config.feeds,
        feed_states=FeedStates(home.places.run).all(),
        **_list(),
    )


@pages.get("/danh-sach")
def now() -> str:
    """The part that changes, for a page that is open."""
    return render_template("_alerts.html", **_list())


@pages.get("/<alert>")
def show(alert: str) -> str:
    """All of one."""
    return _drawn("alert.html", _found(alert))


@pages.get("/<alert>/nghe")
def listen(alert: str) -> Response:
    """The sound that came in it, as it will be heard."""
    sound = _found(alert).kept.sound
    path = sound and here.home().library.ready_path(sound)
    if not path or not path.exists():
        raise NotFound
    return send_file(path, mimetype="audio/flac", conditional=True)


@pages.get("/<alert>/phat")
@needs(Deed.SOUND)
def ask_air(alert: str) -> str | Response:
    """Ask whether a proposal is to be aired."""
    shown = _found(alert)
    return _asking(shown) if shown.proposed else redirect(url_for("alerts.show", alert=alert))


@pages.post("/<alert>/phat")
@needs(Deed.SOUND)
def air(alert: str) -> Response | tuple[str, int]:
    """Let a proposal be aired; what is told is what truly happened."""
    try:
        here.tell(here.done(desk.air(here.home(), alert, by=here.person(), now=here.now())))
    except Refused as refusal:
        shown = _found(alert)
        if shown.proposed:
            return _asking(shown, refusal.trouble), 400
        here.tell(str(refusal.trouble), done=False)
    return redirect(url_for("alerts.show", alert=alert))


@pages.post("/<alert>/bo-qua")
@needs(Deed.SOUND)
def dismiss(alert: str) -> Response:
    """Let a proposal be."""
    _found(alert)
    try:
        desk.dismiss(here.home(), alert, by=here.person(), now=here.now())
        here.tell("Đã bỏ qua tin này; loa không phát. Tin vẫn nằm trong danh sách.")
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
    return redirect(url_for("alerts.alerts"))


def shown_with() -> dict[str, Any]:
    """What templates need to show alerts with."""
    config = here.config()
    return {
        "alert_words": alert_words,
        "sender": lambda kept: alert_words.sender(kept, config),
        "local": here.local,
        "at": here.local(here.now()),
    }


def _found(alert: str) -> Shown:
    if known := _known(alert):
        return known
    raise NotFound


def _known(alert: str) -> Shown | None:
    try:
        return desk.alert(here.home(), alert, here.now())
    except Refused:
        return None


def _list() -> dict[str, Any]:
    """What is to be decided, a page of what else was believed, and the newest of what was refused."""
    home, at, page = here.home(), here.now(), max(request.args.get("trang", 0, type=int), 0)
    believed = desk.believed(home, at, _LISTED + 1, page * _LISTED)
    refused = desk.refused(home, at)
    return {
        "proposals": desk.proposals(home, at),
        "listed": [it for it in believed[:_LISTED] if not it.proposed],
        "page": page,
        "more": len(believed) > _LISTED,
        "refused": refused[:_REFUSALS_LISTED],
        "refusals": len(refused),
        **shown_with(),
    }


def _asking(shown: Shown, trouble: Trouble | None = None) -> str:
    status, down = here.status()
    return _drawn(
        "air_alert.html",
        shown,
        trouble=trouble or down,
        air=status and status["on_air"],
        zones=[it.title for it in here.config().zones.values()],
    )


def _drawn(template: str, shown: Shown, **more: object) -> str:
    kept = shown.kept
    spoken = spoken_words(kept.alert, kept.sender_title) if kept.alert else ""
    return render_template(
        template, shown=shown, spoken=spoken, others=_others(shown), Status=Status, **shown_with(), **more
    )


def _others(shown: Shown) -> list[Shown]:
    """What ended it, and what it names, of all that the station knows."""
    alert = shown.kept.alert
    named = (it.id for it in alert.references) if alert else ()
    return [it for id_ in dict.fromkeys((shown.kept.ended_by, *named)) if (it := _known(id_))]
