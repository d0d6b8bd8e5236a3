"""The player of a station without a sound device, of practice and of training: silent, in real time."""

from station.air.loading import NOTHING_LOADED, checked_length
from station.air.ports import Clock, Fault, Heard
from station.rules.rundown import Tape


class SimulatedPlayer:
    """Plays nothing, for exactly as long as the tape lasts."""

    simulated = True
    device = "mô phỏng, không có thiết bị âm thanh"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._total = 0
        self._offset = 0
        self._played_at: int | None = None

    def load(self, tape: Tape, offset: int) -> None:
        """Verify the tape; raises `Fault` when its file is not whole."""
        self.stop()
        self._total = checked_length(tape)
        self._offset = offset

    def play(self) -> None:
        """Start counting; raises `Fault` when nothing is loaded."""
        if not self._total:
            raise Fault(NOTHING_LOADED)
        self._played_at = self._clock.now().mono

    def stop(self) -> None:
        """Forget the tape."""
        self._played_at = None
        self._total = self._offset = 0

    def heard(self) -> Heard:
        """Count how much a listener would have heard."""
        if self._played_at is None:
            return Heard(position=self._offset, sounding=False, ended=False)
        position = min(self._total, self._offset + self._clock.now().mono - self._played_at)
        return Heard(position=position, sounding=True, ended=position == self._total)

    def close(self) -> None:
        """Forget the tape."""
        self.stop()
