"""A province's office for each test, and a station that believes its first root."""

from pathlib import Path

import pytest

from tests.province.office import Client, Office


@pytest.fixture
def office(tmp_path: Path) -> Office:
    office = Office(tmp_path / "tinh", tmp_path / "noi-dung")
    office.prepare()
    return office


@pytest.fixture
def client(office: Office, tmp_path: Path) -> Client:
    return Client(tmp_path / "client", office)
