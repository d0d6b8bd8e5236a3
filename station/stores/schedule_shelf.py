"""The shelf of schedule files: each is replaced whole, and its last good version stays beside it."""

import difflib
import fcntl
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from station.durable import sweep, write_whole
from station.rules.origin import Origin
from station.rules.trouble import Refused, Trouble
from station.stores.schedule_files import schedule_paths, whose
from station.stores.slug import slug
from station.stores.written import nearest, read_text

_LAST_GOOD = ".last-good"
REMOVED = ".removed"
_READABLE = 0o644


def digest(text: str) -> str:
    """What an editor remembers of the text that an edit is based on."""
    return hashlib.sha256(text.encode()).hexdigest()


@frozen
class Shelf:
    """The files of `folder`; `lock` is a file that whoever writes holds meanwhile."""

    folder: Path
    lock: Path

    def text(self, name: str) -> str:
        """The schedule `name` as it is written. Raises `Refused`, or `Unreadable`."""
        names = self._names()
        if name not in names:
            mend = nearest(name, names) if names else "Thêm một lịch trước."
            raise Refused(Trouble("", f"Không có lịch phát nào tên “{name}”.", mend=mend))
        return read_text(self._path(name))

    def free(self, name: str) -> None:
        """Raise `Refused` unless a new schedule may be called `name`."""
        self.writable(name)
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
            mend = f"Dùng chữ thường không dấu, số và gạch nối, như “{slug(name)}”."
            raise Refused(Trouble("", f"“{name}” không dùng làm tên lịch phát được.", mend=mend))
        if self._path(name).exists():
            mend = "Chọn tên khác, hoặc sửa lịch đó bằng “station schedule edit”."
            raise Refused(Trouble(f"{name}.toml", "Đã có lịch phát tên này.", mend=mend))

    def writable(self, name: str) -> None:
        """Raise `Refused` for a schedule that is not the commune's own."""
        if whose(f"{name}/") is not Origin.COMMUNE:  # nor the folder's own name
            mend = "Muốn đổi, báo cho tỉnh; hoặc thêm một lịch của xã."
            raise Refused(Trouble(name, "Lịch của tỉnh chỉ để xem, xã không sửa được.", mend=mend))

    def changed_since(self, name: str, based_on: str) -> Trouble | None:
        """What changed meanwhile, unless the schedule still is the text with the digest `based_on`."""
        text = self.text(name)
        if digest(text) == based_on:
            return None
        last_good = self._beside(name, _LAST_GOOD)
        before = read_text(last_good) if last_good.exists() else ""
        return _changed(name, before if digest(before) == based_on else None, text)

    def add(self, name: str, text: str) -> None:
        """Write a new file. Raises `Refused` when there is one by now."""
        with self._alone(name, None):
            self._write(self._path(name), text, _READABLE)

    def replace(self, name: str, base: str, text: str, *, keep_base: bool) -> None:
        """Write `text` in the place of `base`, which is kept beside it. Raises `Refused`, leaving all as it was."""
        with self._alone(name, base):
            path = self._path(name)
            mode = path.stat().st_mode
            if keep_base:
                self._write(self._beside(name, _LAST_GOOD), base, mode)
            self._write(path, text, mode)

    def remove(self, name: str, base: str) -> None:
        """Take the file `base` away, so that renaming it brings it back. Raises `Refused`."""
        with self._alone(name, base):
            self._path(name).replace(self._beside(name, REMOVED))

    @contextmanager
    def _alone(self, name: str, base: str | None) -> Iterator[None]:
        """Hold the lock while the file still is what the edit is based on; what a card refuses is told."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self.lock.open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                path = self._path(name)
                present = read_text(path) if path.exists() else None
                if present != base:
                    raise Refused(_changed(name, base, present))
                sweep(self.folder)
                yield
        except OSError as error:
            what, still = f"Không ghi được tệp ({error.strerror}).", "Tệp cũ vẫn nguyên."
            raise Refused(Trouble(f"{name}.toml", what, still, "Kiểm tra thẻ nhớ và chỗ trống.")) from None

    def _write(self, path: Path, text: str, mode: int) -> None:
        write_whole(path, text.encode(), mode)

    def _names(self) -> list[str]:
        return [*schedule_paths(self.folder)]

    def _path(self, name: str) -> Path:
        return self._beside(name, "")

    def _beside(self, name: str, suffix: str) -> Path:
        return self.folder / f"{name}.toml{suffix}"


def _changed(name: str, before: str | None, after: str | None) -> Trouble:
    where, mend = f"{name}.toml", "Xem lại rồi sửa lại."
    if after is None:
        return Trouble(where, "Trong lúc đó tệp đã bị người khác bỏ đi.", mend=mend)
    what = "Trong lúc đó tệp đã được người khác sửa."
    if before is not None:
        what = f"Trong lúc đó tệp đã được người khác sửa: {difference(before, after)}."
    return Trouble(where, what, mend=mend)


def difference(before: str, after: str) -> str:
    """Which lines went, and which came."""
    verbs = {"-": "bỏ", "+": "thêm"}
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return ", ".join(f"{verbs[line[0]]} “{line[2:].strip()}”" for line in lines if line[0] in verbs)
