"""Trust: what the province offers this station, by The Update Framework, and why a word of it is not believed.

What was believed is kept in `metadata/`, so that nothing older ever is; it is changed only by this module, by one
process at a time.
"""

import filecmp
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadHTTPError,
    ExpiredMetadataError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import DelegatedRole, Metadata, Signed, Targets
from tuf.api.serialization import DeserializationError
from tuf.ngclient import Updater, UpdaterConfig

from station.clock import Clock
from station.durable import keep, unfinished
from station.province import told
from station.province.fetcher import METADATA, NEWEST, Fetcher
from station.province.source import Source, read
from station.rules.enrolment import Enrolment
from station.rules.hours import HANOI, local
from station.rules.now import DAY, SECOND
from station.rules.offer import Offer, is_group, read_offer
from station.rules.trouble import Refused, Trouble
from station.stores.places import Places

_FOR = "x-loa-xa-communes"  # in a delegation: the codes of the communes that it is for
_NOBODY = "-"  # no file is called that: it is asked for to have a group's role loaded
_TOP = ("root", "timestamp", "snapshot", "targets")  # in the order in which they are believed
_SNAPSHOT, _TARGETS = "snapshot", "targets.json"
_WAITED = 3 * DAY
_LIMITS = UpdaterConfig(
    max_root_rotations=64,
    max_delegations=1,
    root_max_length=256 << 10,
    timestamp_max_length=16 << 10,
    snapshot_max_length=2 << 20,
    targets_max_length=8 << 20,
)


@frozen
class Word:
    """What the province has signed: `until` when it is fresh and `since` when it is known so, in wall ms.

    `refused` says which of its files and groups this station cannot use.
    """

    offers: tuple[Offer, ...]
    refused: tuple[Trouble, ...]
    until: int
    since: int


class Trust:
    """The province's word for the commune `code`, believed by the root metadata `root`."""

    def __init__(self, places: Places, code: str, root: bytes, clock: Clock) -> None:
        self._kept, self._parts = places.province / METADATA, places.parts
        self._work, self._tag = places.run / "province-metadata", places.run / "province-tag.json"
        self._code, self._root, self._clock = code, root, clock

    def hear(self, source: Source) -> Word:
        """The word as `source` has it. Raises `Broken`, `Distrusted` and `OSError`; what was believed stays so."""
        self._begin_work()
        fetcher = Fetcher(source, self._work, self._parts, self._tag, self._clock)
        try:
            groups, refused = self._verify(fetcher)  # which holds much more than is kept of it
            return _read(self._work, groups, refused)
        except DownloadHTTPError as missing:
            raise missing.__cause__ or missing from None
        except RepositoryError as error:
            raise self._doubt(error, source, fetcher) from error
        finally:
            _keep_changed(self._work, self._kept)
            shutil.rmtree(self._work)

    def last(self) -> Word:
        """The word that was believed last, whether or not it is still fresh; nothing if there never was one."""
        try:
            return _read(self._kept, *_groups(_targets(self._kept), self._code))
        except (OSError, RepositoryError):
            return Word((), (), 0, 0)

    def _begin_work(self) -> None:
        """A copy to work on: an updater writes at each start, and none of it with care for a power cut."""
        shutil.rmtree(self._work, ignore_errors=True)
        self._work.mkdir(parents=True)
        if self._kept.exists():
            shutil.copytree(self._kept, self._work, dirs_exist_ok=True)

    def _updater(self, fetcher: Fetcher) -> Updater:
        try:
            return Updater(str(self._work), f"{METADATA}/", fetcher=fetcher, config=_LIMITS, bootstrap=self._root)
        except RepositoryError:
            raise told.Distrusted(told.no_pinned_root()) from None

    def _verify(self, fetcher: Fetcher) -> tuple[tuple[str, ...], tuple[Trouble, ...]]:
        """Have all that this commune needs in `work`, verified; gives its groups, and what is told of others."""
        updater = self._updater(fetcher)
        updater.refresh()
        targets = _targets(self._work)
        groups, refused = _groups(targets, self._code)
        for group in groups:
            if _speakers(targets, f"{group}/{_NOBODY}") != [group]:
                raise told.repeated_group(fetcher.where, group)
            updater.get_targetinfo(f"{group}/{_NOBODY}")
        return groups, refused

    def _doubt(self, error: RepositoryError, source: Source, fetcher: Fetcher) -> Exception:
        where, file = source.name, fetcher.file
        if isinstance(error, ExpiredMetadataError):
            return self._out_of_date(source, fetcher)
        if isinstance(error, UnsignedMetadataError):
            return told.unsigned(where, file)
        if isinstance(error, DeserializationError):
            return told.portal(where) if fetcher.content.lstrip()[:1] == b"<" else told.unreadable(where, file)
        if isinstance(error, BadVersionNumberError) and file == NEWEST:
            return told.older_stick(where) if source.carried else told.rolled_back(where, file)
        if self._is_older(error, fetcher):
            return told.rolled_back(where, file)
        return told.mixed(where, file)

    def _is_older(self, error: RepositoryError, fetcher: Fetcher) -> bool:
        """Whether what came is older than what is believed, or names something that is."""
        try:
            came = Metadata.from_bytes(fetcher.content).signed
            kept = _signed(self._work / f"{fetcher.role}.json")
        except (OSError, RepositoryError):
            return False
        as_asked = came.version == fetcher.version
        wrong_inside = isinstance(error, BadVersionNumberError) and fetcher.role == _SNAPSHOT and as_asked
        return came.version < kept.version or wrong_inside

    def _out_of_date(self, source: Source, fetcher: Fetcher) -> told.Distrusted:
        """Of a word past its date: whether that is the province's doing, or this station's clock's."""
        now = self._clock.now()
        until, file = min(self._ends(fetcher))
        if not now.trusted:
            return told.clock_unknown(_day(now.wall))
        if source.date is not None and source.date < until and abs(source.date - now.wall) > DAY:
            return told.clock_wrong(_day(now.wall), _day(source.date))
        if source.carried:
            return told.expired_stick(source.name, _day(until))
        return told.expired(source.name, file, _day(until))

    def _ends(self, fetcher: Fetcher) -> Iterator[tuple[int, str]]:
        """Until when what counts is fresh: what came last, and what had to be believed before that."""
        before = _TOP[: _TOP.index(fetcher.role)] if fetcher.role in _TOP else _TOP
        for role in before:
            yield _until(_signed(self._work / f"{role}.json")), f"{role}.json"
        yield _until(Metadata.from_bytes(fetcher.content).signed), fetcher.file


def waited_too_long(word: Word, where: str, now: int) -> Trouble | None:
    """What is told of a word that is still fresh, but has not been signed anew for days."""
    waited = now - word.since
    return told.not_renewed(where, waited // DAY, _day(word.until)) if waited > _WAITED else None


def first_root(enrolment: Enrolment, sources: Sequence[Source]) -> bytes:
    """The root metadata that an enrolment is bound to, from the first source that has it.

    Raises `Refused`: loudly when it is another one.
    """
    path = f"{METADATA}/{enrolment.root_version}.root.json"
    broken = None
    for source in sources:
        try:
            root = read(source, path, _LIMITS.root_max_length)
        except told.Broken as it:
            broken = broken or it
        else:
            if hashlib.sha256(root).hexdigest() != enrolment.root:
                raise Refused(told.wrong_root(source.name))
            return root
    raise Refused(broken.trouble if broken else told.no_address())


def read_targets(folder: Path, code: str) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The groups that a commune is in, and the fields of our own, in the targets metadata that `folder` keeps.

    Raises `OSError` and `RepositoryError`.
    """
    targets = _targets(folder)
    return _groups(targets, code)[0], targets.unrecognized_fields


def _groups(targets: Targets, code: str) -> tuple[tuple[str, ...], tuple[Trouble, ...]]:
    """The groups that a commune is in, and what is told of those that are not as they should be."""
    groups, refused = [], []
    for name, role in ((targets.delegations and targets.delegations.roles) or {}).items():
        codes = role.unrecognized_fields.get(_FOR)
        if codes is not None and not _is_list_of_words(codes):
            refused.append(told.wrong_group(name))
        elif codes is None or code in codes:
            if _is_right(role):
                groups.append(name)
            else:
                refused.append(told.wrong_group(name))
    return tuple(groups), tuple(refused)


def _is_list_of_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(it, str) for it in value)


def _is_right(role: DelegatedRole) -> bool:
    return is_group(role.name) and role.paths == [f"{role.name}/*"]


def _speakers(targets: Targets, path: str) -> list[str]:
    """Who is asked about a path."""
    roles = (targets.delegations and targets.delegations.roles) or {}
    return [name for name, role in roles.items() if role.is_delegated_path(path)]


def _read(folder: Path, groups: Sequence[str], refused: Sequence[Trouble]) -> Word:
    """The word that is kept in a folder."""
    offers, useless = [], list(refused)
    ends = [_until(_signed(folder / f"{role}.json")) for role in _TOP]
    for group in groups:
        signed = _targets(folder, f"{group}.json")
        ends.append(_until(signed))
        for path, target in signed.targets.items():
            if not path.startswith(f"{group}/"):
                useless.append(told.outside(path, group))
                continue
            try:
                offers.append(read_offer(path, target.length, target.hashes, target.custom))
            except Refused as it:
                useless.append(it.trouble)
    since = round((folder / NEWEST).stat().st_mtime * SECOND)
    return Word(tuple(offers), tuple(useless), min(ends), since)


def _targets(folder: Path, file: str = _TARGETS) -> Targets:
    return Metadata[Targets].from_bytes((folder / file).read_bytes()).signed


def _signed(path: Path) -> Signed:
    return Metadata.from_bytes(path.read_bytes()).signed


def _until(signed: Signed) -> int:
    return round(signed.expires.timestamp() * SECOND)


def _day(wall: int) -> str:
    return f"{local(wall, HANOI):%H:%M %d/%m/%Y}"


def _keep_changed(work: Path, kept: Path) -> None:
    """Have on the card whatever is not there yet."""
    for path in work.rglob("*"):
        place = kept / path.relative_to(work)
        if path.is_file() and not (place.exists() and filecmp.cmp(path, place, shallow=False)):
            place.parent.mkdir(parents=True, exist_ok=True)
            with path.open("rb") as stream, unfinished(place.parent) as file:
                shutil.copyfileobj(stream, file.stream)
                keep(file, place)
