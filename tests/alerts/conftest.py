"""A province that sends alerts, with its broker, and a station that hears them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.stores.home import Home
from tests.alerts.feed_server import FeedServer
from tests.alerts.province import CODE, TOKEN, Desk, Office, push_of
from tests.alerts.sending import Hearing, Sending, hearing
from tests.rig.broker import Broker


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


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(tmp_path / "tinh", tmp_path / "mosquitto")
    made.add(CODE, TOKEN)
    with made:
        yield made


@pytest.fixture
def office(tmp_path: Path, broker: Broker) -> Office:
    return Office(tmp_path / "tinh", push_of(broker))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FeedServer]:
    """Of feeds, without TLS."""
    with FeedServer(tmp_path / "web") as made:
        yield made


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    """Of feeds, with TLS by an authority that is trusted."""
    with FeedServer(tmp_path / "web", tmp_path / "tls") as made:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.authority))
        yield made


@pytest.fixture
def desk(broker: Broker) -> Iterator[Desk]:
    with Desk(broker) as made:
        yield made
