"""The page that edits, as a phone without script uses it, and what the library tells."""

import re
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from station.desk.segments import approve_segment, reject_segment, take_in_waiting
from station.rules.findings import Finding, Problem
from station.stores.home import Home
from station.stores.library import StoredSegment
from tests.web.asking import post, upload
from web.drawing import WAVE_HEIGHT, WAVE_WIDTH, draw_wave


@pytest.fixture
def segment(client: FlaskClient, home: Home, tmp_path: Path) -> StoredSegment:
    """Four seconds of a tone after three of silence, approved."""
    file = tmp_path / "a.wav"
    tone = "sine=500:d=4,adelay=3000"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", tone, file], check=True)
    upload(client, file.read_bytes(), "Thử.wav")
    (taken,) = take_in_waiting(home)
    return approve_segment(home, taken.id, by="Lan", now=1)


def pages(segment: StoredSegment) -> tuple[str, str]:
    at = f"/thu-vien/{segment.id}"
    return at, f"{at}/sua"


def test_the_library_tells_what_was_found_and_leads_to_the_page(
    client: FlaskClient, segment: StoredSegment
) -> None:
    listed = client.get("/thu-vien/").text
    assert "Đầu bản thu lặng 3 giây. Máy đã cắt bớt." in listed
    assert f"/thu-vien/{segment.id}/sua" in listed
    page = client.get(f"/thu-vien/{segment.id}/sua").text
    assert "Đầu bản thu lặng 3 giây. Máy đã cắt bớt." in page
    assert '<path d="M0.0' in page
    assert 'class="mark"' in page
    assert client.get("/thu-vien/khong-co/sua").status_code == 404


def test_trims_by_numbers_and_fades_and_takes_it_back(
    client: FlaskClient, home: Home, segment: StoredSegment
) -> None:
    at, page = pages(segment)
    answer = post(client, f"{at}/cat", page, start="1,3", end="3.3")
    assert answer.status_code == 302
    (trimmed,) = take_in_waiting(home)
    assert trimmed.length == pytest.approx(2_000, abs=5)
    assert trimmed.recipe.pieces[0].start == pytest.approx(4_000, abs=30)
    assert trimmed.state == "draft"
    assert "sau đó cần duyệt lại" in client.get("/thu-vien/").text
    post(client, f"{at}/nho-dan", page, fade_in="0", fade_out="0.5")
    (faded,) = take_in_waiting(home)
    assert (faded.recipe.fade_in, faded.recipe.fade_out) == (0, 500)
    assert 'value="0.5"' in client.get(page).text
    post(client, f"{at}/ban-dau", page)
    (back,) = take_in_waiting(home)
    assert back.length == segment.length


def test_splits_and_joins(client: FlaskClient, home: Home, segment: StoredSegment) -> None:
    at, page = pages(segment)
    post(client, f"{at}/tach", page, moment="2")
    first, second = take_in_waiting(home)
    assert {first.title, second.title} == {"Thử (phần 1)", "Thử (phần 2)"}
    post(client, f"{at}/noi", page, other=first.id, title="Dài hơn")
    (joined,) = take_in_waiting(home)
    assert joined.title == "Dài hơn"
    assert joined.length == pytest.approx((segment.length or 0) + (first.length or 0), abs=60)
    assert home.library.find(segment.id) == segment


def test_a_wrong_number_is_told_and_what_was_typed_stays(
    client: FlaskClient, home: Home, segment: StoredSegment
) -> None:
    at, page = pages(segment)
    for start, told in (("mười", "không phải là số giây"), ("99", "không nằm trong bài"), ("nan", "số giây")):
        answer = post(client, f"{at}/cat", page, start=start, end="100")
        assert answer.status_code == 400
        assert told in answer.text
        assert f'value="{start}"' in answer.text
    assert home.library.waiting() == ()


def test_a_segment_from_before_waveforms_gets_one(client: FlaskClient, home: Home, segment: StoredSegment) -> None:
    with home.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM waveform")
    assert '<path d="M0.0' in client.get(f"/thu-vien/{segment.id}/sua").text
    assert home.library.bars(segment.ready or "")


def test_marks_lie_where_the_problem_is() -> None:
    found = [
        Finding(Problem.CLIPPED, 5_000, 6_000, figure=3.0),
        Finding(Problem.SILENT_END, 10_000, 10_000, repaired=True, figure=4.0),
        Finding(Problem.HUM, repaired=True),
    ]
    wave = draw_wave(bytes(range(200)), 10_000, found)
    assert [(it.x, it.width) for it in wave.marks] == [(400, 80), (794, 6)]
    assert wave.marks[0].sentence.startswith("Tiếng bị vỡ")
    places = [tuple(map(float, it.split())) for it in wave.line.strip("MZ").split("L")]
    assert all(0 <= x <= WAVE_WIDTH and 0 <= y <= WAVE_HEIGHT for x, y in places)
    assert draw_wave(b"", 0, []).line == ""


def test_what_is_still_being_taken_in_says_so(client: FlaskClient) -> None:
    upload(client, b"x", "tin.mp3")
    (address,) = set(re.findall(r'href="(/thu-vien/[0-9a-f]+)"', client.get("/thu-vien/").text))
    answer = client.get(f"{address}/sua")
    assert answer.status_code == 200
    assert "Mục này đang được xử lý" in answer.text


def test_what_was_rejected_can_be_cut(client: FlaskClient, home: Home, segment: StoredSegment) -> None:
    reject_segment(home, segment.id, "Dài quá.", by="An", now=1)
    at, page = pages(segment)
    assert post(client, f"{at}/cat", page, start="0", end="1").status_code == 302
    (cut,) = take_in_waiting(home)
    assert (cut.state, cut.length) == ("draft", pytest.approx(1_000, abs=5))
