"""Wrong tries cost time: never much, never for long, and not the memory."""

from hypothesis import given
from hypothesis import strategies as st

from station.rules.now import MINUTE, SECOND
from web.throttle import Throttle


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def test_the_wait_doubles_up_to_half_a_minute():
    watch = Watch()
    throttle, waits = Throttle(watch), []
    for _ in range(12):
        if wait := throttle.begin("a"):
            waits.append(wait // SECOND)
            watch.now += wait
            assert throttle.begin("a") == 0, "after the wait it is let in"
    assert waits == [2, 4, 8, 16, 30, 30, 30]


@given(pauses=st.lists(st.integers(0, 40 * SECOND), max_size=60))
def test_whoever_comes_waits_half_a_minute_at_most_and_what_waits_does_not_count(pauses: list[int]):
    watch = Watch()
    throttle = Throttle(watch)
    for pause in pauses:
        watch.now += pause
        wait = throttle.begin("a", "b")
        assert 0 <= wait <= 30 * SECOND
        assert throttle.begin("a") >= 0
    watch.now += 30 * SECOND
    assert throttle.begin("a", "b") == 0


@given(st.integers(1, 10 * MINUTE))
def test_in_any_time_only_so_many_tries(length: int):
    watch = Watch()
    throttle, tried = Throttle(watch), 0
    while watch.now < length:
        wait = throttle.begin("a")
        tried += not wait
        watch.now += wait or 1
    assert tried <= 10 + length / (30 * SECOND)


def test_one_key_does_not_slow_another_and_being_right_forgives():
    throttle = Throttle(Watch())
    for _ in range(5):
        throttle.begin("a", "b")
    assert throttle.begin("a")
    assert throttle.begin("c") == 0
    throttle.was_right("a")
    assert throttle.begin("a") == 0
    assert throttle.begin("a", "b"), "the other key waits still"


def test_a_stranger_does_not_fill_the_memory():
    throttle = Throttle(Watch())
    for number in range(25_000):
        throttle.begin(f"place {number}")
    assert len(throttle._tries) <= 10_000
