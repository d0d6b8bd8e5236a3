"""Schedules on the page: weeks, months, each in words, and made and edited in a form, with and without mistakes."""

import re
import tomllib
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from station.audio.labels import tape_name, write_label
from station.desk.segments import add_segment, approve_segment, take_in_waiting
from station.desk.timetable import broadcasts, read_plan
from station.rules.now import DAY, HOUR
from station.rules.rundown import Kind
from station.stores.home import Home
from tests.rig.tapes import noise, write_tape
from tests.rules.stations import broadcast
from tests.running import speech
from tests.web.asking import post, token
from tests.web.states import SEEN

FILE = """\
# Bản tin chiều.
title    = "Bản tin chiều"  # tên
zones    = ["all"]

[[air]]
days   = "mon-sat"
at     = "17:30"
except = ["2027-02-05..2027-02-09", "lunar 1"]  # nghỉ

# chào trước
[[rundown]]
say = "Xin chào bà con."

[[rundown]]
newest = "news"
within = "36h"
limit  = "90s"  # vừa đủ

[[rundown]]
play = "loi-ket"
"""
EDIT = "/lich/chieu/sua"


@pytest.fixture
def shelf(home: Home) -> Callable[..., None]:
    home.places.schedules.mkdir(exist_ok=True)

    def put(name: str = "chieu", text: str = FILE) -> None:
        (home.places.schedules / f"{name}.toml").write_text(text)

    put()
    return put


def text_of(home: Home, name: str = "chieu") -> str:
    return (home.places.schedules / f"{name}.toml").read_text()


def fields(page: str) -> dict[str, list[str]]:
    """What a browser would send of the big form that a page shows, but for the button."""
    form = page[page.index('id="arrange"') :]
    form = form[: form.index("</form>")]
    sent: dict[str, list[str]] = {}

    def take(name: str, value: str) -> None:
        sent.setdefault(name, []).append(unescape(value))

    controls = r"<input\b[^>]*>|<textarea\b[^>]*>.*?</textarea>|<select\b.*?</select>"
    for control in re.findall(controls, form, re.DOTALL):
        name = re.search(r'name="([^"]+)"', control)[1]
        if control.startswith("<textarea"):
            take(name, re.search(r">(.*)</textarea>", control, re.DOTALL)[1])
        elif control.startswith("<select"):
            options = re.findall(r"<option\b([^>]*)>([^<]*)</option>", control)
            attributes, shown = next((it for it in options if "selected" in it[0]), options[0])
            value = re.search(r'value="([^"]*)"', attributes)
            take(name, value[1] if value else shown)
        elif 'type="checkbox"' not in control or " checked" in control:
            value = re.search(r'value="([^"]*)"', control)
            take(name, value[1] if value else "")
    return sent


def send(client: FlaskClient, at: str, do: str, sent: Mapping[str, list[str]] | None = None, **changed: Any):
    """Press a button of the form, with some fields typed over."""
    given = {**(fields(client.get(at).text) if sent is None else sent), **changed, "do": do}
    return client.post(at, data={**given, "csrf_token": token(client, at)})


def test_a_week_has_both_calendars_holidays_swapped_days_and_reasons(home, client, shelf):
    shelf(
        "dem",
        FILE.replace("17:30", "23:59:59").replace("Bản tin chiều", "Quá muộn").replace('say = "Xin', 'say = "A'),
    )
    home.places.config.write_text(home.places.config.read_text().replace('"00:00-24:00"', '"05:00-21:00"'))
    home.places.swap_days.write_text('[[swap]]\nday = "2026-11-29"\nlike = "mon"\n')
    week = client.get("/lich/?tuan=2026-11-29").text
    assert "23/11–29/11/2026" in week
    for shown in ("15 tháng Mười âm lịch", "Ngày Văn hóa Việt Nam", "Theo lịch thứ Hai", "hôm nay"):
        assert shown in week
    assert "Không được phát." in week
    assert "Ngoài khung giờ cho phép (05:00–21:00)." in week
    assert week.count('href="/lich/chieu"') == 7, "Sunday is like a Monday"
    later = client.get("/lich/?tuan=2027-02-06").text
    assert later.count("Mùng 1 Tết") == 1
    assert "Giao thừa" in later
    assert 'href="/lich/chieu"' in later
    assert "hôm nay" not in later.replace("Về hôm nay", "")


def test_what_is_over_is_shown_as_it_was(home, client, shelf):  # noqa: ARG001
    for number, (result, reason) in enumerate((("aired", ""), ("missed", "Máy tắt nguồn."))):
        was = broadcast(SEEN - (number + 1) * HOUR, schedule=f"buoi-{number}")
        home.log.open(was, was.start)
        home.log.close(was.key, result, was.end, reason)
    week = client.get("/lich/").text
    assert "Đã phát" in week
    assert "Máy tắt nguồn." in week


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/lich/?thang=2026-12", "Tháng 12/2026"),
        ("/lich/?thang=2027-02", "Mùng 1 Tết"),
        ("/lich/?thang=", "Tháng 11/2026"),
        ("/lich/?thang=vo-nghia", "Tháng 11/2026"),
        ("/lich/?tuan=9999-99-99", "23/11–29/11/2026"),
        ("/lich/?tuan=0001-01-01", "27/12–02/01/2000"),
        ("/lich/?thang=2099-12", "Tháng 12/2099"),
    ],
)
def test_any_week_and_month_can_be_seen_and_no_address_breaks(client, shelf, address, shown):  # noqa: ARG001
    answer = client.get(address)
    assert answer.status_code == 200
    assert shown in answer.text


def test_a_month_has_each_day_with_its_broadcasts_and_a_way_to_its_week(client, shelf):  # noqa: ARG001
    page = client.get("/lich/?thang=2026-12").text
    cells = re.findall(r"<td.*?</td>", page, re.DOTALL)
    assert len(cells) == 35
    eighth, ninth = (next(it for it in cells if f"tuan=2026-12-0{day}" in it) for day in (8, 9))
    assert ": 1 buổi" in eighth
    assert "1/11" in ninth, "the lunar month that begins is named"
    assert ": 0 buổi" in ninth, "and nothing airs on its first day"
    assert client.get("/lich/?tuan=2026-12-09").text.count('id="ngay-2026-12-09"') == 1


def test_every_schedule_is_listed_with_what_is_wrong(client, shelf):
    shelf("hong", 'title = "Hỏng"\n[[air]]\nat = "5h"\ndays = "daily"\n[[rundown]]\nsay = "A"\n')
    shelf("nat", "đây không phải TOML")
    page = client.get("/cac-lich").text
    for shown in (
        "Bản tin chiều",
        "thứ Hai đến thứ Bảy",
        "trừ 05/02/2027 đến 09/02/2027, mùng 1 âm lịch hằng tháng",
        "“5h”",
        "TOML",
    ):
        assert shown in page
    assert "“5h” không phải là giờ trong ngày." in client.get("/lich/hong").text
    assert "đây không phải TOML" in client.get("/lich/nat").text
    assert client.get("/lich/nat/sua").status_code == 404
    assert client.get("/lich/khong-co").status_code == 404


def test_a_schedule_is_told_in_words_with_when_it_airs_next(client, shelf):  # noqa: ARG001
    page = client.get("/lich/chieu").text
    for shown in (
        "22 phút nữa",
        "Máy đọc: “Xin chào bà con.”",
        "Tin mới nhất",
        "Chưa có tin nào được duyệt trong 36 giờ qua.",
        "Mọi cụm loa · thông thường",
        "Nếu lỡ giờ: bỏ qua buổi ấy.",
        "Máy đang dựng băng",
    ):
        assert shown in page


def test_the_tape_itself_is_heard_in_parts_once_it_is_there(home, client, shelf):
    shelf(text=FILE.replace("17:30", "20:30"))
    assert "được dựng lúc 18:30 hôm nay" in client.get("/lich/chieu").text
    assert client.get("/lich/chieu/nghe").status_code == 404
    (coming,) = broadcasts(home, read_plan(home), SEEN, SEEN + DAY // 2)
    made = write_tape(home.places.tapes / f"{tape_name(coming.key, coming.programme.digest)}.wav", noise(2000))
    write_label(made)
    assert 'src="/lich/chieu/nghe?v=' in client.get("/lich/chieu").text
    whole = client.get("/lich/chieu/nghe")
    assert (whole.mimetype, whole.data[:4], len(whole.data)) == ("audio/wav", b"RIFF", made.size)
    part = client.get("/lich/chieu/nghe", headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.data) == (206, whole.data[1000:2000])
    shelf(text=FILE.replace("17:30", "20:31"))
    assert client.get("/lich/chieu/nghe").status_code == 404, "another broadcast's tape is never taken for it"


def test_a_schedule_is_switched_and_taken_away_after_a_question(home, client, shelf, player):  # noqa: ARG001
    off = post(client, "/lich/chieu/bat-tat", "/lich/chieu", on="")
    assert "Đã tắt lịch “Bản tin chiều”." in client.get(off.headers["Location"]).text
    assert tomllib.loads(text_of(home))["enabled"] is False
    assert "Đang tắt" in client.get("/cac-lich").text
    assert "# vừa đủ" in text_of(home)
    post(client, "/lich/chieu/bat-tat", "/lich/chieu", on="yes")
    asked = client.get("/lich/chieu/bo").text
    assert "Bỏ lịch “Bản tin chiều”?" in asked
    assert asked.count('class="removed"') >= 5
    gone = post(client, "/lich/chieu/bo", "/lich/chieu/bo")
    assert "Đã bỏ lịch “Bản tin chiều”." in client.get(gone.headers["Location"]).text
    assert not (home.places.schedules / "chieu.toml").exists()
    assert (home.places.schedules / "chieu.toml.removed").exists()


def test_saving_an_untouched_form_changes_nothing(home, client, shelf):
    odd = FILE.replace("except", 'hard_end = "24:00"\nfrom = 2026-01-01\nevery = 2\nexcept').replace(
        'zones    = ["all"]',
        'zones = ["bac"]\nlate = "start within 90s"\nclash = "move within 1h"\ncrossfade = "1500ms"',
    )
    shelf(text=odd)
    answer = send(client, EDIT, "save")
    assert answer.status_code == 302, answer.text
    assert "vẫn như cũ" in client.get(answer.headers["Location"]).text
    assert text_of(home) == odd


def test_what_was_typed_is_written_and_all_else_stays(home, client, shelf, player):  # noqa: ARG001
    answer = send(
        client,
        EDIT,
        "save",
        **{
            "title": "Bản tin tối",
            "air-a1-at": "18:00",
            "air-a1-days": ["mon", "tue", "wed", "sun"],
            "priority": "priority",
            "zones": ["bac"],
            "late": "start within",
            "late_within": "10 phút",
            "item-within": ["", "2 giờ 30 phút", ""],
        },
    )
    assert answer.status_code == 302, answer.text
    after = text_of(home)
    data = tomllib.loads(after)
    assert (data["title"], data["priority"], data["zones"]) == ("Bản tin tối", "priority", ["bac"])
    assert data["late"] == "start within 10m"
    assert data["air"][0] | {"except": 0} == {"days": ["mon-wed", "sun"], "at": "18:00", "except": 0}
    assert data["rundown"][1] == {"newest": "news", "within": "2h30m", "limit": "90s"}
    for kept in ("# Bản tin chiều.", "# tên", "# nghỉ", "# chào trước", "# vừa đủ"):
        assert kept in after
    (deed,) = [it for it in audit(home) if it[0] == "sửa lịch"]
    assert deed[1].startswith("chieu title=Bản tin tối")


def audit(home: Home) -> list[tuple[str, str]]:
    with home.engine.connect() as connection:
        return [tuple(it) for it in connection.exec_driver_sql("select deed, subject from audit order by id")]


def test_the_buttons_arrange_without_script_and_nothing_is_saved_before_save(home, client, shelf):  # noqa: ARG001
    page = client.get(EDIT).text
    first, second, third = re.findall(r'data-item="(\w+)"', page)
    page = send(client, EDIT, f"up:{third}").text
    assert re.findall(r'data-item="(\w+)"', page) == [first, third, second]
    page = send(client, EDIT, f"drop:{first}", fields(page)).text
    page = send(client, EDIT, f"up:{third}", fields(page)).text
    assert re.findall(r'data-item="(\w+)"', page) == [third, second], "the first one has nowhere to go"
    page = send(client, EDIT, "add:say", fields(page)).text
    assert text_of(home) == FILE
    sent = fields(page)
    sent["item-value"][-1] = "Xin hết."
    assert send(client, EDIT, "save", sent).status_code == 302
    assert [next(iter(it.values())) for it in tomllib.loads(text_of(home))["rundown"]] == [
        "loi-ket",
        "news",
        "Xin hết.",
    ]


def test_a_preview_says_what_the_coming_week_becomes_and_saves_nothing(home, client, shelf):
    page = send(client, EDIT, "preview", **{"air-a1-at": "18:00"}).text
    assert "Nếu lưu, sẽ đổi như sau" in page
    assert "Thứ Ba 24/11, 18:00" in page
    assert "Trước: 17:30" in page
    assert 'value="18:00"' in page
    assert text_of(home) == FILE
    assert "vẫn y như đang lưu" in send(client, EDIT, "preview").text
    shelf("gap", FILE.replace("17:30", "18:00").replace("zones ", 'priority = "priority"\nzones '))
    assert "Bản tin chiều" in send(client, EDIT, "preview", **{"air-a1-at": "18:00"}).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": ""}, "Chưa đặt tên chương trình."),
        ({"air-a1-at": ""}, "Chưa chọn giờ phát."),
        ({"air-a1-at": "25:00"}, "“25:00” không phải là giờ trong ngày."),
        ({"air-a1-days": []}, "Chưa chọn ngày phát nào."),
        ({"air-a1-from": "2026-02-30"}, "“2026-02-30” không phải là một ngày."),
        ({"air-a1-from": "2026-12-02", "air-a1-until": "2026-12-01"}, "Ngày cuối đứng trước ngày đầu."),
        ({"air-a1-every": "2"}, "Cần ngày đầu để biết đếm từ tuần nào."),
        ({"air-a1-every": "hai"}, "“hai” không phải là số tuần."),
        ({"air-a1-hard_end": "sáu giờ"}, "“sáu giờ” không phải là giờ trong ngày."),
        ({"zones": []}, "Chưa chọn cụm loa nào."),
        ({"late": "start within"}, "Chưa nói trong bao lâu."),
        ({"clash": "move within", "clash_within": "lâu"}, "“lâu” không phải là một khoảng thời gian."),
        ({"crossfade": "hai"}, "“hai” không phải là một khoảng thời gian."),
        ({"item-within": ["", "", ""]}, "Chưa nói mới trong bao lâu."),
        ({"item-within": ["", "9" * 5000, ""]}, "không phải là một khoảng thời gian."),
        ({"item-within": ["", "87601 giờ", ""]}, "“87601h” quá dài."),
        ({"air-a1-every": "9" * 5000}, "không phải là số tuần."),
        ({"item-value": ["", "news", "loi-ket"], "item-was": ["", "2", "3"]}, "Mục này còn trống."),
        ({"item-value": ["A", "sai", "loi-ket"]}, "Chưa chọn loại tin bài."),
        ({"item-amount": ["", "lâu", ""]}, "“lâu” không phải là một khoảng thời gian."),
        ({"item-id": [], "item-value": []}, "Khung chương trình chưa có mục nào."),
        ({"airing": []}, "Chưa có giờ phát nào."),
    ],
)
def test_a_mistake_is_told_at_its_field_and_what_was_typed_stays(home, client, shelf, typed, sentence):  # noqa: ARG001
    answer = send(client, EDIT, "save", **typed, late_within="")
    assert answer.status_code == 400
    assert answer.text.count(sentence) == 2, "in the list above, and at the field"
    field = re.search(r'href="#([^"]+)-wrong"', answer.text)[1]
    assert f'id="{field}-wrong"' in answer.text
    sent = fields(answer.text)
    for name, value in typed.items():
        assert sent.get(name, []) == (value if isinstance(value, list) else [value]) or name.startswith("item-")
    assert text_of(home) == FILE


def test_of_two_editors_the_second_sees_what_changed_and_keeps_what_was_typed(home, client, shelf):
    opened = fields(client.get(EDIT).text)
    theirs = FILE.replace("17:30", "17:45").replace('zones    = ["all"]', 'zones = ["bac"]')
    shelf(text=theirs)
    answer = send(client, EDIT, "save", {**opened, "title": ["Tên của tôi"]})
    assert answer.status_code == 409
    assert "đã được người khác sửa: " in answer.text
    assert "thêm “at     = &#34;17:45&#34;”" in answer.text
    sent = fields(answer.text)
    assert (sent["title"], sent["air-a1-at"], sent["zones"]) == (["Tên của tôi"], ["17:45"], ["bac"])
    assert text_of(home) == theirs
    assert send(client, EDIT, "save", sent).status_code == 302
    assert text_of(home) == theirs.replace('"Bản tin chiều"', '"Tên của tôi"')


def test_of_two_who_arrange_one_rundown_the_second_decides(home, client, shelf, player):  # noqa: ARG001
    opened = fields(client.get(EDIT).text)
    mine = fields(send(client, EDIT, "up:i3", opened).text)
    assert send(client, EDIT, "save", fields(send(client, EDIT, "drop:i1", opened).text)).status_code == 302
    assert len(tomllib.loads(text_of(home))["rundown"]) == 2
    answer = send(client, EDIT, "save", mine)
    assert answer.status_code == 409
    assert "bỏ “say = &#34;Xin chào bà con.&#34;”" in answer.text
    assert send(client, EDIT, "save", fields(answer.text)).status_code == 302
    assert [next(iter(it)) for it in tomllib.loads(text_of(home))["rundown"]] == ["say", "play", "newest"]


def test_a_form_with_a_forged_base_saves_nothing(home, client, shelf):  # noqa: ARG001
    opened = fields(client.get(EDIT).text)
    for base in ("", "???", "AAAA", "aGVsbG8="):
        assert send(client, EDIT, "save", {**opened, "base": [base], "title": ["Của tôi"]}).status_code == 409
    assert text_of(home) == FILE


def test_days_of_every_kind_are_added_without_knowing_their_words(home, client, shelf):  # noqa: ARG001
    sent = fields(client.get(EDIT).text)
    for column, kind, chosen in (
        ("days", "dates", {"first": "2026-12-24"}),
        ("days", "dates", {"first": "2026-12-30", "last": "2026-12-31"}),
        ("days", "lunar", {"lunar-day": "15", "lunar-month": "7"}),
        ("days", "month", {"ordinal": "last", "weekday": "fri"}),
        ("except", "lunar", {"lunar-day": "2", "lunar-month": ""}),
        ("except", "dates", {"first": "2026-12-31", "last": "2026-12-30"}),
    ):
        typed = {f"air-a1-{column}-{name}": value for name, value in chosen.items()}
        page = send(client, EDIT, f"day:a1:{column}:{kind}", sent, **typed).text
        sent = fields(page)
    assert "15 tháng Bảy âm lịch" in page
    sent["air-a1-days"] += ["quoc-khanh"]
    assert send(client, EDIT, "save", sent).status_code == 302
    (air,) = tomllib.loads(text_of(home))["air"]
    others = ["2026-12-24", "2026-12-30..2026-12-31", "lunar 15/7", "last fri", "quoc-khanh"]
    assert air["days"] == ["mon-sat", *others]
    assert air["except"] == ["2027-02-05..2027-02-09", "lunar 1", "lunar 2"], (
        "days that end before they begin are none"
    )


def test_a_new_schedule_is_made_without_seeing_a_file(home, client, player):  # noqa: ARG001
    page = client.get("/lich-moi").text
    page = send(client, "/lich-moi", "add:say", fields(page)).text
    page = send(client, "/lich-moi", "add:newest", fields(page)).text
    sent = fields(page)
    sent |= {"title": ["Điểm tin trưa"], f"air-{sent['airing'][0]}-at": ["11:30"]}
    sent["item-value"][0] = "Xin chào.\r\nMời bà con nghe."
    assert "Thêm" in send(client, "/lich-moi", "preview", sent).text
    assert not home.places.schedules.exists()
    answer = send(client, "/lich-moi", "save", sent)
    assert answer.headers["Location"] == "/lich/diem-tin-trua"
    assert tomllib.loads(text_of(home, "diem-tin-trua")) == {
        "title": "Điểm tin trưa",
        "air": [{"days": "mon-sat", "at": "11:30"}],
        "rundown": [
            {"say": "Xin chào.\nMời bà con nghe."},
            {"newest": "news", "within": "36h", "limit": "12m"},
        ],
    }
    assert read_plan(home).troubles == ()
    assert send(client, "/lich-moi", "save", sent).headers["Location"] == "/lich/diem-tin-trua-2"


def test_a_form_in_english_is_saved_as_one_in_vietnamese(home, client, shelf, player):  # noqa: ARG001
    client.set_cookie("ngon-ngu", "en")
    page = send(client, EDIT, "add:newest").text
    assert 'value="36 h"' in page
    sent = fields(page)
    sent["item-amount"][1] = "2 minutes"
    client.set_cookie("ngon-ngu", "vi")
    assert send(client, EDIT, "save", sent).status_code == 302
    _, second, _, added = tomllib.loads(text_of(home))["rundown"]
    assert second == {"newest": "news", "within": "36h", "limit": "2m"}
    assert added == {"newest": "news", "within": "36h", "limit": "12m"}


def test_a_week_in_english_names_only_zones_that_are_not_all(client, shelf):
    client.set_cookie("ngon-ngu", "en")
    assert "all zones" not in client.get("/lich/").text
    shelf(text=FILE.replace('["all"]', '["bac"]'))
    assert "Thôn Bắc" in client.get("/lich/").text


def test_a_wrong_value_of_a_file_is_mended_in_the_form(home, client, shelf):
    shelf(
        text=FILE.replace('"17:30"', '"5h"').replace('"mon-sat"', '"monn"').replace('play = "loi-ket"', "choi = 1")
    )
    page = client.get(EDIT).text
    assert "monn" in page
    sent = fields(page)
    assert send(client, EDIT, "save", sent).status_code == 400
    drop = re.findall(r'data-item="(\w+)"', page)[-1]
    sent = fields(send(client, EDIT, f"drop:{drop}", sent).text)
    sent |= {"air-a1-at": ["05:00"], "air-a1-days": ["mon"]}
    assert send(client, EDIT, "save", sent).status_code == 302
    assert read_plan(home).troubles == ()


def test_the_length_is_told_for_a_page_that_is_open(client, shelf):  # noqa: ARG001
    seen = client.post("/lich/tinh", data={**fields(client.get(EDIT).text), "csrf_token": token(client, EDIT)}).json
    assert [it["lacking"] for it in seen["rows"].values()] == [False, True, True]
    assert re.fullmatch(r"Dài khoảng 00:0\d · phát 17:30 thì hết lúc 17:30:0\d", seen["total"])


def test_forged_steps_and_fields_change_nothing(home, client, shelf):  # noqa: ARG001
    for do in (
        "",
        "up:99",
        "up:",
        "add:nonsense",
        "day:a1:days:nonsense",
        "day:",
        "day:9:x:lunar",
        "nonsense",
        "pick:",
    ):
        assert send(client, EDIT, do).status_code == 200, do
    kinds = {"item-kind": ["nonsense", "live", ""], "item-was": ["", "", ""], "item-value": ["a", "b", "c"]}
    assert send(client, EDIT, "save", **kinds, late="x", clash="y", priority="z").status_code == 400
    assert text_of(home) == FILE


def test_recordings_are_found_and_picked_and_live_sources_chosen(home, client, shelf, player, tmp_path):  # noqa: ARG001
    sources = '[streams.vov1]\ntitle = "VOV1"\naddress = "https://dai.example/vov1"\n'
    sources += '[microphones.phong]\ntitle = "Phòng thu"\ndevice = "pulse"\n'
    home.places.config.write_text(home.places.config.read_text() + sources)
    for title in ("Lịch tiêm phòng", "Nhạc quê hương"):
        with speech(tmp_path / "tin.mp3", title).open("rb") as recording:
            kept = add_segment(home, recording, title=title, kind=Kind.NEWS, by="Lan", now=SEEN)
        list(take_in_waiting(home))
        approve_segment(home, kept.id, by="Lan", now=SEEN)
    page = send(client, EDIT, "find", find="tiem phong").text
    assert re.findall(r'value="pick:([^"]+)"', page) == ["lich-tiem-phong"]
    page = send(client, EDIT, "pick:lich-tiem-phong", fields(page)).text
    page = send(client, EDIT, "add:rebroadcast", fields(page)).text
    page = send(client, EDIT, "add:live", fields(page)).text
    sent = fields(page)
    sent["item-value"][-2:] = ["vov1", "phong"]
    sent["item-fallback"][-2] = "music"
    assert send(client, EDIT, "save", sent).status_code == 302
    added = [{"play": "lich-tiem-phong"}, {"rebroadcast": "vov1", "for": "15m", "fallback": "music"}]
    assert tomllib.loads(text_of(home))["rundown"][3:] == [*added, {"live": "phong", "for": "5m"}]
    told = client.get("/lich/chieu").text
    for shown in ("Lịch tiêm phòng", "Tiếp âm VOV1", "Nói trực tiếp: Phòng thu"):
        assert shown in told


def test_a_file_that_is_no_text_is_told_and_breaks_no_page(home, client, shelf):  # noqa: ARG001
    (home.places.schedules / "anh.toml").write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in client.get("/cac-lich").text
    assert "UTF-8" in client.get("/lich/anh").text
    for address, deed in (("/lich/anh/bo", "/lich/anh/bo"), ("/lich/anh", "/lich/anh/bat-tat")):
        answer = client.get(address, follow_redirects=True)
        assert answer.status_code == 200
        assert "UTF-8" in client.post(deed, data={"csrf_token": token(client, "/")}, follow_redirects=True).text
