"""The province's own account at its broker, for whoever speaks or listens there."""

import ssl
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt

from station.centre.broker_accounts import PROVINCE
from station.rules.alerting.sender import Push


def introduce(client: mqtt.Client, push: Push, password: str) -> tuple[str, int]:
    """Have a client know who it is, and whom to trust; gives the host and port to connect to.

    Raises `ValueError` or `OSError` where nobody can be trusted.
    """
    client.username_pw_set(PROVINCE, password)
    address = urlsplit(push.address)
    if address.scheme == "mqtts":
        client.tls_set_context(ssl.create_default_context(cadata=push.ca or None))
    return address.hostname or "", address.port or 0
