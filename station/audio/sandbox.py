"""The one way an ffmpeg, ffprobe or espeak-ng child is run: little, confined, and gone when the station is gone."""

import functools
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from tempfile import TemporaryFile
from threading import Thread
from typing import IO

from attrs import frozen

from station.rules.trouble import Refused, Trouble

MEMORY = 1 << 28  # bytes of its own
_MAPPED = 3 << 28  # bytes besides, of libraries; ffmpeg's alone take a third of it
LARGEST_FILE = 1 << 32  # bytes; what a WAV file can hold
_OUTPUT_KEPT = 1 << 18  # bytes of each output stream, the last ones
EXPENDABLE = ("choom", "-n", "1000", "--")  # before a command: it goes first when memory runs out; choom(1)
_CPU_PER_WALL = 2  # a child of several threads uses more than one second of processor in a second
# No network, not even the machine's own. As root that needs no more; others get it through a user namespace.
_UNPLUGGED = (["unshare", "--net", "--"], ["unshare", "--user", "--net", "--"])
_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}


_HURRIED: ContextVar[bool] = ContextVar("hurried", default=False)


@contextmanager
def hurried() -> Iterator[None]:
    """Give the children that this thread runs meanwhile their turn as any process has it: an emergency waits."""
    token = _HURRIED.set(True)
    try:
        yield
    finally:
        _HURRIED.reset(token)


@frozen
class Finished:
    """How a child ended: its exit status (negative when killed) and the end of what it wrote."""

    status: int
    out: bytes
    log: str

    @property
    def well(self) -> bool:
        """Whether it says that it did what was asked."""
        return self.status == 0


def run(  # noqa: PLR0913 - a child has that many bounds
    argv: Sequence[str],
    *,
    wall_s: int,
    stdin: bytes = b"",
    stdout: int = subprocess.PIPE,
    take: Callable[[bytes], object] | None = None,
    largest: int = LARGEST_FILE,
    memory: int = MEMORY,
) -> Finished:
    """Run `argv` to its end, or kill it after `wall_s` seconds.

    It takes at most `memory` bytes of its own, and no file that it writes exceeds `largest` bytes.

    `stdout` may be an open file that takes its output, or `take` is called with each chunk, on another thread.
    Raises `Refused` when the program is not installed.
    """
    with TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        child = subprocess.Popen(
            [*_confinement(wall_s, largest, memory), _found(argv[0]), *argv[1:]],
            stdin=given,
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd="/",
            env=_ENVIRONMENT,
            start_new_session=True,
        )
    with child:
        out, log = _Tail(child.stdout, take), _Tail(child.stderr)
        try:
            with suppress(subprocess.TimeoutExpired):
                child.wait(wall_s)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
        return Finished(child.wait(), out.text(), log.text().decode(errors="replace"))


def unplugged() -> bool:
    """Whether children have no network at all here, beside being told to use none."""
    return bool(_unplugging())


@functools.cache
def _unplugging() -> Sequence[str]:
    """The program that takes the network away, where this machine lets it."""
    for program in _UNPLUGGED:
        tried = subprocess.run([*program, "true"], check=False, capture_output=True, env=_ENVIRONMENT)
        if tried.returncode == 0:
            return program
    return []


def _confinement(wall_s: int, largest: int, memory: int) -> list[str]:
    """Programs that limit themselves and then become the next one.

    Python's preexec_fn may dead-lock in a process with threads; a launcher of our own would cost a Python start.
    """
    behind_all_else = [*EXPENDABLE, *("nice", "-n", "19"), *("ionice", "-c", "idle")]
    return [
        *([] if _HURRIED.get() else behind_all_else),
        *_unplugging(),
        "prlimit",
        f"--as={memory + _MAPPED}",
        f"--data={memory}",
        f"--cpu={wall_s * _CPU_PER_WALL}",
        f"--fsize={largest}",
        "--core=0",
        "--rtprio=0",
        *("setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--"),
    ]


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise Refused(
            Trouble(
                program,
                f"Máy này chưa cài chương trình {program}.",
                "Những chương trình đã chuẩn bị xong vẫn phát.",
                "Chạy lại ./install.sh để cài phần còn thiếu.",
            )
        )
    return path


class _Tail:
    """Reads a child's output on a thread, so that it never blocks, and keeps only the end unless it is taken."""

    def __init__(self, pipe: IO[bytes] | None, take: Callable[[bytes], object] | None = None) -> None:
        self._kept = b""
        self._pipe = pipe
        self._take = take or self._keep
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> bytes:
        """All that was kept, once the child has closed its output."""
        self._thread.join()
        return self._kept

    def _read(self) -> None:
        while self._pipe and (chunk := self._pipe.read(1 << 14)):
            self._take(chunk)

    def _keep(self, chunk: bytes) -> None:
        self._kept = (self._kept + chunk)[-_OUTPUT_KEPT:]
