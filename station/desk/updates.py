"""Updates, as page and player see them: which version runs, which one the province offers, and how one goes.

What installs runs as root, and is asked by a file; see `station.desk.updating`.
"""

from attrs import frozen

from station.desk.permits import permit
from station.rules.offer import Offer
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.rules.version import is_newer
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.offered_release import offered_release
from station.stores.release import running_version
from station.stores.update_notes import News, is_requested, read_news, request_update, tell

_WHERE = "Cập nhật"
_STILL = "Bản đang chạy vẫn như cũ."
_MACHINE = "Máy"


@frozen
class UpdateState:
    """The version that runs, a newer one that is `offered`, and how the last update went or the present one goes.

    `under_way` from the request to its end.
    """

    running: str
    offered: Offer | None
    news: News | None
    under_way: bool


def update_state(home: Home, now: int) -> UpdateState:
    """How it is at wall ms `now`."""
    offer, running, run = offered_release(home.places.release), running_version(), home.places.run
    newer = offer if offer and is_newer(offer.version, running) else None
    news = read_news(run) or read_news(home.places.home)
    return UpdateState(running, newer, news, is_requested(run) or (news is not None and news.under_way(now)))


def ask_for_update(home: Home, sha256: str, *, by: str, now: int) -> Offer:
    """Have the machine install the newer release that the province offers, once it is calm. Raises `Refused`."""
    permit(Deed.MACHINE)
    if home.config().config.practice:
        raise Refused(Trouble(_WHERE, "Trạm tập không cập nhật từ đây.", _STILL, "Tải bản mới về rồi chạy lại."))
    state = update_state(home, now)
    if state.under_way:
        raise Refused(Trouble(_WHERE, "Máy đang cập nhật rồi.", "Lần cập nhật ấy vẫn tiếp tục.", "Chờ nó xong."))
    if state.offered is None or state.offered.sha256 != sha256:
        mend = "Mở lại trang Hệ thống xem bản mới."
        raise Refused(Trouble(_WHERE, "Bản ấy không còn là bản mới của tỉnh.", _STILL, mend))
    with home.engine.begin() as connection:
        write_audit(connection, now, by, "yêu cầu cập nhật", f"bản {state.offered.version} ({sha256[:16]})")
    request_update(home.places.run, sha256)
    return state.offered


def note_update(home: Home, now: int) -> None:
    """Write into the log how an update ended, once; root cannot, which touches nothing of the station's.

    What was written is kept in the home: after a boot nothing else tells of it.
    """
    news = read_news(home.places.run)
    if news is None or news.under_way(now) or news == read_news(home.places.home):
        return
    with home.engine.begin() as connection:
        write_audit(connection, now, _MACHINE, "cập nhật", news.sentence)
    tell(home.places.home, news)
