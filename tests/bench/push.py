"""`python -m tests.bench.push`: an order of the province to ten thousand simulated stations, on one mosquitto.

Broker, publisher and all stations share this machine, on its loopback address. A station's decision is made by the
program's own code: the signature, the XML, and who may say what to whom.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import numpy as np
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from securesystemslib.signer import CryptoSigner

from station.centre.broker_accounts import PROVINCE
from station.rules.alerting.alert import Sound
from station.rules.alerting.cap import write_cap
from station.rules.alerting.envelope import seal
from station.rules.alerting.ways import alert_topic
from tests.bench.crowd import account
from tests.bench.studio import say
from tests.rig.broker import PASSWORD, Broker
from tests.rig.waiting import mono_ns, wait_until, wall_ms
from tests.rules.alerts import alert

_SOUND = 90_000  # bytes: half a minute at 24 kbit/s
_PATIENCE = 120  # s
_WORDS = {"description": "Nước suối dâng nhanh. Bà con ở ven suối lên chỗ cao ngay, không quay lại lấy đồ."}
_CROWD = (sys.executable, "-m", "tests.bench.crowd")
_KB, _MIB = 1_000, 1 << 20


def main() -> None:
    """Measure, and print a table."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.push", description=__doc__)
    asked.add_argument("--stations", type=int, default=10_000)
    asked.add_argument("--processes", type=int, default=2, help="that hold them (2)")
    asked.add_argument("--orders", type=int, default=10, help="how often each order is given (10)")
    stations, processes, orders = vars(asked.parse_args()).values()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder, _stage(Path(folder), stations, processes) as stage:
        print(f"| {stations:,} stations | median | 99 of 100 | last |\n| --- | ---: | ---: | ---: |")
        for what, sound in (("text", None), (f"sound of {_SOUND // _KB} kB", Sound("audio/ogg", bytes(_SOUND)))):
            times = [stage.order(sound) for _ in range(orders)]
            _print(f"{what}: order to arrival, s", [it.arrived for it in times])
            _print(f"{what}: and one verified decision, s", [it.alone for it in times])
            _print(
                f"{what}: order to verified decision, all of them on this machine, s", [it.decided for it in times]
            )
        print(f"\n| | |\n| --- | ---: |\n| mosquitto, resident, MiB | {_resident(stage.broker.pid):.0f} |")
        print(f"| publisher, resident, MiB | {stage.publisher_resident():.0f} |")
        print(f"| broker restarted: all connected again after, s | {stage.storm():.1f} |")
        last = stage.after_storm
        print(f"| order given meanwhile: decided by all after, s | {last:.1f} |", flush=True)


class _Times:
    """When it arrived at and was decided by each, in s after the order.

    `alone` is when it would have been decided by a processor that has no other station's to decide.
    """

    def __init__(self, ordered: int, told: Sequence[dict[str, Any]]) -> None:
        cost = max(it["cost"] for it in told)
        self.arrived = [(it - ordered) / 1e9 for one in told for it in one["arrived"]]
        self.decided = [(it - ordered) / 1e9 for one in told for it in one["decided"]]
        self.alone = [it + cost for it in self.arrived]


class _Stage:
    """A broker with all stations connected, and a publisher."""

    def __init__(self, broker: Broker, key: CryptoSigner, stations: int, processes: int) -> None:
        self.broker, self._key = broker, key
        self._number = 0
        self._said: Queue[dict[str, Any]] = Queue()
        self._each = stations // processes
        public = {"keyid": key.public_key.keyid, "key": key.public_key.to_dict()}
        self._crowds = [
            subprocess.Popen(
                [*_CROWD, *map(str, (broker.port, broker.authority, first, self._each)), json.dumps(public)],
                stdout=subprocess.PIPE,
                text=True,
            )
            for first in range(0, self._each * processes, self._each)
        ]
        for crowd in self._crowds:
            Thread(target=self._listen, args=(crowd,), daemon=True).start()
        self._all_say("connected")
        self._publisher = _publisher(broker)
        self.after_storm = 0.0

    def order(self, sound: Sound | None) -> _Times:
        """Give an order, and wait until all have decided."""
        content = self._envelope(sound)
        ordered = mono_ns()
        self._publish(content)
        return _Times(ordered, self._all_say("decided"))

    def storm(self) -> float:
        """Restart the broker with an order on its way; until all are connected again, in s."""
        self.broker.stop()
        wait_until(lambda: not self._publisher.is_connected(), 30)
        self._publisher.loop_stop()
        begun = mono_ns()
        self.broker.start()
        self._publisher = _publisher(self.broker)
        content = self._envelope(None)
        ordered = mono_ns()
        self._publish(content)
        told = [self._said.get(timeout=_PATIENCE) for _ in range(2 * len(self._crowds))]
        connected = mono_ns()
        self.after_storm = max(_Times(ordered, [it for it in told if "decided" in it]).decided)
        return (connected - begun) / 1e9

    def publisher_resident(self) -> float:
        """The memory of a process that does nothing but publish, in MiB."""
        done = subprocess.run(
            [sys.executable, "-c", _ONLY_PUBLISH, str(self.broker.plain_port), PROVINCE, PASSWORD],
            input=self._envelope(Sound("audio/ogg", bytes(_SOUND))),
            capture_output=True,
            check=True,
        )
        return int(done.stdout) / 1024

    def close(self) -> None:
        """End them."""
        for crowd in self._crowds:
            crowd.kill()
            crowd.wait()

    def _envelope(self, sound: Sound | None) -> bytes:
        self._number += 1
        now = round(wall_ms()) // 1_000 * 1_000
        return seal(write_cap(alert(f"lenh-{self._number}", now, sound=sound, **_WORDS)), self._key)

    def _publish(self, content: bytes) -> None:
        properties = Properties(PacketTypes.PUBLISH)
        properties.MessageExpiryInterval = 3_600
        self._publisher.publish(alert_topic("tinh", "1"), content, qos=1, retain=True, properties=properties)

    def _listen(self, crowd: "subprocess.Popen[str]") -> None:
        assert crowd.stdout
        for line in crowd.stdout:
            self._said.put(json.loads(line))

    def _all_say(self, key: str) -> list[dict[str, Any]]:
        """What each process of stations says next."""
        try:
            told = [self._said.get(timeout=_PATIENCE) for _ in self._crowds]
        except Empty:
            raise RuntimeError(f"not all {key}:\n{self.broker.log[-2_000:]}") from None
        assert all(key in it for it in told)
        return told


_ONLY_PUBLISH = """
import resource, sys
import paho.mqtt.client as mqtt
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
client.username_pw_set(sys.argv[2], sys.argv[3])
client.connect("127.0.0.1", int(sys.argv[1]))
client.loop_start()
client.publish("loa-xa/alert/khong-ai/1", sys.stdin.buffer.read(), qos=1).wait_for_publish(30)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@contextmanager
def _stage(folder: Path, stations: int, processes: int) -> Iterator[_Stage]:
    with Broker(folder / "work", folder / "broker") as broker:
        say("accounts …")
        broker.add_all(dict(account(number) for number in range(stations)))
        broker.stop()
        broker.start()
        say("connecting …")
        stage = _Stage(broker, CryptoSigner.generate_ed25519(), stations, processes)
        try:
            yield stage
        finally:
            stage.close()


def _publisher(broker: Broker) -> mqtt.Client:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(PROVINCE, PASSWORD)
    client.connect("127.0.0.1", broker.plain_port)
    client.loop_start()
    wait_until(client.is_connected, 30)
    return client


def _print(title: str, of_each: Sequence[Sequence[float]]) -> None:
    """Of all orders the middle one's."""
    figures = np.median([np.percentile(it, (50, 99, 100)) for it in of_each], axis=0)
    print(f"| {title} | {' | '.join(f'{it:.2f}' for it in figures)} |", flush=True)


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / _MIB


if __name__ == "__main__":
    main()
