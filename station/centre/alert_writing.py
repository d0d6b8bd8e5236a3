"""Writing an alert: what somebody wants said becomes a message that stations understand, or is refused."""

import secrets
import unicodedata
from collections.abc import Sequence

from attrs import evolve, frozen

from station.centre.alert_log import Sent
from station.centre.cap_schema import refuse_invalid
from station.rules.alerting.alert import (
    GROUP,
    Alert,
    Area,
    Certainty,
    MessageType,
    Reference,
    Severity,
    Sound,
    Status,
    Urgency,
)
from station.rules.alerting.cap import read_cap, write_cap
from station.rules.alerting.sender import Sender
from station.rules.hours import HANOI, local
from station.rules.now import DAY, HOUR, MINUTE, SECOND
from station.rules.offer import EVERYONE
from station.rules.trouble import Refused, Trouble

_SHORTEST, _LONGEST = MINUTE, 3 * DAY
_TEST_LASTS = 12 * HOUR  # so that a station whose power is off by night still finds it
_LANGUAGE = "vi-VN"
_UNIQUE = 4  # bytes
_NOT_SENT = "Chưa gửi gì."
_INVISIBLE = ("C", "Zl", "Zp")  # controls, marks that turn the direction, halves of letters, other ends of lines


@frozen
class Message:
    """What is to be said, to which groups, until which wall ms; `repeats` is how often, if that is said."""

    event: str
    severity: Severity
    headline: str
    groups: tuple[str, ...]
    until: int
    description: str = ""
    instruction: str = ""
    repeats: int | None = None
    sound: Sound | None = None
    status: Status = Status.ACTUAL


def first(sender: Sender, message: Message, now: int) -> Alert:
    """A new alert, sent at wall ms `now`. Raises `Refused`."""
    return _checked(_alert(sender, message, now), sender)


def update(sender: Sender, message: Message, replaced: Sequence[Sent], now: int) -> Alert:
    """What takes the place of others, the last of which is the one that is meant. Raises `Refused`."""
    alert = evolve(_alert(sender, message, now), kind=MessageType.UPDATE, references=_named(replaced))
    return _checked(alert, sender)


def cancel(sender: Sender, text: str, replaced: Sequence[Sent], now: int) -> Alert:
    """What ends others, the last of which is the one that is meant. Raises `Refused`."""
    last = replaced[-1]
    headline = f"Tin “{last.headline}” không còn hiệu lực."
    message = Message(last.event, last.severity, headline, last.groups, last.until, text, status=last.status)
    alert = evolve(
        _alert(sender, message, now),
        kind=MessageType.CANCEL,
        references=_named(replaced),
        urgency=Urgency.PAST,
        all_clear=True,
    )
    return _checked(alert, sender)


def silent_test(sender: Sender, now: int) -> Alert:
    """What nobody hears: it shows that the way to the stations of a sender's groups is open."""
    message = Message(
        "Thử đường truyền",
        Severity.UNKNOWN,
        "Thử đường truyền tin khẩn, không phát ra loa.",
        sender.groups,
        now + _TEST_LASTS,
        status=Status.TEST,
    )
    test = evolve(_alert(sender, message, now), urgency=Urgency.UNKNOWN, certainty=Certainty.UNKNOWN)
    return _checked(test, sender)


def written(alert: Alert) -> bytes:
    """Its XML, which says just that, by the schema and as a station reads it. Raises `Refused`."""
    xml = write_cap(alert)
    try:
        read = read_cap(xml)
    except Refused as refusal:
        raise Refused(Trouble("", refusal.trouble.what, _NOT_SENT, "Sửa rồi gửi lại.")) from None
    if read != alert:
        raise Refused(Trouble("", "Bản tin có ký tự không viết được vào CAP.", _NOT_SENT, "Gõ lại chữ rồi gửi."))
    refuse_invalid(xml)
    return xml


def _alert(sender: Sender, message: Message, now: int) -> Alert:
    sent = now // SECOND * SECOND
    where = ", ".join("toàn tỉnh" if it == EVERYONE else it for it in message.groups)
    return Alert(
        identifier=f"{local(sent, HANOI):%Y%m%d-%H%M%S}-{secrets.token_hex(_UNIQUE)}",
        sender=sender.name,
        sent=sent,
        status=message.status,
        kind=MessageType.ALERT,
        event=_line(message.event),
        urgency=Urgency.IMMEDIATE,
        severity=message.severity,
        certainty=Certainty.LIKELY,
        expires=message.until // SECOND * SECOND,
        sender_name=sender.title,
        headline=_line(message.headline),
        description=_text(message.description),
        instruction=_text(message.instruction),
        language=_LANGUAGE,
        areas=(Area(where, tuple((GROUP, group) for group in message.groups)),),
        sound=message.sound,
        repeats=message.repeats,
    )


def _checked(alert: Alert, sender: Sender) -> Alert:
    if not alert.event or not alert.headline:
        raise Refused(Trouble("", "Tin phải có loại sự kiện và tiêu đề.", _NOT_SENT, "Viết --event và --headline."))
    assert alert.expires is not None  # noqa: S101 - `_alert` says it
    lasting = alert.expires - alert.sent
    if alert.kind is not MessageType.CANCEL and not _SHORTEST <= lasting <= _LONGEST:
        mend = "Viết --lasting từ 1m đến 72h; nguy hiểm còn kéo dài thì cập nhật tin."
        raise Refused(Trouble("", "Tin phải có hiệu lực từ một phút đến ba ngày.", _NOT_SENT, mend))
    if not sender.may_send(alert):
        level = f"đến mức {sender.level}" if sender.level else "tin thử im lặng"
        what = f"“{sender.name}” chỉ được gửi {level}, cho nhóm {', '.join(sender.groups)}."
        raise Refused(Trouble("", what, _NOT_SENT, "Dùng nơi gửi khác, hoặc giảm mức hay bớt nhóm."))
    return alert


def _named(replaced: Sequence[Sent]) -> tuple[Reference, ...]:
    return tuple(it.me for it in replaced)


def _line(words: str) -> str:
    return " ".join(_text(words).split())


def _text(words: str) -> str:
    """Words as they may be written: composed letters, ends of lines alike, nothing that cannot be seen."""
    even = unicodedata.normalize("NFC", words.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
    seen = "".join(
        it if it == "\n" else " " if unicodedata.category(it).startswith(_INVISIBLE) else it for it in even
    )
    return seen.strip()
