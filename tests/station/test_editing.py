"""Editing from the command line, with no player running: what is heard, what is told, and what stays."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.running import RunningStation


@pytest.fixture
def station(tmp_path: Path) -> RunningStation:
    """A library with two segments: `hai-cao-do`, a low and a high tone of 3 s each, and `on`, 3 s of noise."""
    running = RunningStation(tmp_path, device="none")
    graph = "sine=400:d=3[a];sine=1200:d=3[b];[a][b]concat=n=2:v=0:a=1"
    for name, source in (("Hai cao độ", graph), ("Ồn", "anoisesrc=d=3:a=0.2:seed=1")):
        file = tmp_path / f"{name}.wav"
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, file], check=True)
        added = running.command("add", str(file), "--approve")
        assert added.returncode == 0, added.stderr
    return running


def segments(station: RunningStation) -> dict[str, Any]:
    return {it["name"]: it for it in station.json("segments")}


def test_edits_and_what_is_told(station: RunningStation) -> None:
    known = segments(station)
    assert known["hai-cao-do"]["findings"] == []
    (noisy,) = known["on"]["findings"]
    assert (noisy["problem"], noisy["at"], noisy["repaired"]) == ("noisy", None, False)
    assert noisy["sentence"].startswith("Nghe hầu hết là tiếng ồn.")
    assert noisy["sentence"] in station.command("segments").stdout

    edited = station.command("edit", "hai-cao-do", "--start", "1s", "--end", "5s500ms", "--fade-out", "1s")
    assert edited.returncode == 0, edited.stderr
    after = segments(station)["hai-cao-do"]
    assert (after["id"], after["state"]) == (known["hai-cao-do"]["id"], "draft")
    assert after["duration"] == pytest.approx(4.5, abs=0.01)
    assert station.command("edit", "hai-cao-do", "--restore").returncode == 0
    assert segments(station)["hai-cao-do"]["duration"] == pytest.approx(6, abs=0.01)


def test_splits_and_joins_and_keeps_what_they_came_from(station: RunningStation) -> None:
    parts = station.command("split", "hai-cao-do", "3s")
    assert parts.returncode == 0, parts.stderr
    known = segments(station)
    first, second = known["hai-cao-do-phan-1"], known["hai-cao-do-phan-2"]
    assert [it["state"] for it in (first, second, known["hai-cao-do"])] == ["draft", "draft", "approved"]
    assert [it["duration"] for it in (first, second)] == pytest.approx([3, 3], abs=0.02)

    joined = station.command("join", "hai-cao-do-phan-2", "on", "--title", "Ghép")
    assert joined.returncode == 0, joined.stderr
    made = segments(station)["ghep"]
    assert made["duration"] == pytest.approx(6, abs=0.02)
    (noisy,) = (it for it in made["findings"] if it["problem"] == "noisy")
    assert (noisy["at"], noisy["until"]) == pytest.approx((3, 6), abs=0.05)


def test_a_wrong_edit_is_refused_and_changes_nothing(station: RunningStation) -> None:
    before = segments(station)
    for wrong, told in (
        (("edit", "hai-cao-do", "--start", "7s"), "vốn dài 6 giây"),
        (("edit", "hai-cao-do", "--fade-in", "5s", "--fade-out", "5s"), "không nằm trong bài"),
        (("edit", "khong-co", "--start", "1s"), "Không có mục này trong thư viện."),
        (("split", "hai-cao-do", "6s"), "không nằm trong bài"),
        (("join", "on", "--title", "Một"), "ít nhất hai mục"),
    ):
        answer = station.command(*wrong)
        assert (answer.returncode, answer.stdout) == (1, "")
        assert told in answer.stderr
    for wrong in (("edit", "on"), ("edit", "on", "--restore", "--end", "1s"), ("split", "on", "nửa")):
        assert station.command(*wrong).returncode == 2
    assert segments(station) == before
