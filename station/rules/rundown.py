"""The rundown: the ordered items of a programme, and what they become on a given day."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Self

from attrs import evolve, frozen

from station.rules.origin import Origin
from station.rules.trouble import Trouble
from station.rules.voice import Voice


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
    """The approved segments of one kind, newest first, received `within` ms, `limit` ms of them in all.

    They are of one `origin`: what a schedule leaves unsaid is its own, as whoever reads the schedule fills in.
    """

    newest: Kind
    within: int
    limit: int | None = None
    origin: Origin | None = None

    @property
    def whose(self) -> Origin:
        """Whose segments they are."""
        return self.origin or Origin.COMMUNE


@frozen
class Say:
    """Text to speak."""

    say: str


@frozen
class Rebroadcast:
    """Another station's live stream, as the settings name it, for `lasting` ms.

    `fallback` is a kind or a segment's name: what is heard while the stream is silent or gone.
    """

    rebroadcast: str
    lasting: int
    fallback: str = ""


@frozen
class Live:
    """A microphone of the station, as the settings name it, for `lasting` ms."""

    live: str
    lasting: int


Item = Play | Newest | Say | Rebroadcast | Live


def asked_for(rundown: Iterable[Item]) -> frozenset[str]:
    """The segments that a rundown names."""
    named = [it.play if isinstance(it, Play) else getattr(it, "fallback", "") for it in rundown]
    return frozenset(filter(None, named))


@frozen
class Segment:
    """What the rules know of an approved segment; `ready` is the sha256 of its levelled file, `length` in ms.

    It may be heard from wall ms `valid_from` until `valid_until`, where these are given.
    """

    id: str
    name: str
    title: str
    kind: Kind
    ready: str
    length: int
    received_at: int
    valid_from: int | None = None
    valid_until: int | None = None
    origin: Origin = Origin.COMMUNE

    def is_valid(self, wall: int) -> bool:
        """Whether it may be heard at wall ms."""
        begun = self.valid_from is None or wall >= self.valid_from
        return begun and (self.valid_until is None or wall < self.valid_until)


@frozen
class Clip:
    """A segment's levelled audio in a tape; `length` in ms."""

    segment: str
    title: str
    ready: str
    length: int


@frozen
class Spoken:
    """Text to be spoken in a tape: `read` are the words, said by `voice`; `length` in ms is an estimate."""

    text: str
    length: int
    read: str
    voice: Voice

    @property
    def title(self) -> str:
        """What the page shows while it is heard."""
        return self.text


class Signal(StrEnum):
    """A sound of the station's own, made of tones."""

    CHIME = "chime"
    ATTENTION = "attention"


_WORTH_HEARING = 1_000  # ms
JOIN = 5  # ms by which recorded parts overlap: no click, and no silent sample between them
SIGNAL_LENGTHS: Mapping[Signal, int] = {Signal.CHIME: 3_000, Signal.ATTENTION: 6_000}  # ms


@frozen
class Tone:
    """A signal in a tape."""

    signal: Signal

    @property
    def length(self) -> int:
        """Milliseconds."""
        return SIGNAL_LENGTHS[self.signal]

    @property
    def title(self) -> str:
        """What the page shows while it is heard."""
        return "Chuông báo" if self.signal is Signal.CHIME else "Hiệu báo khẩn"


@frozen
class Feed:
    """What comes from outside while it is on air, from `source`, for `length` ms.

    `meanwhile` is what the tape holds there, repeated to fill it: heard while the source is silent or gone.
    """

    source: str
    title: str
    length: int
    meanwhile: tuple[Clip, ...] = ()


Part = Clip | Spoken | Tone | Feed

BROWSER = "browser"  # the source that a browser's microphone is; others are `stream:NAME` and `microphone:NAME`


@frozen
class Programme:
    """What a rundown becomes at one instant: the parts to hear in order, and what is missing.

    It sounds `gain` dB louder than usual (softer below 0); recorded parts overlap by `crossfade` ms.
    """

    parts: tuple[Part, ...]
    gaps: tuple[Trouble, ...] = ()
    gain: float = 0.0
    crossfade: int = 0

    @cached_property
    def length(self) -> int:
        """Milliseconds of audio (an estimate where text is spoken)."""
        return max((begin + part.length for begin, part in self.placed()), default=0)

    @cached_property
    def digest(self) -> str:
        """The same for the same audio, whatever the titles and names."""
        heard = "\n".join(_told(part) for part in self.parts)
        settings = f"gain {self.gain} crossfade {self.crossfade}"
        return hashlib.sha256(f"{heard}\n{settings}".encode()).hexdigest()[:16]

    def within(self, length: int) -> Self:
        """As much of it as fits into `length` ms; text is spoken whole or not at all, and no part a moment only."""
        parts: list[Part] = []
        for begin, part in self.placed():
            left = length - begin
            if isinstance(part, Clip | Feed) and _WORTH_HEARING <= left < part.length:
                parts.append(evolve(part, length=left))
            if part.length > left:
                break
            parts.append(part)
        return evolve(self, parts=tuple(parts))

    def placed(self) -> Iterator[tuple[int, Part]]:
        """Each part and the ms at which it begins: recorded ones overlap a little."""
        end, shared = 0, 0  # ms of the last part that the next one may overlap
        for part in self.parts:
            half = 0 if isinstance(part, Feed) else part.length // 2
            begin = end - min(max(self.crossfade, JOIN), shared, half)
            yield begin, part
            end, shared = begin + part.length, half


def _told(part: Part) -> str:
    """What is heard of a part, whatever its title."""
    match part:
        case Clip():
            return f"clip {part.ready} {part.length}"
        case Spoken():
            return f"say {part.voice} {part.read}"
        case Tone(signal):
            return f"tone {signal}"
        case Feed():
            return f"feed {part.source} {part.length} " + " ".join(_told(clip) for clip in part.meanwhile)


@frozen
class Mark:
    """Where a part begins in a tape, in ms from the programme's first sample."""

    at: int
    title: str


@frozen
class Stretch:
    """Where in a tape a source is heard in place of what it holds; ms, `at` from the programme's first sample."""

    source: str
    title: str
    at: int
    length: int


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
    stretches: tuple[Stretch, ...] = ()
