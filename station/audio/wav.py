"""The one WAV format of tapes: PCM, one channel, 48 kHz, 16 bit."""

import struct

SAMPLES_PER_MS = 48
WIDTH = 2  # bytes of a sample
BYTES_PER_MS = SAMPLES_PER_MS * WIDTH

# RIFF, then `fmt `, then `data`.
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FORMAT = (b"fmt ", 16, 1, 1, 1_000 * SAMPLES_PER_MS, 1_000 * BYTES_PER_MS, WIDTH, 8 * WIDTH, b"data")

HEADER_SIZE = _HEADER.size


def header(data: int) -> bytes:
    """The header of a file with `data` bytes of samples."""
    return _HEADER.pack(b"RIFF", HEADER_SIZE - 8 + data, b"WAVE", *_FORMAT, data)
