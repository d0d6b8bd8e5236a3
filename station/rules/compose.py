"""Composing: what a rundown becomes at an instant, from the segments that are fit for air."""

from collections.abc import Sequence

from station.rules.now import HOUR
from station.rules.rundown import Clip, Item, Newest, Part, Play, Programme, Say, Segment, Spoken
from station.rules.trouble import Trouble

# About how fast the Vietnamese voice reads; only an estimate until the tape is rendered.
_SPEECH_MS_PER_CHARACTER = 75

_KINDS = {
    "ident": "nhạc hiệu",
    "news": "tin",
    "feature": "bài",
    "notice": "thông báo",
    "music": "bài nhạc",
    "sting": "nhạc cắt",
    "signoff": "lời kết",
}


def compose(rundown: Sequence[Item], segments: Sequence[Segment], at: int) -> Programme:
    """Choose what a broadcast that starts at `at` (wall ms) will sound; what is missing is told, not raised."""
    parts: list[Part] = []
    gaps: list[Trouble] = []
    for item in rundown:
        chosen = _choose(item, segments, at)
        if isinstance(chosen, Trouble):
            gaps.append(chosen)
        else:
            parts.extend(chosen)
    return Programme(tuple(parts), tuple(gaps))


def _choose(item: Item, segments: Sequence[Segment], at: int) -> list[Part] | Trouble:
    match item:
        case Play(name):
            return _named(name, segments)
        case Newest():
            return _newest(item, segments, at)
        case Say(text):
            return [Spoken(text, len(text) * _SPEECH_MS_PER_CHARACTER)]


def _named(name: str, segments: Sequence[Segment]) -> list[Part] | Trouble:
    for segment in segments:
        if segment.name == name:
            return [_clip(segment, segment.length)]
    return Trouble(name, "Chưa có mục này trong thư viện, hoặc chưa được duyệt.", mend="Tải lên và duyệt mục này.")


def _newest(item: Newest, segments: Sequence[Segment], at: int) -> list[Part] | Trouble:
    left = item.limit
    chosen: list[Part] = []
    fresh = [it for it in segments if it.kind is item.newest and at - item.within <= it.received_at]
    for segment in sorted(fresh, key=lambda it: (-it.received_at, it.id)):
        if left == 0:
            break
        length = segment.length if left is None else min(segment.length, left)
        left = None if left is None else left - length
        chosen.append(_clip(segment, length))
    if chosen:
        return chosen
    what = f"Chưa có {_KINDS[item.newest]} nào được duyệt trong {item.within // HOUR} giờ qua."
    return Trouble("", what, mend="Thêm và duyệt trước giờ phát.")


def _clip(segment: Segment, length: int) -> Clip:
    return Clip(segment.id, segment.title, segment.ready, length)
