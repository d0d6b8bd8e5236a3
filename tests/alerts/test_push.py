"""The line to a real mosquitto: what is heard, what is said, and every way in which it is not let in."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attrs import evolve

from station.alerts.push import Heard, Line
from station.rules.alerting.sender import Push
from station.rules.alerting.ways import link_topic, status_topic
from station.rules.enrolment import Enrolment
from tests.alerts.province import CODE, TOKEN, Desk, push_of
from tests.rig.broker import Broker
from tests.rig.ports import free_port
from tests.rig.waiting import wait_until

ENROLLED = Enrolment("Tỉnh Thử", CODE, "0" * 64, 1, ("https://127.0.0.1:1/",), token=TOKEN)


class Ear:
    """A line, and what was heard by it."""

    def __init__(self, push: Push, enrolment: Enrolment = ENROLLED) -> None:
        self.alerts: list[bytes] = []
        self.nudges = 0
        self.changes = 0
        self.line = Line(
            push, enrolment, frozenset({"tinh", "xa-00001"}), Heard(self.alerts.append, self._nudged, self._changed)
        )
        self.line.begin()

    def _nudged(self) -> None:
        self.nudges += 1

    def _changed(self) -> None:
        self.changes += 1

    def told(self, words: str) -> bool:
        return words in str(self.line.trouble)


@pytest.fixture
def listen() -> Iterator[Callable[..., Ear]]:
    open_: list[Ear] = []

    def make(*args: object) -> Ear:
        open_.append(Ear(*args))
        return open_[-1]

    yield make
    for it in open_:
        it.line.close()


def test_what_was_said_before_is_heard_too_and_only_what_is_for_this_commune(broker: Broker, desk: Desk, listen):
    desk.nudge()
    desk.send("01", b"before")
    desk.send("02", b"to others", group="xa-00002")
    ear = listen(push_of(broker))
    wait_until(lambda: ear.line.connected, 20)
    desk.send("01", b"")  # taken back
    desk.send("03", b"after", group="xa-00001")
    desk.nudge()
    wait_until(lambda: len(ear.alerts) == 2 and ear.nudges, 10)
    assert (ear.alerts, ear.nudges) == ([b"before", b"after"], 1)


def test_it_says_that_it_is_there_and_the_broker_that_it_is_gone(broker: Broker, desk: Desk, listen):
    ear = listen(push_of(broker))
    wait_until(lambda: desk.said.get("link") == "on", 20)
    ear.line.say(status_topic(CODE), b"{}")
    wait_until(lambda: desk.said.get("status") == {}, 10)
    ear.line.close()
    wait_until(lambda: desk.said.get("link") == "off", 10)
    with Desk(broker) as late:
        wait_until(lambda: late.said.get("link") == "off" and "status" in late.said, 10)


def test_after_a_restart_of_the_broker_it_hears_what_was_sent_meanwhile(broker: Broker, listen):
    ear = listen(push_of(broker))
    wait_until(lambda: ear.line.connected, 20)
    broker.stop()
    wait_until(lambda: not ear.line.connected, 20)
    assert ear.line.trouble
    broker.start()
    with Desk(broker) as again:
        again.send("01", b"meanwhile")
        wait_until(lambda: ear.alerts == [b"meanwhile"], 40)
        wait_until(lambda: again.said.get("link") == "on", 10)
    assert ear.line.trouble is None


def test_each_way_not_to_be_let_in_is_told(broker: Broker, tmp_path: Path, listen):
    strange = Broker(tmp_path / "la", tmp_path / "la-mosquitto")  # of another authority
    wrong_ca = listen(evolve(push_of(broker), ca=strange.authority.read_text()))
    no_ca = listen(evolve(push_of(broker), ca=""))
    no_pem = listen(evolve(push_of(broker), ca="-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n"))
    wrong_word = listen(push_of(broker), evolve(ENROLLED, token="sai"))
    nobody = listen(Push(f"mqtts://127.0.0.1:{free_port()}"))
    no_port = listen(Push("mqtts://127.0.0.1:99999"))
    no_tls = listen(Push(f"mqtts://127.0.0.1:{broker.plain_port}"))
    wait_until(lambda: wrong_ca.told("không được tin cậy"), 20)
    wait_until(lambda: no_ca.told("không được tin cậy"), 20)
    wait_until(lambda: no_pem.line.trouble, 20)
    wait_until(lambda: wrong_word.told("không nhận đài này"), 20)
    wait_until(lambda: nobody.told("từ chối kết nối"), 20)
    wait_until(lambda: no_port.line.trouble, 20)
    wait_until(lambda: no_tls.line.trouble, 40)
    for ear in (wrong_ca, no_ca, no_pem, wrong_word, nobody, no_port, no_tls):
        assert not ear.line.connected and ear.line.trouble.still and ear.line.trouble.mend


def test_who_takes_its_place_is_followed_by_it_again(broker: Broker, desk: Desk, listen):
    ear = listen(push_of(broker))
    wait_until(lambda: ear.line.connected, 20)
    other = listen(push_of(broker))  # the same station, as after a connection of which one end knew nothing
    wait_until(lambda: not ear.line.connected, 20)
    other.line.close()
    wait_until(lambda: ear.line.connected, 40)
    wait_until(lambda: desk.said.get(link_topic(CODE).rpartition("/")[2]) == "on", 10)


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x20\x03\x00\x00\x00" + b"\x00" * 40,  # let in, and then nothing that is MQTT
        b"\x20\x03\x00\x00\x00" + b"\x30\xff\xff\xff\xff\xff",  # a length that is none
        b"\x20\x03\x00\x00\x00" + b"\x32\x05\x00\xff\x00\x00\x00",  # a topic that is longer than its packet
        b"\x20\x03\x00\x00\x00" + b"\x30\x06\x00\x02\xff\xfe\x00\x00",  # one that is no text
        b"\x20\x03\x00\x00\x00" + b"\x30\x08\x00\x01a\x04\x7f\x7f\x7f\x7f",  # properties that there are not
        b"\x20\x03\x00\x00\x00" + b"\xe0\x02\x8b\x00",  # sent away
        b"",
    ],
)
def test_a_broker_that_talks_nonsense_ends_a_connection_and_no_more(listen, sent: bytes):
    with socket.create_server(("127.0.0.1", 0)) as rogue:
        ear = listen(Push(f"mqtt://127.0.0.1:{rogue.getsockname()[1]}"))
        rogue.settimeout(20)
        link, _ = rogue.accept()
        with link:
            link.recv(1_000)
            link.sendall(sent)
        wait_until(lambda: ear.line.trouble, 10)  # and so it goes on, a while later
        assert not ear.line.connected and not ear.alerts
