"""Publishing at the province's broker: alerts retained until they end, and "synchronise now"."""

import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from types import TracebackType
from typing import Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from station.centre.alert_log import Sent
from station.centre.alerts import Alerts
from station.centre.broker import introduce
from station.centre.broker_accounts import PROVINCE
from station.rules.alerting.sender import Push
from station.rules.alerting.ways import ALL_ALERTS, SYNC_TOPIC, alert_topic
from station.rules.now import SECOND
from station.rules.trouble import Refused, Trouble

_WAIT = 10  # seconds for an answer
_SLOWEST = 20_000  # bytes a second: what a link must carry to be waited for
_KEEPALIVE = 15  # seconds
_ONCE = 1  # QoS: at least once
_STILL = "Các đài vẫn tự hỏi tin theo chu kỳ, chỉ chậm hơn."


class Line:
    """The province's line to its broker, while entered; it is being opened while other work goes on.

    Each method raises `Refused` when the broker cannot be spoken to.
    """

    def __init__(self, push: Push, password: Callable[[], str]) -> None:
        self._push = push
        self._answered, self._listened = Event(), Event()
        self._answer: ReasonCode | None = None
        self._waiting: list[mqtt.MQTTMessageInfo] = []
        self._declined: list[ReasonCode] = []
        self._bytes = 0
        self._heard: set[str] = set()
        self._client, self._password = self._made(), password
        self._pool = ThreadPoolExecutor(1)
        self._opening: Future[None] = self._pool.submit(self._open)

    def publish(self, topic: str, content: bytes, *, seconds: int | None = None) -> None:
        """Say something; with `seconds`, who comes within that time hears it too. No content takes that back."""
        self._opened()
        lasting = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if seconds is not None and content:
            lasting.MessageExpiryInterval = seconds
        retain = seconds is not None
        self._bytes += len(content)
        self._waiting.append(self._client.publish(topic, content, _ONCE, retain, lasting))

    def settle(self) -> None:
        """Return when the broker has acknowledged all of it."""
        for info in self._waiting:
            try:
                info.wait_for_publish(_WAIT + self._bytes / _SLOWEST)
            except (RuntimeError, ValueError):
                raise self._failed("Đường truyền đến máy chủ đẩy tin bị ngắt") from None
            if not info.is_published():
                raise self._failed("Máy chủ đẩy tin không báo đã nhận")
        self._waiting.clear()
        if self._declined:
            raise self._failed(f"Máy chủ đẩy tin từ chối ({self._declined[0]})")

    def retained(self, topics: str) -> frozenset[str]:
        """Where, of these topics, something is kept for who comes later.

        The broker sends it before it answers what is asked next.
        """
        self._opened()
        self._heard.clear()
        self._listened.clear()
        self._client.subscribe(topics)
        self._client.unsubscribe(topics)
        if not self._listened.wait(_WAIT):
            raise self._failed("Máy chủ đẩy tin không trả lời")
        return frozenset(self._heard)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._pool.shutdown()
        self._client.disconnect()
        self._client.loop_stop()

    def _made(self) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        client.on_connect = lambda _client, _data, _flags, answer, _more: self._note(answer)
        client.on_publish = lambda _client, _data, _id, answer, _more: self._weigh(answer)
        client.on_message = lambda _client, _data, message: self._heard.add(message.topic)
        client.on_unsubscribe = lambda *_: self._listened.set()
        return client

    def _note(self, answer: ReasonCode) -> None:
        self._answer = answer
        self._answered.set()

    def _weigh(self, answer: ReasonCode) -> None:
        if answer.is_failure:
            self._declined.append(answer)

    def _open(self) -> None:
        host, port = introduce(self._client, self._push, self._password())
        self._client.connect(host, port, _KEEPALIVE, clean_start=True)
        self._client.loop_start()

    def _opened(self) -> None:
        try:
            self._opening.result()
        except ssl.SSLCertVerificationError as error:
            what = f"Chứng thư của máy chủ đẩy tin không đúng ({error.verify_message})"
            mend = "Xem chứng thư của máy chủ và mục [push] trong province.toml, rồi publish."
            raise self._failed(what, mend) from None
        except (OSError, ValueError) as error:
            raise self._failed(f"Không nối được với máy chủ đẩy tin ({error})") from None
        if not self._answered.wait(_WAIT):
            raise self._failed("Máy chủ đẩy tin không trả lời")
        assert self._answer is not None  # noqa: S101 - it answered
        if self._answer.is_failure:
            what = f"Máy chủ đẩy tin không nhận tài khoản {PROVINCE} ({self._answer})"
            raise self._failed(
                what, "Trên máy chủ: “systemctl reload mosquitto”, và xem broker-passwd có đúng không."
            )

    def _failed(self, what: str, mend: str = "Kiểm tra mạng và mosquitto.") -> Refused:
        return Refused(Trouble(self._push.address, f"{what}.", _STILL, mend))


def tell(line: Line, alerts: Alerts, sent: Sent, now: int) -> None:
    """Have the broker hold an alert for each of its groups. Raises `Refused`."""
    _publish(line, alerts, sent, sent.groups, now)
    line.settle()


def put_right(line: Line, alerts: Alerts, now: int) -> None:
    """Have the broker hold what is in force, if it lost it or was away, and nothing that was ended.

    What the log does not know is left alone. Raises `Refused`.
    """
    holding, there = alerts.in_force(now), line.retained(ALL_ALERTS)
    for sent in holding:
        missing = [group for group in sent.groups if alert_topic(group, sent.id) not in there]
        if missing:
            _publish(line, alerts, sent, missing, now)
    known = {it.id for it in alerts.sent()} - {it.id for it in holding}
    for topic in there:
        if topic.rpartition("/")[2] in known:
            line.publish(topic, b"", seconds=0)
    line.settle()


def nudge(line: Line) -> None:
    """Have every station that listens synchronise now. Raises `Refused`."""
    line.publish(SYNC_TOPIC, b"sync")
    line.settle()


def _publish(line: Line, alerts: Alerts, sent: Sent, groups: Sequence[str], now: int) -> None:
    envelope = alerts.envelope(sent)
    for group in groups:
        line.publish(alert_topic(group, sent.id), envelope, seconds=max(1, -(-(sent.until - now) // SECOND)))
