"""Reading a feed: the entries of Atom (RFC 4287) and RSS, and where the CAP document of each is."""

import datetime as dt
import email.utils
import hashlib
from collections.abc import Iterator
from urllib.parse import urljoin
from xml.etree import ElementTree as ET  # for its types, and to write: defusedxml reads

from attrs import frozen
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from station.rules.trouble import Refused, Trouble

LONGEST_FEED = 1 << 20  # bytes
MOST = 100  # entries that are looked at, the newest

_FEEDS, _ENTRIES = {"feed", "rss", "RDF"}, {"entry", "item"}
_CHANGED = ("updated", "pubDate", "date", "published")
_CAP = "application/cap+xml"
_ALTERNATE = ("", "alternate")


@frozen
class Entry:
    """One entry: a `key` that is another one after each change, and its CAP document or the address of that."""

    key: str
    address: str = ""
    document: bytes = b""


def read_feed(content: bytes, address: str) -> tuple[Entry, ...]:
    """The newest entries of what is at `address`; a CAP document is a feed of one. Raises `Refused`."""
    root = _parsed(content, address)
    if _name(root) == "alert":
        return (_with_document(content),)
    if _name(root) not in _FEEDS:
        raise not_a_feed(address, "Địa chỉ này không trả về Atom, RSS hay CAP.")
    entries = [it for it in root.iter() if _name(it) in _ENTRIES]
    newest = sorted(entries, key=_changed_at, reverse=True)[:MOST]
    return tuple(filter(None, (_entry(it, address) for it in newest)))


def not_a_feed(address: str, what: str) -> Refused:
    """What is there cannot be read."""
    mend = "Mở địa chỉ ấy xem; nếu vẫn vậy thì báo cho nơi cung cấp, hoặc sửa address."
    return Refused(Trouble(address, what, "Đài vẫn phát theo lịch.", mend))


def _parsed(content: bytes, address: str) -> ET.Element:
    try:
        root: ET.Element = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise not_a_feed(address, "Nguồn tin có khai báo XML nguy hiểm (DTD, entity).") from None
    except (ET.ParseError, ValueError, LookupError, RecursionError):
        raise not_a_feed(address, "Nguồn tin không phải là XML đúng.") from None
    return root


def _entry(element: ET.Element, feed: str) -> Entry | None:
    """An entry, or none where there is nothing to read."""
    inside = next((it for it in element.iter() if _name(it) == "alert"), None)
    if inside is not None:
        try:
            return _with_document(ET.tostring(inside, "utf-8"))
        except (RecursionError, ValueError):  # nested a thousand times
            return None
    link = _link(element)
    try:
        address = urljoin(feed, link)
    except ValueError:
        return None
    known_as = "\n".join((_text(element, "id", "guid"), _text(element, *_CHANGED), address))
    return Entry(_digest(known_as.encode()), address) if link else None


def _with_document(document: bytes) -> Entry:
    return Entry(_digest(document), document=document)


def _link(element: ET.Element) -> str:
    """Where its CAP document is: what says that it is one, or else the page that the entry is about."""
    links = tuple(_links(element))
    called_so = (where for kind, _, where in links if kind == _CAP)
    usual = (where for _, relation, where in links if relation in _ALTERNATE)
    return next(called_so, None) or next(usual, "")


def _links(element: ET.Element) -> Iterator[tuple[str, str, str]]:
    """Type, relation and address of each."""
    for it in element:
        match _name(it):
            case "link":
                yield it.get("type", ""), it.get("rel", ""), (it.get("href") or it.text or "").strip()
            case "enclosure":
                yield it.get("type", ""), "enclosure", it.get("url", "").strip()
            case "content":
                yield it.get("type", ""), "content", it.get("src", "").strip()


def _changed_at(element: ET.Element) -> float:
    """When an entry was last changed, in s; one that does not say so is looked at first."""
    written = _text(element, *_CHANGED)
    for read in (dt.datetime.fromisoformat, email.utils.parsedate_to_datetime):
        try:
            return read(written).timestamp()
        except (ValueError, TypeError, OverflowError):
            continue
    return float("inf")


def _text(element: ET.Element, *names: str) -> str:
    """What stands in the first of its children that is called so."""
    found = {_name(it): (it.text or "").strip() for it in reversed(element)}
    return next((found[name] for name in names if name in found), "")


def _name(element: ET.Element) -> str:
    """Without its namespace: RSS has been in three, and in none."""
    return element.tag.rpartition("}")[2]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
