"""Calm, asked of a control socket as install.sh asks: by the command, its words and its exit status."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from station.control.messages import Answer, Request, Watch
from station.control.server import ControlServer
from tests.rig.waiting import wait_until

NOW = "2026-11-26T16:45:00+07:00"


def status(on_air: str = "", *coming: tuple[str, str, bool]) -> dict[str, Any]:
    return {
        "on_air": {"title": on_air} if on_air else None,
        "clock": {"now": NOW},
        "next": [{"title": title, "start": start, "airs": airs} for title, start, airs in coming],
    }


CALM = status("", ("Chiều", "2026-11-26T17:00:00+07:00", True), ("Hoãn", "2026-11-26T16:50:00+07:00", False))
SOON = status("", ("Tối", "2026-11-26T19:00:00+07:00", True), ("Chiều", "2026-11-26T16:54:59+07:00", True))
ON_AIR = status("Thời sự")


class Player:
    """Answers as a player does, with one status after another."""

    def __init__(self, *told: dict[str, Any]) -> None:
        self._told, self.asked = told, 0

    def answer(self, request: Request) -> Answer:
        assert isinstance(request, Watch)
        self.asked += 1
        now = min(self.asked, len(self._told))
        return Answer(done=True, value={"seen": now, "status": self._told[now - 1]})


@contextmanager
def playing(run: Path, *told: dict[str, Any]) -> Iterator[Player]:
    player = Player(*told)
    server = ControlServer(run / "station.sock", player.answer)
    try:
        yield player
    finally:
        server.close()


def calm(run: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "station.care.calm", *options],
        env={**os.environ, "STATION_HOME": str(run), "RUNTIME_DIRECTORY": str(run)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_is_calm_while_nothing_sounds_or_is_due(tmp_path: Path):
    with playing(tmp_path, CALM):
        assert (calm(tmp_path).returncode, calm(tmp_path).stdout) == (0, "")


def test_it_is_not_while_something_sounds_or_is_due_and_says_what(tmp_path: Path):
    with playing(tmp_path, SOON):
        looked = calm(tmp_path)
        assert (looked.returncode, looked.stdout) == (1, "“Chiều” sắp phát, lúc 16:54.\n")
    with playing(tmp_path, ON_AIR):
        assert (calm(tmp_path).returncode, calm(tmp_path).stdout) == (1, "Đang phát “Thời sự”.\n")


def test_where_no_player_runs_nothing_sounds(tmp_path: Path):
    assert calm(tmp_path).returncode == 0
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "station.sock"))  # by a player that was killed
    assert calm(tmp_path, "--wait").returncode == 0


def test_it_waits_for_it_and_says_so_once(tmp_path: Path):
    with playing(tmp_path, SOON, SOON, ON_AIR, ON_AIR, CALM) as player:
        waited = calm(tmp_path, "--wait")
        assert waited.returncode == 0
        assert waited.stdout.splitlines() == ["“Chiều” sắp phát, lúc 16:54. Chờ loa im 10 phút rồi mới làm tiếp."]
        assert player.asked == 5


def test_a_player_that_does_not_answer_is_not_taken_for_silence(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "station.sock"))
        deaf.listen()
        waiting = subprocess.Popen(
            [sys.executable, "-m", "station.care.calm"],
            env={**os.environ, "STATION_HOME": str(tmp_path), "RUNTIME_DIRECTORY": str(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: waiting.poll() is not None, 120)
        assert waiting.returncode == 1
        assert waiting.communicate()[0] == "Máy phát chưa trả lời, chưa biết loa có đang phát không.\n"
