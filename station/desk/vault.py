"""The backup that the province keeps by choice, encrypted for a key that the commune alone has, on paper."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from station.care.recovery_key import decrypted, encrypt, new_key, recipient_of
from station.care.services import as_owner
from station.desk.backup import Restored, check_fresh, packed, restore
from station.desk.permits import permit
from station.durable import keep, lock, sweep, unfinished
from station.province.told import Broken
from station.province.vault import MANIFEST, OUTGOING, Fetched, Tell, clear, fetch, send
from station.rules.enrolment import Enrolment
from station.rules.hours import local
from station.rules.now import DAY
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.rules.vault import (
    MOST,
    PIECE,
    WHERE,
    Forged,
    Manifest,
    opened,
    other_slot,
    seal_secret,
    sealed,
    ungrouped,
)
from station.stores.audit import write_audit
from station.stores.enrolment import load_enrolment
from station.stores.home import Home, Places
from station.stores.vault import LastSent, PublicKey, VaultFiles

if TYPE_CHECKING:
    from station.province.vault_server import VaultServer

_STALE = 7 * DAY  # then what was never sent whole is made anew
_OLD = 4 * DAY  # then it is a trouble that none was sent
_STILL = "Không có gì bị thay đổi."


@frozen
class VaultState:
    """Whether the province offers a place, since when a person chose it (wall ms), and how the last one went."""

    offered: bool
    chosen_at: int | None
    last: LastSent


def vault_state(home: Home) -> VaultState:
    """How it is now."""
    enrolment = load_enrolment(home.places.province)
    offered = enrolment is not None and bool(enrolment.backups)
    return VaultState(offered, vault_chosen_at(home), last_sent(home))


def vault_chosen_at(home: Home) -> int | None:
    """When (wall ms) a person last proved to have the recovery key; None while backups do not go there."""
    key = _files(home).chosen()
    return key.chosen_at if key else None


def last_sent(home: Home) -> LastSent:
    """How the last one went."""
    return _files(home).last()


# The key


def make_recovery_key(home: Home, *, by: str, now: int) -> str:
    """A new recovery key, to be shown once; nothing changes until somebody has read it back. Raises `Refused`."""
    permit(Deed.MACHINE)
    _place(home)
    key = new_key()
    _files(home).propose(PublicKey(recipient_of(key), seal_secret(key).hex()))
    _note(home, now, by, "làm khóa phục hồi")
    return key


def prove_recovery_key(home: Home, typed: str, *, by: str, now: int) -> None:
    """Begin with backups to the province, since somebody has the key that was made last. Raises `Refused`."""
    permit(Deed.MACHINE)
    files, key = _files(home), ungrouped(typed)
    made = files.waiting()
    if made is None or made.recipient != recipient_of(key):
        what = "Khóa gõ vào không phải là khóa vừa làm."
        raise Refused(Trouble(WHERE, what, _STILL, "Gõ lại từ tờ giấy, hoặc làm khóa khác."))
    files.choose(evolve(made, chosen_at=now))
    _note(home, now, by, "chọn sao lưu về tỉnh")


def stop_sending(home: Home, *, by: str, now: int) -> None:
    """Send no more backups; what the province has stays there, as unreadable as it is."""
    permit(Deed.MACHINE)
    _files(home).forget()
    _note(home, now, by, "thôi sao lưu về tỉnh")


# Sending


def send_backup(home: Home, *, by: str, now: int, tell: Tell = lambda *_: None) -> LastSent:
    """Send a backup without recordings, or go on with one that was broken off. Raises `Refused`."""
    permit(Deed.MACHINE)
    enrolment, files = _place(home), _files(home)
    key = files.chosen()
    if key is None:
        what = "Chưa chọn sao lưu về tỉnh."
        raise Refused(Trouble(WHERE, what, "Đài vẫn phát.", "Làm khóa phục hồi ở Hệ thống › Sao lưu."))
    try:
        with _alone(home.places.vault):
            last = _send(home, key, _server(enrolment), by=by, now=now, tell=tell)
    except (Broken, Refused) as refusal:
        files.note(evolve(files.last(), trouble=refusal.trouble))
        raise Refused(refusal.trouble) from None
    except (OSError, sqlite3.Error):
        files.note(evolve(files.last(), trouble=_NO_CARD))
        raise Refused(_NO_CARD) from None
    files.note(last)
    return last


def vault_trouble(home: Home, now: int) -> Trouble | None:
    """What of it a person should see to at wall ms `now`: a link that is down for a while is nobody's alarm."""
    chosen_at, last = vault_chosen_at(home), last_sent(home)
    if chosen_at is None:
        return None
    since = max(chosen_at, last.good_at or 0)
    if now - since < _OLD:
        return None
    what = f"Chưa sao lưu được về tỉnh từ ngày {local(since, home.config().config.time_zone):%d/%m/%Y}."
    if last.trouble:
        return evolve(last.trouble, what=f"{what} {last.trouble.what}")
    return Trouble(WHERE, what, "Đài vẫn phát.", "Xem đường mạng của đài, và đài có được nghỉ phát lúc nào không.")


def _send(  # noqa: PLR0913 - a sending has that many facts
    home: Home, key: PublicKey, server: "VaultServer", *, by: str, now: int, tell: Tell
) -> LastSent:
    folder = home.places.vault
    manifest = _made_before(folder, key, now)
    if manifest is None:
        _note(home, now, by, "sao lưu", "về tỉnh")
        manifest = _make(home, key, now)
    slot = other_slot(_files(home).last().slot)
    send(folder, manifest, server, slot, tell)
    return LastSent(manifest.made_at, manifest.size, slot)


def _make(home: Home, key: PublicKey, now: int) -> Manifest:
    """Have a backup wait for being sent."""
    folder = home.places.vault
    clear(folder)
    sweep(folder)
    with unfinished(folder) as made, unfinished(folder) as listed:
        encrypt(packed(home, now, recordings=False, beside=folder), key.recipient, made.stream)
        made.stream.seek(0)
        pieces = tuple(hashlib.sha256(it).hexdigest() for it in iter(lambda: made.stream.read(PIECE), b""))
        manifest = Manifest(now, made.stream.tell(), pieces)
        _refuse_large(manifest)
        keep(made, folder / OUTGOING)
        listed.stream.write(sealed(manifest, bytes.fromhex(key.seal)))
        keep(listed, folder / MANIFEST)
    return manifest


def _made_before(folder: Path, key: PublicKey, now: int) -> Manifest | None:
    """What waits since it could not be sent whole, if it is for the same key and not too old."""
    try:
        manifest = opened((folder / MANIFEST).read_bytes(), bytes.fromhex(key.seal))
        whole = (folder / OUTGOING).stat().st_size == manifest.size
    except (OSError, Forged):
        return None
    return manifest if whole and 0 <= now - manifest.made_at < _STALE else None


def _refuse_large(manifest: Manifest) -> None:
    if len(manifest.pieces) > MOST:
        what = f"Bản sao lưu lớn hơn {MOST * PIECE >> 20} MB, nên không gửi về tỉnh được."
        raise Refused(Trouble(WHERE, what, "Đài vẫn phát.", "Sao lưu vào USB."))


# Getting it back


def fetch_backup(where: Places, enrolment: Enrolment, typed: str, tell: Tell = lambda *_: None) -> Fetched:
    """The newest backup that the province has of a commune and that its station made. Raises `Refused`.

    What has come stays: whoever is cut off goes on where that was.
    """
    key, server = ungrouped(typed), _server(enrolment)
    recipient_of(key)
    with as_owner(where.home):
        check_fresh(where)
        try:
            with _alone(where.vault):
                return fetch(where.vault, server, seal_secret(key), tell)
        except Broken as broken:
            raise Refused(evolve(broken.trouble, still="Chưa phục hồi; phần đã nhận được giữ lại.")) from None
        except OSError:
            what, mend = f"Không ghi được vào {where.home}.", "Chạy lại bằng sudo; kiểm tra thẻ nhớ và chỗ trống."
            raise Refused(Trouble(WHERE, what, _STILL, mend)) from None


def restore_fetched(  # noqa: PLR0913 - a restore has that many facts
    where: Places, fetched: Fetched, enrolment: Enrolment, typed: str, *, by: str, now: int
) -> Restored:
    """Make a fresh home what came. Raises `Refused`."""
    with decrypted(fetched.file, ungrouped(typed)) as backup:
        return restore(where, backup, "từ tỉnh", by=by, now=now, enrolment=enrolment)


def _place(home: Home) -> Enrolment:
    """The enrolment with a province that takes backups. Raises `Refused`."""
    enrolment = load_enrolment(home.places.province)
    if enrolment is None or not enrolment.backups:
        raise Refused(_NO_PLACE)
    return enrolment


def _server(enrolment: Enrolment) -> "VaultServer":
    if not enrolment.backups:
        raise Refused(_NO_PLACE)
    from station.province.vault_server import VaultServer  # noqa: PLC0415 - only who needs it carries requests

    return VaultServer(enrolment.backups, enrolment.code, enrolment.token)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("wb") as stream:
        if not lock(stream):
            what = "Đài đang gửi bản sao lưu về tỉnh rồi."
            raise Refused(Trouble(WHERE, what, "Đài vẫn phát.", "Chờ nó xong; xem “station vault show”."))
        yield


def _files(home: Home) -> VaultFiles:
    return VaultFiles(home.places.backup)


def _note(home: Home, now: int, by: str, deed: str, subject: str = "") -> None:
    with home.engine.begin() as connection:
        write_audit(connection, now, by, deed, subject)


_NO_CARD = Trouble(
    WHERE, "Không ghi được bản sao lưu vào thẻ nhớ.", "Đài vẫn phát.", "Kiểm tra thẻ nhớ và chỗ trống."
)
_NO_PLACE = Trouble(
    WHERE,
    "Tỉnh của đài chưa có chỗ nhận bản sao lưu.",
    "Sao lưu vào USB và ra tệp vẫn được.",
    "Xin tỉnh mở chỗ nhận và gửi dòng ghi danh mới.",
)
