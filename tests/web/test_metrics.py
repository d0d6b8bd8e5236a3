"""The station's figures for Prometheus: at a private address, true now or not told at all."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import urlsplit

import attrs
import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from station.care.disk import Disk
from station.care.power import Power, decoded
from station.rules.now import HOUR, MINUTE
from station.rules.roles import Role
from station.stores.backups import Backups, LastBackup
from station.stores.home import Home
from station.stores.listening import Listening, ListeningFile
from tests.airing import air
from tests.web.linked import GOOD
from tests.web.states import ON_AIR, SEEN, STATUS

POWER = attrs.asdict(decoded(0x50004))
PLAYERS_OWN = {
    "loaxa_on_air",
    "loaxa_zone_on",
    "loaxa_zone_fault",
    "loaxa_faults",
    "loaxa_next_broadcast_timestamp_seconds",
    "loaxa_clock_trusted",
    "loaxa_push_connected",
    "loaxa_undervoltage",
    "loaxa_throttled",
}


def address(client: FlaskClient) -> str:
    """Where the figures are, as the page tells its technician."""
    shown = unescape(client.get("/he-thong/").text)
    path = re.search(r"metrics_path: (\S+)", shown)
    assert path and "scheme: http\n" in shown and 'targets: ["localhost"]' in shown
    return path[1]


def figures(client: FlaskClient, path: str) -> dict[tuple[str, ...], float]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    return {
        (it.name, *it.labels.values()): it.value
        for family in text_string_to_metric_families(answer.text)
        for it in family.samples
    }


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Callable[[Disk], None]:
    """Puts another disk under the station."""
    return lambda disk: monkeypatch.setattr("station.desk.metrics.read_disk", lambda _: disk)


@pytest.mark.usefixtures("enrolled")
def test_what_a_prometheus_scrapes(home: Home, client: FlaskClient, stranger: FlaskClient, player, card):
    card(Disk(total=1 << 35, free=1 << 34, written=3 << 30, errors=2, worn=30))
    zones = [{**STATUS["zones"][0], "on": True}, {**STATUS["zones"][1], "fault": "Chân 27 không mở được."}]
    fault = {"where": "Thôn Đông", "what": "Chân 27 không mở được.", "still": "", "mend": ""}
    coming = [
        {"title": "Nhường", "start": "2026-11-23T17:30:00+07:00", "airs": False},
        {"title": "Bản tin tối", "start": "2026-11-23T18:00:00+07:00", "airs": True},
    ]
    player["status"] = {
        **STATUS,
        "on_air": ON_AIR,
        "zones": zones,
        "faults": [fault],
        "next": coming,
        "power": POWER,
    }
    ListeningFile(home.places.run).note(Listening(SEEN, connected=True, broker="mqtts://loa.example:8883"))
    air(home.log, SEEN - HOUR)
    air(home.log, SEEN - 2 * HOUR)
    air(home.log, SEEN - 3 * HOUR, result="cut", reason="Lan đã bấm Dừng phát.", sounded=MINUTE)
    Backups(home.places.backup).note(LastBackup(SEEN, 5))
    found = figures(stranger, address(client))
    told = {
        ("loaxa_player_up",): 1,
        ("loaxa_on_air",): 1,
        ("loaxa_zone_on", "bac"): 1,
        ("loaxa_zone_on", "dong"): 0,
        ("loaxa_zone_fault", "bac"): 0,
        ("loaxa_zone_fault", "dong"): 1,
        ("loaxa_faults",): 1,
        ("loaxa_next_broadcast_timestamp_seconds",): SEEN // MINUTE * 60 + 52 * 60,
        ("loaxa_clock_trusted",): 1,
        ("loaxa_push_connected",): 1,
        ("loaxa_undervoltage", "now"): 0,
        ("loaxa_undervoltage", "since_start"): 1,
        ("loaxa_throttled", "now"): 1,
        ("loaxa_throttled", "since_start"): 1,
        ("loaxa_disk_read_only",): 0,
        ("loaxa_disk_written_bytes_total",): 3 << 30,
        ("loaxa_disk_errors",): 2,
        ("loaxa_disk_worn_ratio",): 0.3,
        ("loaxa_broadcasts_total", "aired"): 2,
        ("loaxa_broadcasts_total", "cut"): 1,
        ("loaxa_broadcasts_total", "missed"): 0,
        ("loaxa_broadcasts_total", "failed"): 0,
        ("loaxa_last_backup_timestamp_seconds",): SEEN / 1000,
        ("loaxa_last_sync_timestamp_seconds",): GOOD.good_at / 1000,
    }
    assert {name: found.get(name) for name in told} == told
    assert found["loaxa_disk_free_bytes",] == 1 << 34
    assert {name[0] for name in found} >= PLAYERS_OWN


def test_of_a_dead_player_nothing_is_told_that_was_true_once(home: Home, client: FlaskClient, player):
    path = address(client)
    ListeningFile(home.places.run).note(Listening(SEEN, connected=True, broker="mqtts://loa.example:8883"))
    assert figures(client, path)["loaxa_player_up",] == 1
    player["off"]()
    found = figures(client, path)
    assert found["loaxa_player_up",] == 0
    assert not PLAYERS_OWN & {name[0] for name in found}
    assert ("loaxa_disk_free_bytes",) in found


@pytest.mark.usefixtures("player")
def test_a_listener_that_fell_silent_is_not_taken_to_hear(home: Home, client: FlaskClient):
    path = address(client)
    file, heard = ListeningFile(home.places.run), Listening(SEEN, connected=True, broker="mqtts://loa.example:8883")
    file.note(heard)
    assert figures(client, path)["loaxa_push_connected",] == 1
    file.note(attrs.evolve(heard, at=SEEN - 4 * MINUTE))
    assert figures(client, path)["loaxa_push_connected",] == 0


def test_what_a_machine_does_not_tell_is_left_out(client: FlaskClient, player, card):
    card(Disk(total=1 << 35, free=1 << 34))
    path = address(client)
    player["status"] = {**STATUS, "power": attrs.asdict(Power(low=True))}
    found = figures(client, path)
    assert {name for name in found if name[0] in {"loaxa_undervoltage", "loaxa_throttled"}} == {
        ("loaxa_undervoltage", "now")
    }
    assert {name[0] for name in found if "_disk_" in name[0]} == {"loaxa_disk_free_bytes", "loaxa_disk_read_only"}
    player["status"] = {**STATUS, "power": None}
    assert not {"loaxa_undervoltage", "loaxa_throttled"} & {name[0] for name in figures(client, path)}


def test_the_address_is_private(app: Flask, client: FlaskClient, stranger: FlaskClient, player, someone):  # noqa: ARG001
    path = address(client)
    calendar = re.search(r'value="(\S+)\.ics"', client.get("/lich/").text)
    for wrong in ("x", "ố", "0" * 32, path.rpartition("/")[2][:-1], urlsplit(calendar[1]).path.rpartition("/")[2]):
        assert stranger.get(f"/so-lieu/{wrong}").status_code == 404
    operator = someone("Hoa", Role.OPERATOR)
    assert "metrics_path" not in operator.get("/he-thong/").text, "it is the technician's to give away"
    app.config["SECRET_KEY"] = b"another station"
    assert stranger.get(path).status_code == 404
