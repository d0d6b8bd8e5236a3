"""The view of a tape with live sources: where one is due it is heard, and whenever it fails, the tape beneath it.

Every change between the two is a crossfade, and so are both ends of a stretch.
"""

from array import array
from collections.abc import Mapping
from threading import Condition

from station.air.feeds import Feed
from station.air.ports import Clock
from station.air.view import TapeView
from station.audio.wav import BYTES_PER_MS, HEADER_SIZE
from station.rules.now import SECOND
from station.rules.rundown import Stretch, Tape

READ_AHEAD = 1_500  # ms: libVLC wants 1,000; with less it begins late
OPEN_AHEAD = 10 * SECOND
_BLOCK = 40  # ms, the length of a crossfade
_LOOK_AGAIN = 0.02  # s


class FedView:
    """Reads like a file; inside a stretch only as far ahead as time has come: what is live is not there before."""

    def __init__(self, tape: Tape, offset: int, sources: Mapping[str, str], clock: Clock) -> None:
        self._view = TapeView(tape, offset)
        self._clock = clock
        self._sources = sources
        # By the view's own ms: its beginning is `offset` of the tape, and a tape has its lead before the programme.
        self._stretches = [(tape.lead + stretch.at - offset, stretch) for stretch in tape.stretches]
        self._feeds: dict[Stretch, Feed] = {}
        self._live = False
        self._ready = b""
        self._place = 0
        self._played_at: int | None = None
        self._passed = Condition()
        self._released = False

    @property
    def size(self) -> int:
        """Bytes, the header included."""
        return self._view.size

    def played(self, at: int) -> None:
        """Its first sample leaves at mono ms `at`."""
        self._played_at = at

    def tend(self, position: int) -> str:
        """Open the sources that will be due, close those that were; tell what is wrong at view ms `position`."""
        for begin, stretch in self._stretches:
            if stretch not in self._feeds and begin - OPEN_AHEAD <= position < begin + stretch.length:
                self._feeds[stretch] = Feed(stretch, self._sources.get(stretch.source, ""), self._clock)
            elif stretch in self._feeds and position >= begin + stretch.length:
                self._feeds.pop(stretch).close()
            if feed := self._feeds.get(stretch):
                if position < begin - READ_AHEAD:
                    feed.keep_short()
                elif position >= begin:
                    return feed.trouble
        return ""

    def seek(self, place: int) -> None:
        """Read next from byte `place`."""
        self._place, self._ready = place, b""
        self._view.seek(place)

    def read(self, most: int) -> bytes:
        """The next bytes, `most` of them or fewer; it waits where they are not there yet. None at the end."""
        if not self._ready:
            self._ready = self._next(most)
        given, self._ready = self._ready[:most], self._ready[most:]
        self._place += len(given)
        return given

    def level(self, at: int) -> float | None:
        """The level `at` ms after the view's beginning, in dB of full scale, if that was read."""
        return self._view.level(at)

    def release(self) -> None:
        """Let a read that waits return at once."""
        with self._passed:
            self._released = True
            self._passed.notify_all()

    def close(self) -> None:
        """Let go of the file and the sources."""
        for feed in self._feeds.values():
            feed.close()
        self._view.close()

    def _next(self, most: int) -> bytes:
        at = self._place - HEADER_SIZE
        for begin, stretch in self._stretches:
            first, last = begin * BYTES_PER_MS, (begin + stretch.length) * BYTES_PER_MS
            if first <= at < last:
                return self._block(stretch, at, last)
            if at < first:
                most = min(most, first - at)
                break
        return self._view.read(most)

    def _block(self, stretch: Stretch, at: int, last: int) -> bytes:
        """The next block of a stretch: the source, the tape, or one fading into the other."""
        self._wait_for(at // BYTES_PER_MS)
        count = min(_BLOCK * BYTES_PER_MS, last - at)
        recorded = self._whole(count)
        feed = self._feeds.get(stretch)
        ending = at + count >= last
        live = feed is not None and feed.fit and not ending
        if not live and not self._live:
            return recorded
        heard = feed.take(count) if feed else b""
        heard += bytes(len(recorded) - len(heard))
        before, self._live = self._live, live
        block = heard if before and live else _crossfaded(*((heard, recorded) if before else (recorded, heard)))
        self._view.weigh(block, at)
        return block

    def _whole(self, count: int) -> bytes:
        read = b""
        while len(read) < count and (more := self._view.read(count - len(read))):
            read += more
        return read

    def _wait_for(self, ms: int) -> None:
        """Until what is `ms` after the view's beginning is due to be read."""
        with self._passed:
            while not self._released and self._played_at is not None and self._too_early(ms):
                self._passed.wait(_LOOK_AGAIN)

    def _too_early(self, ms: int) -> bool:
        return self._played_at is not None and ms > self._clock.now().mono - self._played_at + READ_AHEAD


def _crossfaded(old: bytes, new: bytes) -> bytes:
    """From one to the other, in a straight line."""
    before, after = array("h", old), array("h", new)
    count = len(before)
    return array(
        "h", [(a * (count - at) + b * at) // count for at, (a, b) in enumerate(zip(before, after, strict=True))]
    ).tobytes()
