"""What is sent to people's phones: MP3 of a constant rate, which every phone and podcast program plays.

Files of one rate and no headers may follow one another as they are, so a programme is its segments' files in a row.
"""

from pathlib import Path

from station.audio.ffmpeg import ffmpeg, reading
from station.rules.now import SECOND
from station.rules.trouble import Refused, Trouble

MIMETYPE = "audio/mpeg"
_RATE = 64_000  # bits a second: speech through a high-pass sounds on it as it did on the horn
_BARE = ("-map_metadata", "-1", "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3")
_SPARE = 64 << 10  # bytes


def size_of(length: int) -> int:
    """About how many bytes `length` ms take."""
    return length * _RATE // 8 // SECOND


def share(levelled: Path, into: Path, length: int, title: str) -> None:
    """Write a levelled file of `length` ms as it is sent to phones; raises `Refused` about `title`."""
    done = ffmpeg(
        [
            *(*reading(levelled), "-map", "0:a:0", "-ac", "1", "-ar", "48000"),
            *("-c:a", "libmp3lame", "-b:a", str(_RATE), *_BARE, f"file:{into.absolute()}"),
        ],
        length=length,
        largest=2 * size_of(length) + _SPARE,
    )
    if not done.well:
        raise Refused(
            Trouble(title, "Không làm được bản nghe lại.", "Buổi phát không bị ảnh hưởng.", "Gọi kỹ thuật.")
        )
