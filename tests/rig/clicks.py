"""Clicks at instants that libpulse itself foretells: a source that knows nothing of the recorder."""

import ctypes
from typing import Self

import numpy as np

from tests.rig.recording import PER_MS, RATE
from tests.rig.server import SINK
from tests.rig.waiting import wall_ms

_PLAYBACK, _S16LE = 1, 3
_UNSET = 0xFFFFFFFF
_PIECE = 5  # ms written at a time
_AHEAD = 60  # ms that libpulse keeps in hand


class _Format(ctypes.Structure):
    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class _Buffers(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("maxlength", "tlength", "prebuf", "minreq", "fragsize"))


class Clicker:
    """One stream of silence with clicks in it, through libpulse's simple interface."""

    def __init__(self) -> None:
        self._pulse = ctypes.CDLL("libpulse-simple.so.0")
        self._pulse.pa_simple_new.restype = ctypes.c_void_p
        self._pulse.pa_simple_get_latency.restype = ctypes.c_uint64
        self._error = ctypes.c_int()
        self._stream: ctypes.c_void_p | None = None

    def silence(self, length: int) -> None:
        """Write `length` ms of silence, in real time."""
        for _ in range(length // _PIECE):
            self._write(np.zeros(_PIECE * PER_MS, np.int16))

    def click(self) -> float:
        """Write one click; returns the wall-clock ms at which libpulse says that it will sound."""
        latency = self._pulse.pa_simple_get_latency(self._stream, ctypes.byref(self._error)) / 1e3
        foretold = wall_ms() + float(latency)
        piece = np.zeros(_PIECE * PER_MS, np.int16)
        piece[0] = 30_000
        self._write(piece)
        return foretold

    def _write(self, samples: np.typing.NDArray[np.int16]) -> None:
        data = samples.tobytes()
        code = self._pulse.pa_simple_write(
            self._stream, data, ctypes.c_size_t(len(data)), ctypes.byref(self._error)
        )
        assert code == 0, self._error.value

    def __enter__(self) -> Self:
        buffers = _Buffers(_UNSET, 2 * PER_MS * _AHEAD, _UNSET, 2 * PER_MS * _PIECE, _UNSET)
        form = _Format(_S16LE, RATE, 1)
        names = (None, b"clicks", _PLAYBACK, SINK.encode(), b"clicks")
        options = (ctypes.byref(form), None, ctypes.byref(buffers), ctypes.byref(self._error))
        stream = self._pulse.pa_simple_new(*names, *options)
        assert stream, self._error.value
        self._stream = ctypes.c_void_p(stream)
        return self

    def __exit__(self, *_: object) -> None:
        self._pulse.pa_simple_free(self._stream)
