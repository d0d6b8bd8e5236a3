"""Stations that are real clients of a real broker, each with its own account and its last will."""

import json
import socket
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from station.rules.alerting.ways import OFF, ON, link_topic, status_topic, verdict_topic
from tests.rig.broker import Broker
from tests.rig.waiting import wait_until, wall_ms


def status(**more: Any) -> dict[str, Any]:
    """What a station that is well says of itself."""
    usual = {
        "at": int(wall_ms()),
        "version": "1.2.0",
        "name": "Đài thử",
        "player": True,
        "on_air": None,
        "next": {"title": "Bản tin chiều", "start": "2026-11-26T17:00:00+07:00", "zones": ["bac"]},
        "faults": [],
        "clock_trusted": True,
        "disk_free": 18 * 1024**3,
        "heat": 41,
    }
    return {**usual, **more}


class SimulatedStation:
    """A station of that code at the broker, while entered: it says that it is there, and how it is."""

    def __init__(self, broker: Broker, code: str) -> None:
        self.code = code
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(code, f"cua {code}")
        self._client.will_set(link_topic(code), OFF, qos=1, retain=True)
        self._client.on_connect = self._connected
        self._port = broker.plain_port

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        wait_until(self._client.is_connected, 20)
        self.tell()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def tell(self, **more: Any) -> None:
        """Say how it is."""
        self.say(status_topic(self.code), json.dumps(status(**more)).encode())

    def answer(self, alert: str, decision: str, **more: Any) -> None:
        """Say what it did with an alert."""
        told = {"at": int(wall_ms()), "decision": decision, "reason": "", "result": "", "proof": "", **more}
        self.say(verdict_topic(self.code, alert), json.dumps(told).encode())

    def say(self, topic: str, content: bytes) -> None:
        """Say anything, retained."""
        self._client.publish(topic, content, qos=1, retain=True).wait_for_publish(20)

    def _connected(self, client: mqtt.Client, *_: Any) -> None:
        client.publish(link_topic(self.code), ON, qos=1, retain=True)

    def vanish(self) -> None:
        """Lose the power: the broker finds the line broken and says its last will."""
        self._client.loop_stop()
        line = self._client.socket()
        assert line
        line.shutdown(socket.SHUT_RDWR)
