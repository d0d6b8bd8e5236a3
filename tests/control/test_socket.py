"""The control socket: what is asked arrives, what is answered comes back, and nonsense does no harm."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.control.client import PlayerDown, ask
from station.control.messages import (
    Answer,
    Garbled,
    LookAgain,
    Play,
    Status,
    Stop,
    read_answer,
    read_request,
    write_answer,
    write_request,
)
from station.control.server import ControlServer

texts = st.text(max_size=20)
requests = st.one_of(
    st.just(Status()),
    st.just(LookAgain()),
    st.builds(Stop, texts),
    st.builds(Play, texts, texts, st.lists(texts, max_size=3).map(tuple)),
)
json_values = st.recursive(st.none() | st.booleans() | st.integers() | texts, lambda it: st.lists(it, max_size=3))


@given(requests)
def test_a_request_survives_its_line(request_):
    line = write_request(request_)
    assert line.count(b"\n") == 1
    assert read_request(line) == request_


@given(st.builds(Answer, st.booleans(), texts, json_values))
def test_an_answer_survives_its_line(answer):
    assert read_answer(write_answer(answer)) == answer


@given(st.binary(max_size=60))
def test_nonsense_is_garbled_and_nothing_else(line):
    with pytest.raises(Garbled):
        read_request(line)


def test_many_ask_at_once_and_each_gets_its_own_answer(tmp_path: Path):
    server = ControlServer(tmp_path / "s", lambda request: Answer(done=True, sentence=getattr(request, "who", "")))
    try:
        assert [ask(tmp_path / "s", Stop(str(number))).sentence for number in range(50)] == [
            str(number) for number in range(50)
        ]
    finally:
        server.close()


def test_a_handler_that_breaks_leaves_the_server_standing(tmp_path: Path):
    def handle(request):
        if request == Stop("x"):
            raise RuntimeError("broken")
        return Answer(done=True)

    server = ControlServer(tmp_path / "s", handle)
    try:
        with pytest.raises(PlayerDown):
            ask(tmp_path / "s", Stop("x"))
        assert ask(tmp_path / "s", Status()).done
    finally:
        server.close()


def test_no_player_is_a_sentence(tmp_path: Path):
    with pytest.raises(PlayerDown) as down:
        ask(tmp_path / "s", Status())
    assert "Máy phát không chạy" in str(down.value)
