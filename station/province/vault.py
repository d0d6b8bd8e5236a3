"""A backup on its way to the province's server in pieces, and back: whatever is cut off goes on where it was."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from station.rules.trouble import Refused, Trouble
from station.rules.vault import PIECE, SLOTS, WHERE, Forged, Manifest, opened, piece_name

if TYPE_CHECKING:
    from station.province.vault_server import VaultServer

MANIFEST, OUTGOING = "manifest", "outgoing.age"
_SENT, _INCOMING = "sent", "incoming.age"

Tell = Callable[[int, int], None]  # how many bytes have gone or come, of how many


@frozen
class Fetched:
    """A backup that came, in a `file`, as it was at wall ms `made_at`.

    `doubts` are what a person should know of the others that lie there.
    """

    file: Path
    made_at: int
    doubts: tuple[str, ...] = ()


def send(folder: Path, manifest: Manifest, server: "VaultServer", slot: str, tell: Tell) -> None:
    """Have what waits in `folder` kept in that slot, its list last. Raises `Broken`."""
    place = server.place(slot)
    with (folder / OUTGOING).open("rb") as file:
        for number in range(_sent(folder, place), len(manifest.pieces)):
            file.seek(number * PIECE)
            server.put(slot, piece_name(number), file.read(PIECE))
            (folder / _SENT).write_text(f"{number + 1} {place}")  # not synced: without it some are sent once more
            tell(min((number + 1) * PIECE, manifest.size), manifest.size)
    server.put(slot, MANIFEST, (folder / MANIFEST).read_bytes())
    clear(folder)


def clear(folder: Path) -> None:
    """Let go what waits in `folder`."""
    for name in (MANIFEST, _SENT, OUTGOING):
        (folder / name).unlink(missing_ok=True)


def fetch(folder: Path, server: "VaultServer", secret: bytes, tell: Tell) -> Fetched:
    """The newest whole backup whose list the secret sealed. Raises `Broken`, and `Refused` when there is none."""
    found, doubts = list[tuple[str, Manifest]](), list[str]()
    for slot in SLOTS:
        content = server.get(slot, MANIFEST)
        try:
            found += [(slot, opened(content, secret))] if content else []
        except Forged:
            doubts.append("Một bản ở tỉnh không do đài này làm bằng khóa ấy, nên không dùng.")
    for slot, manifest in sorted(found, key=lambda it: -it[1].made_at):
        try:
            return Fetched(_download(folder, server, slot, manifest, tell), manifest.made_at, tuple(doubts))
        except _Damaged:
            doubts.append("Một bản ở tỉnh bị thiếu hoặc bị sửa, nên không dùng.")
    what = " ".join(doubts) or f"Tỉnh không có bản sao lưu nào của xã mã {server.code}."
    raise Refused(Trouble(WHERE, what, "Chưa phục hồi.", "Xem lại khóa phục hồi, hoặc dùng USB sao lưu."))


def _sent(folder: Path, place: str) -> int:
    """How many pieces are in that place already."""
    try:
        number, _, there = (folder / _SENT).read_text().partition(" ")
        return int(number) if there == place else 0
    except (OSError, ValueError):
        return 0


def _download(folder: Path, server: "VaultServer", slot: str, manifest: Manifest, tell: Tell) -> Path:
    """All pieces in one file, behind those that came before. Raises `_Damaged`."""
    place = folder / _INCOMING
    place.touch()
    with place.open("r+b") as file:
        begin = _right(file.read, manifest)
        file.seek(begin * PIECE)
        file.truncate()
        for number in range(begin, len(manifest.pieces)):
            piece = server.get(slot, piece_name(number))
            if piece is None or hashlib.sha256(piece).hexdigest() != manifest.pieces[number]:
                raise _Damaged
            file.write(piece)
            tell(file.tell(), manifest.size)
    return place


def _right(read: Callable[[int], bytes], manifest: Manifest) -> int:
    """How many pieces are there already, from the first on."""
    for number, digest in enumerate(manifest.pieces):
        if hashlib.sha256(read(PIECE)).hexdigest() != digest:
            return number
    return len(manifest.pieces)


class _Damaged(Exception):  # noqa: N818 - what it is
    """A backup there is not what its list says."""
