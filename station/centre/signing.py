"""Signing: what of the tree is signed anew, by which keys, until when, and in which order it is written.

Root has versions 1, 2, 3. Any other version is the second in which it was signed, or one more than the last: a tree
that is restored from an old backup, or is signed on two machines, never goes back, which stations would refuse.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import Factory, frozen
from securesystemslib.exceptions import UnverifiedSignatureError
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    T,
    TargetFile,
    Targets,
    Timestamp,
)

from station.centre.keys import ROOT, SNAPSHOT, TARGETS, TIMESTAMP, Keys
from station.centre.published_tree import Current, PublishedTree
from station.centre.sources import Groups
from station.rules.trouble import Refused, Trouble

COMMUNES = "x-loa-xa-communes"  # in a delegation: the codes it is for

_LIFE = {ROOT: dt.timedelta(days=365), TIMESTAMP: dt.timedelta(days=14)}
_LONG = dt.timedelta(days=180)  # targets, groups and snapshot


@frozen
class Wanted:
    """What the tree is to vouch for: files by group and path, who is in which group, and what else it says.

    `fields` stand beside the delegations: who may send alerts, and where the broker is.
    """

    files: Mapping[str, Mapping[str, TargetFile]]
    communes: Groups
    fields: Mapping[str, Any] = Factory(dict)


@frozen
class Signing:
    """The tree, the keys, and the `roots` by each of which what is signed must be right: the newest one first."""

    tree: PublishedTree
    keys: Keys
    roots: Sequence[Root]
    now: int

    def sign_all(self, wanted: Wanted) -> tuple[str, ...]:
        """Sign what is wanted, as far as it is new, or expires before long; the roles that were signed.

        It is written from the leaves to the timestamp, so that at each moment what is current is whole. A group
        without files is there too: stations know by it that they are in it, and alerts are for groups. One that
        nobody wants any more stays, empty: metadata that vanishes is what a station takes for an attack.
        """
        before = self.tree.current()
        old = before.groups if before else {}
        names = sorted({*old, *wanted.communes})
        groups = {it: self._group(it, wanted.files.get(it, {}), old.get(it)) for it in names}
        targets = self._targets(wanted, groups, before)
        snapshot = self._snapshot({TARGETS: targets, **groups}, before)
        anew: dict[str, Metadata[Any]] = {it: new for it, new in groups.items() if new is not old.get(it)}
        if before is None or targets is not before.targets:
            anew[TARGETS] = targets
        if before is None or snapshot is not before.snapshot:
            anew[SNAPSHOT] = snapshot
        if anew:
            self.keys.signers(self._keys_of(TIMESTAMP))  # or nothing is written
        for role, metadata in anew.items():
            self.tree.write(role, metadata)
        stamped = self.stamp(snapshot.signed.version, before.timestamp if before else None)
        return (*anew, *([TIMESTAMP] if stamped else []))

    def stamp(self, snapshot: int, before: Metadata[Timestamp] | None, *, anyway: bool = False) -> bool:
        """Say that this version of the snapshot is current, unless that is said for long enough; whether it was.

        Raises `Refused` about a snapshot that stations would refuse.
        """
        if not self._is_right(SNAPSHOT, self.tree.snapshot(snapshot)):
            what = "Tệp snapshot của cây phát hành không đúng chữ ký nên không được xác nhận là mới nhất."
            mend = "Chạy “station province publish” trên máy có khoá targets."
            raise Refused(Trouble(f"metadata/{snapshot}.{SNAPSHOT}.json", what, mend=mend))
        content = self.tree.content(SNAPSHOT, snapshot)
        meta = MetaFile.from_data(snapshot, content, ["sha256"])
        made = self._signed(
            TIMESTAMP,
            None if anyway else before,
            lambda version, expires: Timestamp(version, expires=expires, snapshot_meta=meta),
            last=before.signed.version if before else 0,
        )
        if made is not before:
            self.tree.write(TIMESTAMP, made)
        return made is not before

    def _group(
        self, name: str, files: Mapping[str, TargetFile], before: Metadata[Targets] | None
    ) -> Metadata[Targets]:
        return self._signed(
            name,
            before,
            lambda version, expires: Targets(version, expires=expires, targets=dict(sorted(files.items()))),
        )

    def _targets(
        self, wanted: Wanted, groups: Mapping[str, Metadata[Targets]], before: Current | None
    ) -> Metadata[Targets]:
        key = self._targets_key
        roles = {it: _delegated(it, key.keyid, wanted.communes.get(it, ())) for it in groups}
        delegations = Delegations({key.keyid: key}, roles)
        return self._signed(
            TARGETS,
            before.targets if before else None,
            lambda version, expires: Targets(
                version, expires=expires, delegations=delegations, unrecognized_fields={**wanted.fields}
            ),
        )

    def _snapshot(self, roles: Mapping[str, Metadata[Targets]], before: Current | None) -> Metadata[Snapshot]:
        meta = {f"{name}.json": MetaFile(it.signed.version) for name, it in sorted(roles.items())}
        return self._signed(
            SNAPSHOT,
            before.snapshot if before else None,
            lambda version, expires: Snapshot(version, expires=expires, meta=meta),
        )

    def _signed(
        self,
        role: str,
        before: Metadata[T] | None,
        make: Callable[[int, dt.datetime], T],
        last: int = 0,
    ) -> Metadata[T]:
        """`before`, if it says the same, lasts and is rightly signed; otherwise what says it from now on."""
        if before is not None:
            last = before.signed.version
            same = make(last, before.signed.expires) == before.signed
            if same and self._lasts(role, before.signed) and self._is_right(role, before):
                return before
        return self._sign(role, make(max(last + 1, self.now // 1000), expiry(role, self.now)))

    def _sign(self, role: str, signed: T) -> Metadata[T]:
        metadata = Metadata(signed)
        for signer in self.keys.signers(self._keys_of(role)):
            metadata.sign(signer, append=True)
        return metadata

    def _is_right(self, role: str, metadata: Metadata[Any]) -> bool:
        try:
            if role in self.roots[0].roles:
                for root in self.roots:
                    root.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
            else:
                key = self._targets_key
                key.verify_signature(metadata.signatures[key.keyid], metadata.signed_bytes)
        except (UnsignedMetadataError, UnverifiedSignatureError, KeyError):
            return False
        return True

    def _lasts(self, role: str, signed: Signed) -> bool:
        """Whether more than half of its time is left."""
        return signed.expires - moment(self.now) > life(role) / 2

    def _keys_of(self, role: str) -> list[Any]:
        if role not in self.roots[0].roles:
            return [self._targets_key]
        found = {keyid: root.keys[keyid] for root in self.roots for keyid in root.roles[role].keyids}
        return [*found.values()]

    @property
    def _targets_key(self) -> Any:
        (keyid,) = self.roots[0].roles[TARGETS].keyids
        return self.roots[0].keys[keyid]


def life(role: str) -> dt.timedelta:
    """How long a signature of a role holds."""
    return _LIFE.get(role, _LONG)


def expiry(role: str, now: int) -> dt.datetime:
    """Until when what is signed at wall ms `now` holds."""
    return moment(now) + life(role)


def moment(now: int) -> dt.datetime:
    """The wall ms `now` as metadata tells an instant, to the second."""
    return dt.datetime.fromtimestamp(now // 1000, dt.UTC)


def wanted_now(current: Current) -> Wanted:
    """What the tree vouches for already."""
    delegations = current.targets.signed.delegations
    roles = (delegations.roles if delegations else None) or {}
    communes = {name: _communes(role) for name, role in roles.items()}
    files = {name: it.signed.targets for name, it in current.groups.items()}
    return Wanted(files, communes, current.targets.signed.unrecognized_fields)


def _delegated(name: str, keyid: str, communes: tuple[str, ...] | None) -> DelegatedRole:
    """A group, for its communes or, where that is None, for all."""
    more = {} if communes is None else {COMMUNES: list(communes)}
    return DelegatedRole(name, [keyid], 1, terminating=True, paths=[f"{name}/*"], unrecognized_fields=more)


def _communes(role: DelegatedRole) -> tuple[str, ...] | None:
    told = role.unrecognized_fields.get(COMMUNES)
    return None if told is None else tuple(told)
