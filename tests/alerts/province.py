"""A province of the tests: what it keeps on its server, and who speaks and hears at its broker."""

import hashlib
import json
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as mqtt
from attrs import evolve
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from station.centre.broker_accounts import PROVINCE
from station.rules.alerting.sender import PUSH, Push
from station.rules.alerting.ways import ALL_STATIONS, SYNC_TOPIC, Listed, alert_topic, said_by, write_index
from station.rules.now import HOUR
from station.stores.enrolment import keep_enrolment
from tests.alerts.sending import Sending
from tests.rig.broker import PASSWORD, Broker
from tests.rig.waiting import wait_until, wall_ms
from tests.running import RunningStation

CODE, TOKEN = "00001", "mat-ma-cua-xa"


class Office(Sending):
    """The province in its folder `work`: the tree, the alerts beside it, and the broker that the tree names."""

    def __init__(self, work: Path, push: Push | None = None) -> None:
        super().__init__(work / "tree")
        self.work = work
        (work / "htpasswd").touch()
        self._listed: list[Listed] = []
        self.publish(push)

    def publish(self, push: Push | None) -> None:
        """Say by which broker alerts come."""
        self.tree.targets.unrecognized_fields[PUSH] = push.told() if push else {}
        self.tree.publish()

    def let_in(self, station: RunningStation, *trees: str, token: str = TOKEN) -> None:
        """Have a station believe the province, and know what it has published."""
        root = (self.tree.metadata / "1.root.json").read_bytes()
        enrolment = evolve(self.tree.enrolment(*trees, code=CODE), token=token)
        keep_enrolment(station.home / "province", enrolment, root)
        self.sync(station)

    def sync(self, station: RunningStation) -> None:
        """Have a station know what is published now."""
        done = station.command("sync", "--from", str(self.tree.folder))
        assert not done.returncode, done.stderr

    def list(self, envelope: bytes, *groups: str, content: bytes | None = None) -> Listed:
        """Lay an envelope beside the tree, or something else in its place, and name it as in force."""
        listed = Listed(hashlib.sha256(envelope).hexdigest(), groups or ("tinh",), round(wall_ms()) + HOUR)
        place = self.tree.folder / listed.path
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(envelope if content is None else content)
        self._listed.append(listed)
        (place.parent / "current.json").write_bytes(write_index(self._listed))
        return listed


class Desk:
    """Somebody at the broker, the province unless said otherwise: `said` is what each station says."""

    def __init__(self, broker: Broker, name: str = PROVINCE, password: str = PASSWORD) -> None:
        self.said: dict[str, Any] = {}
        self.heard: list[tuple[str, str, Any]] = []
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(name, password)
        self._client.on_message = self._hear
        self._client.on_connect = lambda client, *_: client.subscribe(ALL_STATIONS, 1)
        self._client.connect("127.0.0.1", broker.plain_port)
        self._client.loop_start()
        wait_until(self._client.is_connected, 10)

    def send(self, alert: str, envelope: bytes, *, group: str = "tinh", lasts: int = 3_600) -> None:
        """Send an envelope to a group."""
        properties = Properties(PacketTypes.PUBLISH)
        properties.MessageExpiryInterval = lasts
        self.say(alert_topic(group, alert), envelope, retain=True, properties=properties)

    def shout(self, alert: str, content: bytes) -> None:
        """Send something to everyone and do not wait until it has come."""
        self._client.publish(alert_topic("tinh", alert), content, qos=1)

    def nudge(self) -> None:
        """Say that stations may synchronise."""
        self.say(SYNC_TOPIC, b"")

    def say(self, topic: str, content: bytes, **more: Any) -> None:
        """Say anything; it has come to the broker on return."""
        self._client.publish(topic, content, qos=1, **more).wait_for_publish(30)

    def results(self, alert: str) -> list[str]:
        """What a station said became of an alert, one after another."""
        return [told["result"] for what, of, told in self.heard if (what, of) == ("alert", alert)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        found = said_by(message.topic)
        assert found
        _, (what, *of) = found
        told = message.payload.decode() if what == "link" else json.loads(message.payload)
        self.said["/".join((what, *of))] = told
        self.heard.append((what, "/".join(of), told))


def push_of(broker: Broker) -> Push:
    """A broker as the signed tree names it."""
    return Push(broker.address, broker.authority.read_text())
