"""Files of the shelf are whole whatever is killed, and nobody's edit is lost."""

import os
import random
import signal
import threading
from pathlib import Path

import pytest

from station.rules.trouble import Refused
from station.stores.schedule_shelf import Shelf, digest

PADDING = "# một dòng ghi chú dài để tệp không gọn trong một lần ghi\n" * 4_000
TEXTS = (f'title = "Cũ"\n{PADDING}', f'title = "Mới"\n{PADDING}')


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "schedules", tmp_path / "lock")


def replace_for_ever(shelf: Shelf, ready: int) -> None:
    os.write(ready, b"x")
    while True:
        for base, text in (TEXTS, TEXTS[::-1]):
            shelf.replace("tin", base, text, keep_base=True)


def test_a_kill_at_any_instant_leaves_the_old_file_or_the_new_one(shelf):
    chance = random.Random(3)
    shelf.add("tin", TEXTS[0])
    file = shelf.folder / "tin.toml"
    for _ in range(60):
        file.write_text(TEXTS[0])
        readable, ready = os.pipe()
        child = os.fork()
        if child == 0:
            replace_for_ever(shelf, ready)
        os.read(readable, 1)
        threading.Event().wait(chance.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(readable), os.close(ready)
        assert file.read_text() in TEXTS
        last_good = shelf.folder / "tin.toml.last-good"
        assert not last_good.exists() or last_good.read_text() in TEXTS
    shelf.replace("tin", file.read_text(), "sau", keep_base=True)
    assert sorted(it.name for it in shelf.folder.iterdir()) == ["tin.toml", "tin.toml.last-good"]


def test_the_last_good_version_lies_beside_and_is_no_schedule(shelf):
    shelf.add("tin", "một")
    shelf.replace("tin", "một", "hai", keep_base=True)
    shelf.replace("tin", "hai", "ba", keep_base=False)
    assert (shelf.folder / "tin.toml.last-good").read_text() == "một"
    assert [it.stem for it in shelf.folder.glob("*.toml")] == ["tin"]


def test_what_was_removed_can_be_brought_back(shelf):
    shelf.add("tin", "một")
    shelf.remove("tin", "một")
    (shelf.folder / "tin.toml.removed").rename(shelf.folder / "tin.toml")
    assert shelf.text("tin") == "một"


def test_a_file_keeps_who_may_read_it(shelf):
    shelf.add("tin", "một")
    file = shelf.folder / "tin.toml"
    assert file.stat().st_mode & 0o777 == 0o644
    file.chmod(0o664)
    shelf.replace("tin", "một", "hai", keep_base=True)
    assert file.stat().st_mode & 0o777 == 0o664


@pytest.mark.parametrize(
    "change",
    [
        lambda shelf: shelf.replace("tin", "at = 1\nx = 2\n", "mới", keep_base=True),
        lambda shelf: shelf.remove("tin", "at = 1\nx = 2\n"),
    ],
)
def test_a_change_of_what_is_no_more_is_refused_with_what_changed(shelf, change):
    shelf.add("tin", "at = 2\nx = 2\n")
    with pytest.raises(Refused, match=r"bỏ “at = 1”, thêm “at = 2”"):
        change(shelf)
    assert shelf.text("tin") == "at = 2\nx = 2\n"


def test_a_change_of_a_file_that_is_gone_is_refused(shelf):
    with pytest.raises(Refused, match="bỏ đi"):
        shelf.replace("tin", "một", "hai", keep_base=True)
    assert not (shelf.folder / "tin.toml").exists()


def test_a_new_file_never_takes_the_place_of_another(shelf):
    shelf.add("tin", "một")
    with pytest.raises(Refused):
        shelf.add("tin", "hai")
    assert shelf.text("tin") == "một"


def test_an_editor_is_told_what_changed_since_the_text_it_saw(shelf):
    shelf.add("tin", "một\n")
    assert shelf.changed_since("tin", digest("một\n")) is None
    shelf.replace("tin", "một\n", "hai\n", keep_base=True)
    assert "bỏ “một”, thêm “hai”" in str(shelf.changed_since("tin", digest("một\n")))
    assert "người khác sửa" in str(shelf.changed_since("tin", digest("đã lâu")))


def test_editors_at_once_lose_nothing(shelf):
    shelf.add("tin", "")

    def append(line: str) -> None:
        while True:
            base = shelf.text("tin")
            try:
                return shelf.replace("tin", base, f"{base}{line}\n", keep_base=True)
            except Refused:
                continue

    editors = [threading.Thread(target=append, args=[str(number)]) for number in range(20)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert sorted(shelf.text("tin").split(), key=int) == [str(number) for number in range(20)]


def test_what_the_card_refuses_is_told(tmp_path):
    (tmp_path / "schedules").write_text("không phải thư mục")
    with pytest.raises(Refused, match="Không ghi được"):
        Shelf(tmp_path / "schedules", tmp_path / "lock").add("tin", "một")
