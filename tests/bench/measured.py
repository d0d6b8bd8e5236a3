"""What a command costs: time, processor and memory."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from attrs import frozen

from tests.bench import weigh

_PER_SECOND = os.sysconf("SC_CLK_TCK")


@frozen
class Cost:
    """Of one command: seconds by the wall, seconds of processor, the peak of its resident memory in MiB."""

    wall: float
    cpu: float
    peak: float
    status: int


@frozen
class Begun:
    """A command that runs."""

    _process: "subprocess.Popen[bytes]"
    _figures: Path

    @classmethod
    def begin(cls, command: Sequence[object], environment: Mapping[str, str], log: Path) -> "Begun":
        """Start it; what it says goes to `log`."""
        with NamedTemporaryFile(prefix="loa-xa-cost-", delete=False) as figures, log.open("ab") as said:
            weighed = [sys.executable, "-I", "-S", weigh.__file__, figures.name, *(str(it) for it in command)]
            environment = {**os.environ, **environment, "PYTHONPATH": str(Path.cwd())}
            process = subprocess.Popen(weighed, env=environment, stdout=said, stderr=said, start_new_session=True)
        return cls(process, Path(figures.name))

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """End it as a power cut would, and all its children, if it has not ended by itself."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._figures.unlink()

    def finish(self) -> Cost:
        """Wait for its end."""
        self._process.wait()
        cost = Cost(**json.loads(self._figures.read_text()))
        self._figures.unlink()
        return cost


def processor(processes: Sequence[int]) -> float:
    """Seconds of processor that these processes have used so far."""
    fields = (Path(f"/proc/{it}/stat").read_text().rpartition(")")[2].split() for it in processes)
    return sum(int(it[11]) + int(it[12]) for it in fields) / _PER_SECOND
