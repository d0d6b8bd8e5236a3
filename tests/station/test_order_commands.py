"""Orders from the command line: what they answer, and what status and log tell of them."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.printed import record_line
from station.rules.proof import Verdict
from station.stores.asrun import AsRun
from tests.rig.waiting import wait_until
from tests.running import CONFIG, HANOI, RunningStation

MICROPHONE = '[microphones.ban]\ntitle = "Micro bàn"\ndevice = "pulse"\n'
START = 1_795_600_000_000


@pytest.fixture
def station(tmp_path: Path) -> Iterator[RunningStation]:
    with RunningStation(tmp_path, CONFIG, device="none") as running:
        yield running.start()


def refusal(station: RunningStation, *order: str) -> str:
    """The sentence with which an order is refused."""
    told = station.command(*order)
    assert (told.returncode, told.stdout) == (1, "")
    return told.stderr


def test_a_wrong_order_is_refused_with_its_mend(station, tmp_path):
    assert "Không có cụm loa “nam”. Viết một trong: “bac”, “dong”." in refusal(station, "mute", "nam")
    assert "Đài chưa có micro nào" in refusal(station, "live")
    assert "Đài không có micro “ban”" in refusal(station, "live", "ban")
    assert "Không có mục hay chương trình nào tên “lu”" in refusal(station, "emergency", "lu")
    assert "Không có cụm loa “nam”" in refusal(station, "emergency", "--say", "Lũ.", "--zones", "nam")
    (tmp_path / "lu.mp3").write_text("đây không phải là âm thanh")
    assert "--say" in refusal(station, "emergency", str(tmp_path / "lu.mp3"))
    station.schedule("hong", 3_600, 'play = "chua-co"')
    assert "Chưa có mục này trong thư viện" in refusal(station, "emergency", "hong")
    for wrong in ((), ("lu", "--say", "Lũ."), ("--say", "Lũ.", "--repeat", "11")):
        assert station.command("emergency", *wrong).returncode == 2
    assert station.json("log") == []


def test_a_muted_zone_and_a_live_broadcast_are_told_and_a_mute_outlives_the_player(station):
    (station.home / "station.toml").write_text(CONFIG.replace("{device}", "none") + MICROPHONE)
    assert "Đã tắt riêng cụm loa Thôn Bắc" in station.command("mute", "bac").stdout
    assert station.terminate() == 0
    station.start()
    assert station.command("live").returncode == 0
    told = station.command("status").stdout
    assert "Đang phát: Phát trực tiếp" in told
    assert "Thôn Bắc: tắt, đang tắt riêng" in told
    assert "Thôn Đông: bật" in told
    assert station.command("unmute", "bac").returncode == 0
    wait_until(lambda: all(zone["on"] and not zone["muted"] for zone in station.status()["zones"]))
    assert station.command("stop").returncode == 0
    (record,) = station.json("log")
    assert (record["result"], record["proof"], record["proof_match"]) == ("aired", "unverified", None)
    assert "được phát lại" in record["reason"]
    assert "[chưa kiểm chứng]" in station.command("log").stdout
    (row,) = csv.DictReader(io.StringIO(station.command("log", "--csv").stdout))
    assert (row["proof"], row["proof_level"]) == ("unverified", "")


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        (Verdict.HEARD, "[đã nghe thấy: khớp 0.97, mức -0.4 dB, trễ 12 ms]"),
        (Verdict.SILENT, "[KHÔNG CÓ TIẾNG: khớp 0.97, mức -0.4 dB, trễ 12 ms]"),
        (Verdict.OTHER, "[TIẾNG KHÁC VỚI BĂNG PHÁT: khớp 0.97, mức -0.4 dB, trễ 12 ms]"),
    ],
)
def test_the_log_tells_the_proof_of_air(verdict, told):
    assert record_line(record(proof=verdict), HANOI).endswith(told)


def test_what_never_sounded_needs_no_proof():
    assert "[" not in record_line(record(actual_start=None, result="missed"), HANOI)


def record(**values) -> AsRun:
    usual = {
        "key": f"sang@{START}",
        "schedule": "sang",
        "title": "Bản tin sáng",
        "origin": "commune",
        "priority": "normal",
        "zones": ("bac",),
        "trigger": "schedule",
        "who": "",
        "override": "",
        "planned_start": START,
        "planned_end": START + 60_000,
        "opened_at": START,
        "actual_start": START,
        "actual_end": START + 60_000,
        "result": "aired",
        "reason": "",
        "proof": Verdict.HEARD,
        "proof_match": 0.97,
        "proof_level": -0.4,
        "proof_late": 12.0,
    }
    return AsRun(**{**usual, **values})
