"""What the kernel tells of the disk that the station is on, read from a tree as Linux has it."""

import os
import shutil
from pathlib import Path

import pytest

from station.care.disk import read_disk

STAT = "  181269    15063  8718978   122602   751143   204319 21629120   204303   0  79744  364839"


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card with a partition, which is where `tmp_path` is."""
    device = tmp_path.stat().st_dev
    whole = tmp_path / "sys/devices/mmc0/mmcblk0"
    part = whole / "mmcblk0p2"
    part.mkdir(parents=True)
    (part / "partition").write_text("2\n")
    (part / "stat").write_text("0 0 0 0 0 0 8 0 0 0 0\n")
    (whole / "stat").write_text(STAT + "\n")
    (whole / "device").mkdir()
    links = tmp_path / "sys/dev/block"
    links.mkdir(parents=True)
    (links / f"{os.major(device)}:{os.minor(device)}").symlink_to("../../devices/mmc0/mmcblk0/mmcblk0p2")
    system = tmp_path / "sys/fs/ext4/mmcblk0p2"
    system.mkdir(parents=True)
    (system / "errors_count").write_text("0\n")
    return whole


def test_its_room_is_that_of_the_folder(tmp_path: Path):
    found, room = read_disk(tmp_path, tmp_path / "none"), shutil.disk_usage(tmp_path)
    assert found.total == room.total
    assert abs(found.free - room.free) < 1 << 30, "others write meanwhile"
    assert (found.read_only, found.written, found.errors, found.worn) == (False, None, None, None)


def test_what_is_written_is_counted_of_the_whole_card(tmp_path: Path, card: Path):
    assert read_disk(tmp_path, tmp_path / "sys").written == 21629120 * 512
    (card / "stat").unlink()
    assert read_disk(tmp_path, tmp_path / "sys").written is None


def test_a_disk_without_partitions_is_its_own(tmp_path: Path, card: Path):
    (card / "mmcblk0p2/partition").unlink()
    assert read_disk(tmp_path, tmp_path / "sys").written == 8 * 512


@pytest.mark.parametrize(("told", "errors"), [("0\n", 0), ("3\n", 3), ("", None)])
def test_errors_of_its_file_system(tmp_path: Path, card: Path, told: str, errors: int | None):  # noqa: ARG001
    (tmp_path / "sys/fs/ext4/mmcblk0p2/errors_count").write_text(told)
    assert read_disk(tmp_path, tmp_path / "sys").errors == errors


@pytest.mark.parametrize(
    ("life", "reserve", "worn"),
    [
        ("0x01 0x01", "0x01", 0),
        ("0x02 0x04", "0x01", 30),
        ("0x0b 0x01", "0x01", 100),
        ("0x00 0x03", "0x00", 20),
        ("0x01 0x01", "0x02", 80),
        ("0x01 0x01", "0x03", 90),
        ("0x00 0x00", "0x00", None),
        ("", "", None),
    ],
)
def test_how_worn_an_emmc_is(tmp_path: Path, card: Path, life: str, reserve: str, worn: int | None):
    (card / "device/life_time").write_text(life + "\n")
    (card / "device/pre_eol_info").write_text(reserve + "\n")
    assert read_disk(tmp_path, tmp_path / "sys").worn == worn


def test_an_sd_card_does_not_tell_how_worn_it_is(tmp_path: Path, card: Path):  # noqa: ARG001
    assert read_disk(tmp_path, tmp_path / "sys").worn is None


def test_a_file_system_that_takes_nothing_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    told = os.statvfs(tmp_path)
    fields = (*tuple(told)[:8], told.f_flag | os.ST_RDONLY, *tuple(told)[9:])
    monkeypatch.setattr("os.statvfs", lambda _: os.statvfs_result(fields))
    assert read_disk(tmp_path).read_only
