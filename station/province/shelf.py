"""The shelf: how what the province sends lives in the station, as segments, schedules and a release to install.

Whoever synchronises calls this, in a process beside the player's; the player is told when something changed.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from attrs import evolve

from station.audio.speech import check_text
from station.control.client import PlayerDown, ask
from station.control.messages import LookAgain
from station.rules.air_order import Airing, air_order
from station.rules.days import UNCHANGED
from station.rules.now import DAY
from station.rules.offer import Form, Offer
from station.rules.timetable import timetable
from station.rules.trouble import Refused, Trouble
from station.stores import offered, offered_release, province_schedules
from station.stores.audit import write_audit
from station.stores.enrolment import load_enrolment
from station.stores.home import Home
from station.stores.library import room
from station.stores.swap_days import read_swap_days
from station.stores.written import Unreadable

_AHEAD = 14 * DAY
_LONGEST_TEXT = 256 << 10  # bytes
_NOBODY = "Tỉnh"  # who sent it, where no enrolment says so


def present(home: Home) -> Mapping[str, str]:
    """What is here, by its path in the tree: the `Offer.digest` of it, or "" for what is to be had anew."""
    with home.engine.connect() as connection:
        segments = offered.present(home.library, connection)
    schedules = province_schedules.present(home.places.schedules)
    return {**schedules, **segments, **offered_release.present(home.places.release)}


def take(home: Home, offer: Offer, part: Path, now: int) -> None:
    """Make a file that is whole and vouched for what it is here; on return it is on the card.

    Its content is copied, but a release's. A segment waits for intake, and airs as it did until that is done.
    Raises `Refused` for what cannot be used, and of that `Full` when there is no room now.
    """
    if offer.form is Form.SCHEDULE:
        _take_schedule(home, offer, part, now)
    elif offer.form is Form.RELEASE:
        _take_release(home, offer, part, now)
    else:
        _take_segment(home, offer, part, now)
    _look_again(home)


def retell(home: Home, offer: Offer) -> bool:
    """Take over what is said of a file now. Whether that was enough, since its content is here already."""
    if offer.form is Form.SCHEDULE:
        return False
    if offer.form is Form.RELEASE:
        return offered_release.retell(home.places.release, offer)
    with home.library.parting() as part, home.engine.begin() as connection:
        enough = offered.retell(home.library, connection, offer, part)
    if enough:
        _look_again(home)
    return enough


def let_go(home: Home, path: str, now: int) -> None:
    """Remove what is no longer offered, or past its date; what the log says of it stays."""
    with home.library.parting() as part, home.engine.begin() as connection:
        for segment in offered.forget(connection, path, part):
            write_audit(connection, now, _sender(home), "tỉnh gỡ", f"{segment.id} {segment.title}")
        if path.endswith(f".{Form.SCHEDULE}") and province_schedules.remove(home.places.schedules, path):
            write_audit(connection, now, _sender(home), "tỉnh gỡ lịch", path)
        if path.endswith(f".{Form.RELEASE}") and offered_release.remove(home.places.release, path):
            write_audit(connection, now, _sender(home), "gỡ bản cập nhật", path)
    _look_again(home)


def order(home: Home, offers: Iterable[Offer], now: int) -> tuple[Offer, ...]:
    """The offers as they shall arrive, by the schedules that are here: what airs first arrives first."""
    loaded = home.config()
    schedules = home.schedules(loaded.config.known).schedules
    try:
        calendar = read_swap_days(home.places.swap_days)
    except Unreadable:
        calendar = UNCHANGED
    station = evolve(loaded.config.station, calendar=calendar)
    segments = home.library.usable((it.rundown for it in schedules), now - DAY)
    rundowns = {it.name: it.rundown for it in schedules}
    coming = timetable(schedules, station, segments, now, now + _AHEAD)
    return air_order(offers, (Airing(it.start, rundowns[it.schedule]) for it in coming if it.airs), now)


def _take_segment(home: Home, offer: Offer, part: Path, now: int) -> None:
    words = _words(offer, part) if offer.form is Form.TEXT else None
    with part.open("rb") as source, home.library.arriving(source, offer.title) as arrived:
        if arrived.original != offer.sha256:
            raise _refused(offer, "Tệp nhận được khác với tệp tỉnh đã ký.")
        with home.library.parting() as forget, home.engine.begin() as connection:
            offered.receive(
                home.library, connection, arrived, offer, author=_sender(home), now=now, part=forget, words=words
            )


def _take_schedule(home: Home, offer: Offer, part: Path, now: int) -> None:
    province_schedules.write(home.places.schedules, offer, part)
    with home.engine.begin() as connection:
        write_audit(connection, now, _sender(home), "nhận lịch từ tỉnh", offer.path)


def _take_release(home: Home, offer: Offer, part: Path, now: int) -> None:
    with room(offer.path):
        offered_release.write(home.places.release, offer, part)
    with home.engine.begin() as connection:
        write_audit(connection, now, _sender(home), "nhận bản cập nhật từ tỉnh", f"{offer.path} {offer.version}")


def _words(offer: Offer, part: Path) -> str:
    if part.stat().st_size > _LONGEST_TEXT:
        raise _refused(offer, f"Bài chữ này lớn hơn {_LONGEST_TEXT >> 10} KB.")
    try:
        words = part.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(offer, "Bài chữ này không phải là chữ UTF-8.") from None
    check_text(words)
    return words


def _sender(home: Home) -> str:
    enrolment = load_enrolment(home.places.province)
    return (enrolment and enrolment.province) or _NOBODY


def _look_again(home: Home) -> None:
    with suppress(PlayerDown):
        ask(home.places.socket, LookAgain())


def _refused(offer: Offer, what: str) -> Refused:
    return Refused(Trouble(offer.path, what, "Các mục khác vẫn phát như thường.", "Báo cho tỉnh."))
