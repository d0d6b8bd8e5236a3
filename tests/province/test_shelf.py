"""What the province sends lives in the station as its own: heard as it was signed, and never as anybody made it."""

import io
import subprocess
from errno import ENOSPC
from pathlib import Path

import pytest
from attrs import evolve
from sqlalchemy import select, update

from station.desk import editing
from station.desk.schedules import draft_removal, draft_switch, list_schedules, schedule_text
from station.desk.segments import (
    add_segment,
    add_text,
    approve_segment,
    correct_segment,
    describe_segment,
    reject_segment,
    remove_segment,
    submit_segment,
    take_in_waiting,
)
from station.desk.timetable import broadcasts, check, read_plan
from station.province.shelf import let_go, order, present, retell, take
from station.rules.approval import State
from station.rules.enrolment import Enrolment
from station.rules.facts import NO_FACTS, Facts, Field
from station.rules.now import DAY, HOUR
from station.rules.origin import Origin
from station.rules.recipe import Piece, Recipe, to_json, trim
from station.rules.rundown import Kind, Newest, Play, Rebroadcast
from station.rules.schedule import Priority
from station.rules.trouble import Refused
from station.stores.audit import Wanted, find
from station.stores.database import segments as table
from station.stores.enrolment import keep_enrolment
from station.stores.home import Home, open_home, places
from station.stores.library import Full
from tests.province.offers import (
    NOW,
    SPOILT,
    files,
    heard,
    level_quickly,
    offer,
    part,
    sent,
    stored,
)
from tests.running import CONFIG

SCHEDULE = b"""\
title = "Th\xe1\xbb\x9di s\xe1\xbb\xb1 t\xe1\xbb\x89nh"
[[air]]
days = "daily"
at = "05:00"
[[rundown]]
play = "thoi-su"
[[rundown]]
newest = "news"
within = "36h"
[[rundown]]
newest = "notice"
within = "36h"
origin = "commune"
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    opened = open_home(places(tmp_path / "home"))
    opened.places.config.write_text(CONFIG.replace("{device}", "none"))
    opened.places.schedules.mkdir()
    return opened


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    level_quickly(monkeypatch)


def taken_in(home: Home) -> None:
    list(take_in_waiting(home))


def audited(home: Home) -> list[tuple[str, str]]:
    with home.engine.connect() as connection:
        return [(it.who, it.deed) for it in find(connection, Wanted())]


# What arrives


def test_real_audio_is_levelled_and_approved_by_its_signature(home: Home, tmp_path: Path) -> None:
    opus = tmp_path / "tin.opus"
    sine = "sine=frequency=400:duration=2"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", sine, "-c:a", "libopus", opus], check=True)
    keep_enrolment(home.places.province, Enrolment("Đài Tỉnh Lai Châu", "x1", "ab" * 32, 1, ("https://a/",)), b"{}")
    facts = Facts(Field.HEALTH, source="Sở Y tế", valid_until=NOW + DAY)
    made = sent(home, opus.read_bytes(), facts=facts)
    assert (stored(home).state, heard(home)) == (State.RECEIVED, [])
    taken_in(home)
    (usable,) = heard(home)
    kept = stored(home)
    assert (usable.origin, usable.received_at, usable.valid_until) == (Origin.PROVINCE, NOW - 1_000, NOW + DAY)
    assert (kept.approver, kept.approved, kept.approved_at) == ("Đài Tỉnh Lai Châu", kept.ready, NOW)
    assert (kept.original, kept.facts, 1_500 < usable.length < 2_500) == (made.sha256, facts, True)
    assert kept.id != made.sha256[:12]
    assert audited(home) == [("Đài Tỉnh Lai Châu", "nhận từ tỉnh")]
    assert present(home) == {made.path: made.digest}


def test_a_text_is_read_by_the_stations_voice(home: Home) -> None:
    sent(home, "Mai có mưa to.".encode(), "xa-x1/mua.txt", title="Mưa", kind=Kind.NOTICE, published=0)
    taken_in(home)
    (usable,) = heard(home, "province/mua")
    assert (usable.kind, usable.received_at, stored(home, "province/mua").words) == (
        Kind.NOTICE,
        NOW,
        "Mai có mưa to.",
    )


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("tinh/a.txt", b"\xff\xfe"),
        ("tinh/a.txt", b" \n"),
        ("tinh/a.txt", b"a " * 200_000),
        ("tinh/a.toml", b"\xff\xfe"),
        ("tinh/a.toml", b"#" * 70_000),
    ],
)
def test_what_cannot_be_text_is_refused_and_leaves_nothing(home: Home, path: str, content: bytes) -> None:
    with pytest.raises(Refused):
        sent(home, content, path)
    assert (present(home), files(home)) == ({}, set())


@pytest.mark.parametrize("path", ["tinh/a.opus", "tinh/a.txt", "tinh/a.toml"])
def test_a_file_that_is_not_what_was_signed_is_refused(home: Home, path: str) -> None:
    with pytest.raises(Refused, match="khác với tệp tỉnh đã ký"):
        take(home, offer(b"signed", path), part(home, b"forged"), NOW)
    assert (present(home), files(home)) == ({}, set())


# What replaces what


@pytest.mark.usefixtures("quick")
def test_the_old_one_is_heard_until_the_new_one_is_ready(home: Home) -> None:
    sent(home, b"old")
    taken_in(home)
    (before,) = heard(home)
    newer = sent(home, b"new", title="Thời sự mới")
    assert (heard(home), present(home)) == ([before], {newer.path: newer.digest})
    taken_in(home)
    (after,) = heard(home)
    assert (after.title, after.id != before.id) == ("Thời sự mới", True)
    assert home.library.find(before.id) is None
    assert files(home) == {newer.sha256, f"{after.ready}.flac"}


@pytest.mark.usefixtures("quick")
def test_what_never_aired_gives_way_at_once_and_a_bad_file_never_takes_the_place_of_a_good_one(home: Home) -> None:
    sent(home, b"old")
    taken_in(home)
    (before,) = heard(home)
    sent(home, b"newer")
    spoilt = sent(home, SPOILT)
    taken_in(home)
    assert (heard(home), present(home)) == ([before], {spoilt.path: spoilt.digest})
    assert len(home.library.segments()) == 2
    again = sent(home, b"old")
    assert (heard(home), present(home)) == ([before], {again.path: again.digest})
    assert len(home.library.segments()) == 1


@pytest.mark.usefixtures("quick")
def test_of_two_groups_one_takes_the_name_of_the_other(home: Home) -> None:
    sent(home, b"for all")
    taken_in(home)
    own = sent(home, b"for us", "xa-x1/thoi-su.opus")
    taken_in(home)
    assert [it.original for it in home.library.segments()] == [own.sha256]
    let_go(home, "tinh/thoi-su.opus", NOW)
    assert len(heard(home)) == 1
    moved = offer(b"for us", "vung-bac/thoi-su.opus")
    assert retell(home, moved)
    assert present(home) == {moved.path: moved.digest}


@pytest.mark.usefixtures("quick")
def test_what_is_said_anew_of_the_same_sound_is_taken_over(home: Home) -> None:
    first = sent(home, b"sound")
    taken_in(home)
    (before,) = heard(home)
    said = evolve(first, title="Tên đúng", kind=Kind.FEATURE, facts=Facts(valid_until=NOW + DAY), published=NOW)
    assert present(home)[first.path] != said.digest
    assert retell(home, said)
    (after,) = heard(home)
    assert (after.id, after.ready, after.title, after.kind) == (before.id, before.ready, "Tên đúng", Kind.FEATURE)
    assert (after.received_at, after.valid_until, present(home)) == (NOW, NOW + DAY, {said.path: said.digest})
    take(home, first, part(home, b"sound"), NOW)
    assert (heard(home), home.library.waiting()) == ([before], ())
    assert not retell(home, offer(b"other"))
    assert not retell(home, offer(SCHEDULE, "tinh/a.toml"))


@pytest.mark.usefixtures("quick")
def test_what_the_province_took_back_before_it_was_levelled_is_never_heard(home: Home) -> None:
    first = sent(home, b"right")
    taken_in(home)
    sent(home, b"mistaken")
    assert retell(home, evolve(first, title="Thời sự"))
    assert present(home) == {first.path: first.digest}
    taken_in(home)
    assert ([it.original for it in home.library.segments()], len(heard(home))) == ([first.sha256], 1)


@pytest.mark.usefixtures("quick")
def test_what_goes_leaves_nothing(home: Home) -> None:
    gone = sent(home, b"gone")
    sent(home, b"waits", "tinh/b.opus")
    schedule = sent(home, SCHEDULE, "tinh/sang.toml")
    list(take_in_waiting(home))
    for path in (gone.path, "tinh/b.opus", schedule.path, "tinh/khong-co.opus", "tinh/...toml"):
        let_go(home, path, NOW)
    assert (present(home), files(home), home.library.segments()) == ({}, set(), ())
    assert [deed for _, deed in audited(home)].count("tỉnh gỡ") == 2


@pytest.mark.usefixtures("quick")
def test_files_that_a_segment_of_the_communes_needs_stay(home: Home) -> None:
    made = sent(home, b"shared")
    taken_in(home)
    own = add_segment(home, io.BytesIO(b"shared"), title="Của xã", kind=Kind.NEWS, by="Lan", now=NOW)
    taken_in(home)
    let_go(home, made.path, NOW)
    left = stored(home, own.id)
    assert (left.state, files(home)) == (State.DRAFT, {own.original, f"{left.ready}.flac"})


# Nothing but what was signed


@pytest.mark.usefixtures("quick")
def test_a_file_that_was_changed_on_the_card_is_refused_and_had_anew(home: Home) -> None:
    made = sent(home, b"signed")
    home.library.original_path(made.sha256).write_bytes(b"forged")
    taken_in(home)
    assert (heard(home), stored(home).state, present(home)) == ([], State.REFUSED, {made.path: ""})
    sent(home, b"signed")
    taken_in(home)
    assert len(heard(home)) == 1


def test_a_file_that_is_changed_while_it_is_levelled_is_refused(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    level_quickly(monkeypatch)
    made = sent(home, b"signed")
    shown = home.library.original_path(made.sha256)
    real = home.library.__class__.finish

    def change_first(*given):
        shown.write_bytes(b"forged")
        return real(*given)

    monkeypatch.setattr(home.library.__class__, "finish", change_first)
    taken_in(home)
    assert (heard(home), stored(home).state, present(home)) == ([], State.REFUSED, {made.path: ""})
    assert files(home) == {made.sha256}


@pytest.mark.usefixtures("quick")
def test_the_communes_hands_change_nothing_of_it(home: Home) -> None:
    sent(home, b"sound")
    taken_in(home)
    before = stored(home)
    deeds = (
        lambda: editing.edit_segment(home, before.id, start=100, end=900, by="Lan", now=NOW),
        lambda: editing.restore_segment(home, before.id, by="Lan", now=NOW),
        lambda: describe_segment(
            home, before.id, title="Tên khác", kind=Kind.NEWS, facts=NO_FACTS, by="Lan", now=NOW
        ),
        lambda: remove_segment(home, before.id, by="Lan", now=NOW),
        lambda: correct_segment(home, before.id, "Không phải vậy.", by="Lan", now=NOW),
    )
    for deed in deeds:
        with pytest.raises(Refused, match="của tỉnh"):
            deed()
    with pytest.raises(Refused, match="của tỉnh"), home.engine.begin() as connection:
        home.library.edit(connection, before.id, trim(before.recipe, 0, 900), "Lan")
    assert (stored(home), len(heard(home)), home.library.segments()) == (before, 1, (before,))


@pytest.mark.usefixtures("quick")
def test_what_is_split_or_joined_of_it_is_the_communes_and_waits_for_its_approver(home: Home) -> None:
    sent(home, b"sound")
    sent(home, b"music", "tinh/nhac.opus")
    taken_in(home)
    first, second = editing.split_segment(home, "province/thoi-su", 700, by="Lan", now=NOW)
    joined = editing.join_segments(home, ["province/thoi-su", "province/nhac"], title="Nối", by="Lan", now=NOW)
    taken_in(home)
    for made in (first, second, joined):
        kept = stored(home, made.id)
        assert (kept.origin, kept.state, heard(home, kept.name)) == (Origin.COMMUNE, State.DRAFT, [])
    several = home.places.config.read_text().replace("one_person = true", "one_person = false")
    home.places.config.write_text(several)
    with pytest.raises(Refused, match="phải khác người soạn"):
        approve_segment(home, first.id, by="Lan", now=NOW)


@pytest.mark.usefixtures("quick")
def test_the_same_file_from_a_person_is_another_segment_and_is_not_approved(home: Home) -> None:
    sent(home, b"sound")
    own = add_segment(home, io.BytesIO(b"sound"), title="Thời sự", kind=Kind.NEWS, by="Lan", now=NOW)
    taken_in(home)
    assert (stored(home, own.id).state, stored(home, own.id).origin) == (State.DRAFT, Origin.COMMUNE)
    assert (own.name, stored(home).state) == ("thoi-su", State.APPROVED)
    assert [it.id for it in heard(home)] == [stored(home).id]


def test_a_text_of_the_communes_with_the_same_bytes_lends_it_no_words(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    monkeypatch.setattr("station.desk.segments.speak", lambda words, into, *_: (said.append(words), into.touch()))
    level_quickly(monkeypatch)
    add_text(home, "Tin của người khác.", title="Mở đầu", kind=Kind.NEWS, by="Lan", now=NOW - DAY)
    taken_in(home)
    said.clear()
    sent(home, "Mở đầu\nTin của người khác.".encode(), "tinh/mua.txt")
    taken_in(home)
    (words,) = said
    assert "mở đầu" in words.lower()


@pytest.mark.usefixtures("quick")
def test_approval_holds_for_what_was_levelled_only(home: Home) -> None:
    sent(home, b"sound")
    taken_in(home)
    assert len(heard(home)) == 1
    with home.engine.begin() as connection:
        connection.execute(update(table).values(ready="ab" * 32))
    assert heard(home) == []


@pytest.mark.usefixtures("quick")
def test_another_recipe_than_all_of_it_is_never_approved_by_the_signature(home: Home) -> None:
    sent(home, b"sound")
    waits = stored(home)
    with home.engine.begin() as connection:
        connection.execute(update(table).values(recipe=to_json(Recipe((Piece(waits.original, 0, 900),)))))
    taken_in(home)
    assert (heard(home), stored(home).state) == ([], State.DRAFT)


@pytest.mark.usefixtures("quick")
def test_what_is_let_go_while_it_is_levelled_stays_away_and_holds_up_nobody(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = sent(home, b"gone")
    sent(home, b"other", "tinh/other.opus", published=NOW)
    real = home.library.__class__.finish

    def let_go_first(library, connection, segment, file, made):
        if segment.offered == gone.path:
            connection.rollback()
            let_go(home, gone.path, NOW)
        return real(library, connection, segment, file, made)

    monkeypatch.setattr(home.library.__class__, "finish", let_go_first)
    taken_in(home)
    assert (heard(home), len(heard(home, "province/other"))) == ([], 1)
    assert [it.offered for it in home.library.segments()] == ["tinh/other.opus"]


@pytest.mark.usefixtures("quick")
def test_what_found_no_room_on_the_card_is_had_anew(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    made = sent(home, b"sound")
    with monkeypatch.context() as full:
        full.setattr("station.stores.library.settle", lambda _: (_ for _ in ()).throw(OSError(ENOSPC, "full")))
        taken_in(home)
        with pytest.raises(Full):
            sent(home, b"other", "tinh/other.opus")
    assert (stored(home).state, present(home)) == (State.REFUSED, {made.path: ""})
    sent(home, b"sound")
    taken_in(home)
    assert len(heard(home)) == 1


# The commune rejects


@pytest.mark.usefixtures("quick")
def test_what_the_commune_rejects_stays_so_whatever_is_said_of_it(home: Home) -> None:
    made = sent(home, b"sound")
    taken_in(home)
    reject_segment(home, "province/thoi-su", "Sai sự thật.", by="Hòa", now=NOW)
    retell(home, evolve(made, title="Tên khác"))
    sent(home, b"sound", title="Tên khác nữa")
    sent(home, b"sound", "xa-x1/thoi-su.opus", title="Của nhóm khác")
    taken_in(home)
    kept = stored(home)
    assert (heard(home), kept.state, kept.rejection) == ([], State.REJECTED, "Sai sự thật.")
    assert kept.title == "Của nhóm khác"
    sent(home, b"other sound")
    taken_in(home)
    assert len(heard(home)) == 1


@pytest.mark.usefixtures("quick")
def test_a_rejection_can_be_taken_back(home: Home) -> None:
    sent(home, b"sound")
    taken_in(home)
    reject_segment(home, "province/thoi-su", "Nhầm.", by="Hòa", now=NOW)
    submit_segment(home, "province/thoi-su", by="Lan", now=NOW)
    approve_segment(home, "province/thoi-su", by="Hòa", now=NOW)
    assert len(heard(home)) == 1


@pytest.mark.usefixtures("quick")
def test_a_station_that_was_restored_without_recordings_has_them_anew(home: Home) -> None:
    made = sent(home, b"sound")
    taken_in(home)
    home.library.ready_path(heard(home)[0].ready).unlink()
    home.library.original_path(made.sha256).unlink()
    assert present(home) == {made.path: ""}
    assert not retell(home, made)
    sent(home, b"sound")
    assert present(home) == {made.path: made.digest}
    taken_in(home)
    assert len(heard(home)) == 1


# Schedules


def test_a_schedule_of_the_provinces_names_its_own_segments(home: Home) -> None:
    made = sent(home, SCHEDULE, "tinh/sang.toml")
    plan = read_plan(home)
    (schedule,) = plan.schedules
    assert (schedule.name, schedule.origin, schedule.zones) == ("province/sang", Origin.PROVINCE, ())
    assert schedule.rundown == (
        Play("province/thoi-su"),
        Newest(Kind.NEWS, 36 * HOUR, origin=Origin.PROVINCE),
        Newest(Kind.NOTICE, 36 * HOUR, origin=Origin.COMMUNE),
    )
    (first, *_) = broadcasts(home, plan, NOW, NOW + 2 * DAY)
    assert (first.origin, first.key) == (Origin.PROVINCE, f"province/sang@{first.start}")
    assert present(home) == {made.path: made.digest}
    assert schedule_text(home, "province/sang").endswith(SCHEDULE.decode())
    assert [(it.name, it.origin, it.troubles) for it in list_schedules(home)] == [
        ("province/sang", Origin.PROVINCE, ())
    ]
    for deed in (
        lambda: draft_switch(home, "province/sang", on=False),
        lambda: draft_removal(home, "province/sang"),
    ):
        with pytest.raises(Refused, match="chỉ để xem"):
            deed()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'zones = ["bac"]', "chọn cụm loa"),
        (b'zones = ["khac"]', "cụm loa"),
        (b'priority = "emergency"', "đến bằng đường khác"),
        (b"title = 3", "loại"),
        (b"a = " + b"[" * 20_000, "cú pháp"),
        (b"a = " + b"9" * 5_000, "cú pháp"),
    ],
)
def test_a_schedule_that_is_not_right_is_told_and_the_others_stand(home: Home, line: bytes, told: str) -> None:
    sent(home, SCHEDULE, "tinh/tot.toml")
    wrong = SCHEDULE if not line.startswith(b"title") else SCHEDULE.partition(b"\n")[2]
    sent(home, line + b"\n" + wrong, "tinh/sai.toml")
    plan = read_plan(home)
    assert [it.name for it in plan.schedules] == ["province/tot"]
    assert all(it.where.startswith("province/sai.toml") and it.mend == "Báo cho tỉnh." for it in plan.troubles)
    assert any(told in it.what for it in plan.troubles)
    assert any(told in it.what for it in check(home, NOW))
    assert [bool(it.troubles) for it in list_schedules(home)] == [True, False]


def test_a_schedule_of_the_provinces_opens_no_microphone_and_knows_the_stations_streams(home: Home) -> None:
    config = home.places.config.read_text()
    more = '[streams.vov]\ntitle = "VOV"\naddress = "http://127.0.0.1:9/a"\n[microphones.ban]\ntitle = "Bàn"\n'
    home.places.config.write_text(config + more + 'device = "pulse"\n')
    live = b'[[rundown]]\nlive = "ban"\nfor = "5m"\n'
    stream = b'[[rundown]]\nrebroadcast = "vov"\nfor = "5m"\nfallback = "%s"\n'
    sent(home, SCHEDULE + live, "tinh/a.toml")
    sent(home, SCHEDULE + stream % b"mua" + stream % b"music", "tinh/b.toml")
    sent(home, SCHEDULE + stream.replace(b"vov", b"khac") % b"mua", "tinh/c.toml")
    plan = read_plan(home)
    (right,) = plan.schedules
    assert [it.fallback for it in right.rundown if isinstance(it, Rebroadcast)] == ["province/mua", "music"]
    assert [it.where.partition(",")[0] for it in plan.troubles] == ["province/a.toml", "province/c.toml"]
    assert "micro" in plan.troubles[0].what


def test_a_schedule_that_a_hand_altered_or_put_there_is_not_what_was_sent(home: Home) -> None:
    made = sent(home, SCHEDULE, "vung-bac/sang.toml")
    folder = home.places.schedules / "province"
    folder.joinpath("la.toml").write_bytes(SCHEDULE)
    copied = folder / "ban-sao.toml"
    copied.write_bytes((folder / "sang.toml").read_bytes())
    assert present(home) == {made.path: made.digest, "tinh/la.toml": "", "tinh/ban-sao.toml": ""}
    file = folder / "sang.toml"
    file.write_bytes(file.read_bytes().replace(b"05:00", b"03:15"))
    assert present(home)[made.path] not in {made.digest, ""}
    for path in ("tinh/la.toml", "tinh/ban-sao.toml", "tinh/sang.toml"):
        let_go(home, path, NOW)
    assert [*present(home)] == [made.path], "what another group has the name of stays"
    sent(home, SCHEDULE, "vung-bac/sang.toml")
    assert present(home) == {made.path: made.digest}


def test_whose_goes_first_is_told_by_the_schedules_origin(home: Home) -> None:
    urgent = SCHEDULE.replace(b"[[air]]", b'priority = "priority"\n[[air]]', 1)
    sent(home, urgent, "tinh/sang.toml")
    home.places.schedules.joinpath("xa.toml").write_bytes(
        urgent + b'[[rundown]]\nsay = "Xin ch\xc3\xa0o b\xc3\xa0 con."\n'
    )
    sent(home, urgent + b'[[rundown]]\nsay = "Xin ch\xc3\xa0o b\xc3\xa0 con."\n', "tinh/sang.toml")

    def airing() -> set[str]:
        return {it.schedule for it in broadcasts(home, read_plan(home), NOW, NOW + 2 * DAY) if it.airs}

    assert airing() == {"province/sang"}
    home.places.order.write_text('first = "commune"\n')
    assert airing() == {"xa"}
    assert {it.priority for it in read_plan(home).schedules} == {Priority.PRIORITY}


def test_a_schedule_of_the_communes_plays_what_the_province_sent(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    level_quickly(monkeypatch)
    sent(home, b"sound")
    taken_in(home)
    own = SCHEDULE.replace(b'play = "thoi-su"', b'play = "province/thoi-su"')
    home.places.schedules.joinpath("xa.toml").write_bytes(own)
    (first, *_) = broadcasts(home, read_plan(home), NOW, NOW + 2 * DAY)
    assert first.origin is Origin.COMMUNE
    assert [it.title for it in first.programme.parts] == ["Thời sự"], "the newest news are the commune's own"
    assert [it.where for it in check(home, NOW)] == ["xa.toml, rundown thứ 2", "xa.toml, rundown thứ 3"]
    reject_segment(home, "province/thoi-su", "Sai.", by="Hòa", now=NOW)
    assert "xã đã từ chối" in check(home, NOW)[0].what


def test_the_order_of_arrival_follows_the_timetable(home: Home) -> None:
    sent(home, SCHEDULE, "tinh/sang.toml")
    offers = [
        offer(b"1", "tinh/nho.opus", kind=Kind.MUSIC),
        offer(b"22", kind=Kind.MUSIC),
        offer(b"3", "tinh/a.toml"),
    ]
    assert [it.name for it in order(home, offers, NOW)] == ["a", "thoi-su", "nho"]
    home.places.swap_days.write_text("broken [")
    assert [it.name for it in order(home, offers, NOW)] == ["a", "thoi-su", "nho"]


def test_ids_are_never_those_of_the_commune(home: Home) -> None:
    made = sent(home, b"sound")
    with home.engine.connect() as connection:
        (known,) = connection.execute(select(table.c.id)).scalars()
    assert known != made.sha256[:12]
