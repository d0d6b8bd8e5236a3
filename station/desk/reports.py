"""The station's reports to its province, as the one who synchronises has them delivered."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from station.care.machine import read_machine
from station.province.put import HttpDestination
from station.province.reports import Delivered, deliver_due
from station.rules.day_report import Health
from station.rules.now import SECOND, Now
from station.rules.trouble import Trouble
from station.stores.contact import Contacts
from station.stores.enrolment import load_enrolment
from station.stores.home import Home

_log = logging.getLogger(__name__)


def deliver_reports(home: Home, now: Now) -> Delivered:
    """Deliver what the province does not have yet of the last days; nothing if the station reports to nobody."""
    enrolment = load_enrolment(home.places.province)
    if enrolment is None or not enrolment.reports:
        return Delivered()
    if not now.trusted:
        return Delivered(trouble=_NO_TIME)
    destination = HttpDestination(enrolment.reports, enrolment.code, enrolment.token)
    try:
        return deliver_due(home, destination, enrolment.code, _health(home, now))
    except SQLAlchemyError:
        _log.exception("what was delivered cannot be noted")
        return Delivered(trouble=_NO_CARD)


def _health(home: Home, now: Now) -> Health:
    machine = read_machine(home.places.home)
    clock = home.clock().source()
    return Health(
        at=now.wall,
        version=machine.versions["Loa xã"],
        up_since=now.wall - machine.up_s * SECOND,
        disk_free=machine.disk.free,
        disk_total=machine.disk.total,
        heat=machine.heat,
        clock=clock.kind,
        clock_off=clock.off,
        contact_at=Contacts(home.places.run, home.places.province).last().good_at,
    )


_WHERE = "Báo cáo về tỉnh"
_NO_CARD = Trouble(
    _WHERE,
    "Thẻ nhớ không ghi được, nên chưa biết báo cáo nào đã tới tỉnh.",
    "Đài vẫn phát; báo cáo sẽ được gửi lại.",
    "Xem thẻ nhớ còn chỗ không.",
)
_NO_TIME = Trouble(
    _WHERE,
    "Máy chưa chắc giờ đúng nên chưa gửi báo cáo.",
    "Báo cáo vẫn còn ở đài và sẽ được gửi khi giờ đúng.",
    "Kiểm tra mạng hoặc pin đồng hồ của máy.",
)
