"""Push: a connection to the province's broker that is kept up. What comes by it is believed by nobody here."""

import logging
import random
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Full, Queue
from typing import Any

import paho.mqtt.client as mqtt
from attrs import frozen
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from station.province.link import broken
from station.rules.alerting.envelope import LONGEST_ENVELOPE
from station.rules.alerting.sender import Push
from station.rules.alerting.ways import OFF, ON, SYNC_TOPIC, alert_topics, link_topic
from station.rules.enrolment import Enrolment
from station.rules.trouble import Trouble

_KEEPALIVE = 60  # s
_CONNECTING = 20.0  # s
_SOONEST, _FIRST, _LATEST = 1.0, 4.0, 30.0  # s until it is tried again: at random, up to ever longer
_UNDERWAY = 8  # alerts that the broker may send ahead of our word that they came
_AROUND = 4_096  # bytes of a packet around an envelope
_SAID = 50  # of our own messages that wait for their turn, or for the broker's word
_TURN = 0.2  # s after which at the latest is said what waits
_SURELY = 1  # quality of service: at least once
_UNKNOWN = {"Bad user name or password", "Not authorized"}
_STILL = "Tin khẩn vẫn tới bằng cách hỏi máy chủ mỗi phút; chương trình vẫn phát."

_log = logging.getLogger(__name__)


@frozen
class Heard:
    """Who is told what is heard: an alert's envelope, a nudge to synchronise, that it is `connected` or no more."""

    alert: Callable[[bytes], None]
    nudge: Callable[[], None]
    changed: Callable[[], None]


class Line:
    """The line of an enrolled station to a broker, for the alerts of `groups`; tried again while it is open.

    The broker says for the station that it is gone, however that came.
    """

    def __init__(self, broker: Push, enrolment: Enrolment, groups: frozenset[str], heard: Heard) -> None:
        self._broker, self._enrolment, self._groups, self._heard = broker, enrolment, groups, heard
        self._closed = threading.Event()
        self._to_say: Queue[tuple[str, bytes, int | None]] = Queue(_SAID)
        self._connected = False
        self._trouble: Trouble | None = None

    @property
    def connected(self) -> bool:
        """Whether alerts are heard by it."""
        return self._connected

    @property
    def trouble(self) -> Trouble | None:
        """What stands in the way."""
        return self._trouble

    def begin(self) -> None:
        """Connect from now on, in a thread of its own."""
        threading.Thread(target=self._serve, name="push", daemon=True).start()

    def say(self, topic: str, content: bytes, lasts: int | None = None) -> None:
        """Have the broker keep what the station says, for `lasts` s or until it says something else."""
        with suppress(Full):  # a broker that takes nothing hears nothing
            self._to_say.put_nowait((topic, content, lasts))

    def close(self) -> None:
        """Connect no more; the broker says that the station is gone."""
        self._closed.set()

    def _serve(self) -> None:
        longest = _FIRST
        while not self._closed.is_set():
            longest = _FIRST if self._connection() else min(longest * 2, _LATEST)
            self._closed.wait(random.uniform(_SOONEST, longest))  # noqa: S311 - no secret

    def _connection(self) -> bool:
        """Connect once, until that ends; gives whether alerts were heard. A broker can end no more than that."""
        host, _, port = self._broker.address.partition("://")[2].rpartition(":")
        heard, trouble = False, None
        try:
            client = self._new_client()
            client.connect(host, int(port), _KEEPALIVE, clean_start=True, properties=_MODESTLY)
            while client.loop(_TURN) is mqtt.MQTT_ERR_SUCCESS and not self._closed.is_set():
                heard = heard or self._connected
                self._say_what_waits(client)
            client.disconnect(_WITH_WILL)
        except Exception as error:  # noqa: BLE001 - of ssl, socket and paho
            trouble = broken(self._broker.address, error).trouble
        self._become(connected=False, trouble=trouble or (None if heard else self._trouble) or self._lost())
        return heard

    def _say_what_waits(self, client: mqtt.Client) -> None:
        """Only this thread speaks to the client, which is not made for two."""
        while self._connected and not self._to_say.empty():
            topic, content, lasts = self._to_say.get_nowait()
            expiry = {} if lasts is None else {"MessageExpiryInterval": lasts}
            properties = _properties(PacketTypes.PUBLISH, **expiry)
            client.publish(topic, content, _SURELY, retain=True, properties=properties)

    def _new_client(self) -> mqtt.Client:
        enrolment = self._enrolment
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            f"loa-xa-{enrolment.code}",
            protocol=mqtt.MQTTv5,
            reconnect_on_failure=False,  # that is done here, with another client: it has nothing of the former one
        )
        client.connect_timeout = _CONNECTING
        client.max_queued_messages_set(_SAID)
        client.username_pw_set(enrolment.code, enrolment.token)
        client.will_set(link_topic(enrolment.code), OFF, _SURELY, retain=True)
        if self._broker.address.startswith("mqtts:"):
            client.tls_set_context(ssl.create_default_context(cadata=self._broker.ca or None))
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _on_connect(self, client: mqtt.Client, _data: Any, _flags: Any, reason: ReasonCode, _more: Any) -> None:
        if reason.is_failure:
            self._become(connected=False, trouble=self._turned_away(reason))
        else:
            topics = (*alert_topics(sorted(self._groups)), SYNC_TOPIC)
            client.subscribe([(it, SubscribeOptions(_SURELY)) for it in topics])

    def _on_subscribe(
        self, client: mqtt.Client, _data: Any, _number: int, reasons: list[ReasonCode], _more: Any
    ) -> None:
        if any(it.is_failure for it in reasons):
            self._become(connected=False, trouble=self._turned_away(next(it for it in reasons if it.is_failure)))
            client.disconnect()
        else:
            client.publish(link_topic(self._enrolment.code), ON, _SURELY, retain=True)
            self._become(connected=True, trouble=None)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic == SYNC_TOPIC:
            if not message.retain:  # what was said before we came was heard, or is done by now
                self._heard.nudge()
        elif message.payload:  # with none the broker is told to keep that topic's no longer
            self._heard.alert(bytes(message.payload))

    def _become(self, *, connected: bool, trouble: Trouble | None) -> None:
        if (connected, trouble) != (self._connected, self._trouble):
            _log.info("%s", trouble or f"connected to {self._broker.address}")
            self._connected, self._trouble = connected, trouble
            self._heard.changed()

    def _turned_away(self, reason: ReasonCode) -> Trouble:
        if reason.getName() in _UNKNOWN:
            what, mend = "Máy chủ tin khẩn của tỉnh không nhận đài này.", "Xin tỉnh dòng ghi danh mới rồi dán lại."
        else:
            what = f"Máy chủ tin khẩn của tỉnh từ chối lúc này ({reason})."
            mend = "Đài tự nối lại; nếu kéo dài thì báo cho tỉnh."
        return Trouble(self._broker.address, what, _STILL, mend)

    def _lost(self) -> Trouble:
        what = "Đường tới máy chủ tin khẩn của tỉnh bị ngắt."
        return Trouble(self._broker.address, what, _STILL, "Đài tự nối lại; nếu kéo dài, xem lại đường mạng.")


def _properties(packet: int, **values: int) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


_WITH_WILL = ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message")

# What a broker is asked to send at most; an honest one does.
_MODESTLY = _properties(PacketTypes.CONNECT, ReceiveMaximum=_UNDERWAY, MaximumPacketSize=LONGEST_ENVELOPE + _AROUND)
