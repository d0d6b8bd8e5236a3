"""Senders: who may send alerts, put into the signed tree and taken out of it, each with a key of their own."""

from collections.abc import Callable, Iterable

from attrs import evolve, frozen
from tuf.api.metadata import Targets

from station.centre.keys import Keys
from station.centre.published_tree import PublishedTree
from station.centre.publisher import unlock
from station.centre.signing import Signing, wanted_now
from station.rules.alerting.alert import Severity
from station.rules.alerting.sender import SENDERS, Sender, read_senders, write_senders
from station.rules.offer import EVERYONE, is_name
from station.rules.title import one_line
from station.rules.trouble import Refused, Trouble

_STILL = "Các nơi gửi vẫn như cũ."


@frozen
class Right:
    """Who may send up to which severity (None: silent tests alone), and to which groups."""

    name: str
    title: str
    level: Severity | None
    groups: tuple[str, ...] = (EVERYONE,)


def senders_of(targets: Targets) -> tuple[Sender, ...]:
    """All senders that the tree vouches for."""
    return read_senders(targets.unrecognized_fields)


def find_sender(targets: Targets, name: str) -> Sender:
    """The one of that name. Raises `Refused`."""
    senders = senders_of(targets)
    found = next((it for it in senders if it.name == name), None)
    if found is None:
        known = ", ".join(it.name for it in senders) or "chưa có ai"
        mend = f"Đang có: {known}. Thêm bằng “station province sender {name} --title … --level …”."
        raise Refused(Trouble("", f"Không có nơi gửi nào tên “{name}”.", "Chưa gửi gì.", mend))
    return found


def set_sender(tree: PublishedTree, keys: Keys, right: Right, passphrase: Callable[[str], str], now: int) -> Sender:
    """Have the tree vouch for a sender by a new key; one that it had under this name is worth nothing any more.

    Who may only test has a key in clear, for a timer uses it by night. Raises `Refused`.
    """
    name = right.name
    if not is_name(name):
        mend = "Chỉ dùng chữ thường không dấu, số và dấu gạch nối, như “pctt”."
        raise Refused(Trouble("", f"“{name}” không phải là tên nơi gửi.", _STILL, mend))
    targets, called = tree.targets(), f"sender-{name}"
    refuse_unknown(right.groups, targets)
    unlock(tree, keys)
    key = keys.make(called, "" if right.level is None else passphrase(called))
    made = Sender(name, one_line(right.title), key, right.level, right.groups)
    _sign(tree, keys, [*(it for it in senders_of(targets) if it.name != name), made], now)
    return made


def remove_sender(tree: PublishedTree, keys: Keys, name: str, now: int) -> None:
    """Have the tree vouch for a sender no more. Raises `Refused`."""
    targets = tree.targets()
    gone = find_sender(targets, name)
    unlock(tree, keys)
    _sign(tree, keys, [it for it in senders_of(targets) if it != gone], now)


def refuse_unknown(groups: Iterable[str], targets: Targets) -> None:
    """Raise `Refused` for a group that no station can know that it is in."""
    known = {EVERYONE, *((targets.delegations and targets.delegations.roles) or ())}
    for group in groups:
        if group not in known:
            what = f"Cây phát hành không có nhóm “{group}” nên không xã nào nghe được."
            mend = "Nhóm tên là tinh, vung-TÊN hay xa-MÃ; xã hoặc vùng mới thì thêm vào province.toml rồi publish."
            raise Refused(Trouble("", what, "Chưa gửi gì.", mend))


def _sign(tree: PublishedTree, keys: Keys, senders: Iterable[Sender], now: int) -> None:
    current = tree.current()
    assert current  # noqa: S101 - it was unlocked by its root, and `init` signs all of it
    wanted = wanted_now(current)
    fields = {**wanted.fields, SENDERS: write_senders(senders)}
    Signing(tree, keys, [tree.root().signed], now).sign_all(evolve(wanted, fields=fields))
