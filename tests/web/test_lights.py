"""The lights of the machine: quiet while all is right, loud when not."""

from typing import Any

import attrs
import pytest

from station.care.power import Power, decoded
from station.stores.listening import PATH
from tests.web.states import DISK, LISTENING, STATUS, SYNC
from web.lights import Light, lights

CUT = {"where": "Tỉnh", "what": "Không nhận được tin của tỉnh từ 16:40 ngày 20/11/2026.", "still": "", "mend": ""}


def light(name: str, **more: Any) -> Light | None:
    return next((it for it in lights({**STATUS, **more}) if it.name == name), None)


def test_all_is_quiet_while_all_is_right():
    assert {it.look for it in lights({**STATUS, "sync": SYNC})} == {"on"}


def test_with_no_player_only_that_is_said():
    assert lights(None) == (Light("wrong", "Máy phát", "không chạy"),)


@pytest.mark.parametrize(
    ("clock", "look", "said"),
    [
        ({"trusted": True, "off": -0.4, "said": "đúng giờ theo mạng"}, "on", "đúng giờ theo mạng, lệch dưới 1 ms"),
        ({"trusted": True, "off": -12.3, "said": "đúng giờ theo mạng"}, "on", "đúng giờ theo mạng, lệch 12 ms"),
        ({"trusted": True, "off": None, "said": "tin theo cấu hình"}, "on", "tin theo cấu hình"),
        ({"trusted": False, "off": None, "said": "chưa chắc đúng giờ"}, "wrong", "chưa chắc đúng giờ"),
    ],
)
def test_the_clock_says_where_its_time_is_from_and_how_far_it_is_off(clock: dict[str, Any], look: str, said: str):
    assert light("Đồng hồ", clock={**STATUS["clock"], **clock}) == Light(look, "Đồng hồ", said)


def test_a_full_card_and_a_hot_machine_are_loud():
    assert light("Thẻ nhớ", disk={**DISK, "free": 200 * 1024**2}) == Light("wrong", "Thẻ nhớ", "còn 200 MB")
    assert light("Nhiệt độ", heat=79) == Light("on", "Nhiệt độ", "79 °C")
    assert light("Nhiệt độ", heat=80) == Light("wrong", "Nhiệt độ", "80 °C")
    assert light("Nhiệt độ", heat=None) is None


@pytest.mark.parametrize("wrong", [{"read_only": True}, {"errors": 2}])
def test_a_failing_card_is_loud(wrong: dict[str, Any]):
    assert light("Thẻ nhớ", disk={**DISK, **wrong}) == Light("wrong", "Thẻ nhớ", "đang hỏng")


@pytest.mark.parametrize(
    ("power", "told"),
    [
        (None, None),
        (decoded(0), Light("on", "Nguồn điện", "đủ")),
        (Power(low=False), Light("on", "Nguồn điện", "đủ")),
        (decoded(0x10000), Light("wrong", "Nguồn điện", "đã từng yếu")),
        (decoded(0x50005), Light("wrong", "Nguồn điện", "đang yếu")),
    ],
)
def test_weak_power_is_loud_also_when_it_is_over(power: Power | None, told: Light | None):
    assert light("Nguồn điện", power=power and attrs.asdict(power)) == told


def test_sound_that_is_missing_or_simulated_is_said():
    assert light("Âm thanh", sound={"device": "USB", "simulated": False, "missing": "x"}).look == "wrong"
    assert "không có tiếng" in light("Âm thanh", sound={"device": "", "simulated": True, "missing": ""}).said


@pytest.mark.parametrize(
    ("sync", "look", "said"),
    [
        (None, "off", "chưa ghi danh"),
        ({**SYNC, "good_at": None}, "off", "chưa liên lạc lần nào"),
        (SYNC, "on", "liên lạc lúc 16:40"),
        ({**SYNC, "good_at": "2026-11-22T22:10:00+07:00"}, "on", "liên lạc lúc 22:10 22/11"),
        ({**SYNC, "trouble": CUT, "good_at": "2026-11-23T05:00:00+07:00"}, "on", "liên lạc lúc 05:00"),
        ({**SYNC, "trouble": CUT, "loud": True}, "wrong", "Không nhận được tin của tỉnh từ 16:40 ngày 20/11/2026."),
    ],
)
def test_the_province_is_off_when_not_enrolled_and_loud_only_when_a_person_should_look(
    sync: dict[str, Any] | None, look: str, said: str
):
    assert light("Tỉnh", sync=sync) == Light(look, "Tỉnh", said)


CUT_OFF = {"where": PATH, "what": "Tin khẩn của tỉnh không tới được đài.", "still": "", "mend": ""}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"listening": None}, None),
        ({"listening": LISTENING}, Light("on", PATH, "nối thẳng với tỉnh")),
        ({"listening": {**LISTENING, "connected": False}}, Light("on", PATH, "đài tự hỏi tỉnh mỗi phút")),
        ({"listening": LISTENING, "faults": [CUT_OFF]}, Light("wrong", PATH, CUT_OFF["what"])),
    ],
)
def test_the_path_of_alerts_is_no_light_of_who_is_not_enrolled_and_loud_when_cut(
    more: dict[str, Any], expected: Light | None
):
    assert light(PATH, **more) == expected
