"""Publishing: what a folder holds becomes what the signed tree vouches for, all of it or nothing."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, frozen
from tuf.api.metadata import TargetFile

from station.centre.keys import TARGETS, TIMESTAMP, Keys
from station.centre.made import Made
from station.centre.province_files import read_province, read_push_of
from station.centre.published_tree import PublishedTree
from station.centre.signing import Signing, Wanted
from station.centre.sources import Source, groups_of, read_sources
from station.durable import lock
from station.rules.alerting.sender import PUSH
from station.rules.findings import Finding
from station.rules.now import DAY
from station.rules.offer import Form, Offer
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.written import Unreadable

_USUAL = {Form.AUDIO: Kind.NEWS, Form.TEXT: Kind.NOTICE}  # unless its facts say another kind
_ENDING = {Kind.NEWS, Kind.NOTICE}  # unless their facts say another end: nothing of yesterday is repeated for ever
_HOLDS = 3 * DAY

_AS_BEFORE = "Cây phát hành vẫn như cũ."


@frozen
class Published:
    """What one publishing changed, and which roles it signed; `expired` is left out, being past its end."""

    new: tuple[Offer, ...]
    changed: tuple[Offer, ...]
    gone: tuple[str, ...]
    expired: tuple[Offer, ...]
    signed: tuple[str, ...]
    total: int


@contextmanager
def working(work: Path) -> Iterator[PublishedTree]:
    """The tree of the province's folder `work`, ours alone meanwhile. Raises `Refused` if it cannot be."""
    if not work.is_dir():
        mend = "Chạy “station province init”, hoặc chỉ đúng thư mục bằng --at."
        raise Refused(Trouble(str(work), "Không có thư mục này.", mend=mend))
    try:
        with (work / ".lock").open("ab") as stream:
            if not lock(stream):
                what = "Một lệnh khác đang làm việc với thư mục này."
                raise Refused(Trouble(str(work), what, _AS_BEFORE, "Chờ lệnh ấy xong rồi làm lại."))
            yield PublishedTree(work / "tree")
    except OSError as error:
        what, mend = f"Không đọc hoặc ghi được tệp ({error.strerror}).", "Kiểm tra đĩa và quyền rồi làm lại."
        raise Refused(Trouble(str(error.filename or work), what, _AS_BEFORE, mend)) from error


def unlock(tree: PublishedTree, keys: Keys) -> None:
    """Open the keys that content takes: a wrong passphrase is told before an hour's work. Raises `Refused`."""
    root = tree.root().signed
    keys.signers(root.keys[keyid] for role in (TARGETS, TIMESTAMP) for keyid in root.roles[role].keyids)


class Publication:
    """A folder on its way into the tree: read, then its audio made, then signed."""

    def __init__(self, work: Path, folder: Path) -> None:
        """Read all of it. Raises `Unreadable` with all that is wrong."""
        province = read_province(work)
        self._groups, self._push = groups_of(province), read_push_of(work, province)
        self._sources = read_sources(folder, province)
        self._made = Made(work / "made")

    @property
    def unmade(self) -> Sequence[Source]:
        """The recordings of which there is no audio yet, each original once."""
        missing = {it.sha256: it for it in self._sources if it.form is Form.AUDIO and not self._made.audio(it)}
        return [*missing.values()]

    def make_audio(self, tell: Callable[[int], object]) -> list[tuple[Source, tuple[Finding, ...]]]:
        """Make what is missing, and `tell` of each one that is done: what was found in each, in the order of paths.

        Raises `Unreadable` with all that is wrong, when the others are made.
        """
        troubles: list[Trouble] = []
        found: list[tuple[Source, tuple[Finding, ...]]] = []
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            asked = {pool.submit(self._made.make, it): it for it in self.unmade}
            for done in as_completed(asked):
                try:
                    audio, findings = done.result()
                    self._made.note(asked[done], audio)
                    found.append((asked[done], findings))
                except Refused as refusal:
                    troubles.append(evolve(refusal.trouble, still=_AS_BEFORE))
                tell(1)
        if troubles:
            raise Unreadable(sorted(troubles, key=str))
        return sorted(found, key=lambda it: it[0].path)

    def sign(self, tree: PublishedTree, keys: Keys, now: int) -> Published:
        """Let the tree vouch for it. Raises `Refused`; killed at any moment, what was current stays so."""
        tree.sweep()
        root, before = tree.root().signed, tree.current()
        known = before.files if before else {}
        offers = [(it, self._offer(it, now)) for it in self._sources]
        valid = {offer.path: offer for _, offer in offers if not _is_over(offer, now)}
        for source, offer in offers:
            if offer.path in valid:
                tree.put(offer.path, offer.sha256, self._content(source))
        self._made.forget_others(self._sources)
        self._made.save()
        files = {path: _target(offer) for path, offer in valid.items()}
        fields = {
            **(before.targets.signed.unrecognized_fields if before else {}),
            PUSH: self._push and self._push.told(),
        }
        wanted = Wanted(_grouped(files), self._groups, {name: it for name, it in fields.items() if it})
        signed = Signing(tree, keys, [root], now).sign_all(wanted)
        self._made.let_go(tree.unnamed(), now)
        self._made.save()
        return Published(
            new=tuple(valid[path] for path in files if path not in known),
            changed=tuple(valid[path] for path, it in files.items() if path in known and known[path] != it),
            gone=tuple(sorted(known.keys() - files.keys())),
            expired=tuple(offer for _, offer in offers if offer.path not in valid),
            signed=signed,
            total=sum(it.length for it in files.values()),
        )

    def _content(self, source: Source) -> bytes | Path:
        match source.form:
            case Form.AUDIO:
                return self._made.place(source)
            case Form.RELEASE:
                return source.file
            case _:
                return source.content

    def _offer(self, source: Source, now: int) -> Offer:
        published = self._made.since(source, now)
        if source.form is Form.RELEASE:
            length, title = source.file.stat().st_size, source.told.title
            return Offer(source.path, length, source.sha256, published, title, version=source.version)
        if source.form is Form.SCHEDULE:
            return Offer(source.path, len(source.content), source.sha256, published, source.told.title)
        audio = self._made.audio(source) if source.form is Form.AUDIO else None
        sha256, length = (audio.sha256, audio.length) if audio else (source.sha256, len(source.content))
        told, facts = source.told, source.told.facts
        kind = told.kind or _USUAL[source.form]
        if kind in _ENDING and facts.valid_until is None:
            facts = evolve(facts, valid_until=max(published, facts.valid_from or 0) + _HOLDS)
        return Offer(source.path, length, sha256, published, told.title, kind, facts)


def _is_over(offer: Offer, now: int) -> bool:
    return offer.facts.valid_until is not None and offer.facts.valid_until <= now


def _target(offer: Offer) -> TargetFile:
    return TargetFile(offer.length, {"sha256": offer.sha256}, offer.path, {"custom": offer.custom()})


def _grouped(files: Mapping[str, TargetFile]) -> Mapping[str, Mapping[str, TargetFile]]:
    grouped: dict[str, dict[str, TargetFile]] = defaultdict(dict)
    for path, it in files.items():
        grouped[path.partition("/")[0]][path] = it
    return grouped
