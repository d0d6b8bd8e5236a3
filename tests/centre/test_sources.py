"""What a folder may hold: which names become what, and what is refused, with the files that it is about."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.centre.province_files import Commune, Province, read_province
from station.centre.sources import read_sources
from station.rules.offer import Form, nearest_first, read_offer
from station.rules.trouble import Refused
from station.stores.slug import slug
from station.stores.written import Unreadable
from tests.centre.office import SCHEDULE

PROVINCE = Province(
    "Tỉnh Thử",
    communes={
        "24169": Commune("Xã Hương Sơn", ("mien-nui", "bien-gioi")),
        "24172": Commune("Xã Đồng Bằng", ("ven-song",)),
    },
)


def put(folder: Path, *names: str, text: str = "Mời họp.") -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def told(folder: Path) -> str:
    with pytest.raises(Unreadable) as raised:
        read_sources(folder, PROVINCE)
    return "\n".join(str(it) for it in raised.value.troubles)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["tinh/Họp.txt", "tinh/hop.mp3"], "tinh/Họp.txt, tinh/hop.mp3: Hai tệp cùng tên “hop”."),
        (["tinh/a.wav", "tinh/A.mp3"], "tinh/A.mp3, tinh/a.wav: Hai tệp cùng tên “a”."),
        (
            ["vung-bien-gioi/a.txt", "vung-mien-nui/a.mp3"],
            "vung-bien-gioi/a.txt, vung-mien-nui/a.mp3: Hai tệp cùng tên “a”, mà xã 24169 ở cả hai vùng.",
        ),
        (["xa-1/a.txt"], "xa-1: Không có xã nào có mã này."),
        (["vung-khac/a.txt"], "vung-khac: Không có xã nào ở vùng này."),
        (["khac/a.txt"], "khac: Thư mục này không phải là nhóm nào."),
        (["tinh/a.txt", "b.txt"], "b.txt: Tệp này không ở trong nhóm nào."),
        (["tinh/con/a.txt"], "tinh/con: Đây không phải là tệp."),
        (["tinh/lich/a.mp3"], "tinh/lich/a.mp3: Trong thư mục “lich” chỉ có tệp .toml."),
        (["tinh/a.toml"], "tinh/a.toml: Không có tệp âm thanh hay tin chữ nào cùng tên."),
        ([".git/x"], "Thư mục này không có nhóm nào: tinh, vung-TÊN hay xa-MÃ."),
    ],
)
def test_what_clashes_or_is_out_of_place_is_refused(tmp_path: Path, names: list[str], said: str) -> None:
    put(tmp_path, *names)
    assert said in told(tmp_path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "tinh/a.txt")
    for name in ("ong.mp3", "ong2.txt"):
        os.mkfifo(tmp_path / "tinh" / name)
    said = told(tmp_path)
    assert "tinh/ong.mp3: Đây không phải là tệp." in said
    assert "tinh/ong2.txt: Đây không phải là tệp." in said


def test_files_of_one_name_for_different_communes_go_together(tmp_path: Path) -> None:
    names = ["tinh/a.txt", "vung-mien-nui/a.txt", "vung-ven-song/a.mp3", "xa-24169/a.wav"]
    put(tmp_path, *names)
    put(tmp_path, "tinh/lich/a.toml", text=SCHEDULE.format(play="a"))
    put(tmp_path, "tinh/.DS_Store", "tinh/~$a.txt", "tinh/Thumbs.db", ".hidden")
    found = {it.path: it.form for it in read_sources(tmp_path, PROVINCE)}
    assert found == {
        "tinh/a.toml": Form.SCHEDULE,
        "tinh/a.txt": Form.TEXT,
        "vung-mien-nui/a.txt": Form.TEXT,
        "vung-ven-song/a.opus": Form.AUDIO,
        "xa-24169/a.opus": Form.AUDIO,
    }


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ("sai", "tinh/lich/sang.toml: Tệp viết sai cú pháp TOML"),
        (
            SCHEDULE.format(play="khong-co"),
            "tinh/lich/sang.toml: Lịch phát “khong-co” nhưng không có tệp tên như vậy",
        ),
        (SCHEDULE.format(play="rieng"), "tinh/lich/sang.toml: Lịch phát “rieng” nhưng không có tệp tên như vậy"),
        (f'priority = "emergency"\n{SCHEDULE.format(play="a")}', "Lịch của tỉnh không được là khẩn cấp."),
        (f'zones = ["thon-bac"]\n{SCHEDULE.format(play="a")}', "Không có cụm loa “thon-bac”."),
        (SCHEDULE.format(play="a").replace('play = "a"', 'live = "m"\nfor = "1m"'), "không mở được micro của xã"),
        (SCHEDULE.format(play="a").replace("daily", "dayly"), "tinh/lich/sang.toml, air thứ 1.days: "),
    ],
)
def test_a_schedule_that_no_station_could_air_is_refused(tmp_path: Path, schedule: str, said: str) -> None:
    put(tmp_path, "tinh/a.txt", "xa-24169/rieng.txt")
    put(tmp_path, "tinh/lich/sang.toml", text=schedule)
    assert said in told(tmp_path)


@pytest.mark.parametrize(
    ("group", "play"),
    [
        ("xa-24169", "cua-xa"),
        ("xa-24169", "cua-vung"),
        ("xa-24169", "cua-tinh"),
        ("vung-mien-nui", "cua-vung"),
        ("vung-mien-nui", "cua-tinh"),
        ("tinh", "cua-tinh"),
    ],
)
def test_a_schedule_plays_what_its_communes_have(tmp_path: Path, group: str, play: str) -> None:
    put(tmp_path, "xa-24169/cua-xa.txt", "vung-mien-nui/cua-vung.txt", "tinh/cua-tinh.txt")
    more = '[[rundown]]\nrebroadcast = "vov1"\nfor = "15m"\nfallback = "music"\n'
    put(tmp_path, f"{group}/lich/sang.toml", text=SCHEDULE.format(play=play) + more)
    assert len(read_sources(tmp_path, PROVINCE)) == 4


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ('kin = "news"', "tinh/a.toml: Không có khoá “kin”. Có phải “kind” không?"),
        ('kind = "tin"', "tinh/a.toml, kind: “tin” không phải là một loại tin."),
        ("valid_until = 2026-11-30T17:00:00", "valid_until: “2026-11-30 17:00:00” không phải là một ngày."),
        ('valid_until = "mai"', "valid_until: “mai” không phải là một ngày."),
        ("valid_until = 5", "valid_until: “5” không phải là một ngày."),
        ("valid_from = 2026-11-30\nvalid_until = 2026-11-29", "tinh/a.toml: valid_until không sau valid_from."),
        (f'source = "{"a" * 301}"', "source: Dài hơn 300 chữ cái."),
    ],
)
def test_facts_that_are_wrong_are_told_with_their_key(tmp_path: Path, facts: str, said: str) -> None:
    put(tmp_path, "tinh/a.txt")
    put(tmp_path, "tinh/a.toml", text=facts)
    assert said in told(tmp_path)


def test_a_notice_must_have_words_a_station_can_read(tmp_path: Path) -> None:
    put(tmp_path, "tinh/trong.txt", text=" \n")
    put(tmp_path, "tinh/dai.txt", text="a " * 20_000)
    (tmp_path / "tinh" / "utf16.txt").write_bytes("Mời họp".encode("utf-16"))
    for said in (
        "trong.txt: Tin không có chữ nào.",
        "dai.txt: Tin dài hơn 20000",
        "utf16.txt: Tệp không phải là chữ",
    ):
        assert f"tinh/{said}" in told(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Thiếu khoá “name”."),
        ('name = " "', "name: Chưa có tên."),
        ('name = "T"\ntrees = "https://a/"', "trees: Ở đây cần một danh sách."),
        ('name = "T"\ntrees = ["https://a"]', "trees: “https://a” không phải là địa chỉ."),
        ('name = "T"\nreports = "ftp://a/"', "reports: “ftp://a/” không phải là địa chỉ."),
        ('name = "T"\n[communes."Xã"]\nname = "a"', "communes: “Xã” không phải là mã xã."),
        (
            'name = "T"\n[communes.1]\nname = "a"\nareas = ["Miền núi"]',
            "communes.1.areas: “Miền núi” không phải là",
        ),
        ('name = "T"\n[communes.1]\nten = "a"', "communes.1: "),
    ],
)
def test_a_province_file_that_is_wrong_is_told_with_its_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "province.toml").write_text(text)
    with pytest.raises(Unreadable, match=r"province\.toml") as raised:
        read_province(tmp_path)
    assert said in str(raised.value)


STEMS = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda it: not it.startswith((".", "~")) and it.strip() == it
)
PLACES = st.tuples(st.sampled_from(["tinh", "vung-mien-nui", "vung-bien-gioi", "xa-24169"]), STEMS)


@given(st.lists(st.tuples(PLACES, st.sampled_from([".txt", ".mp3", ".TXT"])), min_size=1, max_size=6, unique=True))
def test_whatever_files_are_called_each_has_a_name_of_its_own_or_all_is_refused(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[tuple[str, str], str]]
) -> None:
    folder = tmp_path_factory.mktemp("f")
    put(folder, *(f"{group}/{stem}{ending}" for (group, stem), ending in files))
    areas = {"vung-mien-nui", "vung-bien-gioi"}
    known = [("vung" if group in areas else group, slug(stem)) for (group, stem), _ in files]
    if len(set(known)) < len(files):
        said = told(folder).splitlines()
        assert [it for it in said if "Hai tệp cùng tên" not in it] == []
        return
    sources = read_sources(folder, PROVINCE)
    assert len(sources) == len(files)
    offers = [read_offer(it.path, 1, {"sha256": it.sha256}, {}) for it in sources]
    assert len({it.path for it in offers}) == len(files)
    assert {it.name for it in nearest_first(offers)} == {name for _, name in known}


def test_a_folder_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="Không mở được thư mục"):
        read_sources(tmp_path / "khong-co", PROVINCE)
