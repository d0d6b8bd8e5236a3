"""What goes over the air: compressed, and kept by the browser for as long as it is right."""

import gzip
import re
from itertools import islice
from pathlib import Path

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from web import lean

ZIPPED = {"Accept-Encoding": "gzip, deflate"}
FILES = re.compile(r'(?:href|src)="(/(?:static|bootstrap)/[^"]+)"')
AIM = 100 * 1024  # bytes
STATIC = Path(lean.__file__).parent / "static"


def test_the_home_page_with_all_it_needs_is_small(client: FlaskClient, player):  # noqa: ARG001
    page = client.get("/", headers=ZIPPED)
    files = FILES.findall(gzip.decompress(page.data).decode())
    assert {Path(it.partition("?")[0]).suffix for it in files} == {".css", ".js", ".svg"}
    assert len(page.data) + sum(len(client.get(it, headers=ZIPPED).data) for it in files) < AIM


def test_what_is_compressed_is_the_same(client: FlaskClient):
    plain = client.get("/static/station.css")
    assert "Content-Encoding" not in plain.headers
    packed = client.get("/static/station.css", headers=ZIPPED)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert gzip.decompress(packed.data) == plain.data


def test_a_browser_keeps_a_file_until_it_changes(client: FlaskClient, app: Flask, tmp_path: Path):
    file = tmp_path / "a.css"
    app.static_folder = str(tmp_path)

    def address() -> str:
        with app.test_request_context():
            return url_for("static", filename="a.css")

    file.write_text("a")
    first = address()
    assert "immutable" in client.get(first).headers["Cache-Control"]
    assert "immutable" not in client.get("/static/a.css").headers["Cache-Control"], "whose address does not change"
    lean._mark.cache_clear()  # a new version comes with a new process
    file.write_text("b")
    assert address() != first


@pytest.mark.parametrize("address", ["/", "/tinh-hinh"])
def test_what_a_person_sees_is_kept_by_nobody(client: FlaskClient, address: str):
    assert client.get(address, headers=ZIPPED).headers["Cache-Control"] == "no-store"


def test_what_is_sent_bit_by_bit_is_not_held_back(client: FlaskClient, player):  # noqa: ARG001
    with client.get("/tinh-hinh/lien-tuc", headers=ZIPPED) as stream:
        assert "Content-Encoding" not in stream.headers
        assert b"event: picture" in next(islice(stream.response, 1, None))


def test_no_script_takes_a_name_of_the_script_of_every_page():
    """They share one page, and so one space of names."""
    declared = re.compile(r"^(?:const|let|function|class) (\w+)", re.MULTILINE)
    scripts = {it.name: set(declared.findall(it.read_text())) for it in STATIC.glob("*.js")}
    everywhere = scripts.pop("station.js")
    assert {name: found for name, names in scripts.items() if (found := names & everywhere)} == {}
