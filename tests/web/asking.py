"""Filling in the page's forms as a browser does."""

import io
import re

from flask.testing import FlaskClient


def token(client: FlaskClient, at: str) -> str:
    """The token of the form that the page `at` shows."""
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(at).text)[1]


def post(client: FlaskClient, address: str, at: str, **fields):
    """Send a form of the page `at`."""
    return client.post(address, data={"csrf_token": token(client, at), **fields})


def upload(client: FlaskClient, content: bytes, name: str, **fields):
    """Send a recording."""
    file = (io.BytesIO(content), name)
    return post(client, "/thu-vien/them", "/thu-vien/them", **{"kind": "news", "file": file, **fields})
