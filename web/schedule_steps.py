"""The small steps of arranging a schedule in its form: an item up, another hour, one more day."""

from collections.abc import Callable, Mapping

from attrs import evolve
from werkzeug.datastructures import MultiDict

from station.rules.days import read_days
from station.rules.now import HOUR, MINUTE
from station.rules.rundown import Kind
from station.rules.trouble import Refused
from web.schedule_form import Airing, Form, Item
from web.schedule_words import length

Sent = MultiDict[str, str]


def rearranged(form: Form, step: str, what: str, sent: Sent) -> Form:
    """The form after a step; one that it does not know changes nothing."""
    return _STEPS[step](form, what, sent) if step in _STEPS else form


def _add(form: Form, kind: str, sent: Sent) -> Form:  # noqa: ARG001 - steps are alike
    item = _usual(kind)
    return evolve(form, items=(*form.items, evolve(item, id=form.fresh()))) if item else form


def _usual(kind: str) -> Item | None:
    """A new item with what is usual in its fields."""
    match kind:
        case "newest":
            return Item("", kind, Kind.NEWS, amount=length(12 * MINUTE), within=length(36 * HOUR))
        case "say":
            return Item("", kind)
        case "rebroadcast":
            return Item("", kind, amount=length(15 * MINUTE))
        case "live":
            return Item("", kind, amount=length(5 * MINUTE))
    return None


def _pick(form: Form, segment: str, sent: Sent) -> Form:  # noqa: ARG001 - steps are alike
    return evolve(form, items=(*form.items, Item(form.fresh(), "play", segment)))


def _add_airing(form: Form, what: str, sent: Sent) -> Form:  # noqa: ARG001 - steps are alike
    last = form.airings[-1] if form.airings else Airing("", days=("mon", "tue", "wed", "thu", "fri", "sat"))
    return evolve(form, airings=(*form.airings, Airing(form.fresh(), days=last.days)))


def _add_day(form: Form, what: str, sent: Sent) -> Form:
    """One more day: `what` names the airing, whether it airs or not then, and which fields say the day."""
    id_, _, rest = what.partition(":")
    column, _, kind = rest.partition(":")
    word = _word(kind, lambda name: sent.get(f"air-{id_}-{column}-{name}", "").strip())
    if not word:
        return form
    return evolve(form, airings=tuple(_with_day(it, column, word) if it.id == id_ else it for it in form.airings))


def _with_day(airing: Airing, column: str, word: str) -> Airing:
    if column == "days":
        return evolve(airing, days=tuple(dict.fromkeys((*airing.days, word))))
    return evolve(airing, skip=tuple(dict.fromkeys((*airing.skip, word))))


def _word(kind: str, field: Callable[[str], str]) -> str:
    """The word for a day that was chosen; nothing while it is not a day."""
    words = {
        "dates": "..".join(filter(None, (field("first"), field("last")))),
        "lunar": f"lunar {field('lunar-day')}{'/' if field('lunar-month') else ''}{field('lunar-month')}",
        "month": f"{field('ordinal')} {field('weekday')}",
    }
    try:
        read_days(words.get(kind, ""))
    except Refused:
        return ""
    return words[kind]


_STEPS: Mapping[str, Callable[[Form, str, Sent], Form]] = {
    "up": lambda form, item, _: form.moved(item, -1),
    "down": lambda form, item, _: form.moved(item, 1),
    "drop": lambda form, it, _: form.without(it),
    "add": _add,
    "pick": _pick,
    "airing": _add_airing,
    "day": _add_day,
}
