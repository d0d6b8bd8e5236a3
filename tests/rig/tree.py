"""A signed tree made by python-tuf itself, and all that a forger, a thief or a careless person makes of one."""

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

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
from tests.rig.waiting import wall_ms

DAY = dt.timedelta(days=1)
GROUPS = {"tinh": None, "xa-00001": ("00001",), "xa-00002": ("00002",)}


def key() -> CryptoSigner:
    """A new key."""
    return CryptoSigner.generate_ed25519()


def ago(days: float) -> dt.datetime:
    """So many days before now."""
    return dt.datetime.fromtimestamp(round(wall_ms() / 1e3), dt.UTC) - days * DAY


def signed_by(keys: Iterable[CryptoSigner], signed: Signed) -> bytes:
    """Metadata with the signatures of whomever."""
    metadata = Metadata(signed)
    for it in keys:
        metadata.sign(it, append=True)
    return metadata.to_bytes()


class Tree:
    """A tree in `folder` for `groups` of communes' codes; `keys` and `signed` are by role, for tests to change.

    Nothing is written before `publish`, `renew` or `put`.
    """

    def __init__(
        self,
        folder: Path,
        groups: Mapping[str, Iterable[str] | None] = GROUPS,
        *,
        roots: int = 1,
        threshold: int = 1,
    ) -> None:
        self.folder, self.metadata = folder, folder / "metadata"
        self.metadata.mkdir(parents=True)
        self.groups = list(groups)
        self.keys = {role: [key()] for role in ("timestamp", "targets")} | {"root": [key() for _ in range(roots)]}
        self.root = Root(expires=ago(-365), consistent_snapshot=True)
        for role, keys in {**self.keys, "snapshot": self.keys["targets"]}.items():
            for it in keys:
                self.root.add_key(it.public_key, role)
        self.root.roles["root"].threshold = threshold
        theirs = self.keys["targets"][0].public_key
        roles = {name: delegated(name, codes, theirs.keyid) for name, codes in groups.items()}
        self.targets = Targets(expires=ago(-90), delegations=Delegations({theirs.keyid: theirs}, roles))
        self.group = {name: Targets(expires=ago(-90)) for name in groups}
        self.snapshot = Snapshot(expires=ago(-90))
        self.timestamp = Timestamp(expires=ago(-7))
        self.put("1.root.json", self.root, self.keys["root"])
        self.publish(first=True)

    def publish(self, *, first: bool = False) -> None:
        """Sign groups, targets and snapshot anew, one version on, and the timestamp."""
        theirs = self.keys["targets"]
        for signed in () if first else (*self.group.values(), self.targets, self.snapshot):
            signed.version += 1
        for name, signed in {**self.group, "targets": self.targets}.items():
            self.put(f"{signed.version}.{name}.json", signed, theirs)
            self.snapshot.meta[f"{name}.json"] = MetaFile(signed.version)
        self.put(f"{self.snapshot.version}.snapshot.json", self.snapshot, theirs)
        self.renew(first=first)

    def renew(self, *, first: bool = False) -> None:
        """Sign the timestamp anew, one version on."""
        self.timestamp.version += not first
        self.timestamp.snapshot_meta = MetaFile(self.snapshot.version)
        self.put("timestamp.json", self.timestamp, self.keys["timestamp"])

    def rotate(self, role: str, new: list[CryptoSigner]) -> None:
        """Have a role signed by other keys from the next root on; those of the old root vouch for it."""
        old = self.keys[role]
        roles = ("targets", "snapshot") if role == "targets" else (role,)
        for name in roles:
            for it in old:
                self.root.revoke_key(it.public_key.keyid, name)
            for it in new:
                self.root.add_key(it.public_key, name)
        self.keys[role] = new
        self.root.version += 1
        both = [*old, *new] if role == "root" else self.keys["root"]
        self.put(f"{self.root.version}.root.json", self.root, both)

    def offer(self, path: str, content: bytes, **custom: Any) -> None:
        """Offer a file from the next `publish` on."""
        target = TargetFile.from_data(path, content, ["sha256"])
        target.unrecognized_fields["custom"] = custom
        self.group[path.partition("/")[0]].targets[path] = target
        place = self.place(path, content)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    def delegate(self, name: str) -> DelegatedRole:
        """Delegate to one more group from the next `publish` on; gives the delegation, for tests to spoil."""
        delegations = self.targets.delegations
        assert delegations and delegations.roles
        delegations.roles[name] = role = delegated(name, None, self.keys["targets"][0].public_key.keyid)
        return role

    def place(self, path: str, content: bytes) -> Path:
        """Where a file with that content lies in the tree."""
        group, _, name = path.rpartition("/")
        return self.folder / "targets" / group / f"{hashlib.sha256(content).hexdigest()}.{name}"

    def withdraw(self, path: str) -> None:
        """Offer a file no more."""
        del self.group[path.partition("/")[0]].targets[path]

    def put(self, name: str, signed: Signed, keys: Iterable[CryptoSigner]) -> None:
        """Sign something, by whomever, and lay it into the tree."""
        (self.metadata / name).write_bytes(signed_by(keys, signed))

    def copy(self, folder: Path) -> Path:
        """The tree as it is now, elsewhere: as on a stick, or for who wants to show it again later."""
        shutil.copytree(self.folder, folder)
        return folder

    def alter(self, name: str, change: Any) -> None:
        """Change a file of metadata without signing it: `change` is given its JSON value."""
        place = self.metadata / name
        told = json.loads(place.read_bytes())
        change(told)
        place.write_text(json.dumps(told))

    def enrolment(self, *trees: str, code: str = "00001") -> Enrolment:
        """What a commune is given."""
        root = hashlib.sha256((self.metadata / "1.root.json").read_bytes()).hexdigest()
        return Enrolment("Tỉnh Thử", code, root, 1, trees or ("https://127.0.0.1:1/",))


def delegated(name: str, codes: Iterable[str] | None, keyid: str) -> DelegatedRole:
    """The delegation of a group, as it should be."""
    told = {} if codes is None else {"x-loa-xa-communes": list(codes)}
    return DelegatedRole(name, [keyid], 1, terminating=True, paths=[f"{name}/*"], unrecognized_fields=told)
