"""A live stream from a real Icecast that stalls, and one that is gone for ten seconds."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from attrs import frozen

from tests.bench.contenders import Maker, Unable
from tests.bench.studio import Figure, Studio
from tests.rig.icecast import Icecast
from tests.rig.recorder import Recorder
from tests.rig.recording import PER_MS, Recording
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms

_TIMES = 3
_TONE = 440  # Hz, what the stream sends; every recording is white noise
_HEARD = 100  # ms that are looked at
_QUIET = 100  # of 32,768, root mean square
_PATIENCE = 60  # s
_STEADY = 5_000  # ms of the stream before anything happens to it
_OUTAGE = 10_000  # ms


def stalls(studio: Studio, make: Maker) -> list[Figure]:
    """The server keeps its connections and sends nothing more."""
    return _worst("stalled stream to fallback", "before it", [_stall(studio, make) for _ in range(_TIMES)])


def outages(studio: Studio, make: Maker) -> list[Figure]:
    """The server is gone for ten seconds."""
    return _worst("server back to stream heard", "in that outage", [_outage(studio, make) for _ in range(_TIMES)])


def _stall(studio: Studio, make: Maker) -> tuple[float, Recording]:
    with _on_air(studio, make) as (server, ears):
        server.freeze()
        frozen_at = wall_ms()
        noticed = ears.wait_for(ears.noise, "does not notice a stalled stream")
        return noticed - frozen_at, ears.recorder.recording.between(frozen_at, noticed)


def _outage(studio: Studio, make: Maker) -> tuple[float, Recording]:
    with _on_air(studio, make) as (server, ears):
        server.stop()
        gone = wall_ms()
        wait_until_wall(gone + _OUTAGE)
        server.start()
        back = wall_ms()
        again = ears.wait_for(ears.tone, "does not come back to a stream that was gone for 10 s")
        return again - back, ears.recorder.recording.between(gone, again)


def _worst(title: str, when: str, met: list[tuple[float, Recording]]) -> list[Figure]:
    return [
        Figure(f"{title}, worst of {_TIMES}, s", max(lasted for lasted, _ in met) / 1e3),
        Figure(f"silence {when}, worst, s", max(heard.longest_silence() for _, heard in met) / 1e3, ".2f"),
    ]


@contextmanager
def _on_air(studio: Studio, make: Maker) -> Iterator[tuple[Icecast, "_Ears"]]:
    """A stream, and a contender that plays it steadily."""
    with (
        Icecast(f"sine=frequency={_TONE}") as server,
        studio.enter(make, stream=server.address) as contender,
        Recorder(studio.server) as recorder,
    ):
        ears = _Ears(recorder)
        contender.play_stream()
        ears.settle()
        yield server, ears


@frozen
class _Ears:
    """Tells the stream from a recording by what was heard last."""

    recorder: Recorder

    def tone(self) -> bool:
        return self._share() > 0.5

    def noise(self) -> bool:
        return 0 < self._share() < 0.1

    def settle(self) -> None:
        """Wait until the stream plays steadily."""
        wait_until(self.tone, _PATIENCE, every=0.1)
        wait_until_wall(wall_ms() + _STEADY)

    def wait_for(self, sound: Callable[[], bool], otherwise: str) -> float:
        """The instant at which that sound is heard."""
        try:
            wait_until(sound, _PATIENCE, every=0.05)
        except TimeoutError:
            raise Unable(f"{otherwise} within {_PATIENCE} s") from None
        return wall_ms()

    def _share(self) -> float:
        """How much of the power of what was just heard lies at the tone's frequency; 0 for silence."""
        recording = self.recorder.recording
        samples = recording.between(recording.end - _HEARD, recording.end).samples.astype(float)
        if not len(samples) or np.sqrt(np.mean(samples**2)) < _QUIET:
            return 0
        power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
        at = round(_TONE * len(samples) / (1_000 * PER_MS))
        return float(power[at - 3 : at + 4].sum() / power.sum())
