"""A province with many files, as the benchmark needs it: its signed tree, and the same files under plain names."""

import datetime as dt
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from station.rules.enrolment import Enrolment
from station.rules.offer import EVERYONE, Offer, read_offer

CODE = "24169"  # the commune's, and the token that lets it in
TOKEN = "bi-mat"  # noqa: S105 - of the tests
_FOR = "x-loa-xa-communes"
_UNTIL = dt.datetime(2040, 1, 1, tzinfo=dt.UTC)


class Depot:
    """`work` is what the server serves. Files are called `GROUP/NAME.opus`; in `plain` they are by these names."""

    def __init__(self, folder: Path) -> None:
        self.work, self.plain = folder / "work", folder / "plain"
        self._signer = CryptoSigner.generate_ed25519()
        self._files: dict[str, tuple[Path, Offer]] = {}
        self._version = 0
        (self.work / "tree" / "metadata").mkdir(parents=True)
        root = Root(expires=_UNTIL, consistent_snapshot=True)
        for role in ("root", "targets", "snapshot", "timestamp"):
            root.add_key(self._signer.public_key, role)
        self.root = self._write(root, "1.root.json")

    @property
    def tree(self) -> Path:
        """What is signed, by names that hold their hash."""
        return self.work / "tree" / "targets"

    def enrolment(self, address: str) -> Enrolment:
        """What the station `CODE` is told, for a tree at that address."""
        return Enrolment("Tỉnh thử", CODE, sha256(self.root).hexdigest(), 1, (address,), token=TOKEN)

    def publish(self, contents: Mapping[str, bytes]) -> None:
        """Put these files in place of what they are called, and sign all anew."""
        for path, content in contents.items():
            self._put(path, content)
        self._version += 1
        groups = defaultdict[str, dict[str, TargetFile]](dict)
        for path, (_, offer) in self._files.items():
            groups[path.partition("/")[0]][path] = TargetFile(
                offer.length, {"sha256": offer.sha256}, path, {"custom": offer.custom()}
            )
        self._sign(groups)

    def _put(self, path: str, content: bytes) -> None:
        digest = sha256(content).hexdigest()
        group, _, name = path.partition("/")
        kept, plain = self.tree / group / f"{digest}.{name}", self.plain / path
        for folder in (kept.parent, plain.parent):
            folder.mkdir(parents=True, exist_ok=True)
        if path in self._files:
            self._files[path][0].unlink()
            plain.unlink()
        kept.write_bytes(content)
        os.link(kept, plain)
        custom = {"title": f"Bản tin {name}", "published": 1_793_000_000_000 + len(self._files)}
        self._files[path] = (kept, read_offer(path, len(content), {"sha256": digest}, custom))

    def _sign(self, groups: Mapping[str, dict[str, TargetFile]]) -> None:
        key = self._signer.public_key
        meta = {"targets.json": MetaFile(self._version)}
        roles = {}
        for group, targets in groups.items():
            told = {} if group == EVERYONE else {_FOR: [group.rpartition("-")[2]]}
            roles[group] = DelegatedRole(group, [key.keyid], 1, False, [f"{group}/*"], unrecognized_fields=told)
            self._write(Targets(self._version, expires=_UNTIL, targets=targets), f"{self._version}.{group}.json")
            meta[f"{group}.json"] = MetaFile(self._version)
        delegations = Delegations({key.keyid: key}, roles)
        top = Targets(self._version, expires=_UNTIL, delegations=delegations)
        self._write(top, f"{self._version}.targets.json")
        self._write(Snapshot(self._version, expires=_UNTIL, meta=meta), f"{self._version}.snapshot.json")
        newest = Timestamp(self._version, expires=_UNTIL, snapshot_meta=MetaFile(self._version))
        self._write(newest, "timestamp.json")

    def _write(self, signed: Signed, name: str) -> bytes:
        metadata = Metadata(signed)
        metadata.sign(self._signer)
        content = metadata.to_bytes()
        (self.work / "tree" / "metadata" / name).write_bytes(content)
        return content


def bulletins(numbers: Iterable[int], length: int, groups: int = 1) -> dict[str, bytes]:
    """Files that are like nothing else, `length` bytes each, for everyone or dealt out to so many groups."""
    return {f"{_group(it % groups)}/ban-tin-{it:05}.opus": os.urandom(length) for it in numbers}


def _group(number: int) -> str:
    return EVERYONE if number == 0 else f"xa-{CODE if number == 1 else 30_000 + number}"
