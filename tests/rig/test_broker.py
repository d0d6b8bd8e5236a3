"""The shipped configuration of the broker on a real mosquitto: who may what."""

import ssl
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from station.centre.broker_accounts import PROVINCE
from tests.rig.broker import PASSWORD, Broker
from tests.rig.waiting import wait_until


class Client:
    """Somebody at the broker, and what came to them."""

    def __init__(self, broker: Broker, name: str, password: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.answer: object = None
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(name, password)
        self._client.tls_set_context(ssl.create_default_context(cafile=broker.authority))
        self._client.on_message = lambda _client, _data, message: self.heard.append(
            (message.topic, message.payload)
        )
        self._client.on_connect = lambda _client, _data, _flags, reason, _more: setattr(self, "answer", reason)
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        wait_until(lambda: self.answer is not None, 10)

    def subscribe(self, topic: str) -> None:
        self._client.subscribe(topic, 1)

    def say(self, topic: str, content: bytes) -> None:
        self._client.publish(topic, content, qos=1).wait_for_publish(10)

    def keep(self, topic: str, content: bytes) -> None:
        self._client.publish(topic, content, qos=1, retain=True)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@pytest.fixture
def broker(tmp_path: Path):
    with Broker(tmp_path / "work", tmp_path / "mosquitto") as broker:
        broker.add("00001", "mot")
        broker.add("00002", "hai")
        broker.reload()
        yield broker


def test_only_who_has_an_account_is_let_in(broker: Broker):
    for name, password in (("00001", "hai"), ("", ""), ("la", "la")):
        client = Client(broker, name, password)
        assert client.answer.is_failure
        client.close()


def test_whoever_asks_for_the_last_words_of_all_gets_each(broker: Broker):
    many = 1_000
    province, board = Client(broker, PROVINCE, PASSWORD), Client(broker, PROVINCE, PASSWORD)
    for number in range(many):
        province.keep(f"loa-xa/station/{number:05}/status", b"x" * 500)
    province.say("loa-xa/station/00000/link", b"on")
    board.subscribe("loa-xa/station/+/status")
    wait_until(lambda: len(board.heard) == many, 30)
    for client in (province, board):
        client.close()


def test_a_station_hears_alerts_and_speaks_for_itself_alone(broker: Broker):
    province, one, two = (Client(broker, *it) for it in ((PROVINCE, PASSWORD), ("00001", "mot"), ("00002", "hai")))
    province.subscribe("loa-xa/#")
    one.subscribe("loa-xa/alert/xa-00001/+")
    one.subscribe("loa-xa/station/#")
    two.say("loa-xa/station/00001/status", b"forged")
    two.say("loa-xa/alert/xa-00001/00", b"forged")
    two.say("loa-xa/station/00002/status", b"own")
    province.say("loa-xa/alert/xa-00001/00", b"true")
    wait_until(lambda: one.heard and len(province.heard) == 2, 10)
    assert one.heard == [("loa-xa/alert/xa-00001/00", b"true")]
    assert [content for _, content in province.heard] == [b"own", b"true"]
    for client in (province, one, two):
        client.close()
