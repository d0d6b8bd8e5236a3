"""Updating as root: a release is copied, vouched for, unpacked and, once it is calm, installed by its installer.

Root reads what the station keeps of its province and believes none of it: signatures are verified from the root key
that is pinned, against what root itself believed before, so that neither the station's user nor whoever has the
server can have anything else installed, nor anything older.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from attrs import evolve, frozen

from station.care.calm import wait_for_calm
from station.care.installing import Installed, Outcome, Run, installer
from station.clock import Clock
from station.durable import is_full, keep, lock, sweep, unfinished
from station.province.kept import Kept
from station.province.told import Broken, Distrusted
from station.province.trust import Trust
from station.rules.enrolment import Enrolment
from station.rules.offer import Form, Offer, nearest_first
from station.rules.trouble import Refused, Trouble
from station.rules.version import is_newer
from station.stores import offered_release
from station.stores.enrolment import load_enrolment
from station.stores.foreign import open_foreign
from station.stores.pinned_province import Pin, find_root, pin, read_pin
from station.stores.places import Places, places
from station.stores.release import look_into, running_version, unpack
from station.stores.update_notes import News, Stage, tell

_WORK = "/var/lib/station-update"
_BELIEFS = "/etc/loa-xa"
_PIN = "province-root"
_WHERE = "Cập nhật"
_STILL = "Bản đang chạy vẫn như cũ."
_FEWEST_DIGITS = 16  # of a sha256 that a person compares
_PIECE = 1 << 20  # bytes
_LARGEST = 2 << 30  # bytes
_SPARE = 200 << 20  # bytes that stay free for the player


@frozen
class Ground:
    """Where root works: beside the `station`, in a folder `work` of its own, believing whom the file `pin` says."""

    station: Places
    work: Path
    pin: Path


def ground(station: Places | None = None) -> Ground:
    """Where root works: as systemd says (systemd.exec(5)), or at a terminal by custom."""
    work = os.environ.get("STATE_DIRECTORY", _WORK)
    beliefs = os.environ.get("CONFIGURATION_DIRECTORY", _BELIEFS)
    return Ground(station or places(), Path(work), Path(beliefs) / _PIN)


@frozen
class Vetted:
    """A release that is vouched for: `file` is root's own copy, `top` the folder in it where its tree begins."""

    file: Path
    version: str
    top: str
    sha256: str

    @property
    def older(self) -> bool:
        """Whether it is older than what runs."""
        return is_newer(running_version(), self.version)


@contextmanager
def alone(ground: Ground) -> Iterator[None]:
    """Be the only one that updates, and leave nothing behind. Raises `Refused` while somebody else does."""
    ground.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (ground.work / ".lock").open("ab") as stream:
        if not lock(stream):
            raise _refused("Máy đang cập nhật rồi.", "Chờ lần cập nhật ấy xong.", "Lần cập nhật ấy vẫn tiếp tục.")
        sweep(ground.work)
        try:
            yield
        finally:
            shutil.rmtree(ground.work / "tree", ignore_errors=True)
            (ground.work / "release.tar").unlink(missing_ok=True)


def unpinned(ground: Ground) -> Enrolment | None:
    """Whom the station is enrolled with, if root does not believe that province yet."""
    enrolment = load_enrolment(ground.station.province)
    if enrolment is None or read_pin(ground.pin) == Pin.of(enrolment):
        return None
    return enrolment


def believe(ground: Ground, enrolment: Enrolment) -> None:
    """Believe that province from now on, as a person at the terminal confirmed."""
    if read_pin(ground.pin) != Pin.of(enrolment):
        shutil.rmtree(ground.work / "province", ignore_errors=True)  # another one's versions count from elsewhere
        pin(ground.pin, Pin.of(enrolment))


def vet_offered(ground: Ground, clock: Clock, sha256: str | None = None) -> Vetted:
    """The newer release that the province offers this commune, if that is the one asked for. Raises `Refused`."""
    pinned = read_pin(ground.pin)
    if pinned is None:
        what = "Máy này chưa được xác nhận tin bản cập nhật của tỉnh nào."
        raise _refused(what, "Kỹ thuật chạy “sudo station update” một lần trên máy này và xác nhận tỉnh.")
    offer = _offered(ground, pinned, clock)
    if offer is None:
        raise _refused("Tỉnh không phát hành bản nào cho xã này.", "Đồng bộ với tỉnh rồi làm lại.")
    if sha256 not in {None, offer.sha256}:
        what = "Bản được yêu cầu không phải là bản tỉnh đang phát hành cho xã này."
        raise _refused(what, "Mở lại trang Hệ thống xem bản mới.")
    if not is_newer(offer.version, running_version()):
        what = f"Bản tỉnh phát hành ({offer.version}) không mới hơn bản đang chạy ({running_version()})."
        raise _refused(what, "Không cần làm gì.")
    found = open_foreign(offered_release.place(ground.station.release, offer))
    if found is None:
        raise _refused("Bản mới của tỉnh chưa về đủ trên thẻ nhớ.", "Đồng bộ với tỉnh rồi làm lại.")
    with found:
        copied = _copy(ground, found, offer.length)
    if copied != offer.sha256:
        raise _refused("Tệp của bản mới trên thẻ nhớ không đúng với chữ ký của tỉnh.", "Đồng bộ lại với tỉnh.")
    vetted = _look(ground, copied)
    if vetted.version != offer.version:
        raise _refused(f"Tệp là bản {vetted.version}, tỉnh lại ký là bản {offer.version}.", "Báo cho tỉnh.")
    return vetted


def vet_file(ground: Ground, file: Path, digest: str | None, clock: Clock) -> Vetted:
    """A release in a file of a person, vouched for by its `digest` or by the province. Raises `Refused`.

    The digest is hex, and may be only the beginning of a sha256. It alone vouches for what is older than what runs.
    """
    wanted = digest and digest.strip().lower()
    if wanted is not None and not re.fullmatch(f"[0-9a-f]{{{_FEWEST_DIGITS},64}}", wanted):
        raise _refused(f"Mã sha256 phải có từ {_FEWEST_DIGITS} đến 64 chữ số 0–9, a–f.", "Viết lại mã.")
    try:
        with file.open("rb") as stream:
            copied = _copy(ground, stream, _LARGEST)
    except OSError as error:
        raise _refused(f"Không đọc được {file} ({error.strerror}).", "Xem lại tên tệp, cắm lại USB.") from None
    if wanted is not None:
        if not copied.startswith(wanted):
            what = f"Mã sha256 của tệp này là {copied}, khác với mã đã cho."
            raise _refused(what, "Đừng dùng tệp này; xin lại tệp và mã từ người làm ra nó.")
        return _look(ground, copied)
    if not _is_vouched_for(ground, copied, clock):
        what = f"Chưa ai bảo đảm cho tệp này. Mã sha256 của nó là {copied}."
        mend = f"So mã với người làm ra tệp; đúng thì chạy: sudo station update {file} --sha256 {copied[:32]}"
        raise _refused(what, mend)
    vetted = _look(ground, copied)
    if vetted.older:
        what = f"Tệp này là bản {vetted.version}, CŨ hơn bản đang chạy ({running_version()})."
        raise _refused(what, f"Nếu thật sự muốn lùi: sudo station update {file} --sha256 {copied[:32]}")
    return vetted


def install(ground: Ground, vetted: Vetted, run: Run, clock: Clock, tell_person: Callable[[str], object]) -> News:
    """Unpack a vetted release and, when it is calm, have it installed; gives how that ended. Raises `Refused`."""

    def note(stage: Stage, sentence: str) -> News:
        news = News(clock.now().wall, stage, vetted.version, sentence)
        tell(ground.station.run, news)
        tell_person(sentence)
        return news

    tree, old = ground.work / "tree", running_version()  # which later is asked of the new one
    with vetted.file.open("rb") as stream:
        unpack(stream, tree, _WHERE)
    try:
        wait_for_calm(
            ground.station.socket,
            lambda reason: note(Stage.WAITING, f"{reason} Máy chờ loa im 10 phút rồi mới cập nhật."),
        )
    except KeyboardInterrupt:
        note(Stage.FAILED, f"Lần cập nhật lên bản {vetted.version} đã bị người ở máy dừng lại.")
        raise
    note(Stage.INSTALLING, f"Đang cài bản {vetted.version}. Đài vẫn phát bằng bản {old}.")
    return note(*_ended(run(installer(tree / vetted.top)), vetted.version, old))


def _ended(installed: Installed, new: str, old: str) -> tuple[Stage, str]:
    match installed.outcome:
        case Outcome.HEALTHY:
            return Stage.UPDATED, f"Máy đã chuyển sang bản {new}."
        case Outcome.RETURNED:
            stage, sentence = Stage.RETURNED, f"Bản {new} không chạy được, máy đã tự quay về bản {old}."
        case Outcome.UNCHANGED:
            stage, sentence = Stage.FAILED, f"Chưa cài được bản {new}; bản {old} vẫn chạy như cũ."
    return stage, " ".join(filter(None, (sentence, installed.words)))


def _is_vouched_for(ground: Ground, sha256: str, clock: Clock) -> bool:
    """Whether the province, if one is believed here, vouches for the file of that sha256."""
    pinned = read_pin(ground.pin)
    try:
        offer = _offered(ground, pinned, clock) if pinned else None
    except Refused:
        return False  # a person can still vouch for it
    return offer is not None and offer.sha256 == sha256


def _offered(ground: Ground, pinned: Pin, clock: Clock) -> Offer | None:
    """The release that the pinned province offers this commune, by its signatures. Raises `Refused`."""
    root = find_root(pinned, ground.station.province)
    if root is None:
        what = "Đài đang ghi danh với tỉnh khác với tỉnh mà máy này được xác nhận là tin."
        raise _refused(what, "Kỹ thuật chạy “sudo station update” trên máy này và xác nhận tỉnh mới.")
    own = evolve(ground.station, home=ground.work, run=ground.work / "run")
    own.parts.mkdir(parents=True, exist_ok=True)
    try:
        word = Trust(own, pinned.code, root, clock).hear(Kept(ground.station.province))
    except (Broken, Distrusted) as failure:
        trouble = failure.trouble
        raise Refused(Trouble(trouble.where, trouble.what, _STILL, "Đồng bộ với tỉnh rồi làm lại.")) from None
    return next((it for it in nearest_first(word.offers) if it.form is Form.RELEASE), None)


def _copy(ground: Ground, source: BinaryIO, most: int) -> str:
    """Have a file in root's own place, and its sha256. Raises `Refused` for one that is longer."""
    digest, left = hashlib.sha256(), most
    try:
        with unfinished(ground.work) as file:
            while piece := source.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise _refused("Tệp này dài hơn mức cho phép.", "Xin lại tệp.")
                if shutil.disk_usage(ground.work).free < _SPARE:
                    raise _full()
                digest.update(piece)
                file.stream.write(piece)
            keep(file, ground.work / "release.tar")
    except OSError as error:
        if is_full(error):
            raise _full() from None
        raise
    return digest.hexdigest()


def _look(ground: Ground, sha256: str) -> Vetted:
    """What the copy holds: it is looked into only when somebody vouches for it."""
    file = ground.work / "release.tar"
    with file.open("rb") as stream:
        contents = look_into(stream, _WHERE)
    return Vetted(file, contents.version, contents.top, sha256)


def _full() -> Refused:
    return _refused("Thẻ nhớ không đủ chỗ để cập nhật.", "Xóa bớt bản ghi cũ, rồi làm lại.")


def _refused(what: str, mend: str, still: str = _STILL) -> Refused:
    return Refused(Trouble(_WHERE, what, still, mend))
