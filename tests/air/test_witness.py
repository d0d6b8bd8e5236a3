"""The witness: which signs mean that nothing is heard, and how far the tape is."""

import pytest
from attrs import evolve

from station.air.witness import STALLED_AFTER, TAKEN_WITHIN, Signs, weigh

PLAYED_AT = 50_000
DEVICE = "card âm thanh “usb”"

# Three seconds into a tape of ten, all well: libVLC last gave its time 200 ms ago.
WELL = Signs(
    offset=0,
    total=10_000,
    played_at=PLAYED_AT,
    now=PLAYED_AT + 3_000,
    counted=2_830,
    counted_at=PLAYED_AT + 2_800,
    taken=80,
)
OVER = evolve(WELL, now=PLAYED_AT + 10_200, ended_at=PLAYED_AT + 10_070, counted=9_900, taken=200)


def test_a_tape_that_goes_well_has_no_fault() -> None:
    heard = weigh(WELL, DEVICE)
    assert (heard.sounding, heard.ended, heard.lost, heard.fault) == (True, False, 0, "")


def test_position_is_carried_on_from_the_last_count_but_never_past_the_time_that_has_passed() -> None:
    assert weigh(evolve(WELL, counted=2_700), DEVICE).position == 2_900
    assert weigh(evolve(WELL, counted=2_900), DEVICE).position == 3_000


def test_position_stays_where_counting_stopped() -> None:
    long_after = evolve(WELL, now=PLAYED_AT + 9_000)
    assert weigh(long_after, DEVICE).position == 2_830 + 500


def test_position_of_a_resumed_tape_begins_at_its_offset() -> None:
    resumed = evolve(WELL, offset=4_000, counted=None)
    assert weigh(resumed, DEVICE).position == 4_000
    assert weigh(evolve(resumed, counted=6_830), DEVICE).position == 7_000


def test_a_tape_that_ran_out_in_its_time_is_over() -> None:
    heard = weigh(OVER, DEVICE)
    assert (heard.position, heard.ended, heard.fault) == (10_000, True, "")


@pytest.mark.parametrize(
    ("signs", "said"),
    [
        pytest.param(evolve(WELL, taken=0, now=PLAYED_AT + TAKEN_WITHIN), "không nhận âm thanh", id="never taken"),
        pytest.param(evolve(WELL, error="cannot write"), "báo lỗi “cannot write”", id="an error"),
        pytest.param(evolve(WELL, elsewhere="hdmi"), "sang “hdmi”", id="moved"),
        pytest.param(evolve(WELL, now=WELL.counted_at + STALLED_AFTER), "đứng lại giữa chừng", id="stalled"),
        pytest.param(evolve(WELL, skipped=2_000), "nuốt mất âm thanh", id="thrown away"),
        pytest.param(evolve(OVER, ended_at=PLAYED_AT + 8_950), "nuốt mất 1,1 giây cuối", id="ended early"),
    ],
)
def test_what_is_not_heard_is_said(signs: Signs, said: str) -> None:
    heard = weigh(signs, DEVICE)
    assert not heard.sounding
    assert heard.fault.endswith(".")
    assert DEVICE in heard.fault
    assert said in heard.fault


def test_nothing_taken_yet_is_no_fault_yet() -> None:
    heard = weigh(evolve(WELL, taken=0, counted=None, now=PLAYED_AT + TAKEN_WITHIN - 1), DEVICE)
    assert (heard.sounding, heard.fault) == (False, "")


def test_a_hiccup_is_counted_and_the_rest_is_heard() -> None:
    heard = weigh(evolve(WELL, dropped=4, skipped=300), DEVICE)
    assert (heard.sounding, heard.lost, heard.fault) == (True, 500, "")
