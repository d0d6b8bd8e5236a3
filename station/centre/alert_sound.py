"""A recording as an alert carries it: levelled as everything is, and small enough for a slow link."""

from pathlib import Path
from tempfile import TemporaryDirectory

from station.audio.level import Target, level
from station.audio.probe import probe
from station.centre.opus import compress
from station.rules.alerting.alert import Sound
from station.rules.now import MINUTE
from station.rules.trouble import Refused, Trouble

_MIME = "audio/ogg"
_RATE = 24_000  # bits a second: speech, whole
_LONGEST = 3 * MINUTE


def carried(recording: Path) -> Sound:
    """What an alert carries of a recording. Raises `Refused` for one that is not fit for air, or too long."""
    with TemporaryDirectory() as folder:
        even, made = Path(folder) / "even.flac", Path(folder) / "made.ogg"
        if probe(recording, recording.name).length > _LONGEST:
            mend = "Thu ngắn lại; loa nhắc lại bản tin nhiều lần (--repeats)."
            raise Refused(Trouble(recording.name, "Bản thu dài hơn 3 phút.", "Chưa gửi gì.", mend))
        length = level(recording, even, Target(), recording.name).length
        compress(even, made, length, _RATE, recording.name)
        return Sound(_MIME, made.read_bytes())
