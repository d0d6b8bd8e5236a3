"""What the campaign hears: a recording for each time that the sink was there."""

from typing import Self

from tests.rig.recorder import Recorder
from tests.rig.recording import Recording
from tests.rig.server import SoundServer
from tests.rig.waiting import wall_ms

_DEAF = 500  # ms without a sample


class Ears:
    """Listen while entered; `recordings` are what was heard once it ended."""

    def __init__(self, server: SoundServer) -> None:
        self._server = server
        self._recorder: Recorder | None = None
        self.recordings: list[Recording] = []

    def attend(self) -> None:
        """Listen anew if the sink or its server was lost meanwhile."""
        if self._recorder and not self._recorder.heard_until(wall_ms() - _DEAF):
            self._close()
        if not self._recorder:
            self._recorder = Recorder(self._server).__enter__()

    def __enter__(self) -> Self:
        self.attend()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._recorder:
            self._recorder.__exit__()
            self.recordings.append(self._recorder.recording)
            self._recorder = None
