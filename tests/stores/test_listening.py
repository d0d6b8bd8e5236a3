"""How the station listens: what is noted comes back, and a person is told of what lasts and nothing else."""

from pathlib import Path

from attrs import evolve

from station.rules.hours import HANOI
from station.rules.now import HOUR, MINUTE
from station.rules.trouble import Trouble
from station.stores.listening import Listening, ListeningFile
from tests.rules.stations import at

NOON = at("12:00")
DOWN = Trouble("mqtts://tinh.example:8883", "Máy chủ từ chối.", "Đài vẫn phát.", "Báo cho tỉnh.")
GONE = Listening(NOON, broker="mqtts://tinh.example:8883", since=NOON, trouble=DOWN)


def test_what_is_noted_comes_back(tmp_path: Path):
    file = ListeningFile(tmp_path / "run")
    assert file.last() is None
    for it in (GONE, Listening(NOON, connected=True, since=NOON, polled_at=NOON, flood=7)):
        file.note(it)
        assert file.last() == it
    (tmp_path / "run" / "listening.json").write_text('{"at": 1, "strange": 2}')
    assert file.last() is None


def test_silence_of_both_ways_is_told_after_half_an_hour_and_stays_the_same_sentence():
    later = evolve(GONE, at=NOON + 29 * MINUTE)
    assert later.wrong(NOON + 29 * MINUTE, HANOI) == ()
    (wrong,) = later.wrong(NOON + 30 * MINUTE, HANOI)
    assert "từ 12:00 ngày" in wrong.what and DOWN.what in wrong.what and wrong.mend == DOWN.mend
    assert evolve(GONE, at=NOON + 3 * HOUR).wrong(NOON + 3 * HOUR, HANOI) == (wrong,)


def test_one_way_is_enough():
    now = NOON + 3 * HOUR
    assert evolve(GONE, at=now, polled_at=now - MINUTE).wrong(now, HANOI) == ()
    assert evolve(GONE, at=now, connected=True, trouble=None).wrong(now, HANOI) == ()


def test_a_listener_that_is_gone_hears_nothing_whatever_it_noted_last():
    connected = evolve(GONE, connected=True, trouble=None)
    assert connected.wrong(NOON + 10 * MINUTE, HANOI) == ()
    (wrong,) = connected.wrong(NOON + HOUR, HANOI)
    assert wrong.mend


def test_a_flood_is_told_while_it_lasts():
    flooded = evolve(GONE, flood=500)
    (wrong,) = flooded.wrong(NOON, HANOI)
    assert evolve(flooded, flood=900).wrong(NOON, HANOI) == (wrong,)
    assert evolve(flooded, flood=0).wrong(NOON, HANOI) == ()
