"""Senders: who may send alerts to which communes, and where they come from, as the province's signed tree says.

Both stand beside the delegations in its targets metadata, in fields of our own:

    "x-loa-xa-senders": {"pctt": {"title": "Ban Chỉ huy PCTT tỉnh", "level": "Extreme", "groups": ["tinh"],
                                  "keyid": "3f9a…", "key": {"keytype": "ed25519", …}}}
    "x-loa-xa-push": {"address": "mqtts://loa.hagiang.example:8883", "ca": "-----BEGIN CERTIFICATE-----…"}
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from station.rules.alerting.alert import Alert, Severity, Status
from station.rules.offer import EVERYONE, is_group, is_name

if TYPE_CHECKING:  # the player, which verifies nothing, need not hold what does
    from securesystemslib.signer import Key

SENDERS = "x-loa-xa-senders"
PUSH = "x-loa-xa-push"
ONLY_TESTS = "Test"  # the level of who may only check the path

_LONGEST = 200  # letters of a title


@frozen
class Sender:
    """Somebody whose alerts are believed by `key`, up to a severity, for groups of communes.

    With no `level` it may only send silent tests: that key lies unguarded on a server.
    """

    name: str
    title: str
    key: "Key"
    level: Severity | None
    groups: tuple[str, ...] = (EVERYONE,)

    def may_send(self, alert: Alert) -> bool:
        """Whether it may say that, to all whom it says it to. Who may speak to everyone may speak to each."""
        rightly = EVERYONE in self.groups or alert.groups <= set(self.groups)
        loud = self.level is not None and alert.severity.rank <= self.level.rank
        return bool(alert.groups) and rightly and (alert.status is Status.TEST or loud)

    def told(self) -> dict[str, Any]:
        """As the signed tree says it."""
        return {
            "title": self.title,
            "level": self.level or ONLY_TESTS,
            "groups": list(self.groups),
            "keyid": self.key.keyid,
            "key": self.key.to_dict(),
        }


@frozen
class Push:
    """A broker: `mqtts://HOST:PORT` (`mqtt:` is without TLS).

    `ca` (PEM) is whom to trust there, if no public authority vouches for it.
    """

    address: str
    ca: str = ""

    def told(self) -> dict[str, Any]:
        """As the signed tree says it."""
        return {"address": self.address, "ca": self.ca}


def read_senders(fields: Mapping[str, Any]) -> tuple[Sender, ...]:
    """The senders of targets metadata's own fields; who is not rightly described is none."""
    told = fields.get(SENDERS)
    found = (_read(name, it) for name, it in told.items()) if isinstance(told, dict) else ()
    return tuple(filter(None, found))


def sends_tests(fields: Mapping[str, Any]) -> bool:
    """Whether somebody is there who only checks the path; else nobody wonders that no test comes."""
    told = fields.get(SENDERS)
    levels = [it.get("level") for it in told.values() if isinstance(it, dict)] if isinstance(told, dict) else []
    return ONLY_TESTS in levels


def write_senders(senders: Iterable[Sender]) -> dict[str, Any]:
    """What of targets metadata says it."""
    return {it.name: it.told() for it in sorted(senders, key=lambda it: it.name)}


def read_push(fields: Mapping[str, Any]) -> Push | None:
    """The broker of targets metadata's own fields."""
    told = fields.get(PUSH)
    if not isinstance(told, dict):
        return None
    address, ca = told.get("address", ""), told.get("ca", "")
    right = isinstance(address, str) and isinstance(ca, str) and is_broker(address)
    return Push(address, ca) if right else None


def is_broker(address: str) -> bool:
    """Whether that is a broker's address."""
    return re.fullmatch(r"mqtts?://[A-Za-z0-9.-]+:[0-9]{1,5}", address) is not None


def _read(name: str, told: Any) -> Sender | None:
    from securesystemslib.signer import Key  # noqa: PLC0415 - as above

    try:
        key = Key.from_dict(told["keyid"], {**told["key"]})
        level = None if told["level"] == ONLY_TESTS else Severity(told["level"])
        title, groups = told["title"], tuple(told["groups"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    right = is_name(name) and isinstance(title, str) and 0 < len(title) <= _LONGEST and all(map(is_group, groups))
    return Sender(name, title, key, level, groups) if right else None
