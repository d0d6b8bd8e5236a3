"""Feeds of every kind are read into entries; what is none is told."""

from contextlib import suppress

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.alerts.feed_reading import MOST, read_feed
from station.rules.alerting.cap import read_cap
from station.rules.trouble import Refused
from tests.alerts.feed_files import CAP_11, atom, cap, holding, info, item, linked, rss

AT = "https://khi-tuong.example/canh-bao/tin.xml"


def read(feed: str):
    return read_feed(feed.encode(), AT)


def test_atom_that_links():
    entries = read(atom(linked("a.xml"), linked("/b.xml", kind="text/xml"), linked("https://noi-khac.example/c")))
    assert [it.address for it in entries] == [
        "https://khi-tuong.example/canh-bao/a.xml",
        "https://khi-tuong.example/b.xml",
        "https://noi-khac.example/c",
    ]


def test_of_several_links_it_is_the_one_to_cap():
    links = (
        '<entry><id>x</id><link href="trang.html"/><link rel="self" href="entry.atom"/>'
        '<link rel="related" type="application/cap+xml" href="cap.xml"/></entry>'
    )
    assert [it.address for it in read(atom(links))] == ["https://khi-tuong.example/canh-bao/cap.xml"]


@pytest.mark.parametrize("namespace", [None, CAP_11])
def test_atom_that_holds(namespace):
    document = cap("t1", info(event="Lũ ống"), **({"namespace": namespace} if namespace else {}))
    (entry,) = read(atom(holding(document)))
    assert read_cap(entry.document) == read_cap(document.encode())
    assert read_cap(entry.document).event == "Lũ ống"


def test_rss_of_every_age():
    expected = ["https://khi-tuong.example/canh-bao/a.xml"]
    rdf = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">{}</r:RDF>'
    enclosed = '<item><link>trang.html</link><enclosure type="application/cap+xml" url="a.xml" length="1"/></item>'
    for feed in (rss(item("a.xml")), rdf.format("<channel/>" + item("a.xml")), rss(enclosed)):
        assert [it.address for it in read(feed)] == expected


def test_a_document_alone():
    document = cap("t1")
    (entry,) = read(document)
    assert entry.document == document.encode()


def test_the_newest_are_looked_at_first_in_whatever_order_they_stand():
    days = [f"2026-11-{day:02}T08:00:00Z" for day in range(1, 21)]
    entries = read(atom(*(linked(f"{it}.xml", it) for it in days)))
    assert [it.address.rpartition("/")[2] for it in entries] == [f"{it}.xml" for it in reversed(days)]
    many = read(rss(*(item(f"{it}.xml") for it in range(2 * MOST))))
    assert [it.address.rpartition("/")[2] for it in many] == [f"{it}.xml" for it in range(MOST)]


def test_an_entry_is_another_one_once_it_changed():
    before, same, after = (
        read(atom(linked("a.xml", f"2026-11-26T{clock}:00:00Z")))[0].key for clock in ("08", "08", "09")
    )
    assert before == same != after
    (one,), (other,) = read(atom(holding(cap("t1")))), read(atom(holding(cap("t2"))))
    assert one.key != other.key


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "không phải là XML"),
        (b"<rss><channel>", "không phải là XML"),
        (b"\xff\xfe\x00", "không phải là XML"),
        (b"<html><body>Wi-Fi</body></html>", "không trả về"),
        (b'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><rss>&b;</rss>', "nguy hiểm"),
        (b'<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss/>', "nguy hiểm"),
        (b'<?xml version="1.0" encoding="x-nowhere"?><rss/>', "không phải là XML"),
    ],
)
def test_what_is_no_feed(content, what):
    with pytest.raises(Refused, match=what):
        read_feed(content, AT)


def test_entries_that_lead_nowhere_are_passed_over():
    nested = "<entry><content><alert>" + "<a>" * 50_000 + "</a>" * 50_000 + "</alert></content></entry>"
    feed = atom("<entry/>", "<entry><id>x</id></entry>", linked("http://[::1"), nested, linked("a.xml"))
    assert [it.address for it in read(feed) if it.address] == ["https://khi-tuong.example/canh-bao/a.xml"]


hosts, paths = st.from_regex("[a-z]{1,9}", fullmatch=True), st.from_regex("[a-z0-9]{1,6}", fullmatch=True)
addresses = st.builds("https://{}.example/{}?a={}&b={}".format, hosts, paths, paths, paths)
instants = st.datetimes().map(lambda it: it.isoformat(timespec="seconds") + "Z")


@settings(deadline=None)
@given(st.lists(st.tuples(addresses, instants), max_size=8), st.booleans())
def test_it_is_what_another_reader_finds(written, as_atom):
    feed = atom(*(linked(*it) for it in written)) if as_atom else rss(*(item(where) for where, _ in written))
    theirs = [it.links[0].href for it in feedparser.parse(feed.encode()).entries]
    assert sorted(it.address for it in read(feed)) == sorted(theirs)


@settings(deadline=None)
@given(st.binary() | st.text().map(str.encode) | st.text().map(lambda it: atom(it).encode()))
def test_anything_is_read_or_refused(content):
    with suppress(Refused):
        assert all(it.key for it in read_feed(content, AT))
