"""A database that was found broken and made anew: what is told of that, until a technician has seen it."""

from station.desk.permits import permit
from station.rules.hours import local
from station.rules.roles import Deed
from station.rules.trouble import Trouble
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.opening import notices
from station.stores.rebuilt import Base, Rebuilt

WHERE = "Cơ sở dữ liệu"
_MEND = "Kỹ thuật xem lại rồi bấm Đã xem ở trang Hệ thống; hỏng lần nữa thì thay thẻ nhớ."


def rebuilt(home: Home) -> tuple[Rebuilt, ...]:
    """Every time that the database was made anew, the first one first."""
    return notices(home.places.home).all()


def database_trouble(home: Home) -> Trouble | None:
    """What is told of the last time, until it was seen."""
    unseen = [it for it in rebuilt(home) if not it.seen]
    if not unseen:
        return None
    worst = max(unseen, key=lambda it: (not it.whole, it.base is Base.NOTHING, it.at))
    return _told(worst, f"{local(worst.at, home.config().config.time_zone):%H:%M %d/%m/%Y}")


def mark_rebuilt_seen(home: Home, *, by: str, now: int) -> None:
    """Tell of it no more."""
    permit(Deed.MACHINE)
    with home.engine.begin() as connection:
        write_audit(connection, now, by, "đã xem", WHERE)
    notices(home.places.home).mark_seen()


def _told(it: Rebuilt, at: str) -> Trouble:
    still = "Chương trình đã duyệt vẫn phát theo lịch."
    if it.whole:
        what = f"Cơ sở dữ liệu hỏng lúc {at}; đài đã dựng lại từ bản sao và nhật ký thay đổi, không thiếu gì."
        return Trouble(WHERE, what, still, _MEND)
    if it.base is Base.NOTHING:
        what = f"Cơ sở dữ liệu hỏng lúc {at}, không còn bản sao nào; đài đã dựng lại từ những gì còn đọc được."
        still = "Lịch phát và tệp âm thanh vẫn còn; bản ghi phải duyệt lại, người dùng phải thiết lập lại."
        return Trouble(WHERE, what, still, _MEND)
    what = (
        f"Cơ sở dữ liệu hỏng lúc {at}; đài đã dựng lại từ bản sao và những gì còn đọc được: việc làm sau cùng"
        f" có thể thiếu, {it.recordings} bản ghi phải duyệt lại, ai cũng phải đăng nhập lại."
    )
    return Trouble(WHERE, what, still, _MEND)
