"""The signed tree on the disk of who publishes it: what it holds, what leads to what, and what nothing names.

TREE/metadata/  1.root.json … N.root.json, timestamp.json, N.snapshot.json, N.targets.json, N.GROUP.json
TREE/targets/GROUP/SHA256.NAME.opus|txt|toml
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import Factory, frozen
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Signed, Snapshot, TargetFile, Targets, Timestamp
from tuf.api.serialization import DeserializationError

from station.centre.keys import ROOT, SNAPSHOT, TARGETS, TIMESTAMP
from station.durable import keep, settle, sweep, unfinished
from station.rules.trouble import Refused, Trouble

_NS = 1_000_000_000  # in a second
_MOST = 5_000_000  # bytes of metadata: what python-tuf's own client takes, and no station less


@frozen
class Current:
    """All metadata that `timestamp.json` leads to; `groups` by name."""

    timestamp: Metadata[Timestamp]
    snapshot: Metadata[Snapshot]
    targets: Metadata[Targets]
    groups: Mapping[str, Metadata[Targets]] = Factory(dict)

    @property
    def files(self) -> Mapping[str, TargetFile]:
        """All files that it vouches for, by path."""
        return {path: it for group in self.groups.values() for path, it in group.signed.targets.items()}


class PublishedTree:
    """The tree in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._metadata, self._targets = folder, folder / "metadata", folder / "targets"

    @property
    def begun(self) -> bool:
        """Whether it has a root."""
        return bool(self._newest_root())

    def root(self) -> Metadata[Root]:
        """The newest root. Raises `Refused` where there is none, or a damaged one."""
        newest = self._newest_root()
        if not newest:
            mend = "Chạy “station province init”, hoặc chỉ đúng thư mục bằng --at."
            raise Refused(Trouble(str(self.folder.parent), "Ở đây chưa có cây phát hành.", mend=mend))
        return self._read(f"{newest}.{ROOT}.json")

    def root_content(self) -> bytes:
        """The newest root as stations get it."""
        return self._content(_file(ROOT, self.root().signed.version))

    def current(self) -> Current | None:
        """What it holds now, or None before anything was signed. Raises `Refused` where it is damaged."""
        if not (self._metadata / f"{TIMESTAMP}.json").exists():
            return None
        timestamp = self.timestamp()
        snapshot = self.snapshot(timestamp.signed.snapshot_meta.version)
        versions = {name.removesuffix(".json"): it.version for name, it in snapshot.signed.meta.items()}
        groups = {name: self._read(_file(name, versions[name])) for name in sorted(versions.keys() - {TARGETS})}
        return Current(timestamp, snapshot, self._read(_file(TARGETS, versions[TARGETS])), groups)

    def timestamp(self) -> Metadata[Timestamp]:
        """What is current. Raises `Refused` where it is not there or damaged."""
        return self._read(f"{TIMESTAMP}.json")

    def targets(self) -> Targets:
        """Which groups there are, who may send alerts, where the broker is; without what the groups hold.

        Raises `Refused` where it is not there or damaged.
        """
        snapshot = self.snapshot(self.timestamp().signed.snapshot_meta.version)
        signed: Targets = self._read(_file(TARGETS, snapshot.signed.meta[f"{TARGETS}.json"].version)).signed
        return signed

    def snapshot(self, version: int) -> Metadata[Snapshot]:
        """A version of the snapshot. Raises `Refused` where it is not there or damaged."""
        return self._read(_file(SNAPSHOT, version))

    def content(self, role: str, version: int) -> bytes:
        """The metadata of a role as stations get it. Raises `Refused` where it is not there."""
        return self._content(_file(role, version))

    def write(self, role: str, metadata: Metadata[Any]) -> None:
        """Put metadata into its place, whole or not at all; on return it survives a power cut.

        Of `timestamp.json`, which has no version in its name, a server's ETag tells the second alone: each
        one is of another second. Raises `Refused` about more than stations take.
        """
        content = metadata.to_bytes()
        if len(content) > _MOST:
            what = "Có quá nhiều tệp cho một lần nên các đài không nhận được."
            raise Refused(Trouble(role, what, "Cây phát hành vẫn như cũ.", "Bỏ bớt tệp cũ, hoặc chia theo vùng."))
        place = self._metadata / (
            f"{TIMESTAMP}.json" if role == TIMESTAMP else _file(role, metadata.signed.version)
        )
        self._metadata.mkdir(parents=True, exist_ok=True)
        with unfinished(self._metadata) as file:
            os.fchmod(file.stream.fileno(), 0o644)
            file.stream.write(content)
            if place.exists():
                settle(file)
                at = max(file.path.stat().st_mtime_ns, place.stat().st_mtime_ns + _NS)
                os.utime(file.path, ns=(at, at))
            keep(file, place)

    def put(self, path: str, sha256: str, content: bytes | Path) -> None:
        """Put a target's file into its place, if it is not there: `content`, or that of the file so named."""
        place = self._place(path, sha256)
        if place.exists():
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        with unfinished(place.parent) as file:
            os.fchmod(file.stream.fileno(), 0o644)
            if isinstance(content, bytes):
                file.stream.write(content)
            else:
                with content.open("rb") as made:
                    while piece := made.read(1 << 20):
                        file.stream.write(piece)
            keep(file, place)

    def unnamed(self) -> dict[str, Path]:
        """The files to which nothing that is current leads, by their place in the tree."""
        current = self.current()
        if current is None:
            return {}
        named = {self._metadata / f"{TIMESTAMP}.json", self._metadata / _named(SNAPSHOT, current.snapshot)}
        named |= {self._metadata / _named(TARGETS, current.targets)}
        named |= {self._metadata / _named(name, it) for name, it in current.groups.items()}
        named |= {self._place(path, it.hashes["sha256"]) for path, it in current.files.items()}
        named |= {*self._metadata.glob(f"*.{ROOT}.json")}
        here = [it for folder in (self._metadata, self._targets) for it in folder.rglob("*") if it.is_file()]
        return {str(it.relative_to(self.folder)): it for it in here if it not in named}

    def sweep(self) -> None:
        """Remove what a killed process left unfinished."""
        for folder in (self._metadata, *self._targets.glob("*/")):
            sweep(folder)

    def _place(self, path: str, sha256: str) -> Path:
        group, _, name = path.partition("/")
        return self._targets / group / f"{sha256}.{name}"

    def _newest_root(self) -> int:
        numbers = (it.name.partition(".")[0] for it in self._metadata.glob(f"*.{ROOT}.json"))
        return max((int(it) for it in numbers if it.isdecimal()), default=0)

    def _content(self, name: str) -> bytes:
        try:
            return (self._metadata / name).read_bytes()
        except OSError:
            raise _damaged(name) from None

    def _read(self, name: str) -> Metadata[Any]:
        try:
            return Metadata.from_bytes(self._content(name))
        except (DeserializationError, RepositoryError):
            raise _damaged(name) from None


def _damaged(name: str) -> Refused:
    what = "Tệp này của cây phát hành bị thiếu hoặc hỏng."
    mend = "Chép lại thư mục tree từ bản đang ở máy chủ hoặc từ bản sao lưu."
    return Refused(Trouble(f"metadata/{name}", what, mend=mend))


def _file(role: str, version: int) -> str:
    return f"{version}.{role}.json"


def _named(role: str, metadata: Metadata[Any]) -> str:
    signed: Signed = metadata.signed
    return _file(role, signed.version)
