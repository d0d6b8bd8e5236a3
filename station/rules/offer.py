"""An offer: one file that the province's signed tree holds for a group of communes, and what is said of it there.

A target's path is `GROUP/NAME.ENDING`; its ending tells what it is: `.opus` audio, `.txt` a text for the station's
voice, `.toml` a schedule, `.tar` a release of this program. What else is known stands in the target's `custom`
object, as The Update Framework leaves it to the application (TUF specification 4.5).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import frozen

from station.rules.facts import NO_FACTS, Facts, Field
from station.rules.rundown import Kind
from station.rules.title import one_line
from station.rules.trouble import Refused, Trouble
from station.rules.version import is_version

PREFIX = "province/"  # what the names of the province's segments and schedules begin with, at the station
EVERYONE = "tinh"  # the group that every commune is in
RELEASE = "loa-xa"  # the name of each release, so that of two the one for the smaller group goes first
LONGEST_WORDS = 300  # letters of each thing that is said of a file

_COMMUNE, _AREA = "xa-", "vung-"

_NAME = "[a-z0-9]+(?:-[a-z0-9]+)*"
_PATH = re.compile(rf"(?P<group>{_NAME})/(?P<name>{_NAME})\.(?P<ending>opus|txt|toml|tar)")
_LONGEST_NAME = 60
_LONGEST_PATH = 200


class Form(StrEnum):
    """What a file is, by its ending."""

    AUDIO = "opus"
    TEXT = "txt"
    SCHEDULE = "toml"
    RELEASE = "tar"


_SAID = {Form.SCHEDULE: {"published"}, Form.RELEASE: {"published", "title", "version"}}


@frozen
class Offer:
    """A target that is vouched for: `length` in bytes, `published` the wall ms since when the province has it so.

    `kind` and `facts` are a segment's, and idle for the others; `version` is a release's.
    """

    path: str
    length: int
    sha256: str
    published: int = 0
    title: str = ""
    kind: Kind = Kind.NEWS
    facts: Facts = NO_FACTS
    version: str = ""

    @property
    def group(self) -> str:
        """For which communes it is."""
        return self.path.partition("/")[0]

    @property
    def form(self) -> Form:
        """What it is."""
        return Form(self.path.rpartition(".")[2])

    @property
    def name(self) -> str:
        """What schedules of the province call it."""
        return name_of(self.path)

    @property
    def known_as(self) -> str:
        """What it is called at the station, where the commune has names of its own."""
        return known_as(self.path)

    @property
    def digest(self) -> str:
        """A sha256, the same for the same content with the same said of it: a station compares its own with it."""
        told = json.dumps(self.custom(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(f"{self.sha256}\n{told}".encode()).hexdigest()

    def custom(self) -> dict[str, Any]:
        """What is said of it in the signed tree; what is usual is left out."""
        facts = self.facts
        told = {
            "published": self.published,
            "title": self.title,
            "kind": self.kind.value,
            "field": facts.field.value,
            "source": facts.source,
            "responsible": facts.responsible,
            "valid_from": facts.valid_from,
            "valid_until": facts.valid_until,
            "version": self.version,
        }
        idle = told.keys() - _SAID[self.form] if self.form in _SAID else set()
        return {key: value for key, value in told.items() if value and key not in idle}


def nearest_first(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """Of files called the same, the one for the smallest group: a commune's, an area's, then everyone's."""
    chosen: dict[tuple[str, str], Offer] = {}
    for offer in sorted(offers, key=lambda it: (_reach(it.group), it.path)):
        chosen.setdefault(called(offer.path), offer)
    return tuple(chosen.values())


def called(path: str) -> tuple[str, str]:
    """What the file of that path is called among those of its sort; what is called the same is one thing."""
    ending = path.rpartition(".")[2]
    return (ending if ending in _SAID else "", name_of(path))


def name_of(path: str) -> str:
    """What schedules of the province call the file of that path."""
    return path.partition("/")[2].rpartition(".")[0]


def known_as(path: str) -> str:
    """What the file of that path is called at the station."""
    return PREFIX + name_of(path)


def commune_group(code: str) -> str:
    """The group of one commune alone."""
    return f"{_COMMUNE}{code}"


def area_group(name: str) -> str:
    """The group of the communes of an area."""
    return f"{_AREA}{name}"


def is_group(word: str) -> bool:
    """Whether that names a group of communes: everyone, an area, or one."""
    return is_name(word) and (word == EVERYONE or word.startswith((_AREA, _COMMUNE)))


def _reach(group: str) -> int:
    return 0 if group.startswith(_COMMUNE) else 1 if group.startswith(_AREA) else 2


def is_name(word: str) -> bool:
    """Whether a group or a file may be called that: small letters, digits and single dashes."""
    return re.fullmatch(_NAME, word) is not None and len(word) <= _LONGEST_NAME


def read_offer(path: str, length: int, hashes: Mapping[str, str], custom: Mapping[str, Any] | None) -> Offer:
    """What a target is. Raises `Refused` for one that this station cannot know what to do with."""
    if len(path) > _LONGEST_PATH or not _PATH.fullmatch(path):
        raise _refused(path, "Tên tệp này không hợp lệ.")
    if not re.fullmatch("[0-9a-f]{64}", hashes.get("sha256", "")):
        raise _refused(path, "Tệp này không có mã băm sha256.")
    told = custom or {}
    try:
        facts = Facts(
            field=Field(told.get("field", Field.OTHER)),
            source=_words(told, "source"),
            responsible=_words(told, "responsible"),
            valid_from=_instant(told, "valid_from"),
            valid_until=_instant(told, "valid_until"),
        )
        kind, title, published = (
            Kind(told.get("kind", Kind.NEWS)),
            _words(told, "title"),
            _instant(told, "published"),
        )
    except (ValueError, TypeError):
        raise _refused(path, "Thông tin đi kèm tệp này không hợp lệ.") from None
    version = told.get("version", "")
    if (Form(path.rpartition(".")[2]) is Form.RELEASE) != is_version(version):
        raise _refused(path, "Thông tin đi kèm tệp này không hợp lệ.")
    title = one_line(title or name_of(path))
    return Offer(path, length, hashes["sha256"], published or 0, title, kind, facts, version)


def _words(told: Mapping[str, Any], key: str) -> str:
    value = told.get(key, "")
    if not isinstance(value, str) or len(value) > LONGEST_WORDS:
        raise ValueError(key)
    return value


def _instant(told: Mapping[str, Any], key: str) -> int | None:
    value = told.get(key)
    if value is not None and type(value) is not int:
        raise ValueError(key)
    return value


def _refused(path: str, what: str) -> Refused:
    where = path if len(path) <= _LONGEST_PATH else f"{path[:_LONGEST_PATH]}…"
    return Refused(Trouble(where, what, "Đài bỏ qua tệp này, các tệp khác vẫn nhận.", "Báo cho tỉnh."))
