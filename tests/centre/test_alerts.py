"""`station province alert` from end to end: a real broker, a subscriber, the web server, and power cuts."""

import json
import os
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import paho.mqtt.client as mqtt
import pytest
import requests
from paho.mqtt.enums import CallbackAPIVersion

from station.audio.filters import loudness
from station.centre.cap_schema import refuse_invalid
from station.rules.alerting.alert import Alert, MessageType, Severity, Status
from station.rules.alerting.cap import read_cap
from station.rules.alerting.envelope import unseal
from station.rules.alerting.sender import read_senders
from station.rules.alerting.ways import Listed, read_index
from station.rules.enrolment import from_line
from station.rules.now import DAY, HOUR, MINUTE, SECOND
from tests.centre.office import Office, copied, sound
from tests.rig.broker import PASSWORD, Broker
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wait_until

FLOOD = ("--event", "Lũ quét", "--severity", "Extreme", "--headline", "Lũ đang về, rời bờ suối ngay.")
TWO_HOURS = ("--lasting", "2h")


@pytest.fixture
def ready(office: Office) -> Office:
    """An office with an area, a sender for each level, and no broker."""
    office.write("tinh/hop.txt", "Mời họp.")
    office.publish()
    office.does("sender", "pctt", "--title", "Ban Chỉ huy PCTT tỉnh", "--level", "Extreme")
    office.does("sender", "nui", "--title", "Trạm miền núi", "--level", "Severe", "--group", "vung-mien-nui")
    office.does("sender", "thu", "--title", "Thử hằng ngày", "--level", "Test")
    return office


def send(office: Office, *more: str, to: tuple[str, ...] = ("tinh",)) -> str:
    """Send an alert; its id."""
    groups = [word for group in to for word in ("--to", group)]
    return id_of(office.does("alert", "send", "--sender", "pctt", *groups, *FLOOD, *TWO_HOURS, *more).stdout)


def id_of(told: str) -> str:
    return told.partition(":")[0]


def index(office: Office) -> tuple[Listed, ...]:
    return read_index((office.tree.folder / "alerts" / "current.json").read_bytes())


def envelopes(office: Office) -> set[str]:
    return {it.name.removesuffix(".json") for it in (office.tree.folder / "alerts").iterdir()} - {"current"}


def opened(office: Office, envelope: bytes) -> Alert:
    """What a station finds in an envelope, which is valid."""
    sender, xml = unseal(envelope, read_senders(office.tree.targets().unrecognized_fields))
    refuse_invalid(xml)
    alert = read_cap(xml)
    assert sender.may_send(alert)
    return alert


def in_force(office: Office) -> list[Alert]:
    """The alerts that the tree shows."""
    return [opened(office, (office.tree.folder / it.path).read_bytes()) for it in index(office)]


def listed(office: Office) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(office.does("alert", "list", "--json").stdout)
    return found


# What is sent


def test_an_alert_is_in_the_tree_signed_and_says_what_was_said(ready: Office) -> None:
    (ready.work / "loi.txt").write_text("\ufeffNước lên nhanh.\r\nĐi ngay.")
    more = ("--text", str(ready.work / "loi.txt"), "--instruction", "Lên chỗ cao.", "--repeats", "4")
    told = send(ready, *more, to=("tinh", "xa-24169"))
    (alert,) = in_force(ready)
    assert (alert.id, alert.status, alert.kind, alert.severity) == (
        told,
        Status.ACTUAL,
        MessageType.ALERT,
        Severity.EXTREME,
    )
    assert (alert.event, alert.headline) == ("Lũ quét", "Lũ đang về, rời bờ suối ngay.")
    assert (alert.description, alert.instruction) == ("Nước lên nhanh.\nĐi ngay.", "Lên chỗ cao.")
    assert (alert.sender, alert.sender_name, alert.repeats) == ("pctt", "Ban Chỉ huy PCTT tỉnh", 4)
    assert alert.groups == {"tinh", "xa-24169"}
    assert alert.sent == ready.now and alert.expires == ready.now + 2 * HOUR
    (row,) = index(ready)
    assert (set(row.groups), row.until) == ({"tinh", "xa-24169"}, alert.expires)
    for file in (ready.tree.folder / "alerts").iterdir():
        assert file.stat().st_mode & 0o777 == 0o644, "nginx reads it"


def test_a_recording_goes_inside_levelled_and_small(ready: Office, tmp_path: Path) -> None:
    recording = sound(tmp_path / "tin.wav", "sine=440:d=5", volume="-35dB")
    send(ready, "--audio", str(recording))
    (alert,) = in_force(ready)
    assert alert.sound and alert.sound.mime == "audio/ogg"
    assert len(alert.sound.content) < 30_000, "24 kbit/s"
    heard = tmp_path / "heard.ogg"
    heard.write_bytes(alert.sound.content)
    measured = subprocess.run(
        ["ffmpeg", "-hide_banner", "-nostats", "-i", heard, "-af", "ebur128", "-f", "null", "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    assert "Audio: opus, 48000 Hz, mono" in measured
    assert loudness(measured) == pytest.approx(-16, abs=0.7)


def test_an_exercise_and_a_silent_test_are_what_they_are_called(ready: Office) -> None:
    send(ready, "--exercise")
    ready.does("alert", "test")
    exercise, test = in_force(ready)
    assert (exercise.status, exercise.severity) == (Status.EXERCISE, Severity.EXTREME)
    assert (test.status, test.groups, test.sound) == (Status.TEST, {"tinh"}, None)
    assert test.sender == "thu"


def test_a_test_needs_nobody_to_type_a_passphrase_and_a_sender_who_may_do_nothing_else(ready: Office) -> None:
    assert ready.says("alert", "test", typed="").exit_code == 0
    ready.does("sender", "thu", "--remove")
    assert "Chưa có nơi gửi nào mức Test" in ready.refuses("alert", "test")


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"--sender": "la"}, "Không có nơi gửi nào tên “la”"),
        ({"--sender": "nui"}, "chỉ được gửi đến mức Severe, cho nhóm vung-mien-nui"),
        ({"--sender": "nui", "--to": "vung-mien-nui"}, "chỉ được gửi đến mức Severe"),
        ({"--sender": "nui", "--severity": "Severe"}, "cho nhóm vung-mien-nui"),
        ({"--sender": "thu", "--severity": "Minor"}, "chỉ được gửi tin thử im lặng"),
        ({"--to": "vung-la"}, "không có nhóm “vung-la”"),
        ({"--to": "xa-1"}, "không có nhóm “xa-1”"),
        ({"--lasting": "73h"}, "từ một phút đến ba ngày"),
        ({"--lasting": "59s"}, "từ một phút đến ba ngày"),
        ({"--headline": " \u200b "}, "phải có loại sự kiện và tiêu đề"),
        ({"--headline": "a" * 2_001}, "dài quá 2000 chữ"),
        ({"--text": "a" * 2_001}, "dài quá 2000 chữ"),
        ({"--event": "a" * 201}, "dài quá 200 chữ"),
    ],
)
def test_what_must_not_go_out_is_refused_and_leaves_nothing(
    ready: Office, changed: dict[str, str], word: str
) -> None:
    usual = {
        "--sender": "pctt",
        "--to": "tinh",
        **dict(zip(FLOOD[::2], FLOOD[1::2], strict=True)),
        "--lasting": "2h",
    }
    words = [word for pair in {**usual, **changed}.items() for word in pair]
    assert word in ready.refuses("alert", "send", *words)
    assert not (ready.work / "alerts.jsonl").exists()
    assert not (ready.tree.folder / "alerts").exists()


def test_what_is_no_recording_or_too_long_is_refused(ready: Office, tmp_path: Path) -> None:
    said = ("alert", "send", "--sender", "pctt", "--to", "tinh", *FLOOD, *TWO_HOURS, "--audio")
    (tmp_path / "tin.mp3").write_text("không phải âm thanh")
    assert "tin.mp3" in ready.refuses(*said, str(tmp_path / "tin.mp3"))
    long = sound(tmp_path / "dai.mp3", "sine=440:d=181")
    assert "dài hơn 3 phút" in ready.refuses(*said, str(long))
    assert not (ready.work / "alerts.jsonl").exists()


def test_a_wrong_passphrase_sends_nothing(ready: Office) -> None:
    said = ("alert", "send", "--sender", "pctt", "--to", "tinh", *FLOOD, *TWO_HOURS)
    assert "Mật khẩu của khoá này không đúng" in ready.refuses(*said, typed="mat khau sai\n")
    assert not (ready.work / "alerts.jsonl").exists()


def test_a_stolen_key_that_was_replaced_signs_nothing_that_is_believed(ready: Office, tmp_path: Path) -> None:
    thief = copied(ready, tmp_path / "thief")
    ready.does("sender", "pctt")
    send(thief)
    (row,) = index(thief)
    with pytest.raises(Exception, match="không có chữ ký của nơi gửi nào"):
        opened(ready, (thief.tree.folder / row.path).read_bytes())


# What follows


def test_an_update_takes_the_place_and_keeps_what_is_not_said_anew(ready: Office) -> None:
    first = send(ready, "--text", "Nước lên.", "--repeats", "3", to=("vung-mien-nui",))
    second = id_of(ready.does("alert", "update", first, "--headline", "Nước còn lên.", "--to", "xa-24172").stdout)
    (alert,) = in_force(ready)
    assert (alert.id, alert.kind, [it.id for it in alert.references]) == (second, MessageType.UPDATE, [first])
    assert (alert.headline, alert.description, alert.repeats) == ("Nước còn lên.", "Nước lên.", 3)
    assert alert.groups == {"vung-mien-nui", "xa-24172"}
    third = id_of(ready.does("alert", "update", second[:6], "--lasting", "5h", "--severity", "Severe").stdout)
    (alert,) = in_force(ready)
    assert [it.id for it in alert.references] == [first, second], "who missed the one in between ends the first"
    assert (alert.expires, alert.severity) == (ready.now + 5 * HOUR, Severity.SEVERE)
    assert [it["state"] for it in listed(ready)] == ["replaced", "replaced", "in force"]
    assert third in ready.refuses("alert", "update", first, "--headline", "Muộn"), "it names what is in force"


def test_a_cancel_ends_all_that_went_before(ready: Office) -> None:
    first = send(ready)
    second = id_of(ready.does("alert", "update", first, "--headline", "Nước còn lên.").stdout)
    ready.does("alert", "cancel", second, "--text", "Bà con về nhà.")
    (alert,) = in_force(ready)
    assert (alert.kind, alert.all_clear, alert.description) == (MessageType.CANCEL, True, "Bà con về nhà.")
    assert [it.id for it in alert.references] == [first, second]
    assert [it["state"] for it in listed(ready)] == ["replaced", "cancelled", "in force"]
    assert "đã được thay hoặc huỷ" in ready.refuses("alert", "cancel", second)


def test_what_is_over_leaves_and_its_file_a_day_later(ready: Office) -> None:
    old = send(ready)
    (row,) = index(ready)
    ready.now += 2 * HOUR
    assert "đã hết hạn" in ready.refuses("alert", "cancel", old)
    new = send(ready)
    assert [it.id for it in in_force(ready)] == [new]
    assert row.file in envelopes(ready), "a station may be in the middle of it"
    ready.now += DAY
    send(ready)
    assert row.file not in envelopes(ready)
    assert [it["state"] for it in listed(ready)] == ["over", "over", "in force"], "the log forgets nothing"


def test_who_means_none_or_several_is_told(ready: Office) -> None:
    assert "Không có tin nào mã “00”" in ready.refuses("alert", "cancel", "00")
    assert "Không có tin nào mã “”" in ready.refuses("alert", "cancel", "")
    ids = [send(ready) for _ in range(17)]
    digit = next(it for it in "0123456789abcdef" if sum(one.startswith(it) for one in ids) > 1)
    assert "chỉ nhiều tin" in ready.refuses("alert", "cancel", digit)


def test_the_log_says_who_sent_what(ready: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ready.does("alert", "list").stdout == "Chưa gửi tin nào.\n"
    monkeypatch.setenv("SUDO_USER", "lan")
    told = send(ready)
    (row,) = listed(ready)
    assert (row["id"], row["by"], row["sender"], row["groups"]) == (told, "lan", "pctt", ["tinh"])
    assert (row["headline"], row["state"]) == ("Lũ đang về, rời bờ suối ngay.", "in force")
    assert "Lũ đang về" in ready.does("alert", "list").stdout


# Power cuts


def test_killed_at_any_moment_nothing_is_said_to_be_sent_that_is_not_in_log_and_tree(
    ready: Office, tmp_path: Path
) -> None:
    first, said = send(ready), tmp_path / "said"
    ends = []
    for moment in range(1, 100):
        broken = copied(ready, tmp_path / "broken")
        said.write_text("")
        if not killed_at_moment(
            moment, lambda it=broken: it.does("alert", "update", first, "--lasting", "3h"), said
        ):
            break
        logged = [it["id"] for it in listed(broken)]
        shown = [it.id for it in in_force(broken)]
        assert not said.read_text()
        assert shown[0] in logged and len(shown) == 1
        ends.append((len(logged), shown == [first]))
        broken.now += SECOND
        broken.does("alert", "test")
        assert [it.id for it in in_force(broken)] == [logged[-1], listed(broken)[-1]["id"]], "the log is followed"
        assert envelopes(broken) == {it.file for it in index(broken)} | {it.file for it in index(ready)}
    assert said.read_text(), "it was said at last"
    assert {(1, True), (2, True), (2, False)} == set(ends), "before the log, between log and tree, and after"


def killed_at_moment(moment: int, deed: Callable[[], object], said: Path) -> bool:
    """Run `deed` in a process that dies before its n-th sync or rename; what it says goes to `said`."""
    child = os.fork()
    if child == 0:
        counted = iter(range(1, 10_000))

        def dying(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any) -> Any:
                if next(counted) == moment:
                    os._exit(9)
                return real(*arguments)

            return call

        os.fsync, Path.replace = dying(os.fsync), dying(Path.replace)
        click.echo = lambda words, **_: said.write_text(said.read_text() + words)
        deed()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in {0, 9}
    return os.waitstatus_to_exitcode(status) == 9


def test_a_line_that_was_half_written_was_never_sent(ready: Office) -> None:
    first = send(ready)
    whole = (ready.work / "alerts.jsonl").read_bytes()
    send(ready)
    both = (ready.work / "alerts.jsonl").read_bytes()
    for cut in range(len(whole), len(both) - 1, 25):
        (ready.work / "alerts.jsonl").write_bytes(both[:cut])
        assert [it["id"] for it in listed(ready)] == [first]
    third = send(ready)
    assert [it["id"] for it in listed(ready)] == [first, third]


def test_a_full_disk_is_told(ready: Office) -> None:
    (ready.tree.folder / "alerts").write_text("ở đây đã có một tệp")
    said = ("alert", "send", "--sender", "pctt", "--to", "tinh", *FLOOD, *TWO_HOURS)
    assert "Không ghi được tin" in ready.refuses(*said)
    assert listed(ready) == []


def test_who_send_at_once_wait_for_each_other(ready: Office) -> None:
    children = []
    for _ in range(6):
        if not (child := os.fork()):
            send(ready)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(it, 0)[1] for it in children] == [0] * 6
    assert len({it.id for it in in_force(ready)}) == len(listed(ready)) == 6


def test_an_alert_does_not_wait_for_a_long_publishing(ready: Office) -> None:
    import fcntl  # noqa: PLC0415 - only here

    with (ready.work / ".lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        send(ready)


# The broker


class Listener:
    """A station's account at the broker: what came, of which what was kept for it."""

    def __init__(self, broker: Broker, name: str, password: str, *groups: str) -> None:
        self.heard: list[mqtt.MQTTMessage] = []
        self._subscribed = False
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(name, password)
        self._client.tls_set_context(ssl.create_default_context(cafile=broker.authority))
        self._client.on_message = lambda _client, _data, message: self.heard.append(message)
        self._client.on_subscribe = lambda *_: setattr(self, "_subscribed", True)
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        self._client.subscribe([(f"loa-xa/alert/{it}/+", 1) for it in groups] + [("loa-xa/sync", 1)])
        wait_until(lambda: self._subscribed, 10)

    def hears(self, number: int) -> list[mqtt.MQTTMessage]:
        """The first messages, when that many came."""
        wait_until(lambda: len(self.heard) >= number, 10)
        return self.heard[:number]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(ready: Office, tmp_path: Path) -> Iterator[Broker]:
    """The office has a broker, and the commune 24169 is enrolled and in the account's file."""
    with Broker(ready.work, tmp_path / "mosquitto") as broker:
        (ready.work / "keys" / "broker-password").write_text(PASSWORD)
        (ready.work / "broker-ca.pem").write_text(broker.authority.read_text())
        with_broker(ready, broker.address)
        yield broker


def with_broker(office: Office, address: str, *, ca: str = "broker-ca.pem") -> None:
    file = office.work / "province.toml"
    head, _, communes = file.read_text().partition("[communes.24169]")
    push = f'[push]\naddress = "{address}"\n' + (f'ca = "{ca}"\n' if ca else "")
    file.write_text(f"{head.partition('[push]')[0]}{push}[communes.24169]{communes}")
    office.publish()


@pytest.fixture
def station(ready: Office, broker: Broker) -> Iterator[Listener]:
    """A station of the commune, by the token that its enrolment gave it."""
    token = from_line(ready.does("enrol", "24169").stdout).token
    broker.reload()
    listener = Listener(broker, "24169", token, "tinh", "vung-mien-nui", "xa-24169")
    yield listener
    listener.close()


def topics(messages: list[mqtt.MQTTMessage]) -> list[str]:
    return [it.topic for it in messages]


def test_an_alert_comes_at_once_to_each_group(ready: Office, station: Listener) -> None:
    told = send(ready, to=("vung-mien-nui", "xa-24169", "xa-24172"))
    came = station.hears(2)
    assert topics(came) == [f"loa-xa/alert/vung-mien-nui/{told}", f"loa-xa/alert/xa-24169/{told}"]
    for message in came:
        assert opened(ready, message.payload).id == told
        assert 2 * HOUR - MINUTE < message.properties.MessageExpiryInterval * SECOND <= 2 * HOUR


def test_who_comes_later_finds_what_is_in_force_and_nothing_else(
    ready: Office, broker: Broker, station: Listener
) -> None:
    first = send(ready, to=("tinh", "xa-24169"))
    gone = send(ready, "--text", "khác")
    second = id_of(ready.does("alert", "update", first, "--headline", "Nước còn lên.").stdout)
    third = id_of(ready.does("alert", "cancel", gone).stdout)
    station.hears(6)
    late = Listener(broker, "@tinh", PASSWORD, "+")
    assert sorted(topics(late.hears(3))) == sorted(
        [f"loa-xa/alert/tinh/{second}", f"loa-xa/alert/xa-24169/{second}", f"loa-xa/alert/tinh/{third}"]
    )
    assert all(it.retain for it in late.heard)
    ready.does("nudge")
    assert topics(late.hears(4))[3:] == ["loa-xa/sync"], "and nothing came again"
    late.close()


def test_a_broker_that_was_away_is_given_what_is_in_force(ready: Office, broker: Broker) -> None:
    gone, kept = send(ready), send(ready, "--text", "khác")
    broker.stop()
    result = ready.does("alert", "cancel", gone)
    cancel = id_of(result.stdout)
    assert "Không nối được với máy chủ đẩy tin" in result.stderr
    assert "Các đài vẫn tự hỏi tin theo chu kỳ" in result.stderr
    assert {it.id for it in in_force(ready)} == {kept, cancel}
    broker.start()
    ready.does("nudge")
    late = Listener(broker, "@tinh", PASSWORD, "+")
    assert {it.rpartition("/")[2] for it in topics(late.hears(2))} == {kept, cancel}
    late.close()


def test_a_broker_of_150_kept_messages_is_put_right(ready: Office, broker: Broker) -> None:
    late = Listener(broker, "@tinh", PASSWORD, "+")
    for number in range(150):
        late._client.publish(f"loa-xa/alert/xa-{number}/{number:016x}", b"of somebody else", 1, retain=True)
    late.hears(150)
    told = send(ready, to=("tinh",))
    late.hears(151)
    assert ready.does("nudge").exit_code == 0
    assert topics(late.hears(152))[150:] == [f"loa-xa/alert/tinh/{told}", "loa-xa/sync"], "what it has is known"
    late.close()


def test_what_the_broker_says_no_to_is_told(ready: Office, broker: Broker) -> None:
    password = ready.work / "keys" / "broker-password"
    password.write_text("khac")
    assert "không nhận tài khoản @tinh" in ready.refuses("nudge")
    password.unlink()
    result = ready.does("alert", "send", "--sender", "pctt", "--to", "tinh", *FLOOD, *TWO_HOURS)
    assert "keys/broker-password" in result.stderr
    assert len(in_force(ready)) == 1, "an emergency goes by the other way"
    password.write_text(PASSWORD)
    with_broker(ready, broker.address, ca="")
    assert "Chứng thư của máy chủ đẩy tin không đúng" in ready.refuses("nudge")


def test_a_test_that_the_broker_did_not_take_has_failed(ready: Office, broker: Broker) -> None:
    assert ready.says("alert", "test").exit_code == 0
    broker.stop()
    result = ready.says("alert", "test")
    assert (result.exit_code, "Không nối được" in result.stderr) == (1, True)


def test_without_a_broker_alerts_go_by_the_tree_and_a_nudge_says_so(ready: Office) -> None:
    said = ready.does("alert", "send", "--sender", "pctt", "--to", "tinh", *FLOOD, *TWO_HOURS)
    assert "chưa có máy chủ đẩy tin: các đài nhận khi tự hỏi" in said.stdout
    assert "Tỉnh chưa có máy chủ đẩy tin" in ready.refuses("nudge")


# Accounts and the server


def test_the_office_s_own_password_is_made_once_and_kept_from_others(office: Office) -> None:
    password = office.work / "keys" / "broker-password"
    first = password.read_text()
    assert len(first) >= 43
    assert password.stat().st_mode & 0o777 == 0o600
    assert (office.work / "broker-passwd").read_text().startswith("@tinh:$7$")
    office.does("enrol", "24169")
    assert password.read_text() == first
    password.unlink()
    office.does("enrol", "24172")
    assert password.read_text() != first
    names = [it.partition(":")[0] for it in (office.work / "broker-passwd").read_text().splitlines()]
    assert sorted(names) == ["24169", "24172", "@tinh"]


def test_the_server_shows_alerts_and_says_how_long_they_keep(
    ready: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(ready)
    (row,) = index(ready)
    (ready.tree.folder / "alerts" / "khac.txt").write_text("x")
    with ProvinceServer(ready.work, tmp_path / "nginx") as server, requests.Session() as link:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.authority))
        current, envelope = (link.get(f"{server.tree}{it}") for it in ("alerts/current.json", row.path))
        assert read_index(current.content) == (row,)
        assert current.headers["Cache-Control"] == "no-cache"
        assert opened(ready, envelope.content)
        assert "immutable" in envelope.headers["Cache-Control"]
        assert envelope.headers["Content-Type"] == "application/json"
        missing = link.get(f"{server.tree}alerts/{'0' * 64}.json")
        assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-cache")
        assert link.get(f"{server.tree}alerts/khac.txt").status_code == 404
        assert link.get(f"{server.tree}alerts/").status_code == 404
        assert link.put(f"{server.tree}{row.path}", b"x").status_code == 403
