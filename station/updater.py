"""What `station-update.service` runs, as root, when the page has asked for the release that the province offers.

All that it runs is loaded before it begins: the link by which it was started leads to another version afterwards.
"""

import logging

from station.care.installing import Run, apart
from station.clock import Clock
from station.desk.updating import Ground, alone, ground, install, vet_offered
from station.rules.trouble import Refused
from station.stores.update_notes import News, Stage, take_request, tell

_UNREADABLE = "Cập nhật: Yêu cầu không đọc được. Bản đang chạy vẫn như cũ. Bấm lại ở trang Hệ thống."

_logger = logging.getLogger(__name__)


def answer_request(where: Ground, run: Run, clock: Clock) -> News:
    """Do what was asked, as far as root agrees, and tell whoever asked how it ended."""
    sha256 = take_request(where.station.run)
    try:
        if sha256 is None:
            return _refuse(where, clock, _UNREADABLE)
        with alone(where):
            return install(where, vet_offered(where, clock, sha256), run, clock, _logger.info)
    except Refused as refusal:
        return _refuse(where, clock, str(refusal.trouble))
    except Exception as error:
        _logger.exception("the update failed")
        what = f"Cập nhật gặp lỗi không lường trước ({type(error).__name__})."
        return _refuse(where, clock, f"{what} Xem: journalctl -u station-update.")


def _refuse(where: Ground, clock: Clock, sentence: str) -> News:
    news = News(clock.now().wall, Stage.REFUSED, "", sentence)
    tell(where.station.run, news)
    _logger.warning("%s", sentence)
    return news


def main() -> None:
    """Take the request that lies there; what becomes of it is told beside it, and is no failure of the service."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    answer_request(ground(), apart, Clock())


if __name__ == "__main__":
    main()
