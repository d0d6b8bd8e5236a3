"""What must hold of a broadcast, whatever was done to it."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from attrs import frozen

from tests.rig.recording import PER_MS, Recording, Samples

WINDOW = 400  # ms of sound that are looked up in the tape
OUT_OF_PLACE = 250  # ms; what joins by the clock is where it should be, give or take a busy machine
_WARM = 950  # of the 1,000 ms that the station's zones take to warm
_LOG = 60  # ms by which the log's own clock may differ from the recording's
_QUIET = 500


@frozen
class Switching:
    """When an amplifier went on or off, in wall ms; a zone of "" stands for all of them."""

    at: float
    zone: str
    on: bool


def judge(
    record: dict[str, Any] | None,
    recordings: Sequence[Recording],
    tape: Samples,
    start: float,
    switchings: Sequence[Switching],
) -> Iterator[str]:
    """Every way in which a broadcast that was to start at wall ms `start` went wrong."""
    if record is None:
        yield "no record"
    elif record["result"] is None:
        yield "its record is still open"
    elif record["result"] != "aired" and not record["reason"]:
        yield "not aired, and no reason told"
    for recording in recordings:
        for sound in recording.intervals():
            yield from _out_of_place(recording.between(sound.start, sound.end), tape, start)
            if not _powered(sound.start - _WARM, sound.end, switchings):
                yield f"sound from {sound.start - start:.0f} to {sound.end - start:.0f} ms without a warm amplifier"


def _out_of_place(sound: Recording, tape: Samples, start: float) -> Iterator[str]:
    """Sound that is not where the clock says it should be: something played twice, or late."""
    for at in np.arange(sound.start, sound.end - WINDOW, WINDOW):
        window = sound.between(at, at + WINDOW)
        place = _place(window.samples, tape)
        if abs(place - (at - start)) > OUT_OF_PLACE:
            yield f"at {at - start:.0f} ms it played what belongs at {place:.0f} ms"


def _place(window: Samples, tape: Samples) -> float:
    size = 1 << (len(tape) + len(window)).bit_length()
    spectrum = np.fft.rfft(tape, size) * np.conj(np.fft.rfft(window, size))
    return float(int(np.argmax(np.fft.irfft(spectrum, size)))) / PER_MS


def _powered(since: float, until: float, switchings: Sequence[Switching]) -> bool:
    """Whether one zone at least was on all the time."""
    zones = {it.zone for it in switchings if it.zone}
    return any(_always_on(zone, since, until, switchings) for zone in zones)


def _always_on(zone: str, since: float, until: float, switchings: Sequence[Switching]) -> bool:
    on = False
    for it in sorted(switchings, key=lambda it: it.at):
        if it.zone not in {zone, ""}:
            continue
        if it.at <= since + _LOG:
            on = it.on
        elif it.at < until - _LOG and not it.on:
            return False
    return on
