"""Feeds at a station: proposed to its operator, or by rule the cause of the commune's own words."""

import subprocess
import sys
from threading import Event

import pytest
from attrs import evolve

from station.alerts.feed_watch import Watch
from station.alerts.feeds import Feeds, Watcher
from station.alerts.inbox import Inbox
from station.clock import Clock
from station.desk import alerts as alerts_desk
from station.desk import feeds as feeds_desk
from station.desk.alerting import alert_broadcast
from station.desk.alerts import Became
from station.desk.timetable import read_plan
from station.rules.alerting.policy import Decision
from station.rules.now import HOUR, MINUTE
from station.rules.rundown import Clip, Signal, Spoken, Tone
from station.rules.trouble import Refused
from station.stores.feed_states import FeedStates
from station.stores.home import open_home, places
from tests.alerts.feed_files import ELSEWHERE, SENDER, atom, cap, holding, info, instant
from tests.province.odd_server import OddServer, answer
from tests.rig.tapes import noise, write_tape
from tests.rig.waiting import wait_until
from tests.running import CONFIG

OURS = "Có cảnh báo thiên tai. Đề nghị bà con theo dõi và làm theo hướng dẫn của xã."
FEED = """
[feeds.{name}]
title = "Khí tượng"
address = "{address}"
areas = ["Hương Sơn"]
"""
RULE = f"""
[emergency]
repeats = 1
[[alerts.rule]]
from = "feed:khi-tuong"
severity = "Severe"
does = "air"
say = "{OURS}"
"""


class Later(Clock):
    """A clock that a test sets on."""

    def __init__(self) -> None:
        super().__init__(always_trusted=True)
        self.by, self.trusted, self.read = 0, True, 0

    def now(self):
        self.read += 1
        now = super().now()
        return evolve(now, wall=now.wall + self.by, mono=now.mono + self.by, trusted=self.trusted)


class Station:
    """A home with one feed, whose looks a test has one at a time; no player runs."""

    def __init__(self, folder, address: str, more: str = "") -> None:
        folder.mkdir(exist_ok=True)
        config = CONFIG.replace("{device}", "none") + FEED.format(name="khi-tuong", address=address) + more
        (folder / "station.toml").write_text(config)
        self.home, self.clock = open_home(places(folder)), Later()
        assert self.home.config().troubles == ()
        self.inbox = Inbox(self.home, self.clock)
        self.states = FeedStates(self.home.places.run)
        feed = self.home.config().config.feeds["khi-tuong"]
        watch = Watch("khi-tuong", feed, None, self._has, self.clock)
        self._watcher = Watcher("khi-tuong", feed, watch, self.states, self.clock, self.inbox.take_from_feed)

    def _has(self, alert: str) -> bool:
        return self.home.alerts.find(alert) is not None

    def look(self):
        """Look once; gives what the operator sees, by identifier."""
        self._watcher.look(Event())
        now = self.clock.now().wall
        return {it.kept.alert.identifier: it for it in alerts_desk.alerts(self.home, now)}

    def broadcast(self, shown):
        """What the player would make of an alert."""
        return alert_broadcast(self.home, read_plan(self.home), shown.kept, self.clock.now(), "đài")


@pytest.fixture
def station(tmp_path, server):
    made = Station(tmp_path / "home", server.address + "feed.atom")
    yield made
    made.inbox.close()


def test_what_concerns_the_commune_is_proposed_and_nothing_else(server, station):
    server.put("feed.atom", atom(holding(cap("a")), holding(cap("b", info(ELSEWHERE)))))
    shown = station.look()
    assert {it: shown[it].became for it in shown} == {"a": Became.WAITING}
    assert shown["a"].proposed
    assert shown["a"].kept.origin == "feed:khi-tuong"
    assert station.look() == shown
    with pytest.raises(Refused):
        station.broadcast(shown["a"])


def test_an_update_replaces_and_a_cancel_cancels_what_was_proposed(server, station):
    sent, updated = instant(-9), instant(-5)
    entries = [holding(cap("a", sent=sent))]
    server.put("feed.atom", atom(*entries))
    station.look()
    update = cap("b", info(event="Lũ lớn"), sent=updated, kind="Update", references=f"{SENDER},a,{sent}")
    entries.append(holding(update))
    server.put("feed.atom", atom(*entries))
    shown = station.look()
    assert (shown["a"].became, shown["b"].became) == (Became.REPLACED, Became.WAITING)
    entries.append(holding(cap("c", kind="Cancel", references=f"{SENDER},b,{updated}")))
    server.put("feed.atom", atom(*entries))
    shown = station.look()
    assert shown["b"].became is Became.CANCELLED
    assert not shown["c"].proposed


def test_an_update_for_elsewhere_ends_what_was_proposed(server, station):
    sent = instant(-9)
    server.put("feed.atom", atom(holding(cap("a", sent=sent))))
    station.look()
    server.put(
        "feed.atom", atom(holding(cap("b", info(ELSEWHERE), kind="Update", references=f"{SENDER},a,{sent}")))
    )
    shown = station.look()
    assert shown["a"].became is Became.CANCELLED
    assert not shown["b"].proposed


def test_after_a_restart_nothing_is_proposed_again(tmp_path, server, station):
    server.put("feed.atom", atom(holding(cap("a"))))
    shown = station.look()
    alerts_desk.dismiss(station.home, shown["a"].kept.id, by="Lan", now=station.clock.now().wall)
    again = Station(tmp_path / "home", server.address + "feed.atom")
    assert again.look()["a"].became is Became.DISMISSED
    again.inbox.close()


def test_a_rule_sets_off_the_commune_s_words_and_no_word_of_the_feed(tmp_path, secret):
    secret.put("feed.atom", atom(holding(cap("a"))))
    station = Station(tmp_path / "home", secret.address + "feed.atom", RULE)
    shown = station.look()["a"]
    assert shown.kept.decision is Decision.AIR
    tone, said = station.broadcast(shown).programme.parts
    assert tone == Tone(Signal.ATTENTION)
    assert isinstance(said, Spoken)
    assert said.text == OURS
    station.inbox.close()


@pytest.mark.parametrize("approved", [True, False])
def test_a_rule_sets_off_a_segment_that_the_commune_approved_or_nothing(tmp_path, secret, approved):
    rule = RULE.replace(f'say = "{OURS}"', 'play = "bao-lu"')
    secret.put("feed.atom", atom(holding(cap("a"))))
    station = Station(tmp_path / "home", secret.address + "feed.atom", rule)
    file = write_tape(tmp_path / "bao-lu.wav", noise(3_000), silence=0).path
    add = ("add", file, *(["--approve"] if approved else []))
    subprocess.run([sys.executable, "-m", "station", "--home", tmp_path / "home", *add], check=True)
    shown = station.look()["a"]
    if approved:
        tone, clip = station.broadcast(shown).programme.parts
        assert tone == Tone(Signal.ATTENTION)
        assert isinstance(clip, Clip)
        assert clip.title == "bao-lu"
    else:
        with pytest.raises(Refused):
            station.broadcast(shown)
    station.inbox.close()


def test_without_tls_a_rule_only_proposes(tmp_path, server):
    server.put("feed.atom", atom(holding(cap("a"))))
    station = Station(tmp_path / "home", server.address + "feed.atom", RULE)
    shown = station.look()["a"]
    assert (shown.kept.decision, shown.became) == (Decision.PROPOSE, Became.WAITING)
    assert "http" in shown.kept.reason
    station.inbox.close()


def test_what_is_less_severe_than_the_rule_says_is_proposed(tmp_path, secret):
    secret.put("feed.atom", atom(holding(cap("a", info(severity="Moderate")))))
    station = Station(tmp_path / "home", secret.address + "feed.atom", RULE)
    assert station.look()["a"].kept.decision is Decision.PROPOSE
    station.inbox.close()


def test_a_feed_out_of_reach_is_told_after_an_hour_and_no_more_once_it_is_back(server, station):
    station.look()
    assert station.states.all()["khi-tuong"].trouble is None
    station.clock.by += HOUR - MINUTE
    station.look()
    assert station.states.troubles(["khi-tuong"]) == ()
    station.clock.by += 2 * MINUTE
    station.look()
    (trouble,) = station.states.troubles(["khi-tuong"])
    assert trouble.where == "Khí tượng"
    assert "404" in trouble.what
    server.put("feed.atom", atom(holding(cap("a", info(expires=999)))))
    station.look()
    state = station.states.all()["khi-tuong"]
    assert (state.trouble, state.alerts_seen) == (None, 1)
    assert state.read_at


def test_a_feed_that_floods_is_taken_in_little_by_little(server, station):
    server.put("feed.atom", atom(*(holding(cap(f"n{it}")) for it in range(50))))
    station.look()
    shown = station.look()
    assert len(shown) == 20
    (trouble,) = station.states.troubles(["khi-tuong"])
    assert "quá nhiều cảnh báo" in trouble.what
    station.clock.by += HOUR // 2
    assert len(station.look()) == 30


def test_a_trial_says_what_would_be_and_does_nothing(server, station):
    sent = instant(-9)
    server.put(
        "feed.atom",
        atom(
            holding(cap("a", sent=sent)),
            holding(cap("b", info(ELSEWHERE), sent=instant(-8))),
            holding(cap("c", kind="Cancel", references=f"{SENDER},a,{sent}", sent=instant(-7))),
            holding("<alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'/>"),
            holding(cap("d", sent=instant(-6))),
        ),
    )
    trial = feeds_desk.try_feed(station.home, "khi-tuong")
    decided = {it.alert.identifier: (it.decision, it.why) for it in trial.alerts}
    assert decided["a"] == (None, "Bỏ qua: đã được thay hoặc hủy.")
    assert decided["b"] == (None, "Bỏ qua: ở vùng khác.")
    assert decided["d"][0] is Decision.PROPOSE
    assert trial.entries == 5
    assert len(trial.unreadable) == 1
    assert alerts_desk.alerts(station.home, station.clock.now().wall) == ()
    with pytest.raises(Refused, match="khi-tuong"):
        feeds_desk.try_feed(station.home, "khi-tuonh")


def test_one_bad_feed_holds_up_no_other(tmp_path, server):
    over = Event()

    def endless(*_):
        yield answer(Content_Length="")
        while not over.wait(0.05):
            yield b"<rss>"

    server.put("feed.atom", atom(holding(cap("a"))))
    with OddServer(endless) as odd:
        more = FEED.format(name="xau", address=odd.address)
        station = Station(tmp_path / "home", server.address + "feed.atom", more)
        feeds = Feeds(station.home, station.clock, station.inbox.take_from_feed)
        feeds.begin()
        wait_until(lambda: odd.asked and station.states.all(), 20)
        wait_until(lambda: station.home.alerts.newest(9), 20)
        feeds.close()
        over.set()
    station.inbox.close()


def test_by_a_clock_that_may_be_wrong_nothing_is_read(server, station):
    server.put("feed.atom", atom(holding(cap("a"))))
    station.clock.trusted = False
    feeds = Feeds(station.home, station.clock, station.inbox.take_from_feed)
    before = station.clock.read
    feeds.begin()
    wait_until(lambda: station.clock.read > before, 20)
    feeds.close()
    assert server.asked == []
