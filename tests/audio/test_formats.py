"""Whatever a telephone, a browser or an old recorder makes is taken, and sounds like it did.

Debian's ffmpeg cannot encode AMR, nor WMA Pro and Voice. AMR is simple enough to be made here, frame by frame; of
the two others only that their decoders are allowed is known.
"""

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from station.audio.level import Target, level
from station.audio.probe import probe

Make = Callable[..., Path]
PICTURE = ("-f", "lavfi", "-i", "testsrc=duration=2:size=176x144:rate=5")
CHAPTERS = ";FFMETADATA1\ntitle=Bản tin\n" + "".join(
    f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={at}\nEND={at + 1000}\ntitle=Phần {at}\n" for at in (0, 1_000)
)
FORMS = {
    "M4A of an iPhone": ("ipod", "-ar", "44100", "-b:a", "64k"),
    "M4A lossless": ("ipod", "-c:a", "alac"),
    "AAC stream": ("adts", "-ar", "44100"),
    "voice message, OGG with Opus": ("ogg", "-c:a", "libopus", "-b:a", "16k"),
    "OGG with Vorbis": ("ogg", "-c:a", "libvorbis"),
    "WebM of a browser": ("webm", "-c:a", "libopus"),
    "MP4 of a browser, in fragments": ("mp4", "-ar", "48000", "-movflags", "frag_keyframe+empty_moov"),
    "MP3, 128 kbit/s": ("mp3", "-ar", "44100", "-b:a", "128k"),
    "MP3, variable without its header": ("mp3", "-q:a", "6", "-write_xing", "0"),
    "MP3, 8 kHz": ("mp3", "-ar", "8000"),
    "MP2": ("mp2", "-ar", "48000"),
    "WMA 2": ("asf", "-c:a", "wmav2", "-ar", "44100"),
    "WMA 1": ("asf", "-c:a", "wmav1", "-ar", "44100"),
    "WAV, 8 bit": ("wav", "-c:a", "pcm_u8"),
    "WAV, 24 bit, 96 kHz": ("wav", "-c:a", "pcm_s24le", "-ar", "96000"),
    "WAV, 32 bit floats": ("wav", "-c:a", "pcm_f32le"),
    "WAV of a telephone": ("wav", "-c:a", "pcm_mulaw", "-ar", "8000"),
    "WAV, 192 kHz": ("wav", "-ar", "192000"),
    "FLAC": ("flac",),
    "stereo": ("mp3", "-ac", "2", "-ar", "44100"),
    "5.1 in M4A": ("ipod", "-af", "pan=5.1|FC=c0|FL=0.3*c0|FR=0.3*c0", "-ar", "48000"),
    "5.1 in MP4, AC-3": ("mp4", "-c:a", "ac3", "-ac", "6", "-ar", "48000"),
    "5.1 in FLAC": ("flac", "-ac", "6"),
}


@pytest.fixture(scope="session")
def talk(make: Make, speech: Path) -> Path:
    return make("-i", speech, "-t", "2")


def taken(file: Path, tmp_path: Path, length: int = 2_000) -> None:
    """Level it, and check that it is as long and loud as it should."""
    made = level(file, tmp_path / "ready", Target(), "a")
    assert made.length == pytest.approx(length, abs=250)
    assert made.loudness == pytest.approx(-16, abs=0.3)
    assert made.peak <= -1


@pytest.mark.parametrize("form", FORMS)
def test_takes(form: str, talk: Path, make: Make, tmp_path: Path) -> None:
    container, *options = FORMS[form]
    taken(make("-i", talk, *options, form=container), tmp_path)


def test_takes_a_browsers_recording_that_states_no_length(talk: Path, tmp_path: Path) -> None:
    for form, codec in (("webm", "libopus"), ("ogg", "libopus")):
        command = ["ffmpeg", "-v", "error", "-i", talk, "-c:a", codec, "-f", form, "-"]
        (tmp_path / form).write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        taken(tmp_path / form, tmp_path)


@pytest.mark.parametrize(
    ("form", "codecs"),
    [("mp4", "libx264 aac"), ("3gp", "h263 aac"), ("3gp", "mpeg4 aac"), ("webm", "libvpx libopus")],
)
def test_takes_the_sound_of_a_video(form: str, codecs: str, talk: Path, make: Make, tmp_path: Path) -> None:
    video, sound = codecs.split()
    taken(make(*PICTURE, "-i", talk, "-c:v", video, "-c:a", sound, "-ar", "48000", form=form), tmp_path)


@pytest.mark.parametrize("form", ["mp3", "ipod", "flac"])
def test_a_cover_tags_and_chapters_do_no_harm(form: str, talk: Path, make: Make, tmp_path: Path) -> None:
    cover = make(*PICTURE, "-frames:v", "1", "-c:v", "mjpeg", form="image2pipe")
    (tmp_path / "chapters").write_text(CHAPTERS)
    tagged = ("-map_metadata", "2", "-map", "0:a", "-map", "1:v", "-metadata", "artist=Đài xã 🎙")
    cover_options = ("-c:v", "copy", "-disposition:v", "attached_pic")
    taken(make("-i", talk, "-i", cover, "-i", tmp_path / "chapters", *tagged, *cover_options, form=form), tmp_path)


@pytest.mark.parametrize(
    ("form", "codec"), [("3gp", "amr_nb"), ("3gp", "amr_wb"), (None, "amr_nb"), (None, "amr_wb")]
)
def test_takes_what_old_telephones_record(form: str | None, codec: str, make: Make, tmp_path: Path) -> None:
    file = tmp_path / "a.amr"
    file.write_bytes(amr(codec, 100))
    wrapped = make("-i", file, "-c", "copy", form=form) if form else file
    assert probe(wrapped, "a").codec == codec
    taken(wrapped, tmp_path)


def test_a_wrong_ending_does_no_harm(talk: Path, make: Make, tmp_path: Path) -> None:
    for number, (form, ending) in enumerate((("mp3", "wav"), ("ogg", "m4a"), ("wav", "amr"), ("ipod", "jpg"))):
        file = tmp_path / f"{number}.{ending}"
        file.write_bytes(make("-i", talk, form=form).read_bytes())
        taken(file, tmp_path)


def amr(codec: str, frames: int) -> bytes:
    """Frames of 20 ms in the best common mode, whose bits are chance: a babble of voices that are none."""
    magic, toc, size = {"amr_nb": (b"#!AMR\n", 0x3C, 31), "amr_wb": (b"#!AMR-WB\n", 0x14, 32)}[codec]
    chance = random.Random(3)
    return magic + b"".join(bytes([toc]) + chance.randbytes(size) for _ in range(frames))
