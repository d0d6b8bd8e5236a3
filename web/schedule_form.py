"""The form of a schedule: what stands in its fields, made of a file or of what a person sent."""

import datetime as dt
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from attrs import evolve, frozen
from werkzeug.datastructures import MultiDict

from station.rules.day_words import single_words
from station.rules.offer import PREFIX
from station.rules.origin import Origin
from web.schedule_words import typed_length

AMOUNTS = {
    "play": "for",
    "newest": "limit",
    "rebroadcast": "for",
    "live": "for",
}  # which key says how much of an item
LENGTH_NEEDED = ("rebroadcast", "live")
ITEMS = ("play", "newest", "say", "rebroadcast", "live")
_START_WITHIN, _MOVE_WITHIN = "start within ", "move within "


@frozen
class Item:
    """An item of the rundown as its fields say it; `was` is its number in the file, if it is there."""

    id: str
    kind: str = ""
    value: str = ""
    amount: str = ""
    within: str = ""
    fallback: str = ""
    was: str = ""
    origin: str = ""


@frozen
class Airing:
    """When it airs, as its fields say it."""

    id: str
    at: str = ""
    days: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    every: str = "1"
    hard_end: str = ""
    was: str = ""


@frozen
class Form:
    """A schedule as its fields say it; `base` is the text that it was made of."""

    title: str = ""
    zones: tuple[str, ...] = ()
    priority: str = "normal"
    late: str = "skip"
    late_within: str = ""
    clash: str = "drop"
    clash_within: str = ""
    crossfade: str = ""
    airings: tuple[Airing, ...] = ()
    items: tuple[Item, ...] = ()
    base: str = ""

    @property
    def wrapped_base(self) -> str:
        """The text that it was made of, as a field carries it unchanged."""
        return b64encode(self.base.encode()).decode()

    def fresh(self) -> str:
        """An id that nothing here has."""
        taken = {it.id for it in self.airings} | {it.id for it in self.items}
        return next(number for number in map(str, count(1)) if number not in taken)

    def moved(self, id_: str, steps: int) -> "Form":
        """With an item so many steps further down."""
        place = next((at for at, it in enumerate(self.items) if it.id == id_), None)
        if place is None:
            return self
        items = list(self.items)
        item = items.pop(place)
        items.insert(max(0, place + steps), item)
        return evolve(self, items=tuple(items))

    def without(self, id_: str) -> "Form":
        """Without that item or airing."""
        items = tuple(it for it in self.items if it.id != id_)
        return evolve(self, items=items, airings=tuple(it for it in self.airings if it.id != id_))


def of_data(data: Mapping[str, Any], zones: Sequence[str], base: str) -> Form:
    """The form of what a file holds, right or wrong; the station has these `zones`."""
    late, late_within = _split(str(data.get("late", "skip")), _START_WITHIN)
    clash, clash_within = _split(str(data.get("clash", "drop")), _MOVE_WITHIN)
    named = tuple(map(str, _listed(data.get("zones", ["all"]))))
    airings = [it for it in _listed(data.get("air", [])) if isinstance(it, dict)]
    items = [it for it in _listed(data.get("rundown", [])) if isinstance(it, dict)]
    return Form(
        title=str(data.get("title", "")),
        zones=tuple(zones) if "all" in named else named,
        priority=str(data.get("priority", "normal")),
        late=late,
        late_within=late_within,
        clash=clash,
        clash_within=clash_within,
        crossfade=typed_length(data.get("crossfade")),
        airings=tuple(_airing_of(it, number) for number, it in enumerate(airings, 1)),
        items=tuple(_item_of(it, number) for number, it in enumerate(items, 1)),
        base=base,
    )


def of_province(form: Form) -> Form:
    """The form of a schedule that the province wrote, with its segments by the names that they have here."""
    items = [
        evolve(it, value=f"{PREFIX}{it.value}")
        if it.kind == "play"
        else evolve(it, origin=it.origin or Origin.PROVINCE)
        for it in form.items
    ]
    return evolve(form, items=tuple(items))


def typed(sent: MultiDict[str, str]) -> Form:
    """What a person typed and chose."""
    columns = ("id", "kind", "value", "amount", "within", "fallback", "was")
    rows = zip(*(sent.getlist(f"item-{it}") for it in columns), strict=False)
    return Form(
        title=sent.get("title", "").strip(),
        zones=tuple(sent.getlist("zones")),
        priority=sent.get("priority", "normal"),
        late=sent.get("late", "skip"),
        late_within=sent.get("late_within", "").strip(),
        clash=sent.get("clash", "drop"),
        clash_within=sent.get("clash_within", "").strip(),
        crossfade=sent.get("crossfade", "").strip(),
        airings=tuple(_typed_airing(sent, id_) for id_ in sent.getlist("airing")),
        items=tuple(_typed_item(sent, row) for row in rows),
        base=_unwrapped(sent.get("base", "")),
    )


def _unwrapped(base: str) -> str:
    try:
        return b64decode(base, validate=True).decode()
    except ValueError:  # not what a form of ours had
        return ""


def _typed_item(sent: MultiDict[str, str], row: Sequence[str]) -> Item:
    item = Item(*(value.replace("\r\n", "\n").strip() for value in row))
    return evolve(item, origin=sent.get(f"item-{item.id}-origin", ""))


def _typed_airing(sent: MultiDict[str, str], id_: str) -> Airing:
    def field(name: str, usual: str = "") -> str:
        return sent.get(f"air-{id_}-{name}", usual).strip()

    return Airing(
        id=id_,
        at=field("at"),
        days=tuple(sent.getlist(f"air-{id_}-days")),
        skip=tuple(sent.getlist(f"air-{id_}-except")),
        since=field("from"),
        until=field("until"),
        every=field("every", "1"),
        hard_end=field("hard_end"),
        was=field("was"),
    )


def _airing_of(table: Mapping[str, Any], number: int) -> Airing:
    return Airing(
        id=f"a{number}",
        at=str(table.get("at", "")),
        days=_words(table.get("days", ())),
        skip=_words(table.get("except", ())),
        since=_date(table.get("from", "")),
        until=_date(table.get("until", "")),
        every=str(table.get("every", 1)),
        hard_end=str(table.get("hard_end", "")),
        was=str(number),
    )


def _item_of(table: Mapping[str, Any], number: int) -> Item:
    kind = next((it for it in ITEMS if it in table), "")
    return Item(
        id=f"i{number}",
        kind=kind,
        value=str(table.get(kind, "")).strip(),
        amount=typed_length(table.get(AMOUNTS.get(kind, ""))),
        within=typed_length(table.get("within")),
        fallback=str(table.get("fallback", "")),
        origin=str(table.get("origin", "")),
        was=str(number),
    )


def _words(written: Any) -> tuple[str, ...]:
    return single_words([str(it) for it in _listed(written)])


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _date(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _split(written: str, before: str) -> tuple[str, str]:
    """`start within 10m` as a choice and how long."""
    if written.startswith(before):
        return before.strip(), typed_length(written.removeprefix(before))
    return written, ""
