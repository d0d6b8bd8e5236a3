"""Tapes for the rig, every millisecond of which is unlike any other."""

import wave
from pathlib import Path

import numpy as np

from station.rules.rundown import Tape
from tests.rig.recording import PER_MS, RATE, Samples

SILENCE = 500  # ms at either end, as tapes are rendered


def noise(length: int, seed: int = 1) -> Samples:
    """White noise of `length` ms at about −18 dB, always the same for one seed."""
    loud = np.random.default_rng(seed).normal(0, 4_000, length * PER_MS)
    return np.clip(np.round(loud), -32_000, 32_000).astype(np.int16)


def write_tape(path: Path, programme: Samples, silence: int = SILENCE) -> Tape:
    """Write `programme` as a tape with `silence` ms at either end."""
    edge = np.zeros(silence * PER_MS, np.int16)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate((edge, programme, edge)).astype("<i2").tobytes())
    return Tape(str(path), path.stat().st_size, silence, len(programme) // PER_MS, silence)


def read_tape(path: Path) -> Samples:
    """All samples of a tape, its silence too."""
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")
