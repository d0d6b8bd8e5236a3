"""The process that follows the stations at the broker, for the board and for Prometheus; it keeps nothing itself.

What stations say of themselves is retained there: whoever asks anew knows all of it again within seconds.
"""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIServer

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from prometheus_client import CollectorRegistry, start_http_server

from station.centre.broker import introduce
from station.centre.broker_accounts import own_password
from station.centre.in_force import read_in_force
from station.centre.live_metrics import registry
from station.centre.live_page import FILE, live_json
from station.centre.overview import Overview
from station.centre.province_files import FILE as PROVINCE_FILE
from station.centre.province_files import Province, read_province, read_push_of
from station.clock import Clock
from station.durable import sweep, unfinished
from station.rules.alerting.ways import ALL_STATIONS, INDEX
from station.rules.now import SECOND
from station.rules.overview import InForce, Picture
from station.rules.title import clean
from station.rules.trouble import Refused, Trouble
from station.stores.written import Unreadable

_LOOKS_EVERY = 1.0  # s
_SAYS_SO_EVERY = 5 * SECOND  # a page that is told nothing for long says that this process is gone
_FOR_EVERYBODY = 0o644  # the web server shows it
_HERE = "127.0.0.1"
_KEEPALIVE = 30  # s
_LONGEST_WAIT = 10  # s, between two tries to connect

_logger = logging.getLogger(__name__)


class Live:
    """The stations of the province that works in `work`, as they are now, in the file `live.json` of `folder`.

    Raises `Refused` or `Unreadable` when there is no broker to ask, or nobody to follow.
    """

    def __init__(self, work: Path, folder: Path, clock: Clock) -> None:
        if not folder.is_dir():
            mend = "Tạo thư mục (docs/reports.md), hoặc chỉ nơi có bảng bằng --folder."
            raise Refused(Trouble(str(folder), "Không có thư mục của bảng.", mend=mend))
        self._folder, self._clock = folder, clock
        self._office = _Office(work, self._now())
        self._overview = Overview(_names(self._office.province), self._now())
        self._client = _client(work, self._office.province)
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_message = self._said
        self._written: tuple[int, int, tuple[InForce, ...]] = (-1, 0, ())

    def run(self, port: int, stop: threading.Event) -> None:
        """Follow them until told to stop, and serve `/metrics` at that port of this machine alone."""
        sweep(self._folder)
        server, thread = _served(port, registry(self._look))
        try:
            with self._following():
                self._tell()
                while not stop.wait(_LOOKS_EVERY):
                    self._tell()
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    @contextmanager
    def _following(self) -> Iterator[None]:
        self._client.loop_start()
        try:
            yield
        finally:
            self._client.disconnect()
            self._client.loop_stop()

    def _tell(self) -> None:
        """Write what is true now, if anything changed or the last word is old."""
        now = self._now()
        if self._office.look(now):
            self._overview.know(_names(self._office.province))
            self._client.subscribe(ALL_STATIONS)  # what was retained of a commune that is new comes again
        changes, at, alerts = self._written
        told = self._overview.changes, now, self._office.alerts
        if told[0] != changes or told[2] != alerts or now - at >= _SAYS_SO_EVERY:
            self._written = told
            try:
                self._write(live_json(self._look()))
            except OSError as error:  # a full disk: Prometheus is told all the same
                _logger.warning("%s: %s", self._folder, error)

    def _write(self, told: bytes) -> None:
        """Whole or not, and not synced: a power cut ends what it says anyway."""
        with unfinished(self._folder) as file:
            os.fchmod(file.stream.fileno(), _FOR_EVERYBODY)
            file.stream.write(told)
            file.stream.flush()
            file.path.replace(self._folder / FILE)

    def _look(self) -> Picture:
        return self._overview.picture(self._office.alerts, self._now())

    def _connected(self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        if reason.is_failure:
            _logger.warning("the broker lets us not in: %s", reason)
            return
        _logger.info("the broker is there")
        self._overview.connect(up=True, now=self._now())
        client.subscribe(ALL_STATIONS)

    def _disconnected(self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        _logger.warning("the broker is gone: %s", reason)
        self._overview.connect(up=False, now=self._now())

    def _said(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._overview.take(message.topic, bytes(message.payload), self._now(), retained=message.retain)

    def _now(self) -> int:
        return self._clock.now().wall


class _Office:
    """Communes and alerts in force as the province's folder has them; what became unreadable stays as it was."""

    def __init__(self, work: Path, now: int) -> None:
        self._work = work
        self.province = read_province(work)
        self.alerts: tuple[InForce, ...] = ()
        self._seen = _stamps(work)
        self._read_alerts(now)

    def look(self, now: int) -> bool:
        """Read anew what changed; whether the communes did."""
        self.alerts = tuple(it for it in self.alerts if it.until > now)
        seen = _stamps(self._work)
        if seen == self._seen:
            return False
        self._seen = seen
        known = self.province
        try:
            self.province = read_province(self._work)
        except Unreadable as error:
            _logger.warning("%s", error)
        self._read_alerts(now)
        return self.province.communes != known.communes

    def _read_alerts(self, now: int) -> None:
        self.alerts = read_in_force(self._work / "tree", self.province, now)


def _stamps(work: Path) -> tuple[tuple[int, int] | None, ...]:
    return tuple(_stamp(it) for it in (work / PROVINCE_FILE, work / "tree" / INDEX))


def _stamp(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _names(province: Province) -> dict[str, str]:
    return {code: clean(it.name) for code, it in province.communes.items()}


def _served(port: int, what: CollectorRegistry) -> tuple[WSGIServer, threading.Thread]:
    """Serve figures to this machine. Raises `Refused`."""
    try:
        return start_http_server(port, _HERE, what)
    except OSError as error:
        what_happened = f"Không mở được cổng này ({error.strerror})."
        raise Refused(Trouble(f"{_HERE}:{port}", what_happened, mend="Chọn cổng khác bằng --port.")) from None


def _client(work: Path, province: Province) -> mqtt.Client:
    """A client that connects, again and again, once its loop runs. Raises `Refused`."""
    push = read_push_of(work, province)
    if push is None:
        mend = "Điền mục [push] (docs/emergencies.md) rồi chạy lại."
        raise Refused(Trouble(PROVINCE_FILE, "Chưa có máy chủ đẩy tin nào.", mend=mend))
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    host, port = introduce(client, push, own_password(work))
    client.reconnect_delay_set(1, _LONGEST_WAIT)
    client.connect_async(host, port, keepalive=_KEEPALIVE)
    return client
