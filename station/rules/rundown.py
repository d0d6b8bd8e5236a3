"""The rundown: the ordered items of a programme, and what they become on a given day."""

import hashlib
from enum import StrEnum
from functools import cached_property
from typing import Self

from attrs import evolve, frozen

from station.rules.trouble import Trouble


class Kind(StrEnum):
    """What a segment is for."""

    IDENT = "ident"
    NEWS = "news"
    FEATURE = "feature"
    NOTICE = "notice"
    MUSIC = "music"
    STING = "sting"
    SIGNOFF = "signoff"


@frozen
class Play:
    """One segment, by its name; `lasting` ms of it at most."""

    play: str
    lasting: int | None = None


@frozen
class Newest:
    """The approved segments of one kind, newest first, received `within` ms, `limit` ms of them in all."""

    newest: Kind
    within: int
    limit: int | None = None


@frozen
class Say:
    """Text to speak."""

    say: str


Item = Play | Newest | Say


@frozen
class Segment:
    """What the rules know of an approved segment; `ready` is the sha256 of its levelled file, `length` in ms."""

    id: str
    name: str
    title: str
    kind: Kind
    ready: str
    length: int
    received_at: int


@frozen
class Clip:
    """A segment's levelled audio in a tape; `length` in ms."""

    segment: str
    title: str
    ready: str
    length: int


@frozen
class Spoken:
    """Text to be spoken in a tape; `length` in ms is an estimate."""

    text: str
    length: int

    @property
    def title(self) -> str:
        """What the page shows while it is heard."""
        return self.text


Part = Clip | Spoken


@frozen
class Programme:
    """What a rundown becomes at one instant: the parts to hear in order, at `gain` dB (≤ 0); what is missing."""

    parts: tuple[Part, ...]
    gaps: tuple[Trouble, ...] = ()
    gain: float = 0.0

    @cached_property
    def length(self) -> int:
        """Milliseconds of audio (an estimate where text is spoken)."""
        return sum(part.length for part in self.parts)

    @cached_property
    def digest(self) -> str:
        """The same for the same audio, whatever the titles and names."""
        heard = "\n".join(
            f"clip {part.ready} {part.length}" if isinstance(part, Clip) else f"say {part.text}"
            for part in self.parts
        )
        return hashlib.sha256(f"{heard}\ngain {self.gain}".encode()).hexdigest()[:16]

    def within(self, length: int) -> Self:
        """As much of it as fits into `length` ms; text is spoken whole or not at all."""
        parts: list[Part] = []
        for part in self.parts:
            left = length - sum(it.length for it in parts)
            if isinstance(part, Clip) and 0 < left < part.length:
                parts.append(evolve(part, length=left))
            if part.length > left:
                break
            parts.append(part)
        return evolve(self, parts=tuple(parts))


@frozen
class Mark:
    """Where a part begins in a tape, in ms from the programme's first sample."""

    at: int
    title: str


@frozen
class Tape:
    """A broadcast's items rendered into one levelled WAV file.

    `size` in bytes; `lead`, `length` and `tail` in ms: digital silence, the programme, digital silence.
    """

    path: str
    size: int
    lead: int
    length: int
    tail: int
    marks: tuple[Mark, ...] = ()
