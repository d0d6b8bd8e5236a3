"""libVLC's own log, kept in memory: the one place where it owns up to sound that it threw away."""

import os
import re

_THROWN_AWAY = re.compile(r"playback way too (?:late|early) \(-?(\d+)\)")  # µs that it then jumps over
_OUTPUT_ERROR = re.compile(r"^(?:vlcpulse|pulse|alsa) error: (.+)$", re.MULTILINE)


class VlcLog:
    """Warnings and errors of one libVLC instance, written by libVLC itself to a file in memory.

    A log callback in Python would be called for every line of debugging too, and hold libVLC's threads up.
    """

    def __init__(self) -> None:
        self._file = os.memfd_create("libvlc-log")
        self.options = (
            "--file-logging",
            f"--logfile=/proc/self/fd/{self._file}",
            "--logmode=text",
            "--log-verbose=1",  # warnings and errors
        )

    def forget(self) -> None:
        """Start anew with the next tape."""
        os.ftruncate(self._file, 0)

    def skipped(self) -> int:
        """Ms of sound that were thrown away, or replaced by silence, to get back into step with the device."""
        return sum(int(micros) for micros in _THROWN_AWAY.findall(self._text())) // 1_000

    def error(self) -> str:
        """What the output complained of last; empty when it did not."""
        errors = _OUTPUT_ERROR.findall(self._text())
        return errors[-1] if errors else ""

    def close(self) -> None:
        """Let go of the memory."""
        os.close(self._file)

    def _text(self) -> str:
        return os.pread(self._file, os.fstat(self._file).st_size, 0).decode(errors="replace")
