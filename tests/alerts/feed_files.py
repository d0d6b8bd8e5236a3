"""CAP documents and feeds of them, as weather services write them; all made up."""

import datetime as dt
from xml.sax.saxutils import escape

from tests.rig.waiting import wall_ms

CAP_12, CAP_11 = "urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1"
SENDER = "canh-bao@khi-tuong.example"
ELSEWHERE = "<areaDesc>Tỉnh Cà Mau</areaDesc>"
HERE = "<areaDesc>Xã Hương Sơn, tỉnh Tuyên Quang</areaDesc>"
AROUND = "<areaDesc>Vùng núi phía Bắc</areaDesc><polygon>22,104 22,106 24,106 24,104 22,104</polygon>"
NEAR = "<areaDesc>Tâm bão</areaDesc><circle>22.5,105.0 50</circle>"


def instant(minutes: float = 0) -> str:
    """So many minutes from now, as CAP writes it."""
    at = dt.datetime.fromtimestamp(wall_ms() / 1000 + 60 * minutes, dt.UTC)
    return at.isoformat(timespec="seconds").replace("+00:00", "-00:00")


def info(area: str = HERE, *, event="Lũ quét", language="vi-VN", severity="Severe", expires: float = 60) -> str:
    """What is said in one language."""
    return (
        f"<info><language>{language}</language><category>Met</category><event>{event}</event>"
        f"<urgency>Immediate</urgency><severity>{severity}</severity><certainty>Likely</certainty>"
        f"<expires>{instant(expires)}</expires><headline>{event} tối nay</headline>"
        f"<description>Lời của nguồn tin về {event}.</description><area>{area}</area></info>"
    )


def cap(  # noqa: PLR0913 - as the standard has it
    identifier: str,
    *infos: str,
    sent: str = "",
    kind: str = "Alert",
    status: str = "Actual",
    references: str = "",
    namespace: str = CAP_12,
) -> str:
    """A whole document, without a declaration."""
    names = f"<references>{references}</references>" if references else ""
    return (
        f'<alert xmlns="{namespace}"><identifier>{identifier}</identifier><sender>{SENDER}</sender>'
        f"<sent>{sent or instant(-1)}</sent><status>{status}</status><msgType>{kind}</msgType>"
        f"<scope>Public</scope>{names}{''.join(infos or (info(),))}</alert>"
    )


def atom(*entries: str) -> str:
    """A feed of Atom."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x:feed</id>'
        f"<title>Cảnh báo</title><updated>2026-11-26T08:00:00Z</updated>{''.join(entries)}</feed>"
    )


def linked(href: str, updated: str = "2026-11-26T08:00:00Z", kind: str = "application/cap+xml") -> str:
    """An entry of Atom that links to its document."""
    return (
        f"<entry><id>urn:x:{escape(href)}</id><title>Tin</title><updated>{updated}</updated>"
        f'<link rel="alternate" type="{kind}" href="{escape(href)}"/></entry>'
    )


def holding(document: str, updated: str = "2026-11-26T08:00:00Z") -> str:
    """An entry of Atom that holds its document."""
    return (
        f"<entry><id>urn:x:{hash(document)}</id><title>Tin</title><updated>{updated}</updated>"
        '<link rel="alternate" type="text/html" href="trang.html"/>'
        f'<content type="text/xml">{document}</content></entry>'
    )


def rss(*items: str) -> str:
    """A feed of RSS 2.0."""
    head = '<?xml version="1.0"?><rss version="2.0"><channel><title>Cảnh báo</title>'
    return f"{head}{''.join(items)}</channel></rss>"


def item(href: str, published: str = "Thu, 26 Nov 2026 15:00:00 +0700") -> str:
    """An item of RSS."""
    known = f"<link>{escape(href)}</link><guid>{escape(href)}</guid>"
    return f"<item><title>Tin</title>{known}<pubDate>{published}</pubDate></item>"
