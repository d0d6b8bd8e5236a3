"""`./install.sh --try` in a terminal of its own: a fresh copy, a real environment, player and page, and Ctrl+C."""

import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

import pytest

from tests.rig.recorder import Recorder
from tests.rig.waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
CTRL_C = b"\x03"
RUNNING = "Nhấn Ctrl+C để dừng."
PATIENCE_S = 600  # the environment comes over the network

pytestmark = pytest.mark.timeout(2 * PATIENCE_S)


class Terminal:
    """A command with a terminal of its own; leaving the context closes its window."""

    def __init__(self, folder: Path, *command: str) -> None:
        ours, theirs = pty.openpty()
        self._screen = os.fdopen(ours, "r+b", buffering=0)
        self.shown = ""
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self.process = subprocess.Popen(["setsid", "--ctty", *command], cwd=folder, **streams)
        os.close(theirs)

    def press(self, key: bytes) -> None:
        self._screen.write(key)

    def shows(self, words: str) -> bool:
        """Whether `words` were written so far."""
        self._read()
        return words in self.shown

    def wait(self) -> int:
        """Wait for the end of the command; gives its exit status."""
        wait_until(lambda: self._read() or self.process.poll() is not None, 30)
        self._read()
        return self.process.wait()

    def _read(self) -> None:
        while select.select([self._screen], [], [], 0)[0]:
            try:
                self.shown += self._screen.read(1 << 16).decode(errors="replace")
            except OSError:  # the other end is closed
                return

    def close(self) -> None:
        """Close the window, as it were, and wait until the command has ended."""
        self._screen.close()
        self.process.wait(30)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout without what was made in it, in a folder whose name needs quoting."""
    made = shutil.ignore_patterns(".git", ".venv", "var", ".*_cache", ".hypothesis", "__pycache__", "*.egg-info")
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("clone") / "Loa xã", ignore=made)


@pytest.fixture
def practice(checkout: Path) -> Iterator[Terminal]:
    """`./install.sh --try`, once it says that the practice station runs."""
    with Terminal(checkout, "./install.sh", "--try") as terminal:
        wait_until(lambda: terminal.shows(RUNNING) or terminal.process.poll() is not None, PATIENCE_S, every=0.1)
        assert terminal.shows(RUNNING), terminal.shown
        yield terminal


def asked(checkout: Path, *arguments: str) -> Any:
    """What `station … --json` of that checkout says."""
    command = [checkout / ".venv/bin/station", "--home", checkout / "var/tap", *arguments, "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def answers(terminal: Terminal) -> bool:
    """Whether the page answers at the address that the terminal shows."""
    address = re.search(r"http://(127.0.0.1:\d+)/", terminal.shown)
    assert address, terminal.shown
    page = HTTPConnection(address[1], timeout=10)
    page.request("GET", "/")
    return page.getresponse().status < 400  # a page, or the way to one


def processes_of(checkout: Path) -> dict[int, str]:
    """The station's processes that run from that checkout, by number."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended meanwhile
            continue
        if f"{checkout}/.venv/bin/" in command:
            found[int(entry.parent.name)] = command
    return found


def heard(recorder: Recorder) -> bool:
    """Whether anything sounded."""
    return bool(recorder.recording.intervals())


def test_a_fresh_copy_is_on_air_within_a_minute(checkout: Path, recorder: Recorder, practice: Terminal) -> None:
    assert answers(practice)
    assert "Mã thiết lập: " in practice.shown
    wait_until(lambda: asked(checkout, "status")["on_air"], 60, every=0.5)
    wait_until(lambda: heard(recorder), 10, every=0.5)

    practice.press(CTRL_C)
    assert practice.wait() == 0, practice.shown
    assert processes_of(checkout) == {}
    assert [it["title"] for it in asked(checkout, "log")] == ["Chương trình phát thử"]


def test_again_beside_another_program_on_the_page_s_port(checkout: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # another program is there already
            other.bind(("", 8080))
            other.listen()
        with Terminal(checkout, "./install.sh", "--try") as terminal:
            wait_until(lambda: terminal.shows(RUNNING), 60, every=0.1)
            assert "http://127.0.0.1:" in terminal.shown
            assert "http://127.0.0.1:8080" not in terminal.shown
            assert ".venv" not in terminal.shown  # nothing is installed twice
            assert answers(terminal)
            terminal.press(CTRL_C)
            assert terminal.wait() == 0, terminal.shown


@pytest.mark.parametrize(("command", "name"), [("run", "Máy phát"), ("web", "Trang điều khiển")])
def test_says_so_when_one_of_the_two_ends(checkout: Path, practice: Terminal, command: str, name: str) -> None:
    (process,) = (number for number, words in processes_of(checkout).items() if re.search(rf"\b{command}\b", words))
    os.kill(process, signal.SIGKILL)
    assert practice.wait() == 128 + signal.SIGKILL
    assert f"{name} đã tự dừng" in practice.shown
    assert processes_of(checkout) == {}


def test_a_closed_window_leaves_nothing_running(checkout: Path, practice: Terminal) -> None:
    practice.close()
    assert processes_of(checkout) == {}
