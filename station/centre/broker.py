"""The province's own account at its broker."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from station.centre.broker_accounts import PROVINCE
from station.centre.province_files import FILE, Province, read_push_of
from station.rules.trouble import Refused, Trouble

PASSWORD = Path("keys", "broker-password")

_KEEPALIVE = 30  # s
_LONGEST_WAIT = 10  # s, between two tries to connect


def broker_client(work: Path, province: Province) -> mqtt.Client:
    """A client that will connect, again and again, once its loop runs. Raises `Refused`."""
    push = read_push_of(work, province)
    if push is None:
        mend = "Điền mục [push] (docs/emergencies.md) rồi chạy lại."
        raise Refused(Trouble(str(work / FILE), "Chưa có máy chủ đẩy tin nào.", mend=mend))
    try:
        password = (work / PASSWORD).read_text().strip()
    except OSError:
        what, mend = "Chưa có mật khẩu của tỉnh ở máy chủ đẩy tin.", "Xem docs/emergencies.md để tạo."
        raise Refused(Trouble(str(work / PASSWORD), what, mend=mend)) from None
    address = urlsplit(push.address)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(PROVINCE, password)
    if address.scheme == "mqtts":
        client.tls_set_context(ssl.create_default_context(cadata=push.ca or None))
    client.reconnect_delay_set(1, _LONGEST_WAIT)
    client.connect_async(str(address.hostname), address.port or 0, keepalive=_KEEPALIVE)
    return client
