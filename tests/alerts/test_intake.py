"""The intake: one after another, none twice, in no haste for strangers and in all haste for what is aired."""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from station.alerts.inbox import Verdict
from station.rules.now import MINUTE
from tests.alerts.verdicts import AIRED, NOTED, REFUSED, Judge
from tests.rig.waiting import wait_until, wall_ms


@pytest.fixture
def judging() -> Iterator[Callable[[Verdict], Judge]]:
    made: list[Judge] = []

    def make(verdict: Verdict) -> Judge:
        made.append(Judge(verdict))
        return made[-1]

    yield make
    for it in made:
        it.intake.close()


def test_what_came_once_is_not_taken_again_whatever_way_it_comes(judging):
    judge = judging(NOTED)
    for way in ("push", "poll", "push"):
        judge.intake.bring(b"one", way)
    judge.intake.bring(b"two", "poll")
    wait_until(lambda: len(judge.taken) == 2)
    assert judge.taken == [(b"one", "push"), (b"two", "poll")]
    wait_until(lambda: judge.after == [NOTED, NOTED])


def test_what_was_refused_is_judged_again_later_and_all_of_it_when_it_is_forgotten(judging):
    judge = judging(REFUSED)
    judge.intake.bring(b"one", "poll")
    judge.intake.bring(b"one", "poll")
    wait_until(lambda: judge.after)
    sha256 = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"  # sha256sum of it
    wait_until(lambda: judge.intake.knows(sha256))
    judge.clock.ahead = 11 * MINUTE
    assert not judge.intake.knows(sha256)
    judge.verdict = NOTED
    judge.intake.bring(b"one", "poll")
    wait_until(lambda: judge.envelopes == [b"one"] * 2)
    wait_until(lambda: judge.intake.knows(sha256))
    judge.clock.ahead = 60 * MINUTE
    assert judge.intake.knows(sha256)
    judge.intake.forget()
    judge.intake.bring(b"one", "poll")
    wait_until(lambda: len(judge.taken) == 3)


def test_what_is_aired_is_followed_at_once_and_what_is_refused_is_not(judging):
    spans = {}
    for verdict in (AIRED, REFUSED):
        judge = judging(verdict)
        began = wall_ms()
        for number in range(8):
            judge.intake.bring(b"%d" % number, "push")
        wait_until(lambda judge=judge: len(judge.taken) == 8, 20)
        spans[verdict.decision] = wall_ms() - began
    assert spans["refuse"] >= 7 * 250 > spans["air"]


def test_who_brings_too_much_waits_and_memory_stays_what_it_is(judging):
    judge = judging(REFUSED)
    judge.held.clear()
    brought: list[int] = []

    def flood() -> None:
        for number in range(100):
            judge.intake.bring(b"%d" % number, "push")
            brought.append(number)

    Thread(target=flood, daemon=True).start()
    wait_until(lambda: len(brought) == 17)  # one is being judged
    judge.held.set()
    wait_until(lambda: len(brought) > 18)


def test_many_wrong_messages_are_a_flood_until_they_are_over(judging):
    judge = judging(REFUSED)
    assert judge.intake.flood == 0
    for _ in range(100):
        judge.intake._count_wrong()  # what a hundred refusals do, which would take half a minute
    assert judge.intake.flood == 100
    judge.clock.ahead = 5 * MINUTE
    judge.intake._count_wrong()
    assert judge.intake.flood == 101
    judge.clock.ahead = 11 * MINUTE
    assert judge.intake.flood == 0
