"""What is heard of an alert: its own sound or what a voice says, how often, and what goes before and after."""

import re

from attrs import frozen

from station.rules.alerting.alert import Alert, Status
from station.rules.alerting.judging import clears
from station.rules.now import MINUTE, SECOND
from station.rules.rundown import Clip, Part, Programme, Signal, Spoken, Tone
from station.rules.voice import Speaker

LONGEST_SOUND = 5 * MINUTE  # of a message's own sound

_LONGEST = 10 * MINUTE  # of all of it, about: no alert may hold the horns for longer
_LONGEST_NAME = 40  # letters of a headline in a title

_DRILL_BEGINS = "Đây là diễn tập. Sau đây chỉ là thử nghiệm hệ thống báo động, không có tình huống thật."
_DRILL_ENDS = "Diễn tập kết thúc. Đây chỉ là thử nghiệm hệ thống báo động, không có tình huống thật."
_ALL_CLEAR = "Báo yên."


@frozen
class Wanted:
    """How often a message is wanted, if it does not say so itself, and how often at most."""

    usually: int
    at_most: int


def heard(alert: Alert, title: str, sound: Clip | None, speaker: Speaker, repeats: Wanted) -> Programme:
    """The programme that an alert is; `title` is what people call its sender, `sound` the message's own."""
    message = sound or _spoken(words(alert, title), speaker)
    return framed(alert, (message,), speaker, repeats)


def framed(alert: Alert, message: tuple[Part, ...], speaker: Speaker, repeats: Wanted) -> Programme:
    """The programme that says `message` for an alert: after its signal, as often as it should and may be."""
    over = clears(alert)
    signal = Signal.CHIME if over else Signal.ATTENTION
    times = 1 if over else _times(alert, sum(part.length for part in message), repeats)
    parts = (Tone(signal), *message * times)
    if alert.status is Status.EXERCISE:
        parts = (_spoken(_DRILL_BEGINS, speaker), *parts, _spoken(_DRILL_ENDS, speaker))
    return Programme(parts)


def words(alert: Alert, title: str) -> str:
    """What a voice says, once."""
    kind = _ALL_CLEAR if clears(alert) else ""
    told = (alert.headline or alert.event, alert.description, alert.instruction)
    return " ".join(_sentence(it) for it in (kind, f"Thông báo của {title}", *told) if it.strip())


def name(alert: Alert) -> str:
    """What the log and the page call its broadcast."""
    headline = alert.headline or alert.event or alert.identifier
    short = headline if len(headline) <= _LONGEST_NAME else f"{headline[:_LONGEST_NAME]}…"
    if alert.status is Status.EXERCISE:
        return f"Diễn tập: {short}"
    return f"Báo yên: {short}" if clears(alert) else f"Cảnh báo: {short}"


def _times(alert: Alert, length: int, repeats: Wanted) -> int:
    wanted = min(alert.repeats or repeats.usually, repeats.at_most)
    return max(1, min(wanted, _LONGEST // max(length, SECOND)))


def _spoken(text: str, speaker: Speaker) -> Spoken:
    read = speaker.read(text)
    return Spoken(text, speaker.lasts(read), read, speaker.voice)


def _sentence(text: str) -> str:
    """In one line, with a stop at its end."""
    line = re.sub(r"\s+", " ", text).strip()
    return line if line.endswith((".", "!", "?", "…", ":")) else f"{line}."
