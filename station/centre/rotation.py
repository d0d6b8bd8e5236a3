"""The keys over the years: made, renewed before they expire, and replaced when one is lost or stolen.

A new root is signed by enough keys of the old one and of its own, so that whoever believes the old one believes it.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

from securesystemslib.signer import Key
from tuf.api.metadata import Metadata, Role, Root

from station.centre.keys import ROOT, SNAPSHOT, TARGETS, TIMESTAMP, Keys
from station.centre.published_tree import PublishedTree
from station.centre.signing import Signing, Wanted, expiry, moment, wanted_now
from station.rules.trouble import Refused, Trouble

_TOLD_AHEAD = {ROOT: 60, TIMESTAMP: 5}  # days
_USUALLY = 30  # days ahead for what each `publish` renews if need be
_SAME_KEY = {TARGETS: (TARGETS, SNAPSHOT), TIMESTAMP: (TIMESTAMP,)}

Passphrase = Callable[[str], str]  # for a new key, by what it is called


def init(tree: PublishedTree, keys: Keys, shape: tuple[int, int], passphrase: Passphrase, now: int) -> None:
    """Make all keys and a tree that holds nothing yet; `shape`: how many root keys, and how many of them must sign.

    Raises `Refused` where there are keys already.
    """
    if any(keys.folder.glob("*.pem")):
        if not tree.begun:
            what, mend = "Lần làm khoá trước bị ngắt giữa chừng.", "Xoá thư mục keys này rồi làm lại."
            raise Refused(Trouble(str(keys.folder), what, mend=mend))
        what = "Thư mục này đã có khoá nên không làm lại từ đầu."
        mend = "Thay một khoá: “station province revoke”. Làm tỉnh mới: chọn thư mục khác bằng --at."
        raise Refused(Trouble(str(keys.folder), what, "Khoá và cây phát hành vẫn như cũ.", mend))
    number, threshold = shape
    called = [*(f"{ROOT}-{it}" for it in range(1, number + 1)), TARGETS]
    chosen = {name: passphrase(name) for name in called}  # all of them before the first key is written
    *roots, targets = (keys.make(name, chosen[name]) for name in called)
    timestamp = keys.make(TIMESTAMP, "")
    roles = {
        ROOT: Role([it.keyid for it in roots], threshold),
        **{role: Role([targets.keyid], 1) for role in _SAME_KEY[TARGETS]},
        TIMESTAMP: Role([timestamp.keyid], 1),
    }
    known: dict[str, Key] = {it.keyid: it for it in (*roots, targets, timestamp)}
    root = Root(1, expires=expiry(ROOT, now), keys=known, roles=roles, consistent_snapshot=True)
    _write_root(tree, keys, [root])
    Signing(tree, keys, [root], now).sign_all(Wanted({}, {}))


def renew(tree: PublishedTree, keys: Keys, now: int) -> None:
    """Say anew that what is current is current; it takes the timestamp key alone. Raises `Refused`."""
    root, before = tree.root().signed, tree.timestamp()
    Signing(tree, keys, [root], now).stamp(before.signed.snapshot_meta.version, before, anyway=True)


def renew_root(tree: PublishedTree, keys: Keys, now: int) -> int:
    """Let the same keys hold for longer: the new root's version. Raises `Refused`."""
    old = tree.root().signed
    new = _following(old, now)
    _write_root(tree, keys, [new, old])
    return new.version


def revoke(tree: PublishedTree, keys: Keys, named: str, passphrase: Passphrase, now: int) -> int:
    """Put a new key in the place of the one so `named`, and sign anew what that signed: the new root's version.

    While the old key is at hand, what it signed is signed by both until the new root is there, so that at each
    moment the tree is right for every station. Without it the new root must go first; a station that comes in
    between keeps what it has and comes again. Raises `Refused`.
    """
    old, current = tree.root().signed, tree.current()
    role, place = _meant(old, named)
    keys.enough(old)
    if role == TARGETS:
        keys.signers(old.keys[keyid] for keyid in old.roles[TIMESTAMP].keyids)  # or nothing is changed
    replaced = old.keys[old.roles[role].keyids[place]]
    key = keys.make(named, "" if role == TIMESTAMP else passphrase(named))
    new = _following(old, now)
    for each in _SAME_KEY.get(role, (role,)):
        keyids = new.roles[each].keyids
        keyids[keyids.index(replaced.keyid)] = key.keyid
    del new.keys[replaced.keyid]
    new.keys[key.keyid] = key
    both = role != ROOT and _opens(keys, replaced)
    if not both:
        _write_root(tree, keys, [new, old])
    signing = Signing(tree, keys, [new, old] if both else [new], now)
    if current and role == TARGETS:
        signing.sign_all(wanted_now(current))
    elif current and role == TIMESTAMP:
        signing.stamp(current.snapshot.signed.version, current.timestamp, anyway=True)
    if both:
        _write_root(tree, keys, [new, old])
    return new.version


def ending_soon(tree: PublishedTree, now: int) -> Iterator[Trouble]:
    """What expires before long, and which command renews it."""
    root, current = tree.root().signed, tree.current()
    yield from _ends(ROOT, [root.expires], now, "Khoá gốc", "station province renew --root")
    if current:
        content: list[Metadata[Any]] = [current.snapshot, current.targets, *current.groups.values()]
        ends = [it.signed.expires for it in content]
        yield from _ends(TARGETS, ends, now, "Chữ ký của chương trình", "station province publish")
        ends = [current.timestamp.signed.expires]
        yield from _ends(TIMESTAMP, ends, now, "Dấu thời gian", "station province renew")


def _ends(role: str, expires: Sequence[dt.datetime], now: int, what: str, command: str) -> Iterator[Trouble]:
    left = (min(expires) - moment(now)).days
    if left < _TOLD_AHEAD.get(role, _USUALLY):
        when = f"hết hạn sau {left} ngày" if left >= 0 else "đã hết hạn"
        still = "Các đài vẫn phát những gì đã có." if left < 0 else ""
        yield Trouble("", f"{what} {when}.", still, f"Chạy “{command}”.")


def _meant(root: Root, named: str) -> tuple[str, int]:
    """The role and the place in it of the key that people call so."""
    called = {TARGETS: (TARGETS, 0), TIMESTAMP: (TIMESTAMP, 0)}
    called |= {f"{ROOT}-{place + 1}": (ROOT, place) for place in range(len(root.roles[ROOT].keyids))}
    if named not in called:
        mend = f"Viết một trong: {', '.join(called)}."
        raise Refused(Trouble("", f"Không có khoá nào tên “{named}”.", "Cây phát hành vẫn như cũ.", mend))
    return called[named]


def _following(old: Root, now: int) -> Root:
    """The next root, which says the same for longer."""
    new = Root.from_dict(deepcopy(old.to_dict()))
    new.version, new.expires = old.version + 1, expiry(ROOT, now)
    return new


def _write_root(tree: PublishedTree, keys: Keys, roots: Sequence[Root]) -> None:
    """Write the first of `roots`, signed by enough keys of each."""
    metadata = Metadata(roots[0])
    for root in roots:
        for signer in keys.enough(root):
            if signer.public_key.keyid not in metadata.signatures:
                metadata.sign(signer, append=True)
    tree.write(ROOT, metadata)


def _opens(keys: Keys, key: Key) -> bool:
    try:
        keys.signer(key)
    except Refused:
        return False
    return True
