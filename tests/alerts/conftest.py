"""A province that sends alerts, and a station that hears them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.stores.home import Home
from tests.alerts.sending import Hearing, Sending, hearing


@pytest.fixture
def sending(tmp_path: Path) -> Sending:
    return Sending(tmp_path / "tree")


@pytest.fixture
def home(tmp_path: Path, sending: Sending) -> Home:
    return sending.enrol(tmp_path / "home")


@pytest.fixture
def station(sending: Sending, home: Home) -> Iterator[Hearing]:
    with hearing(sending, home) as heard:
        yield heard
