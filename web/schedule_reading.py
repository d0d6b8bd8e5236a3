"""Reading the form of a schedule: what of it changes, or in which field something is wrong."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import frozen

from station.rules import rundown as rules
from station.rules.day_words import shortest
from station.rules.origin import Origin
from station.rules.rundown import Kind
from station.rules.title import one_line
from station.rules.trouble import Refused, Trouble
from station.stores.schedule_wanted import Table, Wanted
from station.stores.swap_days import read_date
from station.stores.written import read_clock, read_duration
from web.schedule_form import AMOUNTS, ITEMS, LENGTH_NEEDED, Airing, Form, Item
from web.schedule_words import read_length

_LONGEST_CYCLE = 53  # weeks
_NEW_AIRING, _NEW_ITEM = Airing(""), Item("")
_PRIORITIES = ("normal", "priority", "emergency")


@frozen
class Reading:
    """What a form asks for, and what is wrong with it by the field in which it is."""

    wanted: Wanted
    mistakes: Mapping[str, Trouble]


def read_form(form: Form, before: Form, zones: Sequence[str]) -> Reading:
    """What a form asks for beside what it was `before`; the station has these `zones`."""
    reader = _Reader()
    airings = {it.was: it for it in before.airings}
    items = {it.was: it for it in before.items}
    wanted = Wanted(
        reader.values(form, before, zones),
        [reader.airing(it, airings.get(it.was, _NEW_AIRING)) for it in form.airings],
        [reader.item(it, items.get(it.was, _NEW_ITEM)) for it in form.items],
    )
    reader.need("airings", form.airings, "Chưa có giờ phát nào.", "Thêm một giờ phát.")
    reader.need("items", form.items, "Khung chương trình chưa có mục nào.", "Thêm ít nhất một mục.")
    return Reading(wanted, reader.mistakes)


def rundown_of(form: Form) -> list[rules.Item | None]:
    """The items of a form, each None while something is wrong with it."""
    return [_as_item(it) for it in form.items]


def length_of(typed: str) -> int:
    """A typed length in ms; none while it is not right."""
    try:
        return read_duration(read_length(typed))
    except Refused:
        return 0


def _as_item(item: Item) -> rules.Item | None:
    reader = _Reader()
    reader.item(item, _NEW_ITEM)
    if reader.mistakes:
        return None
    amount, limited = length_of(item.amount), length_of(item.amount) if item.amount else None
    match item.kind:
        case "play":
            return rules.Play(item.value, limited)
        case "newest":
            origin = Origin(item.origin) if item.origin in [*Origin] else None
            return rules.Newest(Kind(item.value), length_of(item.within), limited, origin)
        case "say":
            return rules.Say(item.value)
        case "rebroadcast":
            return rules.Rebroadcast(item.value, amount, item.fallback)
        case _:
            return rules.Live(item.value, amount)


class _Reader:
    """Reads field by field; what is wrong is noted, and left out."""

    def __init__(self) -> None:
        self.mistakes: dict[str, Trouble] = {}

    def need(self, field: str, given: object, what: str, mend: str) -> None:
        """Note that a field is empty."""
        if not given:
            self.mistakes.setdefault(field, Trouble("", what, mend=mend))

    def values(self, form: Form, before: Form, zones: Sequence[str]) -> dict[str, Any]:
        """What stands alone."""
        changed: dict[str, Any] = {}
        self.need("title", form.title, "Chưa đặt tên chương trình.", "Viết tên, như “Bản tin sáng”.")
        self.need("zones", form.zones, "Chưa chọn cụm loa nào.", "Chọn ít nhất một cụm loa.")
        if form.title != before.title:
            changed["title"] = one_line(form.title)
        if set(form.zones) != set(before.zones):
            changed["zones"] = None if set(form.zones) == set(zones) else list(form.zones)
        if form.priority != before.priority and form.priority in _PRIORITIES:
            changed["priority"] = None if form.priority == _PRIORITIES[0] else form.priority
        if (form.late, form.late_within) != (before.late, before.late_within):
            changed["late"] = self._how("late_within", form.late, form.late_within, usual="skip")
        if (form.clash, form.clash_within) != (before.clash, before.clash_within):
            changed["clash"] = self._how("clash_within", form.clash, form.clash_within, usual="drop")
        if form.crossfade != before.crossfade:
            changed["crossfade"] = self._read("crossfade", form.crossfade, read_length)
        return changed

    def airing(self, airing: Airing, before: Airing) -> Table:
        """A time at which it airs."""
        name = f"air-{airing.id}-"
        changed: dict[str, Any] = {}
        self.need(f"{name}at", airing.at, "Chưa chọn giờ phát.", "Chọn giờ, như 05:00.")
        self.need(f"{name}days", airing.days, "Chưa chọn ngày phát nào.", "Chọn ít nhất một ngày.")
        if set(airing.days) != set(before.days):
            changed["days"] = _written(airing.days)
        if airing.at != before.at:
            changed["at"] = self._read(f"{name}at", airing.at, _checked(read_clock))
        if set(airing.skip) != set(before.skip):
            changed["except"] = _written(airing.skip)
        if airing.since != before.since:
            changed["from"] = self._read(f"{name}from", airing.since, _checked(read_date))
        if airing.until != before.until:
            changed["until"] = self._read(f"{name}until", airing.until, _checked(read_date))
        if airing.since and airing.until and airing.until < airing.since:
            self.need(f"{name}until", None, "Ngày cuối đứng trước ngày đầu.", "Chọn lại một trong hai ngày.")
        if airing.every != before.every:
            changed["every"] = self._read(f"{name}every", airing.every, _read_every)
        if airing.every not in {"", "1"}:
            self.need(f"{name}from", airing.since, "Cần ngày đầu để biết đếm từ tuần nào.", "Chọn “Từ ngày”.")
        if airing.hard_end != before.hard_end:
            changed["hard_end"] = self._read(f"{name}hard_end", airing.hard_end, _checked(read_clock))
        return Table(changed, int(before.was) if before.was else None)

    def item(self, item: Item, before: Item) -> Table:
        """An item of the rundown."""
        if item.kind != before.kind:
            before = _NEW_ITEM
        name = f"item-{item.id}"
        changed: dict[str, Any] = {}
        self.need(name, item.kind in ITEMS or before.was, "Không hiểu mục này.", "Bỏ mục này rồi thêm lại.")
        self.need(name, item.value or before.was, "Mục này còn trống.", "Viết hoặc chọn một thứ, hoặc bỏ mục này.")
        if item.value != before.value:
            changed[item.kind] = item.value
        if item.kind == "newest":
            self.need(name, item.value in [*Kind], "Chưa chọn loại tin bài.", "Chọn một loại, như Tin.")
            self.need(f"{name}-within", item.within, "Chưa nói mới trong bao lâu.", "Viết như “36 giờ”.")
            if item.within != before.within:
                changed["within"] = self._read(f"{name}-within", item.within, read_length)
            if item.origin != before.origin:
                changed["origin"] = item.origin or None
        if item.kind in LENGTH_NEEDED:
            self.need(f"{name}-amount", item.amount, "Chưa nói phát bao lâu.", "Viết như “15 phút”.")
        if item.kind in AMOUNTS and item.amount != before.amount:
            changed[AMOUNTS[item.kind]] = self._read(f"{name}-amount", item.amount, read_length)
        if item.kind == "rebroadcast" and item.fallback != before.fallback:
            changed["fallback"] = item.fallback or None
        return Table(changed, int(before.was) if before.was else None)

    def _how(self, field: str, choice: str, within: str, *, usual: str) -> str | None:
        """`start within 10m` of a choice and how long."""
        if choice == usual:
            return None
        if not choice.endswith("within"):
            return choice
        self.need(field, within, "Chưa nói trong bao lâu.", "Viết như “10 phút”.")
        return f"{choice} {self._read(field, within, read_length)}"

    def _read(self, field: str, typed: str, read: Callable[[str], Any]) -> Any:
        """What was typed as a file writes it; nothing typed takes the key away."""
        if not typed:
            return None
        try:
            return read(typed)
        except Refused as refusal:
            self.mistakes.setdefault(field, refusal.trouble)
            return None


def _checked(read: Callable[[str], object]) -> Callable[[str], str]:
    """What is written as it is typed, once it can be read."""

    def checked(typed: str) -> str:
        read(typed)
        return typed

    return checked


def _read_every(typed: str) -> int | None:
    if not re.fullmatch(r"\d{1,2}", typed) or not 1 <= int(typed) <= _LONGEST_CYCLE:
        raise Refused(Trouble("", f"“{typed}” không phải là số tuần.", mend="Viết 1 nếu phát mỗi tuần."))
    return int(typed) if int(typed) > 1 else None


def _written(words: Sequence[str]) -> str | list[str] | None:
    """Days as a file writes them; no days take the key away."""
    found = shortest(words)
    return found if isinstance(found, str) else list(found) or None
