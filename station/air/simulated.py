"""The player of a station without a sound device, of practice and of training: silent, in real time."""

from station.air.loading import checked_length
from station.air.ports import Clock, Fault, Heard
from station.rules.rundown import Tape


class SimulatedPlayer:
    """Plays nothing, for exactly as long as the tape lasts."""

    simulated = True
    device = "mô phỏng, không có thiết bị âm thanh"
    latency = behind = 0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._total = 0
        self._offset = 0
        self._played_at: int | None = None
        self._fault = ""

    def load(self, tape: Tape, offset: int) -> None:
        """Verify the tape; a file that is not whole is the fault of what is heard."""
        self.stop()
        self._offset = offset
        try:
            self._total = checked_length(tape)
        except Fault as fault:
            self._fault = str(fault)

    def play(self, at: int) -> None:
        """Count from mono ms `at`."""
        self._played_at = max(at, self._clock.now().mono)

    def stop(self) -> None:
        """Forget the tape."""
        self._played_at = None
        self._total = self._offset = 0
        self._fault = ""

    def heard(self) -> Heard:
        """Count how much a listener would have heard."""
        if self._played_at is None or self._fault:
            return Heard(position=self._offset, sounding=False, ended=False, fault=self._fault)
        played = self._clock.now().mono - self._played_at
        position = min(self._total, self._offset + max(0, played))
        return Heard(position=position, sounding=played >= 0, ended=position == self._total)

    def missing(self) -> str:
        """Nothing ever is."""
        return ""

    def set_rate(self, rate: float) -> None:
        """Time is as it is."""

    def close(self) -> None:
        """Forget the tape."""
        self.stop()
