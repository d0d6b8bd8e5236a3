"""A microphone of the rig's sound server: a tone is always spoken into it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.rig.server import TRUTHFUL, SoundServer

_SINK = "mic"
DEVICE = f"pulse:{_SINK}.monitor"


@contextmanager
def microphone(server: SoundServer, tone: int) -> Iterator[None]:
    """While entered, `DEVICE` hears a `tone` in Hz.

    It is paced like a sound card: a null sink with rewinds would hand over up to two seconds at a time.
    """
    module = server.control("load-module", "module-null-sink", f"sink_name={_SINK}", TRUTHFUL).strip()
    spoken = ("-re", "-f", "lavfi", "-i", f"sine=frequency={tone}")
    speaker = subprocess.Popen(
        ["ffmpeg", "-nostdin", "-v", "error", *spoken, "-f", "pulse", "-device", _SINK, "rig"],
        env=os.environ | server.environment,
    )
    try:
        yield
    finally:
        speaker.kill()
        speaker.wait()
        server.control("unload-module", module)
