"""Audio as it goes to the stations: Ogg Opus, mono."""

from pathlib import Path

from station.audio.ffmpeg import ffmpeg, reading
from station.rules.now import SECOND
from station.rules.trouble import Refused, Trouble

_BARE = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact")  # the same bytes each time
_SPARE = 64 << 10  # bytes


def compress(levelled: Path, into: Path, length: int, rate: int, shown: str) -> None:
    """Write a levelled file of `length` ms at about `rate` bits a second.

    Raises `Refused` about what people know as `shown`.
    """
    done = ffmpeg(
        [
            *(*reading(levelled), "-map", "0:a:0", "-ac", "1", "-ar", "48000"),
            *("-c:a", "libopus", "-b:a", str(rate), "-vbr", "on", *_BARE, "-f", "ogg", f"file:{into.absolute()}"),
        ],
        length=length,
        largest=4 * length * rate // 8 // SECOND + _SPARE,
    )
    if not done.well:
        mend = "Kiểm tra xem ffmpeg có libopus không, rồi thử lại."
        raise Refused(Trouble(shown, "Không nén được âm thanh.", "Cây phát hành vẫn như cũ.", mend))
