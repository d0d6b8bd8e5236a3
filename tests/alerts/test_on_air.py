"""Alerts through a real player, in a recording of what it played."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.control.client import ask
from station.control.messages import AirAlert
from station.rules.alerting.alert import MessageType, Severity, Sound, Status
from station.rules.alerting.cap import write_cap
from station.rules.alerting.envelope import LONGEST_ENVELOPE, seal
from station.rules.alerting.policy import Decision
from station.rules.now import DAY
from station.stores.home import Home
from tests.alerts.sending import Hearing, Sending, hearing, here, tune
from tests.alerts.test_inbox import BOMB
from tests.rig.amplifiers import wrong
from tests.rig.recorder import Recorder
from tests.rig.recording import Recording
from tests.rig.tree import key
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms
from tests.running import CONFIG, RunningStation
from tests.station.test_interruptions import (
    assert_attention,
    heard_for,
    place,
    programme,
    record,
    silent,
)

pytestmark = pytest.mark.sound

NEVER = CONFIG.replace('["00:00-24:00"]', "[]")
FEED = """
[feeds.khi-tuong]
title = "Đài Khí tượng"
address = "https://127.0.0.1:1/cap.xml"
areas = ["Vùng thử"]
[[alerts.rule]]
from = "feed:khi-tuong"
severity = "Severe"
does = "air"
say = "Có bão."
"""
WARM_UP = 1_200  # ms, of both zones one after the other
TONE = 523.0  # Hz
SHORT = {"sound": Sound("audio/wav", tune(1_500, TONE)), "repeats": 1}


@pytest.fixture
def player(tmp_path: Path, recorder: Recorder, request: pytest.FixtureRequest) -> Iterator[RunningStation]:  # noqa: ARG001 - its sound server is what the player plays to
    with RunningStation(tmp_path, getattr(request, "param", CONFIG)) as running:
        yield running


@pytest.fixture
def home(player: RunningStation, sending: Sending) -> Home:
    return sending.enrol(player.home)


def shown(player: RunningStation) -> dict[str, str]:
    """What became of each alert, by its headline."""
    return {it["headline"]: it["became"] for it in player.json("alerts")["alerts"]}


def sounds(player: RunningStation, title: str, seconds: float = 1) -> bool:
    """Whether so much of what is called so was heard, and it is on."""
    on_air = player.on_air()
    return on_air is not None and on_air["position"] > seconds and title in on_air["title"]


def recorded(recorder: Recorder, since: float) -> Recording:
    """All that was played since then, until now."""
    until = wall_ms()
    wait_until(lambda: recorder.heard_until(until))
    return recorder.recording.between(since, until)


def test_its_words_sound_soon_after_it_came_with_attention_and_repeats(player, station, sending, recorder):
    player.start()
    wait_until(lambda: silent(player))
    came = wall_ms()
    message = sending.message(headline="Vỡ đê", instruction="Lên chỗ cao", repeats=2)
    assert station.hear(message).decision is Decision.AIR
    wait_until(lambda: heard_for(player, 7), 20)
    assert shown(player) == {"Vỡ đê": "airing"}
    wait_until(lambda: silent(player), 40)
    heard = recorded(recorder, came)
    begins = heard.first_sound()
    print(f"first sample {begins - came:.0f} ms after the message came, warm-up {WARM_UP} ms")
    assert begins - came < WARM_UP + 20_000, "500 ms on a machine with time for it"
    assert_attention(heard, begins)
    first, *more = [it for it in heard.intervals(40) if it.start > begins + 5_000]
    whole = heard.intervals(2_000)[-1].end - first.start
    message_heard = heard.between(first.start + 100, first.start + whole / 2 - 500)
    again = heard.between(first.start + whole / 2 - 1_000, heard.end).find(message_heard.samples)
    assert again.start - message_heard.start == pytest.approx(whole / 2, abs=600), "it is said twice"
    assert more
    assert list(wrong(recorder.recording, player.switchings())) == []
    done = record(player, f"canh-bao/{message.id}")
    assert (done["result"], done["priority"], done["origin"]) == ("aired", "emergency", "province")
    assert shown(player) == {"Vỡ đê": "aired"}


def test_its_sound_is_heard_and_a_cancel_silences_it_with_an_all_clear(player, station, sending, recorder):
    player.add_noise(40_000)
    joins = player.schedule("dai", 9, 'play = "nen"', 'late = "join"')
    player.start()
    tape = programme(player, "dai")
    wait_until_wall(joins + 1_000)
    message = sending.message(headline="Bão", sound=Sound("audio/wav", tune(4_000, TONE)), repeats=3)
    station.hear(message)
    wait_until(lambda: sounds(player, "Cảnh báo", 11), 40)
    ordered = wall_ms()
    cancel = sending.after(MessageType.CANCEL, message, headline="Bão đã tan", instruction="")
    assert station.hear(cancel).decision is Decision.AIR
    wait_until(lambda: (f"canh-bao/{cancel.id}", "aired") in player.results(), 40, every=0.5)
    over = wall_ms()
    wait_until(lambda: sounds(player, "dai"), 20)
    wait_until_wall(wall_ms() + 1_500)

    heard = recorded(recorder, 0)
    assert list(wrong(heard, player.switchings())) == []
    tone = heard.between(ordered - 2_000, ordered - 1_000).pitch()
    assert tone == pytest.approx(TONE, abs=15)
    silenced = heard.between(ordered - 500, over).intervals()[0].end - ordered
    print(f"silent {silenced:.0f} ms after the cancel")
    assert silenced < 1_000, "100 ms on a machine with time for it"
    chime = next(it.start for it in heard.between(ordered + 300, over).intervals(100) if it.end - it.start > 1_000)
    wait = [heard.between(at, at + 300).pitch() for at in range(round(chime), round(chime) + 6_000, 250)]
    assert any(it == pytest.approx(783.99, abs=12) for it in wait), "a chime"
    assert not any(it == pytest.approx(960, abs=12) for it in wait), "and no attention tone"
    back = heard.between(over, heard.end).intervals(100)[-1]
    sound = heard.between(back.start + 200, back.start + 1_200)
    assert place(sound, tape) == pytest.approx(sound.start - joins, abs=200), "what was on goes on by its rule"
    cut = record(player, f"canh-bao/{message.id}")
    assert cut["result"] == "cut"
    assert "Nơi gửi đã hủy tin này" in cut["reason"]
    assert shown(player) == {"Bão": "cut", "Bão đã tan": "aired"}


def test_a_cancel_cuts_no_other_alert_and_its_all_clear_waits(player, station, sending):
    player.start()
    first, second = sending.message(headline="Một", **SHORT), sending.message(headline="Hai", **SHORT)
    station.hear(first)
    wait_until(lambda: heard_for(player, 1), 20)
    station.hear(second)
    wait_until(lambda: sounds(player, "Hai"), 20)
    cancel = sending.after(MessageType.CANCEL, first, headline="Một đã qua")
    assert station.hear(cancel).decision is Decision.AIR
    wait_until(lambda: (f"canh-bao/{cancel.id}", "aired") in player.results(), 60, every=0.5)
    assert shown(player) == {"Một": "cut", "Hai": "aired", "Một đã qua": "aired"}
    assert record(player, f"canh-bao/{second.id}")["reason"] == ""


@pytest.mark.parametrize("player", [NEVER + FEED], indirect=True)
def test_outside_hours_no_drill_sounds_but_an_emergency_does(player, station, sending, recorder):
    player.start()
    drill = sending.message(headline="Diễn tập lũ", status=Status.EXERCISE)
    verdict = station.hear(drill)
    assert (verdict.decision, verdict.new) == (Decision.PROPOSE, True)
    assert "khung giờ" in verdict.reason
    tried = player.command("alerts", "air", drill.id)
    assert (tried.returncode, "khung giờ" in tried.stderr) == (1, True), "not even by hand"
    assert recorded(recorder, 0).intervals() == []
    assert player.command("alerts", "dismiss", drill.id).returncode == 0
    assert player.command("alerts", "dismiss", drill.id).returncode == 1
    storm = sending.message(headline="Bão ngoài biển", description="Lời của nguồn tin", sender_name="Đài KT")
    assert station.inbox.take_from_feed("khi-tuong", storm, write_cap(storm)).decision is Decision.AIR
    player.aired(f"canh-bao/{storm.id}")
    assert shown(player) == {"Diễn tập lũ": "dismissed", "Bão ngoài biển": "aired"}
    found = record(player, f"canh-bao/{storm.id}")
    assert found["origin"] == "commune"


def test_a_proposal_waits_for_a_person(player, station, sending):
    player.start()
    message = sending.message(headline="Mưa to", severity=Severity.MODERATE, **SHORT)
    assert station.hear(message).decision is Decision.PROPOSE
    assert shown(player) == {"Mưa to": "waiting"}
    done = player.command("alerts", "air", message.id)
    assert done.returncode == 0, done.stderr
    assert "Đang phát “Cảnh báo: Mưa to”" in done.stdout
    (kept,) = station.home.alerts.newest(5)
    assert "dòng lệnh" in kept.aired_by
    assert player.command("alerts", "air", message.id).returncode == 1, "once"
    player.aired(f"canh-bao/{message.id}")


def test_killed_at_any_moment_it_is_aired_whole_once(player, sending, home):
    message = sending.message(headline="Lũ", **SHORT)
    schedule = f"canh-bao/{message.id}"

    def heard_times() -> int:
        return sum(it.actual_start is not None for it in home.log.of_schedule(schedule))

    with hearing(sending, home) as before:  # the row is written, and nobody airs it
        before.hear(message)
    player.start()
    with hearing(sending, home):  # the player dies before it sounds
        wait_until(lambda: home.log.of_schedule(schedule), 20)
        player.kill()
    assert heard_times() == 0
    player.start()
    with hearing(sending, home):  # and then in the middle: half a warning is none
        wait_until(lambda: heard_times() == 1, 60)
        player.kill()
        player.start()
        wait_until(lambda: heard_times() == 2, 60)
    with hearing(sending, home) as after:  # the listener begins anew, and hears it again
        assert not after.hear(message, way="poll").new
        player.aired(schedule)
        player.kill()
        player.start()
    with hearing(sending, home) as after:
        assert not after.hear(message).new
        answer = ask(home.places.socket, AirAlert(message.id, "Bà Lan"))
        assert (answer.done, "đã phát" in answer.sentence) == (False, True)
    assert heard_times() == 2
    assert player.results()[-2:] == [(schedule, "cut"), (schedule, "aired")]


def test_what_is_refused_disturbs_nothing(player, station, sending, recorder):
    player.add_noise(12_000)
    player.schedule("dai", 9, 'play = "nen"')
    player.start()
    tape = programme(player, "dai")
    replayed = sending.seal(sending.message(sent=here() - DAY))
    cancelled = sending.message(headline="Hủy rồi")
    bad = [
        seal(write_cap(sending.message()), key()),
        replayed,
        b"x" * (LONGEST_ENVELOPE + 1),
        sending.seal(sending.message(groups=("xa-00002",))),
        seal(BOMB.encode(), sending.keys["pctt"]),
        seal(b"<" * 900_000, sending.keys["pctt"]),
    ]
    wait_until(lambda: heard_for(player, 1), 20)
    reasons = {_refused(station, it) for it in bad}
    station.hear(sending.after(MessageType.CANCEL, cancelled, headline="Thôi"))
    station.hear(cancelled)
    for number in range(300):
        _refused(station, seal(b"%d" % number, sending.keys["pctt"]))
    player.aired("dai")
    assert len(reasons) == len(bad), "each has its own reason"
    kept = {it["reason"] for it in player.json("alerts")["alerts"] if it["decision"] == "refuse"}
    assert reasons <= kept
    heard = recorded(recorder, 0)
    assert heard.find(tape.samples).missing < 20, "every sample of the programme"
    assert len([it for it in player.results() if it[0].startswith("canh-bao")]) == 0


def _refused(station: Hearing, envelope: bytes) -> str:
    verdict = station.inbox.take(envelope, "push")
    assert verdict.decision is Decision.REFUSE
    return verdict.reason
