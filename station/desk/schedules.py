"""Schedules: a change is drafted, its effect may be seen, and then it is saved or forgotten."""

from collections.abc import Iterable, Mapping
from itertools import chain, count
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from station.desk.permits import permit
from station.desk.segments import look_again
from station.desk.timetable import broadcasts, read_plan
from station.rules.now import DAY
from station.rules.roles import Deed
from station.rules.schedule import Broadcast, Schedule
from station.rules.timetable_diff import Change, changes
from station.rules.trouble import Refused
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.schedule_edit import Change as TextChange
from station.stores.schedule_edit import Setting, edited, new_text
from station.stores.schedule_files import read_schedule
from station.stores.schedule_listing import Listed, list_files
from station.stores.schedule_shelf import Shelf
from station.stores.slug import slug
from station.stores.written import Unreadable, read_text

_WEEK, _YEAR = 7 * DAY, 366 * DAY


@frozen
class Draft:
    """A change of one schedule that nothing knows of yet: `text` takes the place of `base`.

    A new schedule has no `base`, one that is taken away no `text` and so no `schedule` any more.
    """

    name: str
    deed: str
    base: str | None
    text: str | None
    schedule: Schedule | None
    details: str = ""

    @property
    def empty(self) -> bool:
        """Whether it leaves everything as it is."""
        return self.text == self.base


def list_schedules(home: Home) -> tuple[Listed, ...]:
    """Every schedule, the broken ones too."""
    return list_files(home.places.schedules, home.config().config.known)


def schedule_text(home: Home, name: str) -> str:
    """The file of a schedule as it is written. Raises `Refused`, or `Unreadable`."""
    return _shelf(home).text(name)


def free_name(home: Home, title: str) -> str:
    """A name for a new schedule of that title that no other one has."""
    taken = {it.name for it in list_schedules(home)}
    plain = slug(title)
    return next(name for name in chain([plain], (f"{plain}-{number}" for number in count(2))) if name not in taken)


def draft_new(home: Home, name: str, fields: Mapping[str, Any]) -> Draft:
    """A new schedule of the `fields` that its file will hold. Raises `Refused`, or `Unreadable`."""
    _shelf(home).free(name)
    text = new_text(fields)
    return Draft(name, "thêm lịch", None, text, _read(home, name, text))


def draft_edit(home: Home, name: str, asked: Iterable[TextChange], *, based_on: str | None = None) -> Draft:
    """A schedule with other values. Raises `Refused`, or `Unreadable` with what is wrong with them.

    `based_on` is the digest of the text that the editor saw; another text by now is refused with what changed.
    """
    shelf, asked = _shelf(home), tuple(asked)
    shelf.writable(name)
    if based_on is not None and (changed := shelf.changed_since(name, based_on)):
        raise Refused(changed)
    base = shelf.text(name)
    text = edited(base, asked, f"{name}.toml")
    schedule = _read(home, name, text)
    if schedule == _read_if_right(home, name, base):
        text = base
    return Draft(name, "sửa lịch", base, text, schedule, " ".join(map(str, asked)))


def draft_switch(home: Home, name: str, *, on: bool) -> Draft:
    """A schedule that airs again, or airs nothing for now. Raises `Refused`, or `Unreadable`."""
    draft = draft_edit(home, name, [Setting("enabled", on)])
    return evolve(draft, deed="bật lịch" if on else "tắt lịch", details="")


def draft_removal(home: Home, name: str) -> Draft:
    """A schedule taken away. Raises `Refused`, or `Unreadable`."""
    shelf = _shelf(home)
    shelf.writable(name)
    return Draft(name, "bỏ lịch", shelf.text(name), None, None)


def draft_of_file(home: Home, file: Path) -> Draft:
    """A proposed file in the place of the schedule of its name, to be looked at. Raises `Unreadable`."""
    text = read_text(file)
    return Draft(file.stem, "sửa lịch", None, text, _read(home, file.stem, text))


def effect(home: Home, draft: Draft, since: int, until: int) -> tuple[Change, ...]:
    """What a draft alters from `since` up to `until` (wall ms), in other schedules too."""
    plan = read_plan(home)
    others = tuple(it for it in plan.schedules if it.name != draft.name)
    proposed = evolve(plan, schedules=(*others, draft.schedule) if draft.schedule else others)
    before, after = (broadcasts(home, each, since, until) for each in (plan, proposed))
    return changes(before, after, plan.config.time_zone)


def coming_effect(home: Home, draft: Draft, now: int) -> tuple[Change, ...]:
    """What a draft alters in the coming week or, when that stays as it is, in the coming year."""
    return effect(home, draft, now, now + _WEEK) or effect(home, draft, now, now + _YEAR)


def coming_broadcasts(home: Home, name: str, now: int, count: int) -> tuple[Broadcast, ...]:
    """The next broadcasts of a schedule after wall ms `now`, at most `count` of them."""
    plan = read_plan(home)
    for ahead in (_WEEK, _YEAR):
        found = tuple(it for it in broadcasts(home, plan, now, now + ahead) if it.schedule == name)
        if found:
            return found[:count]
    return ()


def save(home: Home, draft: Draft, *, by: str, now: int) -> None:
    """Make a draft true, unless its file changed meanwhile; the player is told. Raises `Refused`."""
    permit(Deed.ARRANGE)
    if draft.empty:
        return
    _put_on_shelf(home, draft)
    with home.engine.begin() as connection:
        write_audit(connection, now, by, draft.deed, f"{draft.name} {draft.details}".strip())
    look_again(home)


def _put_on_shelf(home: Home, draft: Draft) -> None:
    shelf, name = _shelf(home), draft.name
    if draft.base is None:
        shelf.add(name, draft.text or "")
    elif draft.text is None:
        shelf.remove(name, draft.base)
    else:
        good = _read_if_right(home, name, draft.base) is not None
        shelf.replace(name, draft.base, draft.text, keep_base=good)


def _shelf(home: Home) -> Shelf:
    return Shelf(home.places.schedules, home.places.run / "schedules.lock")


def _read(home: Home, name: str, text: str) -> Schedule:
    return read_schedule(text, name, home.config().config.known)


def _read_if_right(home: Home, name: str, text: str) -> Schedule | None:
    try:
        return _read(home, name, text)
    except Unreadable:
        return None
