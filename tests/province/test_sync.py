"""What comes and what goes: whole or not at all, by whatever way there is, and every failure told as what it is."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from station.desk.segments import take_in_waiting
from station.durable import lock
from station.province import arrival, shelf
from station.province.source import Flow
from station.province.stick import Stick, sticks
from station.province.sync import synchronise
from station.rules.now import DAY, HOUR
from station.rules.offer import Offer
from station.rules.trouble import Refused, Trouble
from station.stores.contact import Contact
from station.stores.library import Full
from tests.province.offers import level_quickly
from tests.province.stations import Folder, Hands, Station
from tests.rig.tree import Tree

AUDIO = b"OggS" + bytes(range(256)) * 4_000
NEWS, MUSIC, PLAN = "tinh/thoi-su.opus", "tinh/nhac.opus", "tinh/lich.toml"


class Told(Folder):
    """A folder that says what was asked of it, and where in the middle something happens."""

    def __init__(self, folder: Path, at: int = 1 << 60, happens: Callable[[], object] = lambda: None) -> None:
        super().__init__(folder)
        self.asked: list[str] = []
        self.given = 0  # bytes
        self._at, self._happens = at, happens

    @contextmanager
    def flow(self, path: str, begin: int = 0, *, packed: bool = False, known: str = "") -> Iterator[Flow]:
        self.asked.append(path)
        with super().flow(path, begin, packed=packed, known=known) as flow:
            yield Flow(flow.begin, flow.length, self._counted(flow.pieces))

    @property
    def targets(self) -> list[str]:
        return [it.partition(".")[2] for it in self.asked if it.startswith("targets/")]

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.given += len(piece)
            yield piece
            if self.given >= self._at:
                self._happens()


@pytest.fixture
def full_tree(tree: Tree) -> Tree:
    tree.offer(NEWS, AUDIO, title="Thời sự")
    tree.offer(MUSIC, AUDIO[::-1], title="Nhạc")
    tree.offer(PLAN, b"title = 'Lich'", published=1)
    tree.publish()
    return tree


def level_all(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it fit for air: what never was is let go at once when the province has something else."""
    level_quickly(monkeypatch)
    assert list(take_in_waiting(station.home))


def test_what_is_offered_comes_once_and_goes_when_it_is_withdrawn(station: Station, full_tree: Tree):
    assert station.synchronise() and set(station.has) == {NEWS, MUSIC, PLAN}
    again = Told(full_tree.folder)
    assert station.synchronise(again).trouble is None
    assert again.asked == ["metadata/2.root.json", "metadata/timestamp.json"]
    full_tree.withdraw(MUSIC)
    full_tree.publish()
    station.synchronise()
    assert set(station.has) == {NEWS, PLAN}
    assert station.parts == {}


def test_a_new_version_replaces_the_old_one_when_it_is_there(
    station: Station, full_tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    station.synchronise()
    level_all(station, monkeypatch)
    full_tree.offer(NEWS, b"OggS moi")
    full_tree.publish()
    full_tree.place(NEWS, b"OggS moi").unlink()
    contact = station.synchronise()
    assert station.has[NEWS] == AUDIO
    assert contact.trouble is None and "không có tệp" in contact.refused[0].what
    full_tree.place(NEWS, b"OggS moi").write_bytes(b"OggS moi")
    assert station.synchronise().refused == ()
    assert station.has[NEWS] == b"OggS moi"


def test_what_moves_to_another_group_is_not_lost_on_the_way(
    station: Station, full_tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    station.synchronise()
    level_all(station, monkeypatch)
    full_tree.withdraw(NEWS)
    full_tree.offer("xa-00001/thoi-su.opus", b"OggS moi")
    full_tree.publish()
    full_tree.place("xa-00001/thoi-su.opus", b"OggS moi").unlink()
    station.synchronise()
    assert station.has[NEWS] == AUDIO


def test_when_only_what_is_said_is_new_nothing_comes_again(
    station: Station, full_tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    station.synchronise()
    told = []
    monkeypatch.setattr(shelf, "retell", lambda _, offer: told.append(offer.title) or True)
    full_tree.offer(NEWS, AUDIO, title="Thời sự hôm nay")
    full_tree.publish()
    source = Told(full_tree.folder)
    station.synchronise(source)
    assert told == ["Thời sự hôm nay"]
    assert source.targets == []


def test_an_idle_station_writes_next_to_nothing_on_its_card(station: Station, full_tree: Tree):
    def written() -> dict[Path, int]:
        return {it: it.stat().st_mtime_ns for it in station.province.rglob("*")}

    assert station.synchronise() and (before := written())
    station.synchronise()
    assert written() == before
    full_tree.renew()
    station.synchronise()
    folder = station.province / "metadata"
    assert {it for it, at in written().items() if before[it] != at} == {folder, folder / "timestamp.json"}


# Dates.


def test_what_is_past_its_date_goes_with_and_without_a_link(station: Station, full_tree: Tree, tmp_path: Path):
    now = Hands().now().wall
    full_tree.offer(NEWS, AUDIO, valid_until=now + HOUR)
    full_tree.offer(MUSIC, AUDIO[::-1], valid_until=now + 3 * HOUR)
    full_tree.publish()
    station.synchronise()
    station.clock = Hands(2 * HOUR, trusted=False)
    station.synchronise()
    assert set(station.has) == {NEWS, MUSIC, PLAN}  # by no clock that nobody vouches for
    station.clock = Hands(2 * HOUR)
    source = Told(full_tree.folder)
    station.synchronise(source)
    assert (set(station.has), source.targets) == ({MUSIC, PLAN}, [])
    station.clock = Hands(4 * HOUR)
    contact = station.synchronise(Folder(tmp_path / "nothing"))
    station.is_told(contact, "USB")
    assert set(station.has) == {PLAN}


def test_when_the_nearer_file_is_past_its_date_the_one_for_everyone_is_heard(station: Station, full_tree: Tree):
    full_tree.offer("xa-00001/thoi-su.opus", b"OggS rieng", valid_until=Hands().now().wall + HOUR)
    full_tree.publish()
    station.synchronise()
    assert set(station.has) == {"xa-00001/thoi-su.opus", MUSIC, PLAN}
    station.clock = Hands(2 * HOUR)
    station.synchronise()
    assert set(station.has) == {NEWS, MUSIC, PLAN}


def test_schedules_come_first_and_then_what_airs_first(
    station: Station, full_tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    orders = []

    def order(_: Any, offers: Any, now: int) -> tuple[Offer, ...]:  # noqa: ARG001
        orders.append(set(station.has))
        return tuple(sorted(offers, key=lambda it: it.path, reverse=True))

    monkeypatch.setattr(shelf, "order", order)
    source = Told(full_tree.folder)
    station.synchronise(source)
    assert source.targets == ["lich.toml", "thoi-su.opus", "nhac.opus"]
    assert orders[-1] == {PLAN}  # the schedules that came decide


# What is wrong with files.


def test_files_that_were_swapped_are_refused_and_the_rest_comes(station: Station, full_tree: Tree):
    one, other = full_tree.place(NEWS, AUDIO), full_tree.place(MUSIC, AUDIO[::-1])
    one.write_bytes(AUDIO[::-1])
    other.write_bytes(AUDIO)
    contact = station.synchronise()
    assert [it.what.partition("đúng")[2][:13] for it in contact.refused] == [" với chữ ký c"] * 2
    assert set(station.has) == {PLAN}
    one.write_bytes(AUDIO)
    patient = Told(full_tree.folder)
    assert station.synchronise(patient).refused == contact.refused
    assert patient.targets == []  # it is told, and not paid for again so soon
    station.clock = Hands(7 * HOUR)
    station.synchronise()
    assert set(station.has) == {PLAN, NEWS}


@pytest.mark.parametrize("wrong", [AUDIO[:-1], AUDIO + b"x", b""])
def test_a_file_of_another_length_is_refused_until_it_is_right(wrong: bytes, station: Station, full_tree: Tree):
    full_tree.place(NEWS, AUDIO).write_bytes(wrong)
    contact = station.synchronise()
    assert f"dài {len(wrong)} byte, khác với {len(AUDIO)} byte" in contact.refused[0].what
    assert set(station.has) == {MUSIC, PLAN}
    full_tree.place(NEWS, AUDIO).write_bytes(AUDIO)
    assert station.synchronise().refused == ()
    assert set(station.has) == {NEWS, MUSIC, PLAN}


@pytest.mark.parametrize(
    ("begun", "fetched"),
    [(AUDIO[:5000], 1), (b"garbage", 2), (AUDIO + AUDIO, 1), (b"x" * len(AUDIO), 1), (AUDIO, 0)],
    ids=["begun", "spoiled", "longer", "wrong", "whole"],
)
def test_what_has_begun_to_come_goes_on_and_is_never_believed(
    begun: bytes, fetched: int, station: Station, full_tree: Tree
):
    parts = station.province / "parts"
    parts.mkdir()
    (parts / full_tree.place(NEWS, AUDIO).name.partition(".")[0]).write_bytes(begun)
    (parts / "nobody-wants-it").write_bytes(begun)
    source = Told(full_tree.folder)
    assert station.synchronise(source).refused == ()
    assert station.has[NEWS] == AUDIO
    assert station.parts == {}
    assert source.targets.count("thoi-su.opus") == fetched


def test_what_the_shelf_refuses_is_told_and_left_alone(
    station: Station, full_tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    take = shelf.take

    def refuse(home: Any, offer: Offer, part: Path, now: int) -> None:
        if offer.path == NEWS:
            raise Refused(Trouble(offer.title, "Không phải là âm thanh."))
        take(home, offer, part, now)

    monkeypatch.setattr(shelf, "take", refuse)
    assert [it.what for it in station.synchronise().refused] == ["Không phải là âm thanh."]
    again = Told(full_tree.folder)
    assert [it.what for it in station.synchronise(again).refused] == ["Không phải là âm thanh."]
    assert again.targets == []
    assert set(station.has) == {MUSIC, PLAN}


@pytest.mark.usefixtures("full_tree")
def test_what_nobody_foresaw_is_told_and_holds_up_nothing_else(station: Station, monkeypatch: pytest.MonkeyPatch):
    take = shelf.take

    def fail(home: Any, offer: Offer, part: Path, now: int) -> None:
        if offer.path == NEWS:
            raise ZeroDivisionError
        take(home, offer, part, now)

    monkeypatch.setattr(shelf, "take", fail)
    station.is_told(station.synchronise(), "không lường trước", "ZeroDivisionError")
    assert set(station.has) == {MUSIC, PLAN}
    monkeypatch.setattr(shelf, "present", lambda _: 1 / 0)
    station.is_told(station.synchronise(), "không lường trước", "ZeroDivisionError")


# The card.


def test_a_card_that_is_nearly_full_is_told_and_what_was_there_stays(
    station: Station, full_tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    station.synchronise()
    full_tree.offer("tinh/dai.opus", AUDIO * 2, title="Dài")
    full_tree.offer("tinh/ngan.txt", b"Xin chao")
    full_tree.publish()
    free = SimpleNamespace(free=(200 << 20) + len(AUDIO))
    monkeypatch.setattr(arrival, "disk_usage", lambda _: free)
    contact = station.synchronise()
    station.is_told(contact, "sắp đầy")
    assert [it.title for it in contact.arriving] == ["Dài"]
    assert set(station.has) == {NEWS, MUSIC, PLAN, "tinh/ngan.txt"}
    monkeypatch.undo()
    assert station.synchronise().trouble is None
    assert "tinh/dai.opus" in station.has


@pytest.fixture
def small_card(station: Station) -> Iterator[Path]:
    """A real file system of one MB below `parts`; only who may mount has one."""
    if os.getuid() != 0:
        pytest.skip("only root may mount")
    parts = station.province / "parts"
    parts.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", parts], check=True)
    yield parts
    subprocess.run(["umount", parts], check=True)


def test_a_card_that_fills_up_in_the_middle_is_told_and_gone_on_with(
    station: Station, full_tree: Tree, small_card: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(arrival, "RESERVE", -(1 << 30))
    other = small_card / "full"
    other.write_bytes(bytes(600_000))
    monkeypatch.setattr(arrival.Arrival, "_forget_parts", lambda *_: None)  # which would remove that
    contact = station.synchronise()
    station.is_told(contact, "sắp đầy")
    assert set(station.has) == {PLAN}
    begun = station.parts[full_tree.place(MUSIC, AUDIO[::-1]).name.partition(".")[0]]
    assert begun > 300_000
    other.unlink()
    (small_card / full_tree.place(NEWS, AUDIO).name.partition(".")[0]).unlink(missing_ok=True)
    source = Told(full_tree.folder)
    assert station.synchronise(source).trouble is None
    assert set(station.has) == {NEWS, MUSIC, PLAN}
    assert source.given < 2 * len(AUDIO) - begun + 20_000


def test_a_shelf_that_is_full_keeps_what_came_for_later(
    station: Station, full_tree: Tree, monkeypatch: pytest.MonkeyPatch
):
    take, fault = shelf.take, Full(Trouble("Nhạc", "Thẻ nhớ đầy.", "Đài vẫn phát.", "Bỏ bớt."))

    def full(home: Any, offer: Offer, part: Path, now: int) -> None:
        if offer.path == MUSIC:
            raise fault
        take(home, offer, part, now)

    monkeypatch.setattr(shelf, "take", full)
    contact = station.synchronise()
    assert (contact.trouble, contact.refused) == (fault.trouble, ())
    assert MUSIC not in station.has
    monkeypatch.undo()
    again = Told(full_tree.folder)
    assert station.synchronise(again).trouble is None
    assert "nhac.opus" not in again.targets
    assert set(station.has) == {NEWS, MUSIC, PLAN}


# Who else is there.


def test_only_one_synchronises_at_a_time(station: Station, full_tree: Tree):
    station.synchronise()
    source = Told(full_tree.folder)
    with (station.province / "sync.lock").open("ab") as other:
        assert lock(other)
        station.is_told(station.synchronise(source), "đang đồng bộ")
    assert source.asked == []
    assert station.synchronise(source).trouble is None


def test_who_is_not_enrolled_asks_nobody(station: Station, full_tree: Tree):
    (station.province / "enrolment.json").unlink()
    source = Told(full_tree.folder)
    contact = synchronise(station.home, station.clock, sources=[source])
    station.is_told(contact, "chưa ghi danh")
    assert source.asked == []


def test_how_far_it_is_is_told_and_noted(station: Station, full_tree: Tree, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("station.province.sync.SECOND", 0)
    heard: list[Contact] = []
    synchronise(station.home, station.clock, sources=[Folder(full_tree.folder)], tell=heard.append)
    come = [[it.come for it in contact.arriving if it.title == "Thời sự"] for contact in heard]
    sizes = [it[0] for it in come if it]
    assert sizes == sorted(sizes) and len(set(sizes)) > 5
    assert heard[-1].arriving == () and heard[-1].trouble is None
    assert {it.length for contact in heard for it in contact.arriving} >= {len(AUDIO)}


def test_what_stood_in_the_way_is_told_until_it_is_known_to_be_gone(
    station: Station, full_tree: Tree, tmp_path: Path
):
    failed = station.synchronise(Folder(tmp_path / "nothing"))
    heard: list[Contact] = []
    synchronise(station.home, station.clock, sources=[Folder(full_tree.folder)], tell=heard.append)
    assert heard[0].trouble == failed.trouble is not None
    assert heard[-1].trouble is None


# Several ways.


def test_the_next_address_is_asked_when_one_is_broken(station: Station, full_tree: Tree, tmp_path: Path):
    third = Told(full_tree.folder)
    contact = station.synchronise(Folder(tmp_path / "nothing"), Folder(full_tree.folder), third)
    assert (contact.trouble, contact.source, third.asked) == (None, str(full_tree.folder), [])
    assert set(station.has) == {NEWS, MUSIC, PLAN}


def test_an_attack_is_told_even_if_the_next_address_is_honest(station: Station, full_tree: Tree, tmp_path: Path):
    forged = Tree(tmp_path / "forged")
    contact = station.synchronise(Folder(forged.folder), Folder(full_tree.folder))
    station.is_told(contact, "giả mạo")
    assert contact.attack
    assert contact.source == str(full_tree.folder) and contact.good_at
    assert set(station.has) == {NEWS, MUSIC, PLAN}


def test_a_stick_carries_what_the_link_vouches_for(station: Station, full_tree: Tree, tmp_path: Path):
    stick = Stick(full_tree.copy(tmp_path / "stick"))
    full_tree.offer("tinh/moi.txt", b"Xin chao")
    full_tree.publish()
    link = Told(full_tree.folder)
    contact = station.synchronise(stick, link)
    assert (contact.trouble, contact.source) == (None, link.name)
    assert set(station.has) == {NEWS, MUSIC, PLAN, "tinh/moi.txt"}
    assert link.targets == ["moi.txt"]


def test_a_stick_is_enough(station: Station, full_tree: Tree, tmp_path: Path):
    contact = station.synchronise(Stick(full_tree.folder), Folder(tmp_path / "nothing"))
    assert (contact.trouble, contact.source) == (None, str(full_tree.folder))
    assert set(station.has) == {NEWS, MUSIC, PLAN}


def test_a_stick_that_is_pulled_out_is_told_and_gone_on_with(station: Station, full_tree: Tree, tmp_path: Path):
    stick = tmp_path / "stick"
    away = tmp_path / "away"

    class Pulled(Told):
        carried = True

        @contextmanager
        def flow(self, path: str, begin: int = 0, *, packed: bool = False, known: str = "") -> Iterator[Flow]:
            if path.endswith("nhac.opus"):
                stick.rename(away)
            with super().flow(path, begin, packed=packed, known=known) as flow:
                yield flow

    full_tree.copy(stick)
    contact = station.synchronise(Pulled(stick))
    station.is_told(contact, "Không đọc được USB")
    assert set(station.has) == {PLAN}
    away.rename(stick)
    assert station.synchronise(Stick(stick)).trouble is None
    assert set(station.has) == {NEWS, MUSIC, PLAN}


def test_sticks_are_found_where_they_are_mounted(full_tree: Tree, tmp_path: Path):
    mounted = tmp_path / "media"
    for place in ("a", "b/loa-xa", "user/c", "user/d/loa-xa", "e/too/deep/loa-xa"):
        full_tree.copy(mounted / place)
    (mounted / "photos").mkdir()
    (mounted / "file").touch()
    found = [it.name.removeprefix(f"{mounted}/") for it in sticks([mounted, tmp_path / "none"])]
    assert found == ["a", "b/loa-xa", "user/c", "user/d/loa-xa"]


@pytest.mark.parametrize("make", [os.mkfifo, lambda it: it.symlink_to("/dev/zero"), Path.mkdir])
def test_a_stick_leads_nowhere_else(make: Any, station: Station, full_tree: Tree):
    place = full_tree.place(NEWS, AUDIO)
    place.unlink()
    make(place)
    contact = station.synchronise(Stick(full_tree.folder))
    assert NEWS not in station.has
    assert contact.trouble or contact.refused


@pytest.mark.usefixtures("full_tree")
def test_whatever_is_lost_of_what_was_believed_is_believed_again(station: Station):
    station.synchronise()
    for path in [it for it in (station.province / "metadata").rglob("*") if it.is_file()]:
        path.write_bytes(b"")
        contact = station.synchronise()
        assert contact.trouble is None, path
        assert set(station.has) == {NEWS, MUSIC, PLAN}
    shutil.rmtree(station.province / "metadata")
    station.clock = Hands(DAY)
    assert station.synchronise().trouble is None
