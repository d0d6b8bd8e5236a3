"""What is acted on, and what updates and cancels do, in whatever order messages come."""

from itertools import permutations

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.signer import CryptoSigner

from station.rules.alerting.alert import Alert, MessageType, Severity, Status
from station.rules.alerting.judging import Entry, check, check_kind, clears, settled
from station.rules.alerting.policy import Decision
from station.rules.alerting.sender import Sender
from station.rules.now import DAY, HOUR, MINUTE, SECOND, Now
from station.rules.trouble import Refused
from tests.rules.alerts import SENT, after, alert

KEY = CryptoSigner.generate_ed25519().public_key
SENDER = Sender("pctt", "Ban Chỉ huy PCTT tỉnh", KEY, Severity.EXTREME)
GROUPS = frozenset({"tinh", "xa-00001"})


def refusal(message: Alert, sender: Sender = SENDER, ahead: int = MINUTE, newest: int = 0, **clock: bool) -> str:
    """Why it is refused `ahead` ms after it was sent, or nothing."""
    try:
        check(message, sender, GROUPS, Now(SENT + ahead, 0, **clock), newest)
    except Refused as refused:
        return refused.trouble.what
    return ""


def test_what_is_right_is_acted_on():
    assert refusal(alert()) == ""
    assert refusal(alert(status=Status.EXERCISE)) == ""
    assert refusal(after(MessageType.CANCEL, alert())) == ""


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (alert(status=Status.DRAFT), "Draft"),
        (alert(status=Status.SYSTEM), "System"),
        (alert(kind=MessageType.ACK), "Ack"),
        (alert(kind=MessageType.ERROR), "Error"),
        (alert(groups=("xa-00002",)), "xã này"),
        (alert(groups=()), "không được phép"),
        (alert(expires=None), "hết hạn"),
        (alert(expires=SENT), "hết hạn"),
        (alert(expires=SENT + 3 * DAY + SECOND), "ba ngày"),
        (alert(expires=SENT + MINUTE), "đã hết hạn"),
        (alert(sent=SENT + 7 * MINUTE), "lệch nhau"),
    ],
)
def test_what_is_not_right_is_refused_with_its_reason(message, word):
    assert word in refusal(message)


def test_a_sender_may_say_so_much_to_so_many():
    small = evolve(SENDER, level=Severity.MODERATE, groups=("xa-00001",))
    mine = alert(groups=("xa-00001",))
    assert "không được phép" in refusal(mine, small)
    assert refusal(evolve(mine, severity=Severity.MODERATE), small) == ""
    assert "không được phép" in refusal(alert(severity=Severity.MINOR), small), "everyone is more than its own"
    only_tests = evolve(SENDER, level=None)
    assert "không được phép" in refusal(alert(severity=Severity.UNKNOWN), only_tests)
    assert refusal(alert(status=Status.TEST), only_tests) == ""


def test_clocks_that_agree_within_minutes_are_right():
    assert refusal(alert(), ahead=-5 * MINUTE) == ""
    assert "lệch nhau" in refusal(alert(), ahead=-5 * MINUTE - 1)
    assert refusal(alert(), ahead=2 * HOUR - 1) == ""
    assert "đã hết hạn" in refusal(alert(), ahead=2 * HOUR)


def test_without_a_clock_only_what_is_newer_than_all_before_is_taken():
    years = -5 * 365 * DAY
    assert refusal(alert(), ahead=years, newest=SENT - 1, trusted=False) == ""
    assert refusal(alert(), ahead=10 * DAY, newest=SENT - 1, trusted=False) == "", "nobody knows that it expired"
    assert "Đồng hồ" in refusal(alert(), ahead=years, newest=SENT, trusted=False)
    assert "Đồng hồ" in refusal(alert(), newest=SENT + 1, trusted=False)


@given(st.sampled_from(Status), st.sampled_from(MessageType))
def test_a_kind_is_acted_on_or_refused(status, kind):
    try:
        check_kind(alert(status=status, kind=kind))
    except Refused:
        return
    assert status in {Status.ACTUAL, Status.EXERCISE, Status.TEST}
    assert kind in {MessageType.ALERT, MessageType.UPDATE, MessageType.CANCEL}


# Whatever comes in whatever order


class Station:
    """What a station does with messages: it keeps them, and airs what it may, when it gets round to that."""

    def __init__(self) -> None:
        self.kept: dict[str, Entry] = {}
        self.aired: list[str] = []

    def hear(self, message: Alert, sender: str = "pctt", decision: Decision = Decision.AIR) -> None:
        if message.id in self.kept:
            return
        entry, ends = settled(Entry(message, sender, decision), self.kept.values(), self.aired.__contains__)
        self.kept |= {it.alert.id: it for it in (entry, *ends)}

    def air(self) -> None:
        """All that is to be heard and was not."""
        due = (it for it in self.kept.values() if it.decision is Decision.AIR and not it.ended)
        for it in due:
            if it.alert.id not in self.aired:
                self.aired.append(it.alert.id)

    @property
    def in_force(self) -> dict[str, tuple[str, str]]:
        """What each message is in the end; whether an all-clear sounded depends on what was heard before."""
        return {key: (it.ended, it.by) for key, it in self.kept.items()}


@st.composite
def conversations(draw):
    """Messages of a sender: each alert, update or cancel names some that were sent before it."""
    messages: list[Alert] = []
    for number in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from([MessageType.ALERT, MessageType.UPDATE, MessageType.CANCEL]))
        named = draw(st.lists(st.sampled_from(messages), max_size=3, unique=True)) if messages else []
        status = draw(st.sampled_from([Status.ACTUAL, Status.ACTUAL, Status.EXERCISE]))
        sent = SENT + number // draw(st.integers(1, 2)) * SECOND
        names = tuple(it.me for it in named)
        all_clear = draw(st.booleans())
        messages.append(
            alert(f"tin-{number}", sent, kind=kind, references=names, status=status, all_clear=all_clear)
        )
    return tuple(messages)


@settings(max_examples=300)
@given(conversations(), st.data())
def test_whatever_order_each_is_aired_once_at_most_and_nothing_after_its_end(messages, data):
    station, other = Station(), Station()
    comes = data.draw(st.permutations(messages * 2))
    for message in comes:
        before = set(station.aired)
        station.hear(message)
        if data.draw(st.booleans()):
            station.air()
        ended = {it.alert.id for it in station.kept.values() if it.ended}
        assert not (set(station.aired) - before) & ended, "nothing that ended is aired"
    station.air()
    assert len(station.aired) == len(set(station.aired))
    for message in messages:
        other.hear(message)
    assert station.in_force == other.in_force, "the end does not depend on the order"


@settings(max_examples=200)
@given(conversations(), st.data())
def test_an_all_clear_sounds_only_for_what_was_heard(messages, data):
    station = Station()
    for message in data.draw(st.permutations(messages)):
        heard = set(station.aired)
        station.hear(message)
        station.air()
        if clears(message) and message.id in station.aired:
            named = {it.id for it in message.references}
            assert named & heard
    for it in station.kept.values():
        if clears(it.alert) and it.decision is Decision.NOTE:
            assert it.alert.id not in station.aired


def test_a_cancel_that_comes_first_counts_as_one_that_comes_after():
    first = alert()
    cancel = after(MessageType.CANCEL, first)
    station = Station()
    station.hear(cancel)
    station.hear(first)
    station.air()
    assert station.aired == []
    assert station.in_force[first.id] == ("cancelled", cancel.id)


def test_what_is_both_updated_and_cancelled_is_told_to_be_cancelled():
    first = alert()
    update = after(MessageType.UPDATE, first)
    cancel = after(MessageType.CANCEL, first, update, identifier="huy")
    for comes in permutations([first, update, cancel]):
        station = Station()
        for it in comes:
            station.hear(it)
        assert station.in_force[first.id] == ("cancelled", cancel.id)


def test_only_its_own_sender_ends_an_alert_and_never_a_silent_test():
    first = alert()
    station = Station()
    station.hear(first)
    station.hear(after(MessageType.CANCEL, first), sender="xa-ben")
    station.hear(after(MessageType.CANCEL, first, identifier="thu", status=Status.TEST), decision=Decision.NOTE)
    assert station.in_force[first.id] == ("", "")


def test_an_update_replaces_and_is_heard_itself():
    first = alert()
    update = after(MessageType.UPDATE, first)
    station = Station()
    for it in (first, update):
        station.hear(it)
        station.air()
    assert station.aired == [first.id, update.id]
    assert station.in_force == {first.id: ("replaced", update.id), update.id: ("", "")}


def test_what_a_feed_lets_be_over_is_proposed():
    first = alert()
    station = Station()
    station.hear(first, sender="feed:khi-tuong")
    station.air()
    cancel = after(MessageType.CANCEL, first)
    station.hear(cancel, sender="feed:khi-tuong", decision=Decision.AIR)
    assert station.kept[cancel.id].decision is Decision.PROPOSE
