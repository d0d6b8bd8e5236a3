"""A province's office beside a real broker, and `station province live` of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Self
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families
from securesystemslib.signer import CryptoSigner

from station.centre.alerts import Alerts
from station.centre.broker_accounts import PASSWORD as PASSWORD_FILE
from station.rules.alerting.alert import GROUP, Alert, Area, MessageType, Status
from station.rules.now import HOUR, SECOND
from tests.rig.broker import PASSWORD, Broker
from tests.rig.ports import free_port
from tests.rig.waiting import wall_ms


class Office:
    """The office's folder, beside a broker, and `station province live` of it."""

    def __init__(self, work: Path, broker: Broker, codes: tuple[str, ...]) -> None:
        self.work, self.broker = work, broker
        self.board = work / "bang"
        self.board.mkdir()
        (work / "tree").mkdir()
        (work / PASSWORD_FILE).parent.mkdir()
        (work / PASSWORD_FILE).write_text(PASSWORD)
        (work / "ca.pem").write_text(broker.authority.read_text())
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.list_communes(codes)

    def list_communes(self, codes: tuple[str, ...]) -> None:
        communes = "".join(
            f'[communes.{code}]\nname = "Xã {code}"\nareas = ["vung-{code[-1]}"]\n' for code in codes
        )
        push = f'[push]\naddress = "{self.broker.address}"\nca = "ca.pem"\n'
        (self.work / "province.toml").write_text(f'name = "Tỉnh thử"\n{push}{communes}')

    def send(self, headline: str, *groups: str, **more: Any) -> Alert:
        """Have an alert in force."""
        now = int(wall_ms()) // SECOND * SECOND
        alert = Alert(
            identifier=headline.replace(" ", "-"),
            sender="pctt@tinh",
            sent=now,
            expires=now + HOUR,
            headline=headline,
            language="vi-VN",
            areas=(Area("Nơi thử", tuple((GROUP, it) for it in groups)),),
            **{"status": Status.ACTUAL, "kind": MessageType.ALERT, "event": "Lũ", **more},
        )
        Alerts(self.work).send(alert, CryptoSigner.generate_ed25519(), "Lan", now)
        return alert

    def start(self) -> None:
        command = [sys.executable, "-m", "station", "province", "--at", self.work, "live", "--port", self.port]
        self.process = subprocess.Popen([str(it) for it in command])

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def told(self) -> dict[str, Any]:
        """What `live.json` says; it is whole whenever it is looked at."""
        file = self.board / "live.json"
        return json.loads(file.read_bytes()) if file.exists() else {}

    def up(self) -> str:
        """Of each station, whether it is there: + for yes, - for no, ? for unknown."""
        stations = self.told().get("stations", {}).values()
        return "".join({True: "+", False: "-", None: "?"}[it["up"]] for it in stations)

    def figures(self) -> dict[tuple[str, str], float]:
        """What Prometheus would scrape: by name, and the values of the labels in order, but for `name`."""
        with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=20) as answer:
            families = text_string_to_metric_families(answer.read().decode())
            samples = [sample for family in families for sample in family.samples]
        return {
            (it.name, " ".join(value for label, value in it.labels.items() if label != "name")): it.value
            for it in samples
        }
