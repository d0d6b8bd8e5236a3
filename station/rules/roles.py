"""Roles: what each person of the page may do. One table, which page and desk both go by."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum

from attrs import frozen

from station.rules.trouble import Trouble


class Role(StrEnum):
    """What somebody is at the station; one person may be several."""

    OPERATOR = "operator"
    APPROVER = "approver"
    TECHNICIAN = "technician"


class Deed(StrEnum):
    """A kind of thing that people do."""

    COMPOSE = "compose"  # take in, write, edit, describe, submit, remove
    APPROVE = "approve"  # approve, reject
    ARRANGE = "arrange"  # what airs when, and whose goes first
    SOUND = "sound"  # play, speak, emergency
    SWITCH = "switch"  # keep a zone off, or no longer
    SYNC = "sync"  # ask the province for its news
    STOP = "stop"
    INSPECT = "inspect"  # who did what
    PEOPLE = "people"  # who may do what
    MACHINE = "machine"


@frozen
class Person:
    """Somebody who may use the page; `used_at` is the last use of any of their sessions."""

    name: str
    roles: frozenset[Role]
    created_at: int
    used_at: int | None


EVERY_ROLE = frozenset(Role)
NO_ROLE: frozenset[Role] = frozenset()

MAY: Mapping[Deed, AbstractSet[Role]] = {
    Deed.COMPOSE: {Role.OPERATOR},
    Deed.APPROVE: {Role.APPROVER},
    Deed.ARRANGE: {Role.OPERATOR},
    Deed.SOUND: {Role.OPERATOR},
    Deed.SWITCH: {Role.OPERATOR, Role.TECHNICIAN},
    Deed.SYNC: {Role.OPERATOR, Role.TECHNICIAN},
    Deed.STOP: EVERY_ROLE,
    Deed.INSPECT: {Role.APPROVER, Role.TECHNICIAN},
    Deed.PEOPLE: {Role.TECHNICIAN},
    Deed.MACHINE: {Role.TECHNICIAN},
}

ROLE_NAMES: Mapping[Role, str] = {
    Role.OPERATOR: "Người soạn, trực đài",
    Role.APPROVER: "Người duyệt",
    Role.TECHNICIAN: "Kỹ thuật",
}


def may(roles: frozenset[Role], deed: Deed) -> bool:
    """Whether somebody of these roles may do that."""
    return bool(MAY[deed] & roles)


def not_permitted(deed: Deed) -> Trouble:
    """Why somebody may not, and whom to ask."""
    needed = " hoặc ".join(f"“{name}”" for role, name in ROLE_NAMES.items() if role in MAY[deed])
    mend = "Nhờ người có vai trò ấy làm, hoặc nhờ kỹ thuật thêm vai trò cho bạn ở Hệ thống › Người dùng."
    return Trouble("", f"Việc này cần vai trò {needed}, nên chưa làm gì.", mend=mend)


def written(roles: frozenset[Role]) -> str:
    """Roles as they are kept, in one order."""
    return " ".join(role for role in Role if role in roles)


def read(kept: str) -> frozenset[Role]:
    """The roles that were kept."""
    return frozenset(Role(it) for it in kept.split())
