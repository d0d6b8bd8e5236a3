"""The player of a commune with many Pis: it hands the tape to Snapcast, whose clients sound it all together.

Snapcast's server takes samples from a socket of this machine at its own pace, by the machine's clock, and each
sounds at every client the same time later. So there is no card here whose clock could drift, and no libVLC.
"""

import socket
from collections.abc import Mapping
from threading import Event, Thread

from attrs import define

from station.air.fed_view import FedView
from station.air.loading import NOTHING_LOADED, checked_length
from station.air.ports import Clock, Fault, Heard
from station.air.snapcast import LOOPBACK, Control, Served, Unreachable
from station.air.view import TapeView
from station.audio.wav import BYTES_PER_MS, HEADER_SIZE
from station.clock import seconds_until
from station.rules.rundown import Tape

BUFFER = 500  # ms from the server to the horns: `buffer` in systemd/snapserver.conf
CHUNK = 60  # ms that it takes at once: `chunk_ms` there
_AHEAD = 300  # ms that it is given ahead of its pace, so that neither side's pauses are heard
_EVERY = 0.02  # s
_TAKEN_WITHIN = 2.0  # s
_LOOK_EVERY = 0.5  # s
_NOBODY_FOR = 3_000  # ms: a client that lost its link is back sooner
_MUTED_WITHIN = 0.2  # s; the deck is killed a little later
_LET_GO_WITHIN = 0.05  # s


@define
class _Playing:
    """One tape on its way; instants are mono ms."""

    view: TapeView | FedView
    link: socket.socket
    head: bytes
    offset: int
    total: int
    at: int | None = None
    sent_from: float = 0
    held_up: int = 0


class SnapcastPlayer:
    """Plays tapes on all clients of the Snapcast server of this machine."""

    simulated = False
    device = "Snapcast"

    def __init__(self, port: int, clock: Clock, sources: Mapping[str, str]) -> None:
        self._port = port
        self._clock = clock
        self._sources = sources
        self._control = Control(port)
        self._served: Served | None = None
        self._playing: _Playing | None = None
        self._trouble = ""
        self._over = Event()
        self._workers: list[Thread] = []
        self._began = clock.now().mono

    @property
    def latency(self) -> int:
        """Ms from `play` to the first sample."""
        return BUFFER - (self._served.chunk if self._served else CHUNK)

    def missing(self) -> str:
        """Why nothing can be heard now, as a sentence; empty when it can."""
        try:
            return _nobody(self._control.served())
        except Unreachable as why:
            return str(why)

    def load(self, tape: Tape, offset: int) -> None:
        """Verify the tape, reach the server and have all clients audible; raises `Fault` when that fails."""
        self._let_go()
        total = checked_length(tape)
        try:
            served = self._served = self._control.served()
            if trouble := _nobody(served):
                raise Fault(trouble)
            if served.muted:
                self._let_be_heard(served)
            link = socket.create_connection((LOOPBACK, served.source), _TAKEN_WITHIN)
        except Unreachable as why:
            raise Fault(str(why)) from why
        except OSError as error:
            raise Fault("Máy chủ Snapcast không nhận âm thanh.") from error
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        view = FedView(tape, offset, self._sources, self._clock) if tape.stretches else TapeView(tape, offset)
        view.seek(HEADER_SIZE)
        self._over, self._trouble = Event(), ""
        self._playing = _Playing(view, link, _read(view, _AHEAD * BYTES_PER_MS), offset, total)

    def play(self, at: int) -> None:
        """Start the loaded tape, called `latency` before mono ms `at`; raises `Fault` when the server is gone."""
        if self._playing is None:
            raise Fault(NOTHING_LOADED)
        try:
            self._playing.link.sendall(self._playing.head)
        except OSError as error:
            raise Fault(_GONE) from error
        self._playing.at, self._playing.sent_from = at, self._clock.now().mono
        self._playing.view.played(at)
        self._workers = [
            Thread(target=work, args=(self._playing, self._over), daemon=True) for work in (self._send, self._look)
        ]
        for worker in self._workers:
            worker.start()

    def set_rate(self, rate: float) -> None:
        """Time is as it is: Snapcast itself keeps every client's card in step with this machine's clock."""

    @property
    def behind(self) -> int:
        """Ms by which the tape was held up since it began."""
        return 0 if self._playing is None else self._playing.held_up

    def stop(self) -> None:
        """Silence all clients at once, whatever they still hold of the tape, and let go of it."""
        playing = self._playing
        if playing and playing.at is not None and not self._ended(playing):
            self._silence()
        self._let_go()

    def heard(self) -> Heard:
        """Tell how much was heard, by the clock, and whether the server still takes it."""
        playing = self._playing
        if playing is None:
            return Heard(position=0, sounding=False, ended=False)
        if playing.at is None:
            playing.view.tend(0)
            return Heard(position=playing.offset, sounding=False, ended=False)
        passed = self._passed(playing)
        position = min(max(0, passed), playing.total - playing.offset)
        return Heard(
            position=playing.offset + position,
            sounding=passed >= 0 and not self._trouble,
            ended=self._ended(playing),
            fault=self._trouble,
            level=playing.view.level(position),
            feed=playing.view.tend(position),
        )

    def close(self) -> None:
        """Let go of the server."""
        self.stop()
        self._control.close()

    def _let_go(self) -> None:
        playing, self._playing = self._playing, None
        if playing is None:
            return
        self._over.set()
        playing.view.release()
        playing.link.close()
        for worker in self._workers:
            worker.join(_LET_GO_WITHIN)
        playing.view.close()

    def _passed(self, playing: _Playing) -> int:
        return self._clock.now().mono - (playing.at or 0) - playing.held_up

    def _ended(self, playing: _Playing) -> bool:
        return self._passed(playing) >= playing.total - playing.offset

    def _let_be_heard(self, served: Served) -> None:
        """Undo a stop, once nothing of what was stopped can sound any more: it was before this process began."""
        forgotten = self._began + BUFFER + _AHEAD
        Event().wait(max(0.0, seconds_until(forgotten)))
        self._control.mute(served.groups, muted=False)

    def _silence(self) -> None:
        """By a connection of its own: the other may be waiting for an answer."""
        groups = self._served.groups if self._served else ()
        worker = Thread(target=_mute, args=(self._port, groups), daemon=True)
        worker.start()
        worker.join(_MUTED_WITHIN)

    def _send(self, playing: _Playing, over: Event) -> None:
        """Give the server the rest of the tape, always so much ahead of its pace."""
        sent = len(playing.head)
        while not over.wait(_EVERY):
            passed = -1e3 * seconds_until(playing.sent_from) - playing.held_up
            given = sent // BYTES_PER_MS
            playing.held_up += max(0, round(passed) - given)
            piece = _read(playing.view, round(min(passed, given) + _AHEAD) * BYTES_PER_MS - sent)
            if not piece and given >= playing.total - playing.offset:
                return
            try:
                playing.link.sendall(piece)
            except OSError:
                self._fail(over, _GONE)
                return
            sent += len(piece)

    def _look(self, playing: _Playing, over: Event) -> None:
        """Notice a server that stands still, and that nobody listens any more."""
        listened_at = playing.sent_from
        while not over.wait(_LOOK_EVERY):
            try:
                nobody = _nobody(self._control.served())
            except Unreachable as why:
                self._fail(over, str(why))
                return
            now = self._clock.now().mono
            if not nobody:
                listened_at = now
            elif now - listened_at > _NOBODY_FOR:
                self._fail(over, nobody)
                return

    def _fail(self, over: Event, why: str) -> None:
        if not over.is_set():
            self._trouble = f"Loa mất tiếng. {why}"


_GONE = "Máy chủ Snapcast đã tắt."


def _nobody(served: Served) -> str:
    return "" if served.heard else "Không có máy loa nào nối với Snapcast."


def _mute(port: int, groups: tuple[str, ...]) -> None:
    control = Control(port)
    try:
        control.mute(groups, muted=True)
    except Unreachable:
        pass
    finally:
        control.close()


def _read(view: TapeView | FedView, count: int) -> bytes:
    """So many bytes of it, fewer at its end."""
    read = b""
    while len(read) < count and (more := view.read(count - len(read))):
        read += more
    return read
