"""What a page works with: the station's home, the instant, and the person."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, g, request

from station.clock import Clock
from station.control.messages import Answer
from station.desk import orders
from station.desk.programmes import list_templates
from station.rules import hours
from station.rules.roles import Deed
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.config import Config
from station.stores.home import Home
from station.stores.library import StoredSegment
from web import permits
from web.language import said


def home() -> Home:
    """The station's stores."""
    kept: Home = current_app.extensions["home"]
    return kept


def now() -> int:
    """The wall ms at which this request is answered."""
    clock: Clock = current_app.extensions["clock"]
    return clock.now().wall


def config() -> Config:
    """The station's configuration, read once a request."""
    if "config" not in g:
        g.config = home().config().config
    kept: Config = g.config
    return kept


def day_edge(written: str, later: int) -> int | None:
    """The wall ms at which a day begins that a person chose, or that much later; the last day counts to its end.

    Nothing where none was chosen. Raises `Refused` for what is no date.
    """
    if not written:
        return None
    try:
        return hours.instant(dt.date.fromisoformat(written), later, zone())
    except (ValueError, OverflowError):
        raise Refused(Trouble("", f"“{written}” không phải là ngày.", mend="Chọn ngày trên lịch.")) from None


def zone() -> ZoneInfo:
    """The station's own time."""
    return config().time_zone


def local(instant: int) -> dt.datetime:
    """A wall ms on the station's own clock."""
    return hours.local(instant, zone())


def person() -> str:
    """Who is signed in."""
    return str(g.person)


def may_approve(segment: StoredSegment) -> bool:
    """Whether whoever is signed in may approve it."""
    return permits.allowed(Deed.APPROVE) and (config().approval.one_person or segment.author != person())


def template_text() -> str:
    """The text of the template that the address names, its blanks still in it; else nothing."""
    wanted = request.args.get("mau", "")
    return next((it.text for it in list_templates(home()).texts if it.name == wanted), "")


def zones() -> tuple[str, ...]:
    """The zones that are chosen in the form. Raises `Refused`."""
    chosen = tuple(request.form.getlist("zones"))
    if not chosen:
        mend = "Chọn ít nhất một cụm loa rồi làm lại."
        raise Refused(Trouble("", "Chưa chọn cụm loa nào nên chưa phát.", mend=mend))
    return chosen


def kind(value: str) -> Kind:
    """The kind that was chosen. Raises `Refused`."""
    try:
        return Kind(value)
    except ValueError:
        raise Refused(Trouble("", "Chưa chọn loại.", mend="Chọn một loại, ví dụ Tin.")) from None


def shut(length: int) -> str:
    """The allowed hours, when they do not allow `length` ms from now on; else nothing."""
    allowed, start = config().station.hours, now()
    return "" if allowed.allow(start, start + length) else str(allowed)


def status() -> tuple[dict[str, Any] | None, Trouble | None]:
    """What the player says of itself, or else why it says nothing."""
    try:
        return orders.status(home()), None
    except Refused as refusal:
        return None, refusal.trouble


def to_apply(status: dict[str, Any] | None) -> bool:
    """Whether the settings were changed and the player still runs by those of before, as it says itself."""
    return status is not None and any(it["where"] == home().places.config.name for it in status["faults"])


def done(answer: Answer) -> str:
    """What an order came to. Raises `Refused` when nothing was done."""
    if not answer.done:
        raise Refused(Trouble("", answer.sentence))
    return answer.sentence


def tell(sentence: str, *, done: bool = True) -> None:
    """Show on the next page what a deed came to, and when: the page may stay open long after it was true."""
    flash(f"{local(now()):%H:%M} · {said(sentence)}", "done" if done else "trouble")
