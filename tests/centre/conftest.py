"""A province's office, and who looks at what it publishes."""

from pathlib import Path

import pytest

from tests.centre.office import Client, Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path / "tinh", tmp_path / "noi-dung")
    office.prepare()
    return office


@pytest.fixture
def client(office: Office, tmp_path: Path) -> Client:
    return Client(tmp_path / "client", office)
