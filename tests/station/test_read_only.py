"""A station whose root is read-only: it needs nothing but its own folder and memory."""

import re
import subprocess
from pathlib import Path

import pytest
import requests

from tests.browsing import NAME, PASSWORD, RunningPage
from tests.rig.read_only import read_only_but
from tests.rig.recorder import Recorder
from tests.rig.waiting import wait_until
from tests.running import RunningStation, speech


@pytest.fixture
def before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """In front of each command; what is for `/tmp` goes into memory, as on such a machine."""
    monkeypatch.setenv("TMPDIR", "/dev/shm")  # noqa: S108 - the machine's memory
    (tmp_path / "home").mkdir()
    before = read_only_but(tmp_path / "home")
    (tmp_path / "home").rmdir()
    return before


@pytest.mark.sound
def test_it_airs_and_takes_uploads_and_writes_nowhere_else(
    tmp_path: Path, before: tuple[str, ...], recorder: Recorder
) -> None:
    with RunningStation(tmp_path, before=before) as station:
        refused = subprocess.run([*before, "touch", tmp_path / "elsewhere"], capture_output=True, check=False)
        assert b"Read-only" in refused.stderr
        station.add_noise(4_000)
        station.start()
        with RunningPage(station) as page:
            _upload(page, speech(tmp_path / "moi-hop.mp3", "Mời bà con đi họp lúc bảy giờ tối."))
            wait_until(lambda: "draft" in {it["state"] for it in station.json("segments")}, 60, every=0.5)
        station.schedule("chieu", 12, 'play = "nen"')
        station.aired("chieu")
        assert station.terminate() == 0
    assert recorder.recording.intervals()
    for wrong in ("Read-only file system", "Errno 30", "Traceback"):
        assert wrong not in station.log + page.log


def _upload(page: RunningPage, file: Path) -> None:
    with requests.Session() as phone:

        def post(at: str, **more: object) -> requests.Response:
            token = re.search(r'name="csrf_token" value="([^"]+)"', phone.get(page.address + at, timeout=20).text)
            assert token
            data = {"csrf_token": token[1], **dict(more.pop("data"))}
            return phone.post(page.address + at, data=data, timeout=20, **more)

        post("/thiet-lap", data={"code": page.code, "name": NAME, "password": PASSWORD})
        with file.open("rb") as sound:
            assert post("/thu-vien/them", data={"kind": "news"}, files={"file": sound}).ok
