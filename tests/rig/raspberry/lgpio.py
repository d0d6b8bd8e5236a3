"""lgpio for a whole process: with this folder in PYTHONPATH it believes to be on a Raspberry Pi.

Each claim of an output and each write goes into the file PI_LINES, as "wall-ms pid deed gpio level"; whoever writes
"gpio level" into the pipe PI_HANDS drives an input.
"""

import os
import sys
from pathlib import Path
from threading import Thread

import gpiozero.pins.local

from tests.rig.pi import RASPBERRY_PI_3B, Call, Pi
from tests.rig.waiting import wall_ms

_LINES = Path(os.environ["PI_LINES"])
_HANDS = Path(os.environ["PI_HANDS"])


def _note(call: Call) -> None:
    deed, gpio, level = call
    with _LINES.open("a") as lines:
        lines.write(f"{wall_ms():.1f} {os.getpid()} {deed.split()[0]} {gpio} {level}\n")


def _obey() -> None:
    while True:
        with _HANDS.open() as hands:
            for line in hands:
                gpio, level = map(int, line.split())
                pi.drive(gpio, level)


pi = Pi(_note)
sys.modules[__name__] = pi
gpiozero.pins.local.get_pi_revision = lambda: RASPBERRY_PI_3B
Thread(target=_obey, daemon=True).start()
