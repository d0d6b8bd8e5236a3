"""Hearing again: what aired of the commune's own making, for those who live by phone.

What is offered is decided anew at each request, by what is approved then: whatever is rejected, expired, edited or
removed is gone at once, whatever files are still kept.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from station.audio.share import share, size_of
from station.durable import keep, unfinished
from station.rules.now import DAY
from station.rules.replay import Part, fitting, may_be_heard_again
from station.rules.trouble import Refused
from station.stores.asrun import AsRun
from station.stores.home import Home
from station.stores.library import RESERVE, StoredSegment

_MB = 1_000_000  # bytes


@frozen
class Replay:
    """A broadcast that may be heard again, and the bulletins that are heard then."""

    record: AsRun
    bulletins: tuple[StoredSegment, ...]

    @property
    def length(self) -> int:
        """Milliseconds."""
        return sum(it.length or 0 for it in self.bulletins)


def replays(home: Home, now: int) -> tuple[Replay, ...]:
    """What anybody may hear again at wall ms `now`, the newest first; nothing unless the station wants it."""
    return tuple(_kept(home, _allowed(home, now)))


def replay(home: Home, key: str, now: int) -> Replay | None:
    """The same of one broadcast."""
    record = home.log.find(key)
    if record is None:
        return None
    asked = _allowed(home, now, record.planned_start, record.planned_start)
    return next((it for it in _kept(home, asked) if it.record.key == key), None)


def shared_file(home: Home, bulletin: StoredSegment) -> Path:
    """Where a bulletin is as it is sent to phones."""
    return home.places.shared / f"{bulletin.ready}.mp3"


def share_replays(home: Home, now: int) -> None:
    """Make what may be heard again ready for phones, the newest first, and remove what no longer may."""
    wanted = {it.ready: it for replay in _allowed(home, now) for it in replay.bulletins if it.ready}
    sizes = ((ready, size_of(it.length or 0)) for ready, it in wanted.items())
    fit = {ready: wanted[ready] for ready in fitting(sizes, home.config().config.public.room * _MB)}
    for file in home.places.shared.glob("*.mp3"):
        if file.stem not in fit:
            file.unlink()
    for bulletin in fit.values():
        if not shared_file(home, bulletin).exists():
            with suppress(Refused):  # the library's own check tells of files that are damaged
                _share(home, bulletin)


def _share(home: Home, bulletin: StoredSegment) -> None:
    length = bulletin.length or 0
    if bulletin.ready is None or shutil.disk_usage(home.places.shared).free < RESERVE + size_of(length):
        return
    levelled = home.library.verify(bulletin.ready, bulletin.title)
    with unfinished(home.places.shared) as file:
        share(levelled, file.path, length, bulletin.title)
        keep(file, shared_file(home, bulletin))


def _allowed(home: Home, now: int, first: int = 0, last: int | None = None) -> Iterator[Replay]:
    """The broadcasts planned from `first` to `last` of which something may be heard again, the newest first."""
    public = home.config().config.public
    if not public.page:
        return
    since, until = max(first, now - public.days * DAY), min(now, now if last is None else last) + 1
    segments = home.log.segments(since, until)
    known = home.library.known(it.segment for parts in segments.values() for it in parts)
    for record in reversed(home.log.between(since, until)):
        bulletins = [
            stored
            for it in segments.get(record.key, ())
            if (stored := known.get(it.segment))
            and stored.origin == record.origin
            and may_be_heard_again(record, Part(it.ready, it.at, it.length), stored.usable, now)
        ]
        if bulletins:
            yield Replay(record, tuple(bulletins))


def _kept(home: Home, allowed: Iterable[Replay]) -> Iterator[Replay]:
    """What of these is ready for phones."""
    for it in allowed:
        if bulletins := tuple(bulletin for bulletin in it.bulletins if shared_file(home, bulletin).exists()):
            yield Replay(it.record, bulletins)
