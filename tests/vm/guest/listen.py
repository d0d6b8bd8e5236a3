"""Runs in the machine: keeps what comes out of a sound card, with the instant of its first sample.

listen.py FILE: raw samples, 48 kHz, mono, 16 bit, until its input ends; then prints the wall ns of the first one.
A piece can arrive late but never early: the earliest of all, seen from the first sample, tells when that was heard.
"""

import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

RATE, FRAME = 48_000, 4
PIECE = RATE // 50 * FRAME

card = subprocess.Popen(
    [
        "arecord",
        "-q",
        "-D",
        "hw:Horn,1,0",
        "-t",
        "raw",
        "-f",
        "S16_LE",
        "-r",
        str(RATE),
        "-c",
        "2",
        "--buffer-time=2000000",
    ],
    stdout=subprocess.PIPE,
)
assert card.stdout


def end_with_input() -> None:
    sys.stdin.read()
    card.terminate()


Thread(target=end_with_input, daemon=True).start()
frames, first = 0, None
with Path(sys.argv[1]).open("wb") as file:
    while piece := card.stdout.read(PIECE):
        now = time.time_ns()  # noqa: TID251 - the rig measures
        frames += len(piece) // FRAME
        begun = now - frames * 1_000_000_000 // RATE
        first = begun if first is None else min(first, begun)
        file.write(piece)
print(first)
