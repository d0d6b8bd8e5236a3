"""Composing: what a rundown becomes at an instant, from the segments that are fit for air."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from station.rules.now import HOUR
from station.rules.offer import PREFIX
from station.rules.origin import Origin
from station.rules.rundown import (
    Clip,
    Feed,
    Item,
    Kind,
    Live,
    Newest,
    Part,
    Play,
    Programme,
    Rebroadcast,
    Say,
    Segment,
    Spoken,
)
from station.rules.trouble import Trouble
from station.rules.voice import USUAL, Speaker

_KINDS = {
    Kind.IDENT: "nhạc hiệu",
    Kind.NEWS: "tin",
    Kind.FEATURE: "bài",
    Kind.NOTICE: "thông báo",
    Kind.MUSIC: "bài nhạc",
    Kind.STING: "nhạc cắt",
    Kind.SIGNOFF: "lời kết",
}

_COMES = "Đài tự nhận khi có đường truyền; gấp thì chọn mục khác."

NO_SOURCES: Mapping[str, str] = MappingProxyType({})

_Chosen = list[Part] | Trouble


def compose(
    rundown: Sequence[Item],
    segments: Sequence[Segment],
    at: int,
    sources: Mapping[str, str] = NO_SOURCES,
    speaker: Speaker = USUAL,
) -> Programme:
    """Choose what a broadcast that starts at `at` (wall ms) will sound; what is missing is told, not raised.

    `sources` are the live ones and what people call them; `speaker` says what is text.
    """
    return Library(segments, sources, speaker).programmes(rundown)(at)


class Library:
    """The segments that are fit for air, in the order in which rundowns ask for them."""

    def __init__(
        self, segments: Sequence[Segment], sources: Mapping[str, str] = NO_SOURCES, speaker: Speaker = USUAL
    ) -> None:
        self._sources = sources
        self._speaker = speaker
        self._named = {segment.name: segment for segment in segments}
        oldest_first = sorted(segments, key=lambda it: (it.received_at, it.id))
        self._kinds = {kind: [it for it in oldest_first if it.kind is kind] for kind in Kind}
        self._whose = {
            (kind, origin): [it for it in kept if it.origin is origin]
            for kind, kept in self._kinds.items()
            for origin in Origin
        }
        self._received = {key: [it.received_at for it in kept] for key, kept in self._whose.items()}
        turns = (turn for it in segments for turn in (it.valid_from, it.valid_until) if turn is not None)
        self._turns = sorted(turns)  # when something becomes valid, or is no longer

    def programmes(self, rundown: Sequence[Item], crossfade: int = 0) -> Callable[[int], Programme]:
        """What `rundown` becomes at any wall ms; the same library gives the same programme, made once.

        Its recorded parts overlap by `crossfade` ms.
        """
        newest = [item for item in rundown if isinstance(item, Newest)]
        made: dict[tuple[int, ...], Programme] = {}

        def at(wall: int) -> Programme:
            same = (bisect_right(self._turns, wall), *[self._too_old(item, wall) for item in newest])
            if same not in made:
                made[same] = self._programme(rundown, wall, crossfade)
            return made[same]

        return at

    def _too_old(self, item: Newest, wall: int) -> int:
        """How many segments of its kind and origin are too old for it."""
        return bisect_left(self._received[item.newest, item.whose], wall - item.within)

    def _programme(self, rundown: Sequence[Item], wall: int, crossfade: int) -> Programme:
        chosen = [self._choose(item, wall) for item in rundown]
        parts = [part for choice in chosen if not isinstance(choice, Trouble) for part in choice]
        gaps = tuple(choice for choice in chosen if isinstance(choice, Trouble))
        return Programme(tuple(parts), gaps, crossfade=crossfade)

    def _choose(self, item: Item, wall: int) -> _Chosen:
        match item:
            case Play():
                return self._play(item, wall)
            case Newest():
                return self._newest(item, wall)
            case Say(text):
                return [self._spoken(text)]
            case Rebroadcast(stream, lasting, fallback):
                return [self._feed(f"stream:{stream}", lasting, self._meanwhile(fallback, wall))]
            case Live(microphone, lasting):
                return [self._feed(f"microphone:{microphone}", lasting, ())]

    def _play(self, item: Play, wall: int) -> _Chosen:
        segment = self._named.get(item.play)
        if segment is None:
            return _not_there(item.play)
        if not segment.is_valid(wall):
            what = f"“{segment.title}” đã hết hạn hoặc chưa đến ngày dùng."
            own = segment.origin is Origin.COMMUNE
            mend = "Sửa hạn dùng của mục này, hoặc chọn mục khác." if own else "Chọn mục khác."
            return Trouble(item.play, what, mend=mend)
        return [_clip(segment, segment.length if item.lasting is None else min(segment.length, item.lasting))]

    def _spoken(self, text: str) -> Spoken:
        read = self._speaker.read(text)
        return Spoken(text, self._speaker.lasts(read), read, self._speaker.voice)

    def _feed(self, source: str, lasting: int, meanwhile: tuple[Clip, ...]) -> Feed:
        return Feed(source, self._sources.get(source, source), lasting, meanwhile)

    def _meanwhile(self, fallback: str, wall: int) -> tuple[Clip, ...]:
        """What is heard while a stream is silent or gone: the newest of a kind, or one segment."""
        named = self._named.get(fallback)
        chosen = [named] if named else [it for kind in Kind if kind == fallback for it in self._kinds[kind][::-1]]
        return tuple(_clip(it, it.length) for it in chosen if it.is_valid(wall))

    def _newest(self, item: Newest, wall: int) -> _Chosen:
        left = item.limit
        chosen: list[Part] = []
        for segment in reversed(self._whose[item.newest, item.whose][self._too_old(item, wall) :]):
            if left == 0:
                break
            if not segment.is_valid(wall):
                continue
            length = segment.length if left is None else min(segment.length, left)
            left = None if left is None else left - length
            chosen.append(_clip(segment, length))
        if chosen:
            return chosen
        if item.whose is not Origin.COMMUNE:
            what = f"Chưa nhận được {_KINDS[item.newest]} nào của tỉnh trong {item.within // HOUR} giờ qua."
            return Trouble("", what, mend=_COMES)
        what = f"Chưa có {_KINDS[item.newest]} nào được duyệt trong {item.within // HOUR} giờ qua."
        return Trouble("", what, mend="Thêm và duyệt trước giờ phát.")


def _not_there(name: str) -> Trouble:
    if name.startswith(PREFIX):
        return Trouble(name, "Chưa nhận được mục này từ tỉnh, hoặc xã đã từ chối.", mend=_COMES)
    return Trouble(name, "Chưa có mục này trong thư viện, hoặc chưa được duyệt.", mend="Tải lên và duyệt mục này.")


def _clip(segment: Segment, length: int) -> Clip:
    return Clip(segment.id, segment.title, segment.ready, length)
