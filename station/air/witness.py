"""What the signs say of what is heard.

libVLC says Playing, and its time goes on, with no sound card, with a dead sound server and with a device that
throws the sound away. So no single sign is believed: all are weighed here, apart from where they come from.
"""

from attrs import frozen

from station.air.ports import Heard

TAKEN_WITHIN = 1_500  # ms; libVLC counts what the output took about every 300 ms
STALLED_AFTER = 2_000  # ms without a new time from libVLC, which comes every 300 ms or so
EARLY = 250  # ms; with no device to wait for, libVLC ends about 1,050 ms early
BUFFER = 50  # ms; libVLC reads a WAV file in pieces of that length
SWALLOWED = 1_000  # ms lost, if it is most of what was played: the device throws the sound away
_TRUSTED_FOR = 500  # ms that libVLC's last time may be carried forward by the clock


@frozen
class Signs:
    """All that is known of a tape that was started; in ms, its instants on the monotonic clock.

    `counted` is the last time that libVLC gave, at `counted_at`. `taken` and `dropped` are buffers that its output
    took and threw away; `skipped` is what it owned up to having thrown away to catch up. `error` is what the output
    complained of and `elsewhere` the device that the sound was moved to.
    """

    offset: int
    total: int
    played_at: int
    now: int
    ended_at: int | None = None
    counted: int | None = None
    counted_at: int = 0
    taken: int = 0
    dropped: int = 0
    skipped: int = 0
    error: str = ""
    elsewhere: str = ""


def weigh(signs: Signs, label: str) -> Heard:
    """Tell what is heard of a tape on the device that people call `label`."""
    fault = _fault(signs, label)
    return Heard(
        position=_position(signs),
        sounding=signs.taken > 0 and not fault,
        ended=signs.ended_at is not None,
        lost=_lost(signs),
        fault=fault,
    )


def _fault(signs: Signs, label: str) -> str:
    """Why nothing can be heard any more, as a sentence; empty while nothing speaks against it."""
    elapsed = _elapsed(signs)
    if signs.error:
        return f"Loa mất tiếng: {label} báo lỗi “{signs.error}”."
    if signs.elsewhere:
        return f"Loa mất tiếng: âm thanh bị chuyển từ {label} sang “{signs.elsewhere}”."
    if not signs.taken and elapsed >= TAKEN_WITHIN:
        return f"Loa không có tiếng: {label} không nhận âm thanh."
    if (lost := _lost(signs)) > SWALLOWED and lost > elapsed // 2:
        return f"Loa không có tiếng: {label} nuốt mất âm thanh."
    if (rest := _early(signs)) > EARLY:
        return f"Loa không đủ tiếng: {label} nuốt mất {_seconds(rest)} giây cuối."
    if signs.ended_at is None and signs.now - max(signs.counted_at, signs.played_at) >= STALLED_AFTER:
        return f"Loa mất tiếng: {label} đứng lại giữa chừng."
    return ""


def _lost(signs: Signs) -> int:
    """What the output threw away; it may own up to more than there was."""
    return min(signs.dropped * BUFFER + signs.skipped, _elapsed(signs))


def _elapsed(signs: Signs) -> int:
    return (signs.now if signs.ended_at is None else signs.ended_at) - signs.played_at


def _early(signs: Signs) -> int:
    """How much too early the tape ended; 0 when it did not."""
    return 0 if signs.ended_at is None else max(0, signs.total - signs.offset - _elapsed(signs))


def _position(signs: Signs) -> int:
    """How far into the tape the sound is: never further than libVLC counts, nor than time can have brought it."""
    if signs.ended_at is not None and _early(signs) <= EARLY:
        return signs.total
    if signs.counted is None:
        return signs.offset
    counted = signs.counted + min(signs.now - signs.counted_at, _TRUSTED_FOR)
    return min(counted, signs.offset + _elapsed(signs), signs.total)


def _seconds(ms: int) -> str:
    """About how many seconds, written the Vietnamese way."""
    return f"{ms / 1_000:.1f}".replace(".", ",")
