"""Quick versions of the campaigns, and what they found; in full: `python -m tests.intake`."""

import io
import os
import random
from pathlib import Path

from station.desk.segments import add_segment, take_in_waiting
from station.rules.rundown import Kind
from station.stores.home import open_home, places
from tests.intake.fuzz import Fuzz
from tests.intake.kills import Kills
from tests.intake.words import vietnamese


def test_mutated_files_are_taken_in_or_refused_in_words(tmp_path: Path):
    fuzz = Fuzz(tmp_path, random.Random(1))
    fuzz.run(40, quick=True)
    assert fuzz.wrong == []
    assert fuzz.results.total() > 30
    assert {state for _, state in fuzz.results} == {"draft", "refused"}


def test_killed_at_random_instants_leaves_all_or_nothing(tmp_path: Path):
    kills = Kills(tmp_path, random.Random(1), measured=1)
    kills.run(6, steps=False)
    assert kills.wrong == []
    assert kills.done.total() == 6


def test_a_name_that_is_no_text_becomes_a_title(tmp_path: Path):
    home = open_home(places(tmp_path))
    title = os.fsdecode(b"tin \xff\xfe\nmoi")
    assert add_segment(home, io.BytesIO(b"x"), title=title, kind=Kind.NEWS, by="Lan", now=1).title == "tin moi"


def test_what_cannot_be_judged_is_refused_and_holds_nobody_up(tmp_path: Path):
    home = open_home(places(tmp_path))
    vanished, other = (
        add_segment(home, io.BytesIO(content), title="Tin", kind=Kind.NEWS, by="Lan", now=now)
        for now, content in enumerate((b"x", b"y"))
    )
    home.library.original_path(vanished.original).unlink()  # a card that loses files
    taken = list(take_in_waiting(home))
    assert [(it.id, it.state) for it in taken] == [(vanished.id, "refused"), (other.id, "refused")]
    assert taken[0].refusal.startswith("Tin: Máy gặp lỗi khi xử lý tệp này.")
    assert "không phải là âm thanh" in taken[1].refusal


def test_sentences_are_known_from_what_no_operator_could_read():
    assert vietnamese("Tệp này trống. Ghi âm hoặc chép lại tệp rồi tải lên lần nữa.")
    assert vietnamese("Chọn tệp WAV, MP3, M4A, OGG hoặc FLAC.")
    for told in (
        "",
        "Invalid data found.",
        "Tệp này hỏng: invalid argument.",
        "Tệp này trống",
        "Not found. Tệp hỏng.",
    ):
        assert not vietnamese(told), told
