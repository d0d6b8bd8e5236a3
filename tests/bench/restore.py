"""`python -m tests.bench.restore`: how long two gigabytes of a station take to a file, and to another machine."""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from station.care.archive import Pieces
from station.care.recovery_key import encrypt, new_key, recipient_of
from station.rules.now import DAY, HOUR
from station.stores.home import open_home, places
from tests.airing import air

_FILES, _SIZE = 500, 4 << 20  # bytes: half a thousand recordings, 2 GiB
_DAYS = 365
_BLOCK = 1 << 20


def main() -> None:
    """Measure, and print the rows of a table."""
    with tempfile.TemporaryDirectory() as folder:
        old, new, file = Path(folder) / "old", Path(folder) / "new", Path(folder) / "sao-luu.tar"
        _make(old)
        _timed("backup to a file, s", old, "backup", str(file))
        _timed("restore of it, s", new, "restore", str(file))
        print(f"| size, MB | {file.stat().st_size / 1e6:.0f} |")
        _timed("backup without recordings, s", old, "backup", str(file), "--without-recordings")
        print(f"| size, MB | {file.stat().st_size / 1e6:.1f} |")
        with (Path(folder) / "sent").open("wb") as sent:
            encrypt(iter_of(file), recipient_of(new_key()), sent)
            print(f"| to the province, MB | {sent.tell() / 1e6:.1f} |")


def _make(home: Path) -> None:
    opened = open_home(places(home))
    originals = opened.places.home / "library/originals"
    for number in range(_FILES):
        with (originals / hashlib.sha256(str(number).encode()).hexdigest()).open("wb") as file:
            for _ in range(_SIZE // _BLOCK):
                file.write(os.urandom(_BLOCK))
    for day in range(_DAYS):
        for hour in (5, 11, 17):
            air(opened.log, day * DAY + hour * HOUR)


def _timed(what: str, home: Path, *command: str) -> None:
    begin = time.monotonic()  # noqa: TID251 - a benchmark
    subprocess.run([sys.executable, "-m", "station", "--home", home, *command], check=True, capture_output=True)
    print(f"| {what} | {time.monotonic() - begin:.0f} |")  # noqa: TID251 - as above


def iter_of(file: Path) -> Pieces:
    """A file, piece by piece."""
    with file.open("rb") as stream:
        while piece := stream.read(_BLOCK):
            yield piece


if __name__ == "__main__":
    main()
