"""Tapes: rendering what a programme becomes, on a worker of its own, the soonest to air first."""

import hashlib
import logging
import re
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from queue import PriorityQueue
from typing import Protocol

from station.audio.labels import forget_label, read_label, tape_name, write_label
from station.audio.level import Target, level
from station.audio.sandbox import hurried
from station.audio.speech import speak
from station.audio.tape import ClipFile, Hole, Piece, render
from station.audio.tones import sound
from station.durable import keep, sweep, unfinished
from station.rules.now import DAY
from station.rules.rundown import Clip, Feed, Part, Programme, Signal, Spoken, Tape, Tone
from station.rules.step.actions import PrepareTape
from station.rules.step.events import Event, TapeFailed, TapeReady
from station.rules.trouble import Refused
from station.stores.library import Library

_TAPE_KEPT = DAY  # after it was to air
_MADE_KEPT = 30 * DAY  # after it was last used

_log = logging.getLogger(__name__)

_Job = tuple[int, int, PrepareTape]


class Renderer(Protocol):
    """Makes tapes; slow, so it is called on a worker."""

    def render(self, programme: Programme, name: str) -> Tape:
        """Render `programme` into a tape kept under `name`; raises `Refused`."""


class LibraryRenderer:
    """Renders tapes into `folder` from the library's levelled files, from speech (`voices`) and from tones.

    A tape is kept until it was aired or its day is over (`now` in wall ms), so that a restart in the middle of a
    broadcast goes on with it at once.
    """

    def __init__(self, library: Library, folder: Path, voices: Path, target: Target, now: int) -> None:
        self._library = library
        self._folder = folder
        self._voices = voices
        self._target = target
        sweep(folder)
        for path in folder.iterdir():
            if _is_old(path, now):
                path.unlink(missing_ok=True)

    def render(self, programme: Programme, name: str) -> Tape:
        """Give the tape that is kept under `name`, rendering it if it is not there and whole; raises `Refused`."""
        path = self._folder / f"{name}.wav"
        if kept := read_label(path):
            return kept
        pieces = [self._piece(part) for part in programme.parts]
        tape = render(pieces, path, programme.gain, programme.crossfade)
        write_label(tape)
        return tape

    def make_signals(self) -> None:
        """Have the station's signals ready, so that the first emergency need not wait for its tone."""
        for signal in Signal:
            self._signal(Tone(signal))

    def _piece(self, part: Part) -> Piece:
        match part:
            case Clip():
                return self._clip(part)
            case Spoken(text, _, read, voice):
                made = self._made(f"{voice} {read}", text, lambda into: speak(read, into, voice, self._voices))
                return ClipFile(made, text)
            case Tone():
                return self._signal(part)
            case Feed(source, title, length, meanwhile):
                return Hole(source, title, length, tuple(self._clip(clip) for clip in meanwhile))

    def _signal(self, tone: Tone) -> ClipFile:
        made = self._made(tone.signal, tone.title, lambda into: sound(tone.signal, into))
        return ClipFile(made, tone.title, tone.length)

    def _clip(self, clip: Clip) -> ClipFile:
        return ClipFile(self._library.verify(clip.ready, clip.title), clip.title, clip.length)

    def _made(self, what: str, title: str, make: Callable[[Path], None]) -> Path:
        """What the station makes by itself, levelled like everything; made once for each `what`."""
        digest = hashlib.sha256(f"{what}\n{self._target}".encode()).hexdigest()
        made = self._folder / f"{digest}.flac"
        if made.exists():
            made.touch()
            return made
        with unfinished(self._folder) as raw, unfinished(self._folder) as levelled:
            make(raw.path)
            level(raw.path, levelled.path, self._target, title)
            keep(levelled, made)
        return made


def _is_old(path: Path, now: int) -> bool:
    """Whether nobody will ask for it any more: a tape says in its name when it airs."""
    named = re.search(r"-(\d{12,14})-[0-9a-f]{16}\.", path.name)
    if named:
        return int(named[1]) < now - _TAPE_KEPT
    return path.stat().st_mtime * 1_000 < now - _MADE_KEPT


class TapeRoom:
    """One worker that renders what the step asks for and posts what came of it; an emergency waits for no other."""

    def __init__(self, renderer: Renderer, post: Callable[[Event], None]) -> None:
        self._renderer = renderer
        self._post = post
        self._jobs: PriorityQueue[_Job] = PriorityQueue()
        self._number = count()
        threading.Thread(target=self._work, name="tapes", daemon=True).start()

    def prepare(self, job: PrepareTape) -> None:
        """Render it as soon as nothing that airs sooner waits, or at once if it is urgent."""
        if job.urgent:
            threading.Thread(target=self._hurry, args=(job,), name="urgent tape", daemon=True).start()
            return
        self._jobs.put((job.start, next(self._number), job))

    def discard(self, tape: Tape) -> None:
        """Remove a tape that nobody will play."""
        try:
            forget_label(tape)
            Path(tape.path).unlink(missing_ok=True)
        except OSError:
            _log.exception("cannot remove %s", tape.path)

    def _work(self) -> None:
        while True:
            _, _, job = self._jobs.get()
            self._post(self._rendered(job))

    def _hurry(self, job: PrepareTape) -> None:
        with hurried():
            self._post(self._rendered(job))

    def _rendered(self, job: PrepareTape) -> Event:
        digest = job.programme.digest
        try:
            tape = self._renderer.render(job.programme, tape_name(job.key, digest))
        except Refused as refusal:
            return TapeFailed(job.key, digest, str(refusal.trouble))
        except Exception:  # noqa: BLE001 - whatever it is, it must come back as an event
            _log.exception("rendering %s failed", job.key)
            return TapeFailed(job.key, digest, "Không dựng được băng phát vì lỗi của máy; máy sẽ thử lại.")
        return TapeReady(job.key, digest, tape)
