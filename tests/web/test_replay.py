"""Heard again: by strangers, only by a setting, and never what is not approved at that very moment."""

import datetime as dt
import io
import re
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import feedparser
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect, sync_playwright

from station.clock import Clock
from station.desk.editing import edit_segment
from station.desk.replay import share_replays, shared_file
from station.desk.segments import (
    approve_segment,
    correct_segment,
    describe_segment,
    reject_segment,
    remove_segment,
    take_in_waiting,
)
from station.rules.facts import Facts
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.origin import Origin
from station.rules.rundown import Kind
from station.rules.schedule import Priority, Trigger
from station.stores.home import Home, open_home, places
from station.stores.library import StoredSegment
from tests.airing import air, clip, rebroadcast
from tests.browsing import CHROMIUM, RunningPage
from tests.running import CONFIG, RunningStation
from tests.web.asking import post
from tests.web.shelf import approved, spoken
from tests.web.states import SEEN
from web.joined import JoinedFiles
from web.podcast import Channel, Episode, podcast

PUBLIC = "\n[public]\npage = true\n"
MORNING = SEEN - 12 * HOUR
WORDS = "Trạm y tế tiêm phòng cho trẻ em vào sáng thứ sáu. Đề nghị bà con đưa các cháu đến đúng giờ. "


@pytest.fixture
def public(home: Home) -> Home:
    with home.places.config.open("a") as file:
        file.write(PUBLIC)
    return home


@pytest.fixture
def news(public: Home, tmp_path: Path) -> StoredSegment:
    return spoken(public, tmp_path, "Lịch tiêm phòng", WORDS)


@pytest.fixture
def aired(public: Home, news: StoredSegment) -> str:
    """The address of a programme that aired, and is ready."""
    address = address_of(air(public.log, MORNING, clip(news)))
    share_replays(public, SEEN)
    return address


def address_of(key: str) -> str:
    return "/nghe-lai/" + key.replace("@", "/")


def offered(stranger: FlaskClient) -> list[str]:
    """What a stranger finds: the same titles on the page and in the podcast."""
    shown = re.findall(r'<a class="what" href="[^"]+">([^<]+)</a>', stranger.get("/nghe-lai/").text)
    told = feedparser.parse(stranger.get("/nghe-lai/podcast.xml").data).entries
    assert [it.title.partition(",")[0] for it in told] == shown
    return shown


def assert_gone(stranger: FlaskClient, address: str) -> None:
    assert offered(stranger) == []
    for gone in (address, f"{address}.mp3"):
        answer = stranger.get(gone)
        assert answer.status_code == 404
        assert "Không nghe lại được chương trình này" in answer.text
    assert stranger.get(f"{address}.mp3", headers={"Range": "bytes=0-"}).status_code == 404


def test_there_is_no_such_page_unless_the_station_wants_it(
    home: Home, client: FlaskClient, stranger: FlaskClient, tmp_path: Path
):
    address = address_of(air(home.log, MORNING, clip(spoken(home, tmp_path, "Tin", WORDS))))
    share_replays(home, SEEN)
    assert list(home.places.shared.iterdir()) == []
    for asked in ("/nghe-lai/", "/nghe-lai/podcast.xml", address, f"{address}.mp3"):
        assert stranger.get(asked).status_code == client.get(asked).status_code == 404
    assert "/nghe-lai" not in client.get("/nhat-ky").text


def test_a_stranger_hears_what_aired(
    stranger: FlaskClient, aired: str, public: Home, client: FlaskClient, tmp_path: Path
):
    assert offered(stranger) == ["Bản tin sáng"]
    page = stranger.get(aired)
    assert page.status_code == 200
    assert "Lịch tiêm phòng" in page.text
    sound = stranger.get(f"{aired}.mp3")
    assert sound.mimetype == "audio/mpeg"
    (tmp_path / "x.mp3").write_bytes(sound.data)
    (stored,) = public.library.segments()
    assert seconds(tmp_path / "x.mp3") == pytest.approx(stored.length / 1000, abs=0.2)
    assert 'href="/nghe-lai/"' in client.get("/nhat-ky").text


def seconds(file: Path) -> float:
    """How long a file truly sounds."""
    told = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(file)]
    return float(subprocess.run(told, check=True, capture_output=True, text=True).stdout)


def test_a_programme_is_its_bulletins_in_a_row_without_music_and_without_others(
    public: Home, stranger: FlaskClient, news: StoredSegment, tmp_path: Path
):
    other = spoken(public, tmp_path, "Cắt điện", WORDS * 2, Kind.NOTICE)
    tune = approved(public, "Nhạc hiệu", Kind.IDENT)
    song = approved(public, "Bài hát", Kind.MUSIC)
    key = air(public.log, MORNING, clip(tune), clip(news), rebroadcast(MINUTE), clip(other), clip(song))
    share_replays(public, SEEN)
    assert {it.stem for it in public.places.shared.iterdir()} == {news.ready, other.ready}
    page = stranger.get(address_of(key)).text
    assert re.findall(r'<span class="what">([^<]+)', page) == ["Lịch tiêm phòng", "Cắt điện"]
    whole = stranger.get(f"{address_of(key)}.mp3").data
    parts = [shared_file(public, it).read_bytes() for it in (news, other)]
    assert whole == b"".join(parts)
    joined = tmp_path / "x.mp3"
    joined.write_bytes(whole)
    assert seconds(joined) == pytest.approx((news.length + other.length) / 1000, abs=0.3)
    log = subprocess.run(
        ["ffmpeg", "-v", "warning", "-i", joined, "-f", "null", "-"], capture_output=True, check=True
    )
    (complaint,) = log.stderr.splitlines()
    assert b"Estimating duration" in complaint, "nothing else, where they meet too"


@pytest.mark.parametrize(
    "more",
    [
        {"priority": Priority.EMERGENCY, "trigger": Trigger.HAND},
        {"origin": Origin.PROVINCE},
        {"origin": Origin.CENTRAL},
        {"result": "failed"},
        {"result": "missed"},
        {"result": "cut", "sounded": 2_000},
    ],
)
def test_what_is_not_of_the_commune_or_did_not_air_is_not_there(
    public: Home, stranger: FlaskClient, news: StoredSegment, more: dict
):
    key = air(public.log, MORNING, clip(news), **more)
    share_replays(public, SEEN)
    assert list(public.places.shared.iterdir()) == []
    assert_gone(stranger, address_of(key))


def reject(home: Home, news: StoredSegment) -> None:
    reject_segment(home, news.id, "Sai ngày.", by="Lan", now=SEEN)


def remove(home: Home, news: StoredSegment) -> None:
    remove_segment(home, news.id, by="Lan", now=SEEN)


def expire(home: Home, news: StoredSegment) -> None:
    told = {"title": news.title, "kind": news.kind, "facts": Facts(valid_until=SEEN)}
    describe_segment(home, news.id, by="Lan", now=SEEN, **told)


def make_music(home: Home, news: StoredSegment) -> None:
    describe_segment(home, news.id, title=news.title, kind=Kind.MUSIC, facts=news.facts, by="Lan", now=SEEN)


def edit(home: Home, news: StoredSegment) -> None:
    edit_segment(home, news.id, fade_in=500, by="Lan", now=SEEN)


def edit_and_approve(home: Home, news: StoredSegment) -> None:
    edit(home, news)
    list(take_in_waiting(home))
    approve_segment(home, news.id, by="Lan", now=SEEN)


def correct(home: Home, news: StoredSegment) -> None:
    right = correct_segment(home, news.id, "Tiêm phòng vào sáng thứ bảy.", by="Lan", now=SEEN)
    list(take_in_waiting(home))
    approve_segment(home, right.id, by="Lan", now=SEEN)


def switch_off(home: Home, _: StoredSegment) -> None:
    home.places.config.write_text(home.places.config.read_text().replace(PUBLIC, ""))


@pytest.mark.parametrize("withdraw", [reject, remove, expire, make_music, edit, edit_and_approve, correct])
def test_what_is_withdrawn_is_gone_at_once_and_its_file_soon(
    public: Home,
    stranger: FlaskClient,
    news: StoredSegment,
    aired: str,
    withdraw: Callable[[Home, StoredSegment], None],
):
    assert stranger.get(f"{aired}.mp3").status_code == 200
    withdraw(public, news)
    assert shared_file(public, news).exists(), "it is not by its file that it is found"
    assert_gone(stranger, aired)
    share_replays(public, SEEN)
    assert list(public.places.shared.iterdir()) == []
    assert_gone(stranger, aired)


def test_one_that_is_withdrawn_leaves_the_others_of_its_programme(
    public: Home, stranger: FlaskClient, news: StoredSegment, tmp_path: Path
):
    other = spoken(public, tmp_path, "Cắt điện", WORDS * 2)
    address = address_of(air(public.log, MORNING, clip(news), clip(other)))
    share_replays(public, SEEN)
    before = stranger.get(f"{address}.mp3")
    reject(public, news)
    after = stranger.get(f"{address}.mp3", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.data == shared_file(public, other).read_bytes()
    assert "Lịch tiêm phòng" not in stranger.get(address).text + stranger.get("/nghe-lai/podcast.xml").text


def test_a_station_that_no_longer_wants_it_keeps_no_files(
    public: Home, stranger: FlaskClient, news: StoredSegment, aired: str
):
    switch_off(public, news)
    share_replays(public, SEEN)
    assert list(public.places.shared.iterdir()) == []
    assert stranger.get(aired).status_code == 404


def test_what_aired_longer_ago_than_the_setting_says_is_gone(
    public: Home, stranger: FlaskClient, news: StoredSegment
):
    with public.places.config.open("a") as file:
        file.write("days = 7\n")
    recent = air(public.log, SEEN - 6 * DAY, clip(news), title="Sáu ngày")
    old = air(public.log, SEEN - 8 * DAY, clip(news), title="Tám ngày")
    share_replays(public, SEEN)
    assert offered(stranger) == ["Sáu ngày"]
    assert "7 ngày qua" in stranger.get("/nghe-lai/").text
    assert stranger.get(address_of(recent)).status_code == 200
    assert stranger.get(address_of(old)).status_code == 404


def test_the_room_that_it_takes_is_bounded_and_the_newest_stay(public: Home, stranger: FlaskClient):
    with public.places.config.open("a") as file:
        file.write("room = 10\n")
    lengths = (9 * MINUTE, 9 * MINUTE, 9 * MINUTE)  # 4.3 MB each
    for number, length in enumerate(lengths):
        segment = approved(public, f"Tin {number}", length=length)
        shared_file(public, segment).write_bytes(b"as if it had been made")
        air(public.log, MORNING + number * HOUR, clip(segment), title=f"Buổi {number}")
    share_replays(public, SEEN)
    assert offered(stranger) == ["Buổi 2", "Buổi 1"]


def test_a_page_has_as_many_programmes_as_an_old_phone_bears(
    public: Home, stranger: FlaskClient, news: StoredSegment
):
    for number in range(32):
        air(public.log, MORNING - number * HOUR, clip(news), title=f"Buổi {number}")
    share_replays(public, SEEN)
    first, second = (stranger.get(f"/nghe-lai/?trang={number}").text for number in range(2))
    assert first.count("<audio") == 30
    assert re.findall(r'<a class="what" href="[^"]+">([^<]+)</a>', second) == ["Buổi 30", "Buổi 31"]
    assert "trang=1" in first
    assert "trang=0" in second
    assert "Chưa có chương trình" in stranger.get("/nghe-lai/?trang=9").text


def test_what_cannot_be_made_is_not_offered_and_holds_up_nothing(
    public: Home, stranger: FlaskClient, news: StoredSegment
):
    broken = approved(public, "Hỏng")
    air(public.log, MORNING + HOUR, clip(broken), title="Hỏng")
    air(public.log, MORNING, clip(news), title="Lành")
    share_replays(public, SEEN)
    assert offered(stranger) == ["Lành"]


def test_a_podcast_program_understands_it(stranger: FlaskClient, aired: str, news: StoredSegment):
    answer = stranger.get("/nghe-lai/podcast.xml")
    assert answer.mimetype == "application/rss+xml"
    read = feedparser.parse(answer.data)
    assert not read.bozo
    assert (read.version, read.feed.language, read.feed.title) == ("rss20", "vi", "Đài thử: nghe lại")
    assert read.feed.link == "http://localhost/nghe-lai/"
    (entry,) = read.entries
    assert entry.title == "Bản tin sáng, Thứ Hai 23/11/2026"
    assert entry.summary == "Lịch tiêm phòng"
    assert entry.link == entry.id == f"http://localhost{aired}"
    assert dt.datetime(*entry.published_parsed[:6], tzinfo=dt.UTC).timestamp() == MORNING // 1000
    assert entry.itunes_duration == str(news.length // 1000)
    (sound,) = entry.enclosures
    assert (sound.href, sound.type) == (f"http://localhost{aired}.mp3", "audio/mpeg")
    assert int(sound.length) == len(stranger.get(sound.href).data)
    assert 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"' in answer.text
    assert "<itunes:explicit>false</itunes:explicit>" in answer.text
    assert '<itunes:category text="News">' in answer.text


@given(st.text(min_size=1), st.text())
def test_whatever_it_is_called_a_podcast_program_reads_it(title: str, about: str):
    at = dt.datetime(2026, 11, 23, 5, tzinfo=dt.UTC)
    episode = Episode(title, about, "http://dai/1", "http://dai/1.mp3", 1, 1_000, at)
    read = feedparser.parse(podcast(Channel(title, about, title, "http://dai/", "http://dai/x"), (episode,)))
    assert not read.bozo, read.bozo_exception
    assert len(read.entries) == 1


def test_a_link_that_is_shared_says_what_it_leads_to(stranger: FlaskClient, aired: str):
    page = stranger.get(aired).text
    for name, content in {
        "og:title": "Bản tin sáng, Thứ Hai 23/11/2026",
        "og:description": "Lịch tiêm phòng",
        "og:url": f"http://localhost{aired}",
        "og:audio": f"http://localhost{aired}.mp3",
        "og:site_name": "Đài thử",
        "article:published_time": "2026-11-23T05:08:21+07:00",
    }.items():
        assert f'<meta property="{name}" content="{content}">' in page
    assert f'<link rel="canonical" href="http://localhost{aired}">' in page


def test_typed_words_can_be_read_too(public: Home, stranger: FlaskClient, aired: str):  # noqa: ARG001
    (segment,) = public.library.segments()
    right = correct_segment(public, segment.id, "Tiêm phòng vào sáng thứ bảy.", by="Hòa", now=SEEN)
    list(take_in_waiting(public))
    approve_segment(public, right.id, by="Lan", now=SEEN)
    key = air(public.log, MORNING + HOUR, clip(public.library.known([right.id])[right.id]), title="Đính chính")
    share_replays(public, SEEN)
    assert "Tiêm phòng vào sáng thứ bảy." in stranger.get(address_of(key)).text


def test_everybody_gets_the_same_page_and_caches_may_keep_it_a_minute_but_no_sound(
    app: Flask, client: FlaskClient, stranger: FlaskClient, aired: str
):
    post(client, "/dung-phat", "/dung-phat")  # leaves a message that the next page of theirs shows
    post(client, "/ngon-ngu", "/nhat-ky", language="en", back="/nhat-ky")
    for address in ("/nghe-lai/", aired, "/nghe-lai/podcast.xml"):
        theirs, mine = stranger.get(address), client.get(address)
        assert theirs.data == mine.data
        assert mine.headers["Cache-Control"] == "public, max-age=60"
        assert "Set-Cookie" not in mine.headers
        assert "csrf" not in mine.text
        assert "Lan" not in theirs.text
    sound = stranger.get(f"{aired}.mp3")
    assert sound.headers["Cache-Control"] == "no-cache"
    again = stranger.get(f"{aired}.mp3", headers={"If-None-Match": sound.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert app.test_client().get(f"{aired}/khong-co").status_code == 302, "all else is closed to strangers"


def test_sound_is_sent_in_pieces_that_a_small_machine_can_hold(
    public: Home, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("web.pages.replay._PIECE", 1_000)
    segments = [approved(public, f"Tin {number}") for number in range(3)]
    sounds = [bytes([number]) * (700 * (number + 1)) for number in range(3)]
    address = address_of(air(public.log, MORNING, *map(clip, segments)))
    for segment, sound in zip(segments, sounds, strict=True):
        shared_file(public, segment).write_bytes(sound)
    whole = b"".join(sounds)
    sent, asked = b"", 0
    while len(sent) < len(whole):
        answer = stranger.get(f"{address}.mp3", headers={"Range": f"bytes={len(sent)}-"})
        assert answer.status_code == 206
        end = len(sent) + len(answer.data)
        assert answer.headers["Content-Range"] == f"bytes {len(sent)}-{end - 1}/{len(whole)}"
        assert 0 < len(answer.data) <= 1_000
        sent, asked = sent + answer.data, asked + 1
    assert sent == whole
    assert asked == 5
    for wanted, got in {"bytes=650-750": whole[650:751], "bytes=-20": whole[-20:], "bytes=0-0": whole[:1]}.items():
        assert stranger.get(f"{address}.mp3", headers={"Range": wanted}).data == got
    beyond = stranger.get(f"{address}.mp3", headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416
    assert stranger.get(f"{address}.mp3").data == whole
    assert stranger.head(f"{address}.mp3").content_length == len(whole)
    old = stranger.get(f"{address}.mp3", headers={"Range": "bytes=10-", "If-Range": '"another"'})
    assert (old.status_code, old.data) == (200, whole), "a part of what it was before would not fit"


def test_joined_files_are_read_like_one(tmp_path: Path):
    contents = [b"abc", b"", b"defgh", b"i"]
    paths = [tmp_path / str(number) for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    one = b"".join(contents)
    with JoinedFiles(paths) as joined:
        assert (joined.size, joined.seek(0, io.SEEK_END)) == (9, 9)
        for at in range(10):
            for count in range(10 - at):
                joined.seek(at)
                read = b""
                while len(read) < count:
                    read += joined.read(count - len(read))
                assert read == one[at : at + count]
        joined.seek(9)
        assert joined.read(5) == b""
    with JoinedFiles([]) as nothing:
        assert nothing.read(5) == b""


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_a_phone_plays_it_to_its_end_and_from_anywhere(
    public: Home, news: StoredSegment, address: str, monkeypatch: pytest.MonkeyPatch, width: int
):
    monkeypatch.setattr("web.pages.replay._PIECE", 40_000)  # five seconds: many pieces
    shared = address_of(air(public.log, MORNING, clip(news), clip(news)))
    share_replays(public, SEEN)
    length = 2 * news.length / 1000
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        page = browser.new_page(viewport={"width": width, "height": 740})
        for seen in ("/nghe-lai/", shared):
            page.goto(address + seen)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        audio = page.locator("audio")
        expect(audio).to_be_visible()
        audio.evaluate("it => { it.muted = true; it.playbackRate = 8; it.play(); }")
        page.wait_for_function("() => document.querySelector('audio').ended", timeout=60_000)
        assert audio.evaluate("it => it.duration") == pytest.approx(length, abs=0.5)
        audio.evaluate("(it, at) => { it.currentTime = at; it.play(); }", length / 2)
        page.wait_for_function(f"() => document.querySelector('audio').currentTime > {length / 2 + 0.5}")
        browser.close()


def test_strangers_who_listen_slowly_hold_nobody_up(tmp_path: Path):
    with RunningStation(tmp_path, CONFIG + PUBLIC) as station:
        home, now = open_home(places(station.home)), Clock().now().wall
        segments = [approved(home, f"Tin {number}") for number in range(2)]
        sounds = [bytes([number]) * 10_000_000 for number in range(2)]
        for segment, sound in zip(segments, sounds, strict=True):
            shared_file(home, segment).write_bytes(sound)
        shared = f"{address_of(air(home.log, now - HOUR, *map(clip, segments)))}.mp3"
        with RunningPage(station) as page:
            assert requests.get(f"{page.address}/nghe-lai/", timeout=30).ok
            before = memory(page.pid)
            waiting = [ask_for(page, shared, asked) for asked in ("", "Range: bytes=0-\r\n") for _ in range(20)]
            assert "Bản tin sáng" in requests.get(f"{page.address}/nghe-lai/", timeout=5).text
            assert memory(page.pid) - before < 60_000, "kB, for forty who have not taken theirs in"
            for link in waiting:
                link.close()
            assert requests.get(page.address + shared, timeout=30).content == b"".join(sounds)


def memory(pid: int) -> int:
    """What a process holds, in kB."""
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


def ask_for(page: RunningPage, address: str, header: str) -> socket.socket:
    """Ask, see that it comes, and take in no more."""
    link = socket.create_connection(page.place)
    link.sendall(f"GET {address} HTTP/1.1\r\nHost: dai\r\n{header}\r\n".encode())
    assert link.recv(12) in {b"HTTP/1.1 200", b"HTTP/1.1 206"}
    return link
