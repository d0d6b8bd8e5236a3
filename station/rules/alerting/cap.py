"""Reading and writing CAP 1.2: an alert from XML that nobody is trusted to have made well, and back.

The names and values are those of the standard's data dictionary (OASIS CAP 1.2, section 3.2).
"""

import binascii
import datetime as dt
import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from enum import StrEnum
from math import isfinite
from typing import Any, TypeVar
from xml.etree import ElementTree as ET  # to write, and for its types: defusedxml reads

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from station.rules.alerting.alert import (
    GROUP,
    REPEATS,
    Alert,
    Area,
    Certainty,
    MessageType,
    Reference,
    Severity,
    Sound,
    Status,
    Urgency,
)
from station.rules.hours import HANOI, iso
from station.rules.trouble import Refused, Trouble

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
LONGEST = 1 << 20  # bytes of XML: three minutes of speech, and room to spare

_OLDER = "urn:oasis:names:tc:emergency:cap:1.1"  # what some feeds still are, alike in all that is read here
_LONGEST_WORDS = 2_000  # letters of each thing that is said
_SHORT = 200  # letters of a name
_MOST = 100  # areas, references, corners: of each
_VIETNAMESE = "vi"

E = TypeVar("E", bound=StrEnum)


def read_cap(content: bytes) -> Alert:
    """The alert that XML of CAP 1.2 (or 1.1) says. Raises `Refused` with what is wrong with it."""
    if len(content) > LONGEST:
        raise refused(f"Bản tin lớn hơn {LONGEST >> 10} KB.")
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise refused("Bản tin có khai báo XML nguy hiểm (DTD, entity).") from None
    except (ET.ParseError, ValueError, LookupError, RecursionError):
        raise refused("Bản tin không phải là XML đúng.") from None
    namespace = root.tag.partition("}")[0].removeprefix("{")
    if root.tag.rpartition("}")[2] != "alert" or namespace not in {NAMESPACE, _OLDER}:
        raise refused("Bản tin không phải là CAP 1.2.")
    return _Reader(namespace).alert(root)


def write_cap(alert: Alert) -> bytes:
    """The XML of an alert, its elements in the order that the standard's schema asks for."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(_tag("alert"))
    _put(root, "identifier", alert.identifier)
    _put(root, "sender", alert.sender)
    _put(root, "sent", iso(alert.sent, HANOI))
    _put(root, "status", alert.status)
    _put(root, "msgType", alert.kind)
    _put(root, "scope", "Public")
    _put(root, "references", " ".join(str(it) for it in alert.references))
    info = ET.SubElement(root, _tag("info"))
    _put(info, "language", alert.language or "vi-VN")
    _put(info, "category", "Safety")
    _put(info, "event", alert.event)
    _put(info, "responseType", "AllClear" if alert.all_clear else "")
    _put(info, "urgency", alert.urgency)
    _put(info, "severity", alert.severity)
    _put(info, "certainty", alert.certainty)
    _put(info, "expires", iso(alert.expires, HANOI) if alert.expires is not None else "")
    _put(info, "senderName", alert.sender_name)
    _put(info, "headline", alert.headline)
    _put(info, "description", alert.description)
    _put(info, "instruction", alert.instruction)
    if alert.repeats is not None:
        _pair(info, "parameter", REPEATS, str(alert.repeats))
    if alert.sound:
        _put_sound(info, alert.sound)
    for area in alert.areas:
        _put_area(info, area)
    xml: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return xml


def refused(what: str) -> Refused:
    """A message that is not believed, and why."""
    return Refused(Trouble("", what, "Đài không phát bản tin này; chương trình vẫn theo lịch.", "Báo cho nơi gửi."))


class _Reader:
    """Reads elements of one namespace; raises `Refused`."""

    def __init__(self, namespace: str) -> None:
        self._in = f"{{{namespace}}}"

    def alert(self, root: ET.Element) -> Alert:
        info = self._info(root)
        sender, identifier = self._name(root, "sender"), self._name(root, "identifier")
        return Alert(
            identifier=identifier,
            sender=sender,
            sent=self._instant(root, "sent"),
            status=self._one_of(root, "status", Status),
            kind=self._one_of(root, "msgType", MessageType),
            references=tuple(self._references(root)),
            **({} if info is None else self._told(info)),
        )

    def _told(self, info: ET.Element) -> dict[str, Any]:
        repeats = dict(self._pairs(info, "parameter")).get(REPEATS, "")
        return {
            "event": self._words(info, "event", _SHORT),
            "urgency": self._one_of(info, "urgency", Urgency),
            "severity": self._one_of(info, "severity", Severity),
            "certainty": self._one_of(info, "certainty", Certainty),
            "expires": self._instant(info, "expires") if self._words(info, "expires") else None,
            "sender_name": self._words(info, "senderName", _SHORT),
            "headline": self._words(info, "headline"),
            "description": self._words(info, "description"),
            "instruction": self._words(info, "instruction"),
            "language": self._words(info, "language", _SHORT),
            "areas": tuple(self._area(it) for it in self._few(info, "area")),
            "sound": self._sound(info),
            "repeats": int(repeats) if re.fullmatch(r"[0-9]{1,2}", repeats) else None,
            "all_clear": any(_text(it) == "AllClear" for it in self._few(info, "responseType")),
        }

    def _info(self, root: ET.Element) -> ET.Element | None:
        """What it says in Vietnamese, or else in its first language."""
        infos = self._few(root, "info")
        spoken = (it for it in infos if self._words(it, "language", _SHORT).lower().startswith(_VIETNAMESE))
        return next(spoken, infos[0] if infos else None)

    def _sound(self, info: ET.Element) -> Sound | None:
        for resource in self._few(info, "resource"):
            mime, inside = self._words(resource, "mimeType", _SHORT), resource.find(f"{self._in}derefUri")
            if mime.startswith("audio/") and inside is not None:
                try:
                    return Sound(mime, b64decode("".join((inside.text or "").split()), validate=True))
                except binascii.Error:
                    raise refused("Âm thanh kèm bản tin bị hỏng.") from None
        return None

    def _area(self, area: ET.Element) -> Area:
        try:
            polygons = tuple(_corners(_text(it)) for it in self._few(area, "polygon"))
            circles = tuple(_circle(_text(it)) for it in self._few(area, "circle"))
        except ValueError:
            raise refused("Vùng của bản tin viết sai.") from None
        description = self._words(area, "areaDesc")
        return Area(description, tuple(self._pairs(area, "geocode")), polygons, circles)

    def _pairs(self, parent: ET.Element, name: str) -> Iterator[tuple[str, str]]:
        for it in self._few(parent, name):
            yield self._words(it, "valueName", _SHORT), self._words(it, "value", _SHORT)

    def _references(self, root: ET.Element) -> Iterator[Reference]:
        words = self._words(root, "references", _MOST * _SHORT).split()
        for word in words[:_MOST]:
            sender, _, rest = word.partition(",")
            identifier, _, sent = rest.partition(",")
            yield Reference(sender, identifier, _read_instant(sent))

    def _few(self, parent: ET.Element, name: str) -> list[ET.Element]:
        found = parent.findall(f"{self._in}{name}")
        if len(found) > _MOST:
            raise refused("Bản tin có quá nhiều phần.")
        return found

    def _words(self, parent: ET.Element, name: str, longest: int = _LONGEST_WORDS) -> str:
        found = parent.find(f"{self._in}{name}")
        words = "" if found is None else _text(found)
        if len(words) > longest:
            raise refused(f"Phần “{name}” của bản tin dài quá {longest} chữ.")
        return words

    def _name(self, root: ET.Element, name: str) -> str:
        word = self._words(root, name, _SHORT)
        if not re.fullmatch(r"[^\s,<&]+", word):  # as the standard has it
            raise refused(f"Phần “{name}” của bản tin thiếu hoặc viết sai.")
        return word

    def _one_of(self, parent: ET.Element, name: str, kind: type[E]) -> E:
        try:
            return kind(self._words(parent, name, _SHORT))
        except ValueError:
            raise refused(f"Phần “{name}” của bản tin thiếu hoặc viết sai.") from None

    def _instant(self, parent: ET.Element, name: str) -> int:
        return _read_instant(self._words(parent, name, _SHORT))


def _read_instant(written: str) -> int:
    """Wall ms. CAP writes an offset always, and that of UTC as -00:00."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d", written):
        raise refused("Thời gian trong bản tin thiếu hoặc viết sai.")
    try:
        return round(dt.datetime.fromisoformat(written).timestamp() * 1_000)
    except (ValueError, OverflowError):
        raise refused("Thời gian trong bản tin không có trong lịch.") from None


def _text(element: ET.Element) -> str:
    return (element.text or "").strip()


def _corners(written: str) -> tuple[tuple[float, float], ...]:
    corners = tuple(_point(it) for it in written.split())
    if not 4 <= len(corners) <= _MOST * _MOST or corners[0] != corners[-1]:  # noqa: PLR2004 - a triangle, closed
        raise ValueError(written)
    return corners


def _circle(written: str) -> tuple[float, float, float]:
    centre, radius = written.split()
    return *_point(centre), _finite(radius)


def _point(written: str) -> tuple[float, float]:
    latitude, longitude = map(_finite, written.split(","))
    return latitude, longitude


def _finite(written: str) -> float:
    number = float(written)
    if not isfinite(number):  # Python reads "nan" and "inf" too
        raise ValueError(written)
    return number


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _put(parent: ET.Element, name: str, words: str) -> None:
    if words:
        ET.SubElement(parent, _tag(name)).text = words


def _pair(parent: ET.Element, name: str, of: str, value: str) -> None:
    pair = ET.SubElement(parent, _tag(name))
    _put(pair, "valueName", of)
    _put(pair, "value", value)


def _put_sound(info: ET.Element, sound: Sound) -> None:
    resource = ET.SubElement(info, _tag("resource"))
    _put(resource, "resourceDesc", "Bản đọc")
    _put(resource, "mimeType", sound.mime)
    _put(resource, "size", str(len(sound.content)))
    _put(resource, "derefUri", b64encode(sound.content).decode())


def _put_area(info: ET.Element, area: Area) -> None:
    written = ET.SubElement(info, _tag("area"))
    _put(written, "areaDesc", area.description)
    for polygon in area.polygons:
        _put(written, "polygon", " ".join(f"{latitude},{longitude}" for latitude, longitude in polygon))
    for latitude, longitude, radius in area.circles:
        _put(written, "circle", f"{latitude},{longitude} {radius}")
    for name, code in area.geocodes:
        _pair(written, "geocode", name, code)


__all__ = ["GROUP", "LONGEST", "NAMESPACE", "read_cap", "refused", "write_cap"]
