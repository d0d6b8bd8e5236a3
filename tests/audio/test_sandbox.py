"""A child has little, ends in time, and does not outlive the one that started it."""

import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from station.audio.sandbox import run, unplugged
from station.rules.trouble import Refused


def test_gives_what_a_child_wrote_and_how_it_ended() -> None:
    finished = run(["sh", "-c", "cat; echo log >&2; exit 3"], wall_s=10, stdin="chào".encode())
    assert (finished.status, finished.out, finished.log) == (3, "chào".encode(), "log\n")
    assert not finished.well


def test_a_child_has_low_priority_and_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATION_SECRET", "x")
    told = run(["sh", "-c", "nice; ionice; ulimit -c; ulimit -t; pwd; env"], wall_s=10).out.decode()
    assert told.split("\n")[:5] == ["19", "idle", "0", "20", "/"]
    assert "STATION_SECRET" not in told


def test_a_child_cannot_take_the_memory() -> None:
    finished = run([sys.executable, "-c", "bytearray(2 << 30)"], wall_s=10)
    assert "MemoryError" in finished.log


def test_a_child_writes_no_more_than_it_may(tmp_path: Path) -> None:
    finished = run(["sh", "-c", f"yes > {tmp_path / 'a'}"], wall_s=10, largest=1 << 20)
    assert not finished.well
    assert (tmp_path / "a").stat().st_size == 1 << 20


def test_a_child_has_no_network() -> None:
    if not unplugged():
        pytest.skip("name spaces are not allowed here")
    with socket.create_server(("127.0.0.1", 0)) as server:
        reach = f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))"
        finished = run([sys.executable, "-c", reach], wall_s=10)
    assert "unreachable" in finished.log


def test_output_may_be_taken_while_it_comes() -> None:
    chunks: list[bytes] = []
    finished = run(["sh", "-c", "yes | head -c 5000000"], wall_s=10, take=chunks.append)
    assert sum(map(len, chunks)) == 5_000_000
    assert finished.out == b""


def test_output_is_bounded() -> None:
    finished = run(["sh", "-c", "yes | head -c 5000000; echo the end"], wall_s=10)
    assert len(finished.out) < 300_000
    assert finished.out.endswith(b"the end\n")


def test_a_child_that_takes_too_long_ends_with_its_own_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    finished = run(["sh", "-c", f"sleep 60 & echo $! > {pid}; wait"], wall_s=1)
    assert finished.status == -signal.SIGKILL
    assert ended(int(pid.read_text()))


def test_a_child_dies_with_a_killed_parent() -> None:
    order = (
        "from station.audio.sandbox import run; run(['sh', '-c', 'echo $$; exec sleep 60'], wall_s=60, stdout=1)"
    )
    with subprocess.Popen([sys.executable, "-c", order], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.kill()
        assert parent.stdout.read() == ""  # the pipe's end: nobody holds it any more
    assert ended(child)


def test_a_missing_program_is_named() -> None:
    with pytest.raises(Refused, match="chưa cài chương trình none-such") as raised:
        run(["none-such"], wall_s=1)
    assert raised.value.trouble.mend


def ended(pid: int) -> bool:
    """Whether that process has ended, or does within a moment: a killed one takes a little to be gone."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 5)[0])
    finally:
        os.close(process)
