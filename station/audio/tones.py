"""Tones: a signature tune and music of our own, from ffmpeg's tone source, so that nothing of others is needed."""

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from station.audio import sandbox
from station.rules.now import SECOND
from station.rules.rundown import SIGNAL_LENGTHS, Signal
from station.rules.trouble import Refused, Trouble

_FADE = 0.05  # s
_SHARES = (0.5, 0.25, 0.1)  # of the fundamental and two overtones
_WALL_S = 60


@frozen
class Note:
    """A tone of `pitch` Hz for `beats`, which dies away by `decay` in each second; 0 Hz is a rest."""

    pitch: float
    beats: float = 1.0
    decay: float = 3.0


_CHIME = [Note(783.99), Note(659.25), Note(523.25), Note(659.25, 3)]  # six beats of half a second
_WARNING = [Note(pitch, 1, 0) for _ in range(6) for pitch in (960.0, 770.0)]  # two tones, as sirens have


def sound(signal: Signal, into: Path) -> None:
    """Write a signal to a WAV file, as long as the rules say. Raises `Refused` when ffmpeg cannot."""
    notes = _CHIME if signal is Signal.CHIME else _WARNING
    play_notes(notes, SIGNAL_LENGTHS[signal] / SECOND / sum(note.beats for note in notes), into)


def play_notes(notes: Sequence[Note], beat_s: float, into: Path) -> None:
    """Write a tune to a WAV file. Raises `Refused` when ffmpeg cannot."""
    sources = "".join(f"{_tone(note, beat_s)}[n{number}];" for number, note in enumerate(notes))
    joined = "".join(f"[n{number}]" for number in range(len(notes)))
    graph = f"{sources}{joined}concat=n={len(notes)}:v=0:a=1"
    finished = sandbox.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", graph, "-f", "wav", str(into.absolute())],
        wall_s=_WALL_S,
    )
    if not finished.well:
        raise Refused(
            Trouble(into.name, "Không tạo được nhạc mẫu.", mend="Kiểm tra ffmpeg và chỗ trống trên thẻ nhớ.")
        )


def _tone(note: Note, beat_s: float) -> str:
    length = note.beats * beat_s
    # Overtones that die away: rounder than a bare sine on a horn.
    partials = "+".join(f"{share}*sin({2 * number}*PI*{note.pitch}*t)" for number, share in enumerate(_SHARES, 1))
    wave = f"exp(-{note.decay}*t)*({partials})"
    fades = f"afade=t=in:d=0.005,afade=t=out:st={max(0, length - _FADE):.3f}:d={_FADE}"
    return f"aevalsrc='{wave}':s=48000:d={length:.3f},{fades}"
