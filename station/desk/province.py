"""The province: enrolling with it, asking for its news, and what is known of the link."""

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from attrs import frozen

from station.control.client import PlayerDown, ask
from station.control.messages import Answer, Sync
from station.desk.permits import permit
from station.desk.segments import look_again
from station.desk.timetable import read_plan
from station.province import shelf
from station.province.reports import Delivered
from station.rules.enrolment import Enrolment, fingerprint, from_line
from station.rules.hours import iso, local
from station.rules.now import DAY
from station.rules.origin import Origin
from station.rules.roles import Deed
from station.rules.schedule import Schedule
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.contact import Contact, Contacts
from station.stores.deliveries import Deliveries
from station.stores.enrolment import keep_enrolment, load_enrolment
from station.stores.home import Home
from station.stores.library import Found
from station.stores.search import Search

NOT_ENROLLED = Trouble(
    "",
    "Đài chưa ghi danh với tỉnh nào.",
    "Chương trình của xã vẫn phát.",
    "Xin tỉnh dòng ghi danh, rồi dán vào Hệ thống › Tỉnh.",
)
_NEVER = "Chưa lần nào nhận được tin của tỉnh."
_QUIET = DAY  # a mast that is down for a while is nobody's alarm


@frozen
class Link:
    """The link to the province as it is; `wrong` is what a person should see to, or None while all is quiet."""

    enrolment: Enrolment
    contact: Contact
    wrong: Trouble | None


@frozen
class Synced:
    """What a time of synchronising came to."""

    link: Link
    delivered: Delivered

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """What stood in the way."""
        return tuple(it for it in (self.link.contact.trouble, self.delivered.trouble) if it)


@frozen
class ProvinceState:
    """The link, and what the station holds of the province: the newest of its segments, and all its schedules."""

    link: Link
    segments: Found
    schedules: tuple[Schedule, ...]


def province_state(home: Home, now: int) -> ProvinceState | None:
    """All that is known of the province at wall ms `now`; None while the station is not enrolled."""
    known = link(home, now)
    if known is None:
        return None
    return ProvinceState(
        known,
        segments=home.library.found(Search(origin=Origin.PROVINCE)),
        schedules=tuple(it for it in read_plan(home).schedules if it.origin is Origin.PROVINCE),
    )


def reported_until(home: Home, enrolment: Enrolment) -> dt.date | None:
    """The last day of which the province has the station's report."""
    return Deliveries(home.engine, enrolment.reports_folder, home.places.run).last() if enrolment.reports else None


def link(home: Home, now: int) -> Link | None:
    """How the link is at wall ms `now`; None while the station is not enrolled."""
    enrolment = load_enrolment(home.places.province)
    if enrolment is None:
        return None
    contact = _contacts(home).last()
    return Link(enrolment, contact, _wrong(home, contact, now))


def link_json(link: Link, zone: ZoneInfo) -> dict[str, Any]:
    """The same for programs, instants in ISO 8601; `loud` tells whether a person should see to its `trouble`."""
    contact = link.contact
    trouble = link.wrong or contact.trouble

    def told(instant: int | None) -> str | None:
        return None if instant is None else iso(instant, zone)

    return {
        "province": link.enrolment.province,
        "tried_at": told(contact.tried_at),
        "good_at": told(contact.good_at),
        "source": contact.source,
        "trouble": trouble and attrs.asdict(trouble),
        "loud": link.wrong is not None,
        "arriving": [attrs.asdict(it) for it in contact.arriving],
        "signed_until": told(contact.signed_until),
    }


def enrol(home: Home, line: str, *, by: str, now: int, replace: bool = False) -> Enrolment:
    """Believe what a province signs from now on, by the line that it gave. Raises `Refused`.

    Another province, or another first key, than the station believes already is refused unless it is to `replace`
    that; what came of the former province stays until there is word from the new one.
    """
    permit(Deed.MACHINE)
    wanted = from_line(line)
    other = another(home, wanted)
    if other and not replace:
        _note(home, now, by, "từ chối ghi danh khác", _named(wanted))
        raise Refused(_refused(other, wanted))
    root = _first_root(home, wanted)
    with _alone(home):
        if other:
            _set_aside(home)
        keep_enrolment(home.places.province, wanted, root)
    _note(home, now, by, "ghi danh với tỉnh", _named(wanted))
    with suppress(PlayerDown):  # it asks the province by itself when it runs
        ask(home.places.socket, Sync())
    return wanted


def another(home: Home, wanted: Enrolment) -> Enrolment | None:
    """Whom the station believes, if to take `wanted` would be to believe somebody else."""
    known = load_enrolment(home.places.province)
    same = known and known.province == wanted.province and wanted.root in _roots(home, known)
    return None if same else known


def leave(home: Home, *, by: str, now: int) -> Enrolment:
    """Believe no province any more, and let go what came of it. Raises `Refused` when there is none."""
    permit(Deed.MACHINE)
    known = _enrolled(home)
    with _alone(home):
        for path in shelf.present(home):  # it is still enrolled if that is interrupted
            shelf.let_go(home, path, now)
        _set_aside(home)
        _note(home, now, by, "thôi ghi danh với tỉnh", _named(known))
    return known


def ask_to_sync(home: Home, *, by: str, now: int) -> Answer:
    """Have the player ask the province for its news at once. Raises `Refused`, also when no player answers."""
    permit(Deed.SYNC)
    _enrolled(home)
    answer = ask(home.places.socket, Sync())
    _note(home, now, by, "đồng bộ với tỉnh", "" if answer.done else answer.sentence)
    return answer


def sync_now(home: Home, *, folder: Path | None = None, tell: Callable[[Contact], None] = lambda _: None) -> Synced:
    """Take the province's news here and now, of `folder` or of wherever they are; then deliver the reports.

    `tell` is told of progress. What stood in the way is in the contact; raises `Refused` when it was not tried.
    """
    from station.desk.reports import deliver_reports  # noqa: PLC0415 - only who needs it carries requests
    from station.province.stick import stick  # noqa: PLC0415 - as above
    from station.province.sync import synchronise  # noqa: PLC0415 - and python-tuf

    permit(Deed.SYNC)
    enrolment, clock = _enrolled(home), home.clock()
    contact = synchronise(home, clock, sources=[stick(folder)] if folder else None, tell=tell)
    look_again(home)
    delivered = deliver_reports(home, clock.now())
    return Synced(Link(enrolment, contact, _wrong(home, contact, clock.now().wall)), delivered)


def _enrolled(home: Home) -> Enrolment:
    known = load_enrolment(home.places.province)
    if known is None:
        raise Refused(NOT_ENROLLED)
    return known


def _roots(home: Home, known: Enrolment) -> set[str]:
    """The fingerprints of all roots that the station believes: the first, and those that it vouched for since."""
    later = (home.places.province / "metadata" / "root_history").glob("*.root.json")
    return {known.root, *(hashlib.sha256(it.read_bytes()).hexdigest() for it in later)}


def _first_root(home: Home, enrolment: Enrolment) -> bytes:
    from station.province.sync import all_sources  # noqa: PLC0415 - only who needs it carries python-tuf
    from station.province.trust import first_root  # noqa: PLC0415 - as above

    return first_root(enrolment, all_sources(enrolment, home.clock()))


def _contacts(home: Home) -> Contacts:
    return Contacts(home.places.run, home.places.province)


def _named(enrolment: Enrolment) -> str:
    """An enrolment as the audit log keeps it; its token is nobody's to read."""
    return f"{enrolment.province}, mã {enrolment.code}, dấu vân tay {fingerprint(enrolment.root)}"


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Hold what is known of the province still: nobody synchronises meanwhile. Raises `Refused`."""
    from station.province.sync import alone  # noqa: PLC0415 - as above
    from station.province.told import busy  # noqa: PLC0415 - as above

    home.places.province.mkdir(exist_ok=True)
    with alone(home.places.province) as only:
        if not only:
            raise Refused(busy())
        yield


def _note(home: Home, now: int, by: str, deed: str, subject: str) -> None:
    with home.engine.begin() as connection:
        write_audit(connection, now, by, deed, subject)


def _set_aside(home: Home) -> None:
    """Put away what was known of a province; a former one's is forgotten."""
    folder = home.places.province
    aside = folder.with_name(f"{folder.name}.before")
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    _contacts(home).forget()


def _refused(known: Enrolment, wanted: Enrolment) -> Trouble:
    what = (
        f"Dòng này là của {wanted.province}, dấu vân tay {fingerprint(wanted.root)}; "
        f"đài đang tin {known.province}, dấu vân tay {fingerprint(known.root)}. "
        "Kẻ giả mạo tỉnh cũng làm đúng như vậy."
    )
    still = "Chưa đổi gì: đài vẫn chỉ tin tỉnh cũ."
    mend = "Gọi điện cho tỉnh theo số đã biết từ trước, đọc so dấu vân tay; chỉ khi tỉnh xác nhận thì mới thay."
    return Trouble("Ghi danh", what, still, mend)


def _wrong(home: Home, contact: Contact, now: int) -> Trouble | None:
    """What of the link a person should see to; its sentence stays the same for as long as it is so."""
    trouble, still = contact.trouble, "Chương trình của xã vẫn phát; của tỉnh thì phát bản đã nhận."
    if trouble is None or contact.attack:
        return trouble
    if contact.good_at is None:
        return Trouble("Tỉnh", f"{_NEVER} {trouble.what}", still, trouble.mend)
    if now - contact.good_at < _QUIET:
        return None
    since = local(contact.good_at, home.config().config.time_zone)
    cut = f"Không nhận được tin của tỉnh từ {since:%H:%M} ngày {since:%d/%m/%Y}."
    return Trouble("Tỉnh", f"{cut} {trouble.what}", still, trouble.mend)
