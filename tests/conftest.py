"""The sound test rig for every test that plays, and another try for what a busy machine may hold up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.recorder import Recorder
from tests.rig.server import SoundServer

_TESTS = Path(__file__).parent
_AGAIN, _ONCE_AGAIN = 2, 1
_HELD_UP = {"browser", "line"}  # what a browser shows and what a bad line brings, whose users are not patient
_ALONE = {"rules", "stores"}  # they wait for no other process


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try again what waits on the machine: a shared machine may be held up for longer than what is measured."""
    for item in items:
        if item.get_closest_marker("sound") or _HELD_UP & {*getattr(item, "fixturenames", ())}:
            item.add_marker(pytest.mark.flaky(reruns=_AGAIN))
        elif not _ALONE & {*item.path.relative_to(_TESTS).parts}:
            item.add_marker(pytest.mark.flaky(reruns=_ONCE_AGAIN))


@pytest.fixture(scope="session")
def shared_sound_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    """One sound server for all; tests that break theirs start their own."""
    with SoundServer(tmp_path_factory.mktemp("sound")) as server:
        yield server


@pytest.fixture
def sound_server(shared_sound_server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> SoundServer:
    """The sound server that this process, and every child that it starts, plays to."""
    for key, value in shared_sound_server.environment.items():
        monkeypatch.setenv(key, value)
    return shared_sound_server


@pytest.fixture
def recorder(sound_server: SoundServer) -> Iterator[Recorder]:
    """What the sound server plays during the test."""
    with Recorder(sound_server) as recorder:
        yield recorder
