"""What must hold of a broadcast, whatever was done to it."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from tests.rig.amplifiers import On, Switching, powered
from tests.rig.recording import PER_MS, Interval, Recording, Samples

STREAM = 440  # Hz, of the rebroadcast
LEAD = 500  # ms of silence at a tape's head
WARM_UP, LINGER = 1_000, 1_000  # ms, of the station's zones
# How long the station may hope for sound with its amplifiers on: a deck has 10 s to start from a slow card. All
# else is noticed sooner: a deck that stands after 1 s, sound that stands after 3 s, a hung player after 5 s here.
PATIENCE = 10_000
BACK = 15_000  # ms from the end of a fault until what may join sounds again: at the fourth failure it waits 10 s
ON_TIME = 60  # ms; the benchmark measures it more finely, on a machine that nobody breaks
CLEAR = 11_000  # ms before a start without a fault: the station must have come back by then
_LOG = 60  # ms by which the log's own clock may differ from the recording's
_WINDOW = 400  # ms of sound that are looked up in the tape
_OUT_OF_PLACE = 150  # ms; what joins by the clock is where it should be, give or take a busy machine
_LATE_START = 3_000  # ms; what is broken in the last second before a start is begun anew
_NOTICED = 1_000  # ms until a player that was held up is where it should be again
_ALIKE = 0.5
_PURE = 0.5  # of a window's power


@frozen
class Stroke:
    """What was broken, maybe two things at once, from when until when it was mended (wall ms)."""

    names: tuple[str, ...]
    since: float
    until: float

    @property
    def ends_the_player(self) -> bool:
        """Whether the player had to begin anew."""
        return any(name.endswith("the player") and not name.startswith("hold") for name in self.names)


@frozen(eq=False)
class Story:
    """All that is known of one broadcast, which was to sound from wall ms `start` to `end`."""

    joins: bool
    rebroadcast: bool
    start: float
    end: float
    tape: Samples
    strokes: Sequence[Stroke]
    recordings: Sequence[Recording]
    switchings: Sequence[Switching]
    records: Sequence[dict[str, Any]]
    over: float

    @property
    def sounds(self) -> list[Interval]:
        """What was heard, in order."""
        return [sound for recording in self.recordings for sound in recording.intervals()]


def judge(story: Story) -> Iterator[str]:
    """Every way in which it went wrong."""
    yield from _records(story)
    yield from _sound_in_place(story)
    yield from _sound_without_amplifier(story)
    yield from _amplifier_without_sound(story)
    yield from _not_on_time(story)
    yield from _not_back(story)
    yield from _came_back(story)


def quiet_power(story: Story) -> list[tuple[float, float]]:
    """Each time that an amplifier was on, nothing sounded and nothing was being broken: since when, until when."""
    found: list[tuple[float, float]] = []
    for on in powered(story.switchings, story.over):
        if on.until >= story.start - CLEAR:
            found += _gaps(on, [*story.sounds, *(Interval(it.since, it.until) for it in story.strokes)])
    return found


def resumptions(story: Story) -> Iterator[tuple[str, float]]:
    """How long after a single fault in the middle of sound it sounded again, where no other fault came between."""
    for stroke, until in _alone(story):
        before = [it for it in story.sounds if it.start < stroke.since - 1_000 and it.end > stroke.since - 50]
        after = [it for it in story.sounds if it.start > stroke.since and it.start < until]
        silenced = not any(it.start < stroke.since and it.end > stroke.until + 500 for it in story.sounds)
        if len(stroke.names) == 1 and before and after and silenced:
            yield stroke.names[0], after[0].start - stroke.since


def _records(story: Story) -> Iterator[str]:
    if len(story.records) != 1:
        yield f"{len(story.records)} records"
        return
    (record,) = story.records
    if record["result"] is None:
        yield "its record is still open"
    elif record["result"] != "aired" and not record["reason"]:
        yield "not aired, and no reason told"
    elif record["result"] == "missed" and story.sounds:
        yield "it sounded, and its record says that it was missed"


def _sound_in_place(story: Story) -> Iterator[str]:
    """Sound that is not where the clock says it should be: something played twice, or late."""
    began_late = _began_late(story)
    for recording in story.recordings:
        for sound in recording.intervals():
            for at in np.arange(sound.start, sound.end - _WINDOW, _WINDOW):
                if not _just_mended(at, story):
                    window = recording.between(at, at + _WINDOW).samples
                    yield from _misplaced(window, at - story.start, began_late, story)


def _began_late(story: Story) -> int:
    """Ms by which all of it may come late, because what was broken shortly before its start was mended late."""
    broken = any(story.start - CLEAR < it.until < story.start + 1_000 for it in story.strokes)
    late = min((it.start for it in story.sounds), default=0) - story.start
    return round(late) if broken and 0 < late < _LATE_START else 0


def _just_mended(at: float, story: Story) -> bool:
    """Whether what was held up has not had the time to notice it."""
    return any(
        it.since < at + _WINDOW and at < it.until + _NOTICED for it in story.strokes if "hold up" in str(it.names)
    )


def _misplaced(window: Samples, at: float, began_late: int, story: Story) -> Iterator[str]:
    due = round((at + LEAD - _OUT_OF_PLACE - began_late) * PER_MS)
    around = story.tape[max(0, due) : due + (2 * _OUT_OF_PLACE + began_late) * PER_MS + len(window)]
    if len(around) >= len(window) and _found(window, around)[1] > _ALIKE:
        return
    if story.rebroadcast and (_is_stream(window) or _is_seam(window, around)):
        return
    place, likeness = _found(window, story.tape)
    what = f"what belongs at {place - LEAD:.0f} ms" if likeness > _ALIKE else "what is not of its tape"
    yield f"at {at:.0f} ms it played {what}"


def _is_seam(window: Samples, around: Samples) -> bool:
    """Whether it changes from stream to tape or back: all but one of its quarters is either."""
    quarters = np.array_split(window, 4)
    return sum(_is_stream(it) or _found(it, around)[1] > _ALIKE for it in quarters) >= len(quarters) - 1


def _found(window: Samples, sound: Samples) -> tuple[float, float]:
    """Where a window fits best, in ms, and how well, from 0 to 1."""
    size = 1 << (len(sound) + len(window)).bit_length()
    short, long = window.astype(float), sound.astype(float)
    fits = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)
    at = int(np.argmax(fits[: max(1, len(long) - len(short) + 1)]))
    power = np.linalg.norm(short) * np.linalg.norm(long[at : at + len(short)])
    return at / PER_MS, float(fits[at] / power) if power else 0.0


def _is_stream(window: Samples) -> bool:
    power = np.abs(np.fft.rfft(window * np.hanning(len(window)))) ** 2
    at = STREAM * len(window) // (1_000 * PER_MS)
    return bool(power[at - 5 : at + 6].sum() > _PURE * power.sum())


def _sound_without_amplifier(story: Story) -> Iterator[str]:
    ons = powered(story.switchings, story.over)
    for sound in story.sounds:
        since, until = sound.start - WARM_UP + _LOG, sound.end - _LOG
        if not any(on.since <= since and on.until >= until for on in ons):
            length = sound.end - sound.start
            yield f"{length:.0f} ms of sound from {sound.start - story.start:.0f} ms without a warm amplifier"


def _amplifier_without_sound(story: Story) -> Iterator[str]:
    for since, until in quiet_power(story):
        if until - since > LINGER + PATIENCE:
            length = until - since
            yield f"an amplifier was on for {length:.0f} ms from {since - story.start:.0f} ms without sound"
    if still := {on.zone for on in powered(story.switchings, story.over) if on.until == story.over}:
        yield f"still on at the end: {', '.join(sorted(still))}"


def _not_on_time(story: Story) -> Iterator[str]:
    if any(it.until > story.start - CLEAR and it.since < story.start + 1_000 for it in story.strokes):
        return
    late = min((it.start for it in story.sounds), default=np.inf) - story.start
    if abs(late) > ON_TIME:
        yield f"nothing had been broken, and it began {late:.0f} ms late"


def _not_back(story: Story) -> Iterator[str]:
    """What may join must sound again soon after a fault."""
    if not story.joins:
        return
    for stroke, until in _alone(story):
        if until - stroke.until < BACK or until < story.start + BACK:
            continue
        if not any(
            it.end > stroke.until and it.start < max(stroke.until, story.start) + BACK for it in story.sounds
        ):
            yield f"after {' and '.join(stroke.names)} at {stroke.since - story.start:.0f} ms it did not come back"


def _came_back(story: Story) -> Iterator[str]:
    """What is skipped when it is late never sounds again once the player itself had to begin anew in its middle."""
    if story.joins:
        return
    for stroke in story.strokes:
        sounded = any(it.start < stroke.since for it in story.sounds)
        if stroke.ends_the_player and sounded and any(it.start > stroke.until + 500 for it in story.sounds):
            yield f"it came back after {' and '.join(stroke.names)} at {stroke.since - story.start:.0f} ms"


def _alone(story: Story) -> Iterator[tuple[Stroke, float]]:
    """Each stroke, and until when no other fell (nor the broadcast's end)."""
    falls = [*(it.since for it in story.strokes[1:]), story.end]
    for stroke, until in zip(story.strokes, falls, strict=True):
        yield stroke, min(until, story.end)


def _gaps(on: On, busy: Sequence[Interval]) -> Iterator[tuple[float, float]]:
    at = on.since
    for it in sorted(busy, key=lambda it: it.start):
        if it.start > on.until:
            break
        if it.start > at:
            yield at, it.start
        at = max(at, it.end)
    if on.until > at:
        yield at, on.until
