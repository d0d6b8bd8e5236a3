"""`station-clock.service` becomes this process: it sets the wall clock as a person asked, no more."""

import logging
from pathlib import Path
from typing import Protocol

from station import clock as machine
from station.care.clock_request import FOLDER, Answer, put_answer, take_request
from station.rules.clock import SetByHand, SettingWanted, why_not_set
from station.rules.now import Now
from station.rules.trouble import Trouble

_log = logging.getLogger(__name__)


class SettableClock(Protocol):
    """The machine's clocks, to be read and set (all in ms)."""

    def now(self) -> Now: ...  # noqa: D102 - as `Clock`
    def synchronised(self) -> bool: ...  # noqa: D102 - by the network
    def heard_at(self) -> int | None: ...  # noqa: D102 - as in `station.clock`
    def set_wall(self, wall: int) -> None: ...  # noqa: D102 - the same
    def set_battery(self, wall: int) -> bool: ...  # noqa: D102 - the same


class MachineClock:
    """Those of this machine."""

    def now(self) -> Now:
        """Read both clocks."""
        return machine.Clock().now()

    def synchronised(self) -> bool:
        """Whether the network keeps the clock right."""
        return machine.discipline().synchronised

    heard_at = staticmethod(machine.heard_at)
    set_wall = staticmethod(machine.set_wall)
    set_battery = staticmethod(machine.set_battery)


def set_clock(wanted: SettingWanted, clock: SettableClock) -> Answer:
    """Set the clock to what is wanted, and to the time that passed since, unless it may not be."""
    now = clock.now()
    if refusal := why_not_set(wanted, now, synchronised=clock.synchronised()):
        return Answer(wanted.mono, trouble=refusal)
    at = wanted.at + now.mono - wanted.mono
    try:
        clock.set_wall(at)
    except OSError:
        _log.exception("the clock cannot be set")
        return Answer(wanted.mono, trouble=_NOT_PERMITTED)
    after = clock.now()  # the two clocks as they go on beside each other from here
    _log.warning("%s set the clock from %d to %d (ms since 1970)", wanted.by, now.wall, after.wall)
    kept = clock.set_battery(after.wall)
    return Answer(
        wanted.mono, SetByHand(wanted.by.strip(), now.wall, after.wall, after.mono, clock.heard_at(), kept)
    )


def serve(folder: Path, clock: SettableClock) -> None:
    """Deal with the request that is there."""
    if wanted := take_request(folder):
        put_answer(folder, set_clock(wanted, clock))
    else:
        _log.error("nobody can tell what was asked for")


_NOT_PERMITTED = Trouble(
    "Đồng hồ",
    "Hệ điều hành không cho đặt giờ.",
    "Đồng hồ vẫn chạy như cũ.",
    "Gọi kỹ thuật xem dịch vụ station-clock.",
)

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    serve(FOLDER, MachineClock())
