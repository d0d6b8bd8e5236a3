"""Whether something was plugged in, looked at as cheaply as may be."""

from pathlib import Path

_MOUNTS = Path("/proc/self/mounts")


class Mounts:
    """Remembers what is mounted."""

    def __init__(self, mounts: Path = _MOUNTS) -> None:
        self._file = mounts
        self._seen = self._mounted()

    def plugged_in(self) -> bool:
        """Whether something is mounted that was not when last asked."""
        seen, self._seen = self._seen, self._mounted()
        return bool(self._seen - seen)

    def _mounted(self) -> frozenset[str]:
        """Each place and what is mounted there."""
        lines = self._file.read_text(errors="replace").splitlines()
        return frozenset(" ".join(line.split(" ", 2)[:2]) for line in lines)
