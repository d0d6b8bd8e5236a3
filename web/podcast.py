"""The podcast: what may be heard again as RSS 2.0, with the words that podcast programs know."""

import datetime as dt
import re
from email.utils import format_datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from attrs import frozen

from station.audio.share import MIMETYPE

_ITUNES, _ATOM = "http://www.itunes.com/dtds/podcast-1.0.dtd", "http://www.w3.org/2005/Atom"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KEPT_MIN = 5  # a program need not ask more often


@frozen
class Episode:
    """A programme as a podcast's episode; `length` in ms, `size` in bytes."""

    title: str
    about: str
    page: str
    sound: str
    size: int
    length: int
    at: dt.datetime


@frozen
class Channel:
    """The podcast itself; `address` is that of the feed."""

    title: str
    about: str
    author: str
    page: str
    address: str


def podcast(channel: Channel, episodes: tuple[Episode, ...]) -> bytes:
    """The feed as it is sent."""
    register_namespace("itunes", _ITUNES)
    register_namespace("atom", _ATOM)
    rss = Element("rss", version="2.0")
    top = SubElement(rss, "channel")
    _tell(top, {"title": channel.title, "link": channel.page, "description": channel.about, "language": "vi"})
    SubElement(top, f"{{{_ATOM}}}link", href=channel.address, rel="self", type="application/rss+xml")
    _tell(top, {"ttl": str(_KEPT_MIN)})
    _tell(top, {"author": channel.author, "explicit": "false", "summary": channel.about}, _ITUNES)
    category = SubElement(top, f"{{{_ITUNES}}}category", text="News")
    SubElement(category, f"{{{_ITUNES}}}category", text="Daily News")
    if episodes:
        _tell(top, {"lastBuildDate": format_datetime(episodes[0].at)})
    for it in episodes:
        item = SubElement(top, "item")
        _tell(
            item, {"title": it.title, "link": it.page, "description": it.about, "pubDate": format_datetime(it.at)}
        )
        SubElement(item, "guid", isPermaLink="true").text = it.page
        SubElement(item, "enclosure", url=it.sound, length=str(it.size), type=MIMETYPE)
        _tell(item, {"duration": str(it.length // 1000), "explicit": "false"}, _ITUNES)
    return bytes(tostring(rss, encoding="utf-8", xml_declaration=True))


def _tell(parent: Element, texts: dict[str, str], space: str = "") -> None:
    for name, text in texts.items():
        SubElement(parent, f"{{{space}}}{name}" if space else name).text = _NOT_IN_XML.sub("", text)
