"""How ffmpeg is asked to read what strangers made: named formats and decoders only, and no other file or host."""

import errno
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from subprocess import PIPE

from station.audio import sandbox
from station.audio.sandbox import Finished
from station.rules.trouble import Refused, Trouble

_FORMATS = "wav,w64,mp3,aac,mov,ogg,flac,matroska,asf,amr"
_DECODERS = (
    "mp3float,mp3,mp2float,mp2,aac,alac,vorbis,libvorbis,opus,libopus,flac,amrnb,amrwb,libopencore_amrnb,"
    "libopencore_amrwb,ac3,eac3,wmav1,wmav2,wmapro,wmavoice,wmalossless,pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s32le,"
    "pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw,adpcm_ima_wav,adpcm_ms"
)
_CARD_FULL = Trouble(
    "Thẻ nhớ",
    "Thẻ nhớ đã đầy nên không ghi được âm thanh.",
    "Những chương trình đã chuẩn bị xong vẫn phát.",
    "Xóa bớt tệp cũ rồi thử lại.",
)
_UNLESS_STUCK_S = 60  # allowed to any child, beside the length of what it handles


def ffmpeg(
    arguments: Sequence[str],
    *,
    length: int,
    stdout: int = PIPE,
    take: Callable[[bytes], object] | None = None,
    largest: int = sandbox.LARGEST_FILE,
) -> Finished:
    """Run ffmpeg on audio of `length` ms, where slower than real time is stuck; the rest is `sandbox.run`'s.

    Raises `Refused` on a full card.
    """
    argv = ["ffmpeg", "-nostdin", "-hide_banner", "-nostats", "-y", "-threads", "1", *arguments]
    wall_s = _UNLESS_STUCK_S + length // 1_000
    finished = sandbox.run(argv, wall_s=wall_s, stdout=stdout, take=take, largest=largest)
    if os.strerror(errno.ENOSPC) in finished.log:
        raise Refused(_CARD_FULL)
    return finished


def ffprobe(arguments: Sequence[str]) -> Finished:
    """Run ffprobe."""
    return sandbox.run(["ffprobe", "-hide_banner", *arguments], wall_s=_UNLESS_STUCK_S)


def reading(file: Path, *, beside: str = "") -> list[str]:
    """The arguments that open `file` and nothing else, whatever its name and content.

    `beside` names decoders to allow beside those of sound.
    """
    return [
        *("-threads", "1"),
        *("-protocol_whitelist", "file"),
        *("-format_whitelist", _FORMATS),
        *("-codec_whitelist", _DECODERS + beside),
        *("-i", f"file:{file.absolute()}"),
    ]


def reached(finished: Finished) -> int:
    """How many ms a child that was given `-progress pipe:1` handled."""
    told = re.findall(rb"out_time_us=(\d+)", finished.out)
    return -(-int(told[-1]) // 1_000) if told else 0
