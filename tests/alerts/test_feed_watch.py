"""A feed is watched: what is new and for this station is found, once; nothing that a stranger answers does harm."""

import gzip
import tracemalloc
from itertools import repeat
from threading import Event

import pytest
from attrs import evolve

from station.alerts.feed_watch import Watch
from station.clock import Clock
from station.province.link import Patience
from station.rules.alerting.alert import MessageType, Severity
from station.rules.alerting.cap import read_cap, write_cap
from station.rules.trouble import Refused
from station.stores.config import FeedConfig
from tests.alerts.feed_files import (
    AROUND,
    CAP_11,
    ELSEWHERE,
    NEAR,
    SENDER,
    atom,
    cap,
    holding,
    info,
    instant,
    item,
    linked,
    rss,
)
from tests.alerts.feed_server import FeedServer
from tests.province.odd_server import OddServer, answer

PLACE = (22.83, 104.98)
FEED = FeedConfig("Khí tượng", "", ("Hương Sơn", "24169"))
CODED = "<areaDesc>Xã</areaDesc><geocode><valueName>dvhc</valueName><value>24169</value></geocode>"
IMPATIENT = Patience(silence=2, head=4)  # with who never answers


def watch(address, *, taken=lambda _: False, place=None, patience=None, **changes) -> Watch:
    return Watch("thu", evolve(FEED, address=address, **changes), place, taken, Clock(), patience)


def found(watched: Watch) -> list[str]:
    """The identifiers of what a look brings, as if all of it was taken in."""
    look = watched.look()
    for it in look.found:
        watched.settle(it)
    return [it.alert.identifier for it in look.found]


def why(server, document, **changes) -> str:
    watched = watch(server.put("cap.xml", document), **changes)
    (it,) = watched.look().found
    return watched.weigh(it.alert)[1]


@pytest.mark.parametrize(
    ("document", "changes", "expected"),
    [
        (cap("a"), {}, ""),
        (cap("a", namespace=CAP_11), {}, ""),
        (cap("a", info(ELSEWHERE)), {}, "ở vùng khác"),
        (cap("a", info(CODED)), {}, ""),
        (cap("a", info(AROUND)), {}, "ở vùng khác"),
        (cap("a", info(AROUND)), {"place": PLACE}, ""),
        (cap("a", info(NEAR)), {"place": PLACE, "areas": ()}, ""),
        (cap("a", info(NEAR)), {"place": (21.03, 105.85), "areas": ()}, "ở vùng khác"),
        (cap("a", info(severity="Minor")), {}, "nhẹ hơn mức đã chọn"),
        (cap("a", info(severity="Moderate")), {}, ""),
        (cap("a", info()), {"severity": Severity.EXTREME}, "nhẹ hơn mức đã chọn"),
        (cap("a", info(expires=-1)), {}, "đã hết hạn"),
        (cap("a", status="Exercise"), {}, "chỉ là tin thử"),
        (cap("a", status="Test"), {}, "chỉ là tin thử"),
        (cap("a", kind="Ack"), {}, "không phải là cảnh báo"),
        (cap("a", kind="Cancel", references=f"{SENDER},b,{instant()}"), {}, "không phải là cảnh báo"),
        (cap("a", info(language="en-GB", severity="Minor"), info(severity="Severe")), {}, ""),
    ],
)
def test_what_is_for_this_station(server, document, changes, expected):
    assert why(server, document, **changes) == expected


def test_of_several_languages_it_is_vietnamese(server):
    document = cap("a", info(language="en-GB", event="Flood"), info(event="Lũ"), info(language="fr", event="Crue"))
    (it,) = watch(server.put("cap.xml", document)).look().found
    assert it.alert.event == "Lũ"


@pytest.mark.parametrize("kind", ["Update", "Cancel"])
def test_what_is_not_for_this_station_any_more_ends_what_was(server, kind):
    sent = instant(-5)
    first = watch(server.put("cap.xml", cap("a", sent=sent))).look().found[0].alert
    document = cap("b", info(ELSEWHERE, severity="Minor"), kind=kind, references=f"{SENDER},a,{sent}")
    watched = watch(server.put("cap.xml", document), taken=lambda it: it == first.id)
    alert, why_not = watched.weigh(watched.look().found[0].alert)
    assert not why_not
    assert alert.kind is MessageType.CANCEL
    assert alert.references == (first.me,)
    assert why(server, document) != ""


def test_an_update_that_is_for_this_station_stays_one(server):
    sent = instant(-5)
    first = watch(server.put("cap.xml", cap("a", sent=sent))).look().found[0].alert
    document = cap("b", info(event="Lũ lớn"), kind="Update", references=f"{SENDER},a,{sent}")
    watched = watch(server.put("cap.xml", document), taken=lambda it: it == first.id)
    alert, why_not = watched.weigh(watched.look().found[0].alert)
    assert not why_not
    assert (alert.kind, alert.event) == (MessageType.UPDATE, "Lũ lớn")


def test_what_a_feed_says_is_known_by_the_feed_whoever_it_claims_to_be_from(server):
    address = server.put("cap.xml", cap("a", sent=instant(-5), references=f"{SENDER},b,{instant(-9)}"))
    alert = watch(address).look().found[0].alert
    theirs = read_cap(cap("a", sent=instant(-5)).encode())
    assert alert.sender == f"feed:thu/{SENDER}"
    assert alert.sender_name == SENDER
    assert alert.references[0].sender == f"feed:thu/{SENDER}"
    assert alert.id != theirs.id
    assert read_cap(write_cap(alert)) == alert


@pytest.mark.parametrize("kind", ["Update", "Cancel"])
def test_what_comes_after_its_end_is_not_for_this_station(server, kind):
    sent = instant(-5)
    later = cap("b", info(ELSEWHERE), kind=kind, references=f"{SENDER},a,{sent}")
    watched = watch(server.put("feed.atom", atom(holding(later))))
    assert found(watched) == ["b"]
    server.put("feed.atom", atom(holding(later), holding(cap("a", sent=sent))))
    (it,) = [it for it in watched.look().found if it.alert.identifier == "a"]
    assert watched.weigh(it.alert)[1] == "đã được thay hoặc hủy"


def test_each_is_found_once_and_the_oldest_first(server):
    server.put("a.xml", cap("a", sent=instant(-2)))
    server.put("b.xml", cap("b", sent=instant(-3)))
    feed = atom(linked("a.xml"), linked("b.xml"), holding(cap("c", sent=instant(-1))))
    watched = watch(server.put("feed.atom", feed))
    assert found(watched) == ["b", "a", "c"]
    server.asked.clear()
    assert found(watched) == []
    assert server.asked == [("/feed.atom", 304)]


def test_what_changed_and_what_was_added_is_found(server):
    server.put("a.xml", cap("a"))
    server.put("b.xml", cap("b"))
    watched = watch(server.put("feed.xml", rss(item("a.xml"))))
    assert found(watched) == ["a"]
    server.put("feed.xml", rss(item("a.xml", "Thu, 26 Nov 2026 16:00:00 +0700"), item("b.xml")))
    server.put("a.xml", cap("a2"))
    assert sorted(found(watched)) == ["a2", "b"]


def test_what_was_not_taken_in_is_found_again_a_few_times(server):
    watched = watch(server.put("cap.xml", cap("a")))
    for _ in range(3):
        (it,) = watched.look().found
        watched.settle(it, done=False)
    assert watched.look().found == ()


def test_a_look_fetches_few_documents_and_the_next_one_goes_on(server):
    for number in range(30):
        server.put(f"{number}.xml", cap(f"n{number}"))
    watched = watch(server.put("feed.xml", rss(*(item(f"{it}.xml") for it in range(30)))))
    assert len(found(watched)) == 20
    assert len(server.asked) == 21
    assert len(found(watched)) == 10
    assert found(watched) == []


def test_dead_links_do_not_keep_it_from_the_living(server):
    server.put("z.xml", cap("z"))
    feed = rss(*(item(f"dead{it}.xml") for it in range(25)), item("z.xml"), holding(cap("inside")))
    watched = watch(server.put("feed.xml", feed))
    with pytest.raises(Refused, match="404"):
        watched.look()
    assert sorted(found(watched)) == ["inside", "z"]


def test_a_wrong_document_harms_no_other(server):
    server.put("bad.xml", "<html/>")
    server.put("bomb.xml", '<!DOCTYPE x [<!ENTITY a "aaaa">]><alert>&a;</alert>')
    server.put("a.xml", cap("a"))
    watched = watch(server.put("feed.atom", atom(linked("bad.xml"), linked("bomb.xml"), linked("a.xml"))))
    look = watched.look()
    assert [it.alert.identifier for it in look.found] == ["a"]
    assert len(look.unreadable) == 2
    assert look.entries == 3


def pieces(head: bytes, piece: bytes, count: int | None = None):
    yield head
    yield from repeat(piece) if count is None else repeat(piece, count)


ENDLESS = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n"
BOMB = gzip.compress(bytes(64 << 20))


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        (lambda *_: pieces(answer(Content_Length=str(50 << 20)), bytes(1 << 16), 800), "lớn hơn 1024 KB"),
        (lambda *_: pieces(ENDLESS, b"<rss>" * 1000), "lớn hơn 1024 KB"),
        (lambda *_: [answer(BOMB, Content_Encoding="gzip")], "lớn hơn 1024 KB"),
        (lambda *_: [answer(b"nonsense", Content_Encoding="gzip")], "bị hỏng"),
        (lambda *_: [answer(b"x", Content_Encoding="br")], "bị hỏng"),
        (lambda *_: [answer(b"<p>Wi-Fi</p>", Content_Type="text/html")], "trang web"),
        (lambda *_: [answer(b"<html><p>Wi-Fi</p></html>")], "không trả về"),
        (lambda *_: [answer(status="302 Found", Location="file:///etc/passwd")], "không phải http"),
        (lambda *_: [answer(status="302 Found", Location="ftp://127.0.0.1/x")], "không phải http"),
        (lambda *_: [answer(status="301 Moved", Location="/again")], "quá nhiều lần"),
        (lambda *_: [answer(status="302 Found", Location="http://[::1")], "viết sai"),
        (lambda *_: [answer(status="503 Busy")], "lỗi 503"),
        (lambda *_: [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<rss>"], "im lặng|Không nối"),
        (lambda *_: [b"\x00\xff" * 100], "im lặng|Không nối"),
        (lambda *_: [], "im lặng|Không nối"),
        (lambda *_: [answer(b"")], "không phải là XML"),
    ],
)
def test_whatever_a_server_answers_is_refused_in_bounds(answers, what):
    with OddServer(answers) as server:
        watched = watch(server.address, patience=IMPATIENT)
        tracemalloc.start()
        try:
            with pytest.raises(Refused, match=what):
                watched.look()
            assert tracemalloc.get_traced_memory()[1] < 8 << 20
        finally:
            tracemalloc.stop()


def test_who_never_ends_the_head_of_an_answer_is_not_asked_again_meanwhile():
    over = Event()

    def answers(*_):
        yield b"HTTP/1.1 200 OK\r\n"
        while not over.wait(0.1):
            yield b"X-More: and more\r\n"

    with OddServer(answers) as server:
        watched = watch(server.address, patience=IMPATIENT)
        for _ in range(5):
            with pytest.raises(Refused, match="im lặng"):
                watched.look()
        assert len(server.asked) == 1
        over.set()


def test_nobody_there():
    with OddServer(lambda *_: []) as server:
        address = server.address
    with pytest.raises(Refused, match="Không nối được"):
        watch(address).look()


def test_a_redirect_to_another_place_is_followed(server):
    server.put("cap.xml", cap("a"))
    with OddServer(lambda *_: [answer(status="302 Found", Location=f"{server.address}cap.xml")]) as odd:
        assert found(watch(odd.address)) == ["a"]


def test_what_is_had_over_tls_is_never_had_without(tmp_path, monkeypatch, server):
    with FeedServer(tmp_path / "tls-web", tmp_path / "tls") as secret:
        with pytest.raises(Refused, match="Chứng chỉ"):
            watch(secret.put("cap.xml", cap("a"))).look()
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(secret.authority))
        assert found(watch(secret.put("cap.xml", cap("a")))) == ["a"]
        elsewhere = server.put("cap.xml", cap("b"))
        feed = secret.put("feed.atom", atom(linked(elsewhere), linked("cap.xml")))
        look = watch(feed).look()
        assert [it.alert.identifier for it in look.found] == ["a"]
        assert "không mã hóa" in look.unreadable[0].what
        assert server.asked == []
