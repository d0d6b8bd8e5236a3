"""A bad link: a TCP proxy before a port of the loopback address, which is slow, breaks, spoils and counts."""

import asyncio
import socket
import struct
from collections.abc import Callable
from threading import Event, Thread
from typing import Self
from urllib.parse import urlsplit

_LARGEST, _SMALLEST = 65_536, 256  # bytes that travel together
_SLICES = 20  # in a second, of a link with a rate
_ON_THE_WAY = 64  # pieces of a connection, at most, before its sender has to wait
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: to close is to reset


class Link:
    """A link to the port `to`, while entered; how it behaves may be changed at any time.

    `rate` is in bytes a second, for each direction and all connections together, 0 without limit; `delay` in
    seconds, on each way. `down` and `up` count the bytes delivered to clients and to the server, `connections` what
    was opened.
    """

    def __init__(self, to: int, *, rate: float = 0, delay: float = 0) -> None:
        self.to, self.rate, self.delay = to, rate, delay
        self.down = self.up = self.connections = 0
        self.cuts: list[int] = []  # at which values of `down` all connections are reset, in order
        self.cut_each = 0  # after how many bytes down a connection is reset; 0 for never
        self.truncate_each = 0  # the same, but it ends as if that were all
        self.spoiled: set[int] = set()  # which bytes, counted as `down` does, arrive with every bit turned
        self._free_at = {_Down: 0.0, _Up: 0.0}
        self._open: set[asyncio.StreamWriter] = set()
        self._ready = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def through(self, address: str) -> str:
        """A URL of the server as it is by this link."""
        parts = urlsplit(address)
        return parts._replace(netloc=f"{parts.hostname}:{self.port}").geturl()

    @property
    def idle(self) -> bool:
        """Whether nobody is connected."""
        return not self._open

    def stall(self) -> None:
        """Deliver nothing more, in either direction, and keep every connection."""
        self._do(self._flowing.clear)

    def flow(self) -> None:
        """Deliver again."""
        self._do(self._flowing.set)

    def cut(self) -> None:
        """Reset every connection now."""
        self._do(self._reset_all)

    def refuse(self) -> None:
        """Reset every connection, and refuse new ones."""
        self._do(self._close)

    def accept(self) -> None:
        """Take connections again."""
        asyncio.run_coroutine_threadsafe(self._listen(self.port), self._loop).result(5)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(5)
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._over.set)
        self._thread.join(5)
        assert not self._thread.is_alive()

    def _do(self, deed: Callable[[], object]) -> None:
        done = Event()
        self._loop.call_soon_threadsafe(lambda: (deed(), done.set()))
        assert done.wait(5)

    async def _run(self) -> None:
        self._loop, self._over, self._flowing = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        self._flowing.set()
        await self._listen(0)
        self._ready.set()
        await self._over.wait()
        self._close()

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", port)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def _close(self) -> None:
        self._server.close()
        self._reset_all()

    def _reset_all(self) -> None:
        for writer in list(self._open):
            _reset(writer)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.add(writer)
        try:
            there, to_there = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            _reset(writer)
            return
        self._open.add(to_there)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_Up(self, reader, to_there).carry())
                both.create_task(_Down(self, there, writer).carry())
        except* (OSError, EOFError):
            pass  # an end is gone, or the connection was cut off
        finally:
            for end in (writer, to_there):
                end.close()
                self._open.discard(end)

    async def pass_on(self, way: "type[_Way]", length: int) -> float:
        """Wait while so many bytes go through; gives when they arrive."""
        if self.rate:
            self._free_at[way] = max(self._loop.time(), self._free_at[way]) + length / self.rate
            await asyncio.sleep(self._free_at[way] - self._loop.time())
        return self._loop.time() + self.delay

    async def until(self, instant: float) -> None:
        """Wait for that instant, and for as long as nothing flows."""
        await asyncio.sleep(instant - self._loop.time())
        await self._flowing.wait()

    @property
    def piece(self) -> int:
        """How many bytes go through together."""
        return max(_SMALLEST, min(_LARGEST, int(self.rate / _SLICES))) if self.rate else _LARGEST

    def hurt(self, carried: int, writer: asyncio.StreamWriter) -> None:
        """End connections if it is time, of which this one has carried so much down. Raises `EOFError` then."""
        if self.cuts and self.down >= self.cuts[0]:
            del self.cuts[0]
            self._reset_all()
        elif self.cut_each and carried >= self.cut_each:
            _reset(writer)
        elif not (self.truncate_each and carried >= self.truncate_each):
            return
        raise EOFError

    def unhurt(self, carried: int) -> int:
        """How many bytes a connection may carry until it is time."""
        ends = [it - carried for it in (self.cut_each, self.truncate_each) if it]
        return max(0, min([_LARGEST, *ends, *(it - self.down for it in self.cuts[:1])]))


class _Way:
    """One direction of a connection."""

    def __init__(self, link: Link, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        self.link, self.sink = link, sink
        self._source = source
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_ON_THE_WAY)
        sink.transport.set_write_buffer_limits(0)  # what is drained is with the kernel

    async def carry(self) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(self._take())
            both.create_task(self._give())

    async def _take(self) -> None:
        piece = b"-"
        while piece:
            piece = await self._source.read(self.link.piece)
            await self._queue.put((await self.link.pass_on(type(self), len(piece)), piece))

    async def _give(self) -> None:
        piece = b"-"
        while piece:
            due, piece = await self._queue.get()
            await self.link.until(due)
            await self.deliver(piece)
        self.sink.write_eof()

    async def deliver(self, piece: bytes) -> None:
        raise NotImplementedError


class _Up(_Way):
    async def deliver(self, piece: bytes) -> None:
        self.link.up += len(piece)  # before anybody can have it, so that who has it finds it counted
        self.sink.write(piece)
        await self.sink.drain()


class _Down(_Way):
    _carried = 0

    async def deliver(self, piece: bytes) -> None:
        while piece:
            part = piece[: self.link.unhurt(self._carried)]
            arrives = self._spoiled(part)
            self.link.down += len(part)
            self._carried += len(part)
            self.sink.write(arrives)
            await self.sink.drain()
            piece = piece[len(part) :]
            self.link.hurt(self._carried, self.sink)

    def _spoiled(self, part: bytes) -> bytes:
        begun = self.link.down
        turned = {at - begun for at in self.link.spoiled if begun <= at < begun + len(part)}
        return bytes(byte ^ 0xFF if at in turned else byte for at, byte in enumerate(part)) if turned else part


def _reset(writer: asyncio.StreamWriter) -> None:
    if not writer.transport.is_closing():
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()
