"""Tones: a signature tune and music of our own, from ffmpeg's tone source, so that nothing of others is needed."""

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from station.audio import sandbox
from station.rules.trouble import Refused, Trouble

_FADE = 0.05  # s
_WALL_S = 60


@frozen
class Note:
    """A tone of `pitch` Hz for `beats`; 0 Hz is a rest."""

    pitch: float
    beats: float = 1.0


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
    # A fundamental and two overtones that die away: rounder than a bare sine on a horn.
    wave = f"exp(-3*t)*(0.5*sin(2*PI*{note.pitch}*t)+0.25*sin(4*PI*{note.pitch}*t)+0.1*sin(6*PI*{note.pitch}*t))"
    fades = f"afade=t=in:d=0.005,afade=t=out:st={max(0, length - _FADE):.3f}:d={_FADE}"
    return f"aevalsrc='{wave}':s=48000:d={length:.3f},{fades}"
