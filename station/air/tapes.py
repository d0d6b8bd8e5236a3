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

from station.audio.level import Target, level
from station.audio.speech import speak
from station.audio.tape import ClipFile, render
from station.durable import keep, sweep, unfinished
from station.rules.rundown import Clip, Part, Programme, Spoken, Tape
from station.rules.step.actions import PrepareTape
from station.rules.step.events import Event, TapeFailed, TapeReady
from station.rules.trouble import Refused
from station.stores.library import Library

_log = logging.getLogger(__name__)

_Job = tuple[int, int, PrepareTape]


class Renderer(Protocol):
    """Makes tapes; slow, so it is called on a worker."""

    def render(self, programme: Programme, name: str) -> Tape:
        """Render `programme` into a tape kept under `name`; raises `Refused`."""


class LibraryRenderer:
    """Renders tapes into `folder` from the library's levelled files and from speech."""

    def __init__(self, library: Library, folder: Path, target: Target) -> None:
        self._library = library
        self._folder = folder
        self._target = target
        for leftover in folder.glob("*.wav"):  # a tape is kept only until it is aired, and the last run is over
            leftover.unlink()
        sweep(folder)

    def render(self, programme: Programme, name: str) -> Tape:
        """Render `programme` into a tape kept under `name`; raises `Refused` when a part is missing or damaged."""
        files = [self._file(part) for part in programme.parts]
        return render(files, self._folder / f"{name}.wav", programme.gain)

    def _file(self, part: Part) -> ClipFile:
        match part:
            case Clip():
                return ClipFile(self._library.verify(part.ready, part.title), part.title, part.length)
            case Spoken(text):
                return ClipFile(self._spoken(text), text)

    def _spoken(self, text: str) -> Path:
        digest = hashlib.sha256(f"{text}\n{self._target}".encode()).hexdigest()
        spoken = self._folder / f"{digest}.flac"
        if not spoken.exists():
            with unfinished(self._folder) as voice, unfinished(self._folder) as levelled:
                speak(text, voice.path)
                level(voice.path, levelled.path, self._target, text)
                keep(levelled, spoken)
        return spoken


class TapeRoom:
    """One worker that renders what the step asks for and posts what came of it."""

    def __init__(self, renderer: Renderer, post: Callable[[Event], None]) -> None:
        self._renderer = renderer
        self._post = post
        self._jobs: PriorityQueue[_Job] = PriorityQueue()
        self._number = count()
        threading.Thread(target=self._work, name="tapes", daemon=True).start()

    def prepare(self, job: PrepareTape) -> None:
        """Render it as soon as nothing that airs sooner waits."""
        self._jobs.put((job.start, next(self._number), job))

    def discard(self, tape: Tape) -> None:
        """Remove a tape that nobody will play."""
        try:
            Path(tape.path).unlink(missing_ok=True)
        except OSError:
            _log.exception("cannot remove %s", tape.path)

    def _work(self) -> None:
        while True:
            _, _, job = self._jobs.get()
            self._post(self._rendered(job))

    def _rendered(self, job: PrepareTape) -> Event:
        digest = job.programme.digest
        try:
            tape = self._renderer.render(job.programme, f"{re.sub(r'[^a-z0-9]+', '-', job.key)}-{digest}")
        except Refused as refusal:
            return TapeFailed(job.key, digest, str(refusal.trouble))
        except Exception:  # noqa: BLE001 - whatever it is, it must come back as an event
            _log.exception("rendering %s failed", job.key)
            return TapeFailed(job.key, digest, "Không dựng được băng phát vì lỗi của máy; máy sẽ thử lại.")
        return TapeReady(job.key, digest, tape)
