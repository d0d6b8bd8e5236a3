"""A station with a feed, from the feed to the horns: its player, its listener, and a server of a stranger's."""

import json

from station.clock import Clock
from station.desk import alerts as alerts_desk
from station.rules.alerting.policy import Decision
from station.stores.home import open_home, places
from tests.alerts.feed_files import atom, cap, holding
from tests.alerts.test_feeds import FEED, OURS, RULE
from tests.rig.waiting import wait_until
from tests.running import CONFIG, RunningStation


def running_station(folder, server, more: str) -> RunningStation:
    config = CONFIG + FEED.format(name="khi-tuong", address=server.address + "feed.atom") + more
    return RunningStation(folder, config, "none")


def test_a_proposal_is_aired_once_a_person_says_so(tmp_path, server):
    server.put("feed.atom", atom(holding(cap("a"))))
    with running_station(tmp_path, server, "[emergency]\nrepeats = 1\n").start() as running:
        home = open_home(places(running.home))
        wait_until(lambda: home.alerts.newest(1), 60)
        (kept,) = home.alerts.newest(9)
        assert kept.decision is Decision.PROPOSE
        wait_until(lambda: running.json("feeds")[0]["read_at"], 20)
        assert running.results() == []
        done = alerts_desk.air(home, kept.id, by="Lan", now=Clock().now().wall)
        assert done.done, done
        assert running.results() == [(f"canh-bao/{kept.id}", None)]


def test_a_rule_airs_the_commune_s_words_by_itself(tmp_path, secret):
    secret.put("feed.atom", atom(holding(cap("a"))))
    with running_station(tmp_path, secret, RULE).start() as running:
        labels = running.home / "tapes"
        wait_until(lambda: [*labels.glob("canh-bao-*.json")], 60)
        (label,) = labels.glob("canh-bao-*.json")
        assert [it["title"] for it in json.loads(label.read_text())["marks"]] == ["Hiệu báo khẩn", OURS]
        wait_until(running.on_air, 60)
        ((schedule, _),) = running.results()
        assert schedule.startswith("canh-bao/")
