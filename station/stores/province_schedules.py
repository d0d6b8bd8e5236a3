"""The province's schedules, in `schedules/province/*.toml`: what they may say, and the files that came from there.

A file is what was signed, below a first line that says which offer it is: so what a hand altered is known, and had
anew.
"""

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from attrs import evolve

from station.durable import sweep, write_whole
from station.rules.offer import EVERYONE, PREFIX, Offer
from station.rules.origin import Origin
from station.rules.rundown import Item, Kind, Live, Newest, Play, Rebroadcast
from station.rules.schedule import Priority, Schedule
from station.rules.trouble import Refused, Trouble
from station.stores.library import room
from station.stores.written import Unreadable

_LARGEST = 64 << 10  # bytes
_READABLE = 0o644
_STAMP = "# Tỉnh gửi, chỉ để xem: {path} {published}\n"
_STAMPED = re.compile(_STAMP.format(path=r"(?P<path>[a-z0-9-]+/(?P<file>[a-z0-9-]+\.toml))", published=r"(\d+)"))


def of_province(schedule: Schedule) -> Schedule:
    """A schedule that the province wrote, as the station knows it. Raises `Unreadable` with what it may not say."""
    file = f"{schedule.name}.toml"
    wrong = []
    if schedule.zones:
        wrong.append(Trouble(f"{file}, zones", "Lịch của tỉnh không được chọn cụm loa."))
    if schedule.priority is Priority.EMERGENCY:
        what = "Lịch của tỉnh không được là khẩn cấp: bản tin khẩn cấp đến bằng đường khác."
        wrong.append(Trouble(f"{file}, priority", what))
    wrong += [
        Trouble(f"{file}, rundown thứ {number}.live", "Lịch của tỉnh không được mở micro của xã.")
        for number, item in enumerate(schedule.rundown, 1)
        if isinstance(item, Live)
    ]
    if wrong:
        raise Unreadable(wrong)
    return evolve(schedule, origin=Origin.PROVINCE, rundown=tuple(map(_its_own, schedule.rundown)))


def _its_own(item: Item) -> Item:
    """An item with the province's segments by the names that they have here."""
    match item:
        case Play(play):
            return evolve(item, play=f"{PREFIX}{play}")
        case Newest(origin=None):
            return evolve(item, origin=Origin.PROVINCE)
        case Rebroadcast(fallback=fallback) if fallback and fallback not in [*Kind]:
            return evolve(item, fallback=f"{PREFIX}{fallback}")
    return item


def present(folder: Path) -> Mapping[str, str]:
    """Which offers the files are, by path, with the digest of each; it is empty for a file from elsewhere."""
    return dict(map(_told, (folder / PREFIX).glob("*.toml")))


def write(folder: Path, offer: Offer, part: Path) -> None:
    """Keep a schedule that is vouched for; durable on return. Raises `Refused` for what cannot be a schedule."""
    if part.stat().st_size > _LARGEST:
        raise _refused(offer, f"Tệp lịch phát lớn hơn {_LARGEST >> 10} KB.")
    content = part.read_bytes()
    if sha256(content).hexdigest() != offer.sha256:
        raise _refused(offer, "Tệp nhận được khác với tệp tỉnh đã ký.")
    try:
        content.decode()
    except UnicodeDecodeError:
        raise _refused(offer, "Tệp lịch phát không phải là chữ UTF-8.") from None
    place = _place(folder, offer.path)
    with room(offer.path):
        _keep(place, offer, content)


def remove(folder: Path, path: str) -> bool:
    """Whether the schedule of that path was there and went; the same name from another group stays."""
    place = _place(folder, path)
    if not place.exists() or _told(place)[0] != path:
        return False
    place.unlink()
    return True


def _keep(place: Path, offer: Offer, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    sweep(place.parent)
    write_whole(place, _STAMP.format(path=offer.path, published=offer.published).encode() + content, _READABLE)


def _told(place: Path) -> tuple[str, str]:
    """The path of the offer that a file is, and its digest."""
    first, _, content = place.read_bytes().partition(b"\n")
    stamped = _STAMPED.fullmatch(f"{first.decode(errors='replace')}\n")
    if stamped is None or stamped["file"] != place.name:
        return f"{EVERYONE}/{place.name}", ""
    offer = Offer(stamped["path"], len(content), sha256(content).hexdigest(), int(stamped[3]))
    return offer.path, offer.digest


def _place(folder: Path, path: str) -> Path:
    return folder / PREFIX / Path(path).name


def _refused(offer: Offer, what: str) -> Refused:
    return Refused(Trouble(offer.path, what, "Các lịch khác vẫn phát bình thường.", "Báo cho tỉnh."))
