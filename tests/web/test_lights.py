"""The lights of the machine: quiet while all is right, loud when not."""

from typing import Any

import pytest

from tests.web.states import STATUS
from web.lights import Light, lights

GIB = 1024**3


def light(name: str, **more: Any) -> Light | None:
    return next((it for it in lights({**STATUS, **more}) if it.name == name), None)


def test_all_is_quiet_while_all_is_right():
    assert {it.look for it in lights(STATUS)} == {"on"}


def test_with_no_player_only_that_is_said():
    assert lights(None) == (Light("wrong", "Máy phát", "không chạy"),)


@pytest.mark.parametrize(
    ("clock", "look", "said"),
    [
        ({"trusted": True, "source": "network", "off": -0.4}, "on", "đúng giờ theo mạng, lệch dưới 1 ms"),
        ({"trusted": True, "source": "network", "off": -12.3}, "on", "đúng giờ theo mạng, lệch 12 ms"),
        ({"trusted": True, "source": "battery", "off": None}, "on", "đúng giờ nhờ pin đồng hồ"),
        ({"trusted": True, "source": "config", "off": None}, "on", "tin theo cấu hình"),
        ({"trusted": False, "source": "nobody", "off": None}, "wrong", "chưa chắc đúng giờ"),
    ],
)
def test_the_clock_says_where_its_time_is_from_and_how_far_it_is_off(clock: dict[str, Any], look: str, said: str):
    assert light("Đồng hồ", clock=clock) == Light(look, "Đồng hồ", said)


def test_a_full_card_and_a_hot_machine_are_loud():
    assert light("Thẻ nhớ", disk={"free": 200 * 1024**2, "total": GIB}) == Light("wrong", "Thẻ nhớ", "còn 200 MB")
    assert light("Nhiệt độ", heat=79) == Light("on", "Nhiệt độ", "79 °C")
    assert light("Nhiệt độ", heat=80) == Light("wrong", "Nhiệt độ", "80 °C")
    assert light("Nhiệt độ", heat=None) is None


def test_sound_that_is_missing_or_simulated_is_said():
    assert light("Âm thanh", sound={"device": "USB", "simulated": False, "missing": "x"}).look == "wrong"
    assert "không có tiếng" in light("Âm thanh", sound={"device": "", "simulated": True, "missing": ""}).said
