"""What was made of which original: audio is levelled and compressed once, and old content stays as old as it is.

made/ORIGINAL.opus   by the sha256 of the original
made/record.json     their sha256 and length, since when what is published, since when nothing names a file
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from station.audio.level import Target, level
from station.centre.opus import compress
from station.centre.sources import Source
from station.durable import keep, sweep, unfinished, write_whole
from station.rules.findings import Finding
from station.rules.now import DAY
from station.rules.offer import Form

GRACE = 2 * DAY  # a station may be in the middle of what was current

_RATE = 48_000  # bits a second, on average: speech and music for a horn lose nothing that is heard there


@frozen
class Audio:
    """A file that was made: its sha256, and its length in bytes."""

    sha256: str
    length: int


class Made:
    """What was made, in `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        self._folder, self._record = folder, folder / "record.json"
        told = _read(self._record)
        self._audio = {original: Audio(**it) for original, it in told["audio"].items()}
        self._published: dict[str, dict[str, Any]] = told["published"]
        self._unnamed: dict[str, int] = told["unnamed"]

    def audio(self, source: Source) -> Audio | None:
        """What was made of a recording, if it is still there."""
        audio = self._audio.get(source.sha256)
        place = self.place(source)
        return audio if audio and place.exists() and place.stat().st_size == audio.length else None

    def place(self, source: Source) -> Path:
        """Where the audio of a recording is."""
        return self._folder / f"{source.sha256}.{Form.AUDIO.value}"

    def make(self, source: Source) -> tuple[Audio, tuple[Finding, ...]]:
        """Level a recording and compress it, and what was found in it. Raises `Refused`. Any thread may call it."""
        with unfinished(self._folder) as even, unfinished(self._folder) as made:
            levelled = level(source.file, even.path, Target(), source.shown)
            compress(even.path, made.path, levelled.length, _RATE, source.shown)
            content = made.path.read_bytes()
            keep(made, self.place(source))
        return Audio(hashlib.sha256(content).hexdigest(), len(content)), tuple(levelled.findings)

    def note(self, source: Source, audio: Audio) -> None:
        """Remember what was made of a recording; on return it survives a power cut."""
        self._audio[source.sha256] = audio
        self.save()

    def since(self, source: Source, now: int) -> int:
        """The wall ms since when a source is published with this content: `now`, if that is new."""
        known = self._published.get(source.path)
        if known is None or known["of"] != source.sha256:
            self._published[source.path] = known = {"of": source.sha256, "at": now}
        return int(known["at"])

    def forget_others(self, sources: Iterable[Source]) -> None:
        """Forget what is of none of these sources."""
        paths, originals = {it.path for it in sources}, {it.sha256 for it in sources}
        self._published = {path: it for path, it in self._published.items() if path in paths}
        for original in [*self._audio.keys() - originals]:
            del self._audio[original]
            (self._folder / f"{original}.{Form.AUDIO.value}").unlink(missing_ok=True)

    def let_go(self, unnamed: Mapping[str, Path], now: int) -> None:
        """Remove files of the tree that nothing names any more, once nobody can be in the middle of them."""
        self._unnamed = {name: min(self._unnamed.get(name, now), now) for name in unnamed}
        for name, since in [*self._unnamed.items()]:
            if now - since >= GRACE:
                unnamed[name].unlink(missing_ok=True)
                del self._unnamed[name]

    def save(self) -> None:
        """Remember all of it; on return it survives a power cut."""
        audio = {original: asdict(it) for original, it in self._audio.items()}
        told = {"audio": audio, "published": self._published, "unnamed": self._unnamed}
        write_whole(self._record, json.dumps(told, ensure_ascii=False, indent=1).encode())


def _read(record: Path) -> Mapping[str, dict[str, Any]]:
    """What was remembered; damaged or not there, all is made anew."""
    empty: dict[str, dict[str, Any]] = {"audio": {}, "published": {}, "unnamed": {}}
    try:
        return {**empty, **json.loads(record.read_text())}
    except (OSError, ValueError, TypeError):
        return empty
