"""What the desk tells of alerts, and what it lets a person do, with no player."""

import json

import pytest
from click.testing import CliRunner

from station.alerts.sound import made_ready
from station.cli import main
from station.control.client import PlayerDown
from station.desk import alerts as desk
from station.desk.alerting import alert_broadcast
from station.desk.alerts import Became
from station.desk.timetable import read_plan
from station.rules.alerting.aired import is_done, is_on, schedule_of, was_heard
from station.rules.alerting.alert import MessageType, Severity, Sound, Status
from station.rules.now import DAY, HOUR, MINUTE, SECOND, Now
from station.rules.rundown import Clip, Signal, Spoken, Tone
from station.rules.trouble import Refused
from station.stores.home import Home
from tests.alerts.sending import Hearing, Sending, here, tune

WHO = "Bà Lan"


def now(ahead: int = 0, *, trusted: bool = True) -> Now:
    return Now(here() + ahead, 0, trusted)


def became(home: Home, id: str, ahead: int = 0) -> str:  # noqa: A002 - what it is called everywhere
    return desk.alert(home, id, now(ahead).wall).became


def air(home: Home, id: str, result: str | None, *, heard: bool = True) -> None:  # noqa: A002 - as above
    """Have the log say that it was aired, as the player would."""
    kept = home.alerts.find(id)
    assert kept is not None
    broadcast = alert_broadcast(home, read_plan(home), kept, now(), WHO)
    home.log.open(broadcast, now().wall)
    if heard:
        home.log.note_start(broadcast.key, now().wall)
    if result:
        home.log.close(broadcast.key, result, now().wall, "")


def test_what_became_of_an_alert_is_what_the_log_says(station: Hearing, sending: Sending):
    home, message = station.home, sending.message()
    station.hear(message)
    assert became(home, message.id) == Became.WAITING
    assert became(home, message.id, HOUR) == Became.EXPIRED
    air(home, message.id, "failed", heard=False)
    assert became(home, message.id) == Became.FAILED
    assert not is_done(home.log.of_schedule(schedule_of(message.id))), "it is tried again"
    air(home, message.id, None)
    assert became(home, message.id) == Became.AIRING
    assert is_on(home.log.of_schedule(schedule_of(message.id)))
    with pytest.raises(Refused):
        air(home, message.id, None)
    (open_record,) = home.log.still_open()
    home.log.close(open_record.key, "cut", now().wall, "Nơi gửi đã hủy.")
    station.hear(sending.after(MessageType.CANCEL, message))
    assert became(home, message.id) == Became.CUT
    assert [it.kept.decision for it in desk.alerts(home, now().wall)] == ["air", "air"], (
        "an all-clear, as it was heard"
    )


def test_what_was_stopped_before_it_sounded_is_not_tried_again(station: Hearing, sending: Sending):
    message = sending.message()
    station.hear(message)
    air(station.home, message.id, "cut", heard=False)
    records = station.home.log.of_schedule(schedule_of(message.id))
    assert is_done(records) and not was_heard(records)


def test_what_fails_is_tried_so_often_and_no_more(station: Hearing, sending: Sending):
    message = sending.message()
    station.hear(message)
    for _ in range(5):
        air(station.home, message.id, "missed", heard=False)
    with pytest.raises(Refused):
        air(station.home, message.id, "missed", heard=False)
    keys = {it.key for it in station.home.log.of_schedule(schedule_of(message.id))}
    assert len(keys) == 5


def test_the_same_order_twice_is_the_same_broadcast(station: Hearing, sending: Sending):
    message = sending.message()
    station.hear(message)
    kept = station.home.alerts.find(message.id)
    assert kept is not None
    plan = read_plan(station.home)
    once, again = (alert_broadcast(station.home, plan, kept, now(ahead), WHO) for ahead in (SECOND, 5 * MINUTE))
    assert once.key == again.key
    assert again.latest >= now(5 * MINUTE).wall + 5 * MINUTE, "and it may still begin"


def test_ended_and_expired_is_nothing_to_air(station: Hearing, sending: Sending):
    home, plan = station.home, read_plan(station.home)
    first, second = sending.message(), sending.message()
    for it in (first, second, sending.after(MessageType.CANCEL, first)):
        station.hear(it)
    for id, ahead in ((first.id, 0), (second.id, 2 * HOUR)):  # noqa: A001 - as above
        kept = home.alerts.find(id)
        assert kept is not None
        with pytest.raises(Refused):
            alert_broadcast(home, plan, kept, now(ahead), WHO)
    kept = home.alerts.find(second.id)
    assert kept is not None
    alert_broadcast(home, plan, kept, now(2 * HOUR, trusted=False), WHO)  # nobody knows that it expired


def test_its_sound_is_a_clip_while_that_is_whole_and_words_otherwise(station: Hearing, sending: Sending):
    home = station.home
    message = sending.message(sound=Sound("audio/wav", tune(2_000)), repeats=2)
    station.hear(message)
    kept = home.alerts.find(message.id)
    assert kept is not None and kept.sound is not None

    def parts() -> list[type]:
        programme = alert_broadcast(home, read_plan(home), kept, now(), WHO).programme
        assert programme.parts[0] == Tone(Signal.ATTENTION)
        return [type(it) for it in programme.parts[1:]]

    assert parts() == [Clip, Clip]
    home.library.ready_path(kept.sound).write_bytes(b"damaged")
    assert parts() == [Spoken, Spoken]


def test_a_proposal_is_dismissed_once_and_never_aired_then(station: Hearing, sending: Sending):
    home, message = station.home, sending.message(severity=Severity.MINOR)
    station.hear(message)
    with pytest.raises(PlayerDown):
        desk.air(home, message.id, by=WHO, now=now().wall)
    assert became(home, message.id) == Became.WAITING, "no player: it may be tried again"
    desk.dismiss(home, message.id, by=WHO, now=now().wall)
    assert became(home, message.id) == Became.DISMISSED
    for deed in (desk.air, desk.dismiss):
        with pytest.raises(Refused):
            deed(home, message.id, by=WHO, now=now().wall)
    with pytest.raises(Refused):
        desk.alert(home, "khong-co", now().wall)


def test_the_path_is_troubled_once_no_test_came_for_a_day_and_a_half(station: Hearing, sending: Sending):
    home = station.home
    assert desk.path_state(home, now()).trouble is None, "just enrolled"
    never = desk.path_state(home, now(37 * HOUR))
    assert never.tested_at is None and never.trouble is not None
    assert "Chưa lần nào" in never.trouble.what and never.trouble.still and never.trouble.mend
    station.hear(sending.message(status=Status.TEST, sender="thu"), "thu")
    path = desk.path_state(home, now(35 * HOUR))
    assert path.tested_at is not None and path.trouble is None
    late = desk.path_state(home, now(37 * HOUR)).trouble
    assert late is not None and "Không nhận được tin thử" in late.what
    assert late == desk.path_state(home, now(50 * HOUR)).trouble, "the same for as long as it is"
    assert desk.path_state(home, now(37 * HOUR, trusted=False)).trouble is None


def test_who_tests_nothing_wonders_at_nothing(tmp_path, sending: Sending):
    sending.let_send(*(it for it in sending.senders if it.level))
    home = sending.enrol(tmp_path / "home")
    assert desk.path_state(home, now(9 * DAY)).trouble is None


def test_the_command_lists_what_came(station: Hearing, sending: Sending):
    message = sending.message(headline="Lũ lên", severity=Severity.MODERATE)
    station.hear(message)
    station.inbox.take(b"nonsense", "push")

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(main, ["--home", str(station.home.places.home), "alerts", *arguments])
        assert done.exit_code == 0, done.output
        return done.output

    refused, listed = json.loads(run("--json"))["alerts"]
    assert (listed["id"], listed["headline"], listed["became"]) == (message.id, "Lũ lên", "waiting")
    assert (refused["decision"], refused["headline"]) == ("refuse", None)
    assert "Lũ lên" in run()
    assert "Lũ lên" not in run("--limit", "1")
    assert "Đã bỏ qua" in run("dismiss", message.id)


def test_a_full_card_leaves_the_words(station: Hearing, monkeypatch: pytest.MonkeyPatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("station.alerts.sound.settle", full)
    with made_ready(station.home, Sound("audio/wav", tune(1_000))) as ready:
        assert ready.file is None
        assert "Thẻ nhớ đã đầy" in ready.wrong
