"""Hệ thống from outside: trying a zone, settings by forms, the machine, the backup."""

import io
import re
import tarfile
from pathlib import Path

import attrs
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from station.care.disk import Disk
from station.care.power import decoded
from station.control.messages import Answer, Restart, TryZone
from station.desk import backup_stick
from station.desk.updates import note_update
from station.rules.enrolment import Enrolment
from station.rules.offer import Offer
from station.rules.roles import Role
from station.stores import offered_release, update_notes
from station.stores.database import audit
from station.stores.enrolment import keep_enrolment
from station.stores.home import Home
from station.stores.update_notes import News, Stage
from station.stores.vault import LastSent, VaultFiles
from tests.updates.releases import release, sha256
from tests.web.asking import post
from tests.web.states import SEEN, STATES, STATUS

ROOT = "/he-thong/"
SETTINGS = "/he-thong/cai-dat"
VAULT = "/he-thong/sao-luu-tinh"


def fields(client: FlaskClient, address: str) -> dict[str, str]:
    """What the form of a page sends when nobody touches it."""
    page = client.get(address).text
    form = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page))
    form |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)<', page))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        form[name] = re.search(r'value="([^"]*)" selected', options)[1]
    return form


def send(client: FlaskClient, address: str, /, **changed: str):
    return client.post(address, data=fields(client, address) | changed)


def deeds(home: Home) -> list[tuple[str, str, str]]:
    with home.engine.connect() as connection:
        query = select(audit.c.who, audit.c.deed, audit.c.subject).order_by(audit.c.id)
        return [tuple(row) for row in connection.execute(query)]


def test_the_page_tells_zones_machine_and_settings(home: Home, client: FlaskClient, player):
    written = home.places.config.read_text().replace(
        'title = "Thôn Bắc"', 'title = "Thôn Bắc"\npin = 17\nfeedback = 18'
    )
    home.places.config.write_text(written)
    player["status"] = STATES["fault"]
    page = client.get(ROOT).text
    for shown in ("GPIO 17, báo về ở GPIO 18", "Chân 27 không mở được.", "mô phỏng", "Diễn tập"):
        assert shown in page
    for fact in ("Bộ nhớ", "Thẻ nhớ", "Đồng hồ", "Phiên bản", "chưa ghi danh", "Python"):
        assert fact in page
    home.places.socket.unlink()
    page = client.get(ROOT).text
    assert "Máy phát không chạy." in page
    assert "chưa biết" in page


def test_the_page_tells_power_and_wear_where_the_machine_does(
    client: FlaskClient, player, monkeypatch: pytest.MonkeyPatch
):
    facts = "Nguồn điện", "Đã ghi vào thẻ", "Hao mòn", "Lỗi thẻ nhớ"
    worn = Disk(total=1 << 35, free=1 << 34, written=300 << 20, errors=3, worn=20)
    for disk, power, told in (
        (
            worn,
            decoded(0x50005),
            ("đang yếu", "300 MB từ lúc bật máy", "đã dùng từ 20 %", "3 lỗi đọc ghi"),
        ),
        (worn, decoded(0x10000), ("đã từng yếu từ lúc bật máy", "300 MB", "20 %", "3 lỗi")),
        (Disk(total=1 << 35, free=1 << 34), None, ("", "", "", "")),
    ):
        monkeypatch.setattr("station.care.machine.read_disk", lambda _, disk=disk: disk)
        player["status"] = {**STATES["empty"], "power": power and attrs.asdict(power)}
        page = client.get(ROOT).text
        for fact, words in zip(facts, told, strict=True):
            said = re.search(f"<dt>{fact}</dt><dd>([^<]*)</dd>", page)
            assert words in said[1] if words else said is None, (fact, said)


def test_a_zone_is_tried_after_a_question(client: FlaskClient, player):
    address = "/he-thong/cum-loa/bac/thu"
    assert "Thử cụm loa Thôn Bắc?" in client.get(address).text
    assert player["orders"] == []
    assert post(client, address, address).headers["Location"] == ROOT
    assert player["orders"] == [TryZone("Lan", "bac")]
    player["answer"] = Answer(done=False, sentence="Ngoài khung giờ cho phép (05:00–21:00).")
    refused = post(client, address, address, override="Thợ sửa loa")
    assert refused.status_code == 400
    assert player["answer"].sentence in refused.text
    assert 'value="Thợ sửa loa"' in refused.text
    assert player["orders"][-1] == TryZone("Lan", "bac", "Thợ sửa loa")
    assert client.get("/he-thong/cum-loa/nam/thu").status_code == 404


def test_the_player_begins_anew_when_asked(home: Home, client: FlaskClient, player):
    assert "chưa áp dụng" not in client.get(ROOT).text
    fault = {"where": "station.toml", "what": "Đã sửa.", "still": "", "mend": ""}
    player["status"] = {**STATUS, "faults": [fault]}
    assert "Cấu hình mới chưa áp dụng" in client.get(ROOT).text
    assert post(client, "/he-thong/khoi-dong-lai", ROOT).headers["Location"] == ROOT
    assert player["orders"] == [Restart("Lan")]
    assert deeds(home)[-1] == ("Lan", "khởi động lại máy phát", "")


def test_a_form_that_nobody_touched_changes_nothing(home: Home, client: FlaskClient, player):  # noqa: ARG001
    before = home.places.config.read_text()
    for part in ("dai", "am-thanh", "giong-doc", "cum-loa/bac"):
        assert send(client, f"{SETTINGS}/{part}").status_code == 302
        assert "Không có gì thay đổi." in client.get(ROOT).text
    assert home.places.config.read_text() == before


def test_a_setting_is_changed_and_every_comment_stays(home: Home, client: FlaskClient, player):  # noqa: ARG001
    home.places.config.write_text("# của đài\n" + home.places.config.read_text())
    answer = send(client, f"{SETTINGS}/dai", name="Đài Hương Sơn", allowed_hours="05:00-11:00\r\n14:00-20:00")
    assert answer.headers["Location"] == ROOT
    page = client.get(ROOT).text
    assert "Đã lưu cấu hình. Máy phát dùng cấu hình mới từ lần khởi động sau." in page
    assert "Đài Hương Sơn · 05:00–11:00, 14:00–20:00" in page
    assert home.places.config.read_text().startswith("# của đài\nname = ")
    assert deeds(home)[-1][:2] == ("Lan", "sửa cấu hình")
    assert "name = Đài Hương Sơn" in deeds(home)[-1][2]


@pytest.mark.parametrize(
    ("part", "typed", "told"),
    [
        ("dai", {"allowed_hours": "5h-21h"}, "không phải là giờ trong ngày"),
        ("dai", {"allowed_hours": "21:00-05:00"}, "kết thúc trước khi bắt đầu"),
        ("dai", {"limits.sessions": "99"}, "nằm ngoài khoảng cho phép"),
        ("am-thanh", {"audio.loudness": "-3"}, "Viết một số từ -30 đến -10 LUFS"),
        ("am-thanh", {"level": "00:00-06:00"}, "level"),
        ("giong-doc", {"speech.speed": "nhanh"}, "Ở đây cần số nguyên"),
        ("cum-loa/bac", {"pin": "99"}, "Viết một số từ 0 đến 27"),
        ("cum-loa/bac", {"pi": "thôn xa"}, "không phải là tên máy"),
        ("cum-loa/bac", {"warm_up": "ba giây"}, "không phải là một khoảng thời gian"),
        ("cum-loa/bac", {"title": " "}, "Chưa có tên."),
        ("tiep-song/them_moi", {"title": "VOV1", "address": "vov.vn"}, "không phải là địa chỉ"),
    ],
)
def test_what_is_wrong_is_told_with_its_field_and_what_was_typed_is_kept(home, client, player, part, typed, told):  # noqa: ARG001, PLR0913, PLR0917
    before = home.places.config.read_text()
    answer = send(client, f"{SETTINGS}/{part}", **typed)
    assert answer.status_code == 400
    assert told in answer.text
    assert "station.toml" not in answer.text, "a person knows the field by its label"
    for value in typed.values():
        assert value in answer.text
    assert home.places.config.read_text() == before


def test_zones_streams_and_microphones_come_and_go(home: Home, client: FlaskClient, player):  # noqa: ARG001
    assert send(client, f"{SETTINGS}/cum-loa/them_moi", title="Đình làng", pin="22").status_code == 302
    assert (
        send(client, f"{SETTINGS}/tiep-song/them_moi", title="VOV1", address="https://dai.example/1").status_code
        == 302
    )
    assert send(client, f"{SETTINGS}/micro/them_moi", title="Bàn", device="pulse").status_code == 302
    config = home.config().config
    assert config.zones["dinh-lang"].pin == 22
    assert config.streams["vov1"].address == "https://dai.example/1"
    assert config.microphones["ban"].device == "pulse"
    twice = send(client, f"{SETTINGS}/cum-loa/them_moi", title="Ao", pin="22")
    assert "Chân 22 được dùng hai lần." in twice.text
    page = client.get(ROOT).text
    assert "Đình làng" in page and "Tiếp sóng: VOV1" in page and "Micro: Bàn" in page
    for place in ("cum-loa/dinh-lang", "tiep-song/vov1", "micro/ban"):
        address = f"{SETTINGS}/{place}"
        assert client.post(f"{address}/bo", data=fields(client, address)).headers["Location"] == ROOT
    assert (set(home.config().config.zones), dict(home.config().config.streams)) == ({"bac", "dong"}, {})
    assert client.get(f"{SETTINGS}/cum-loa/dinh-lang").status_code == 404


def test_what_a_schedule_needs_is_not_taken_away(home: Home, client: FlaskClient, player):  # noqa: ARG001
    home.places.schedules.mkdir(exist_ok=True)
    schedule = (
        'title = "Tin"\nzones = ["dong"]\n[[air]]\ndays = "daily"\nat = "17:00"\n[[rundown]]\nsay = "Chào."\n'
    )
    (home.places.schedules / "tin.toml").write_text(schedule)
    address = f"{SETTINGS}/cum-loa/dong"
    assert client.post(f"{address}/bo", data=fields(client, address)).headers["Location"] == address
    assert "một lịch phát còn cần" in client.get(address).text
    assert "dong" in home.config().config.zones


def test_the_second_of_two_editors_sees_what_the_first_changed(home: Home, client: FlaskClient, player):  # noqa: ARG001
    address = f"{SETTINGS}/dai"
    second = fields(client, address) | {"name": "Đài của Minh"}
    assert send(client, address, name="Đài của Lan").status_code == 302
    refused = client.post(address, data=second)
    assert refused.status_code == 400
    assert "Trong lúc đó tệp đã được người khác sửa" in refused.text
    assert "Đài của Lan" in refused.text and 'value="Đài của Minh"' in refused.text
    assert home.config().config.name == "Đài của Lan"
    again = dict(second, based_on=re.search(r'name="based_on" value="(\w+)"', refused.text)[1])
    assert client.post(address, data=again).status_code == 302, "who has seen it may go on"
    assert home.config().config.name == "Đài của Minh"


def test_a_broken_file_is_told_and_left_to_a_person(home: Home, client: FlaskClient, player):  # noqa: ARG001
    home.places.config.write_text("name = Đài\n")
    page = client.get(f"{SETTINGS}/dai")
    assert "sai cú pháp TOML" in page.text
    assert client.post(f"{SETTINGS}/dai", data=fields(client, f"{SETTINGS}/dai")).status_code == 400
    assert home.places.config.read_text() == "name = Đài\n"


def test_the_backup_is_one_file_and_noted(home: Home, client: FlaskClient, player):  # noqa: ARG001
    (home.places.home / "library" / "originals" / ("b" * 64)).write_bytes(b"x" * 1000)
    for recordings in ("yes", ""):
        answer = post(client, "/he-thong/sao-luu", ROOT, recordings=recordings)
        assert answer.mimetype == "application/x-tar"
        assert re.search(r"loa-xa-2026-11-23-1708\.tar", answer.headers["Content-Disposition"])
        with tarfile.open(fileobj=io.BytesIO(answer.data)) as archive:
            names = archive.getnames()
        assert {"station.db", "station.toml", "page.key", "loa-xa.json"} <= set(names)
        assert any(name.startswith("library/originals/") for name in names) == bool(recordings)
    assert deeds(home)[-2:] == [("Lan", "sao lưu", ""), ("Lan", "sao lưu", "không kèm bản ghi âm")]


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for a stick that is plugged in."""
    folder = tmp_path / "KINGSTON"
    folder.mkdir()
    monkeypatch.setattr(backup_stick, "plugged", lambda: iter([folder]))
    return folder


def test_a_stick_is_chosen_and_the_page_tells_when_it_got_a_backup(
    home: Home,
    client: FlaskClient,
    player,  # noqa: ARG001
    stick: Path,
):
    assert "Dùng USB KINGSTON để sao lưu" in client.get(ROOT).text
    assert not list(stick.iterdir())
    post(client, "/he-thong/usb-sao-luu", ROOT, stick=str(stick))
    assert deeds(home)[-1] == ("Lan", "chọn USB sao lưu", "KINGSTON")
    shown = client.get(ROOT).text
    assert "USB sao lưu đang cắm: KINGSTON." in shown
    assert "Dùng USB" not in shown
    backup_stick.back_up_to_stick(home, by="máy", now=SEEN)
    assert "Lần sau cùng: 17:08 23/11/2026" in client.get(ROOT).text
    assert len(list(stick.glob("*/*.tar"))) == 1


def test_only_what_is_plugged_in_is_chosen(home: Home, client: FlaskClient, player, stick: Path):  # noqa: ARG001
    post(client, "/he-thong/usb-sao-luu", ROOT, stick=str(stick.parent))
    assert "Không thấy USB ấy trong máy." in client.get(ROOT).text
    assert not (stick.parent / "loa-xa-sao-luu").exists()
    assert deeds(home)[-1][1] != "chọn USB sao lưu"


def test_who_is_no_technician_chooses_no_stick(someone, player, stick: Path):  # noqa: ARG001
    operator = someone("Hoa", Role.OPERATOR)
    assert post(operator, "/he-thong/usb-sao-luu", ROOT, stick=str(stick)).status_code == 403
    assert not list(stick.iterdir())


@pytest.fixture
def offered(home: Home) -> str:
    """The sha256 of a newer release that the province offers."""
    content = release("99.1.0")
    part = home.places.home / "part"
    part.write_bytes(content)
    offer = Offer("tinh/loa-xa.tar", len(content), sha256(content), SEEN, "Loa xã 99.1.0", version="99.1.0")
    offered_release.write(home.places.release, offer, part)
    return offer.sha256


def test_a_newer_version_is_asked_for_and_root_finds_the_request(
    home: Home,
    client: FlaskClient,
    player,  # noqa: ARG001
    offered: str,
):
    page = client.get(ROOT).text
    assert "Tỉnh có bản mới: 99.1.0, 0,0 MB, phát hành 23/11/2026." in page
    post(client, "/he-thong/cap-nhat", ROOT, sha256="0" * 64)
    assert "Bản ấy không còn là bản mới của tỉnh." in client.get(ROOT).text
    assert not update_notes.is_requested(home.places.run)
    post(client, "/he-thong/cap-nhat", ROOT, sha256=offered)
    assert deeds(home)[-1] == ("Lan", "yêu cầu cập nhật", f"bản 99.1.0 ({offered[:16]})")
    page = client.get(ROOT).text
    assert "Đã yêu cầu cập nhật; máy sắp bắt đầu." in page
    assert "Cập nhật lên bản" not in page
    post(client, "/he-thong/cap-nhat", ROOT, sha256=offered)
    assert "Máy đang cập nhật rồi." in client.get(ROOT).text
    assert update_notes.take_request(home.places.run) == offered


def test_how_an_update_went_is_told_and_noted_once(home: Home, client: FlaskClient, player, offered: str):  # noqa: ARG001
    sentence = "Bản 99.1.0 không chạy được, máy đã tự quay về bản 0.1.0. Trang không trả lời."
    update_notes.tell(home.places.run, News(SEEN, Stage.WAITING, "99.1.0", "Đang phát “Sáng”."))
    note_update(home, SEEN)
    assert "Cập nhật lên bản" not in client.get(ROOT).text
    update_notes.tell(home.places.run, News(SEEN, Stage.RETURNED, "99.1.0", sentence))
    for _ in range(3):
        note_update(home, SEEN)
    assert [it for it in deeds(home) if it[1] == "cập nhật"] == [("Máy", "cập nhật", sentence)]
    (home.places.run / "update.answer").unlink()  # as a boot does
    note_update(home, SEEN)
    page = client.get(ROOT).text
    assert f"17:08 23/11/2026 · {sentence}" in page
    assert "Cập nhật lên bản 99.1.0" in page
    client.set_cookie("ngon-ngu", "en")
    assert (
        "Version 99.1.0 did not run; the machine has returned to version 0.1.0 by itself." in client.get(ROOT).text
    )


def test_who_is_no_technician_updates_nothing(home: Home, someone, player, offered: str):  # noqa: ARG001
    operator = someone("Hoa", Role.OPERATOR)
    assert "Cập nhật lên bản" not in operator.get(ROOT).text
    assert post(operator, "/he-thong/cap-nhat", ROOT, sha256=offered).status_code == 403
    assert not update_notes.is_requested(home.places.run)


def test_the_province_gets_backups_once_the_key_was_read_back(home: Home, client: FlaskClient, player):  # noqa: ARG001
    assert "Tỉnh của đài chưa có chỗ nhận bản sao lưu." in client.get(ROOT).text
    offered = Enrolment("Tỉnh", "x1", "ab" * 32, 1, ("https://a/",), backups="https://a/sao-luu/")
    keep_enrolment(home.places.province, offered, b"{}")
    assert "Làm khóa phục hồi để gửi về tỉnh" in client.get(ROOT).text
    shown = post(client, f"{VAULT}/khoa", ROOT)
    assert shown.headers["Cache-Control"] == "no-store"
    key = re.search(r"AGE-SECRET-KEY-1 [0-9A-Z ]+", shown.text)[0]
    refused = post(client, f"{VAULT}/xac-nhan", ROOT, key=key[:-3])
    assert refused.status_code == 400
    assert "gõ sai hoặc thiếu chữ" in refused.text
    assert key not in refused.text
    assert "Làm khóa phục hồi để gửi về tỉnh" in client.get(ROOT).text, "nothing is sent yet"
    post(client, f"{VAULT}/xac-nhan", ROOT, key=key.lower())
    assert "Chưa gửi lần nào" in client.get(ROOT).text
    VaultFiles(home.places.backup).note(LastSent(SEEN, 3 << 20, "a"))
    assert "Lần gửi sau cùng: 17:08 23/11/2026, 3,0 MB." in client.get(ROOT).text
    post(client, f"{VAULT}/thoi", ROOT)
    assert "Làm khóa phục hồi để gửi về tỉnh" in client.get(ROOT).text
    made = [deed for _, deed, _ in deeds(home)]
    assert made[-3:] == ["làm khóa phục hồi", "chọn sao lưu về tỉnh", "thôi sao lưu về tỉnh"]
