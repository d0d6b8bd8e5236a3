"""A file is taken for what is in it, and refused with sentences that a person can act on."""

import re
import shutil
import socket
import struct
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from station.audio.probe import probe
from station.rules.trouble import Refused, Trouble

TONE = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2:sample_rate=44100")
PICTURE = ("-f", "lavfi", "-i", "testsrc=duration=1:size=64x64:rate=5")


def refused(file: Path) -> Trouble:
    with pytest.raises(Refused) as raised:
        probe(file, "Tin sáng.mp3")
    trouble = raised.value.trouble
    assert trouble.where == "Tin sáng.mp3"
    for sentence in (trouble.what, trouble.still, trouble.mend):
        assert re.fullmatch(r"[^.!?]+\.", sentence), sentence
    return trouble


@pytest.mark.parametrize(
    ("form", "codec", "arguments", "container"),
    [
        ("wav", "pcm_s16le", [], "wav"),
        ("wav", "pcm_s24le", ["-c:a", "pcm_s24le"], "wav"),
        ("wav", "pcm_f32le", ["-c:a", "pcm_f32le"], "wav"),
        ("wav", "pcm_alaw", ["-c:a", "pcm_alaw"], "wav"),
        ("mp3", "mp3", [], "mp3"),
        ("mp3", "mp3", ["-write_xing", "0", "-q:a", "2"], "mp3"),
        ("ipod", "aac", [], "mov"),
        ("ipod", "alac", ["-c:a", "alac"], "mov"),
        ("adts", "aac", [], "aac"),
        ("ogg", "vorbis", ["-c:a", "libvorbis"], "ogg"),
        ("ogg", "opus", ["-c:a", "libopus", "-ar", "48000"], "ogg"),
        ("flac", "flac", [], "flac"),
        ("webm", "opus", ["-c:a", "libopus", "-ar", "48000"], "matroska"),
    ],
)
def test_accepts_by_content(
    form: str, codec: str, arguments: list[str], container: str, make: Callable[..., Path]
) -> None:
    file = make(*TONE, "-ac", "2", *arguments, form=form)  # its name ends in .txt
    probed = probe(file, "a")
    assert (probed.codec, probed.container, probed.channels) == (codec, container, 2)
    assert probed.rate == (48_000 if codec == "opus" else 44_100)
    assert probed.length == pytest.approx(2_000, abs=100)


def test_takes_the_sound_of_a_video(make: Callable[..., Path]) -> None:
    assert probe(make(*PICTURE, *TONE, form="mp4"), "a").codec == "aac"


def test_takes_a_song_with_a_cover_picture(make: Callable[..., Path]) -> None:
    cover = make(*PICTURE, "-frames:v", "1", "-c:v", "png", form="image2pipe")
    file = make(*TONE, "-i", cover, "-map", "0:a", "-map", "1:v", "-c:v", "copy", form="mp3")
    assert probe(file, "a").codec == "mp3"


def test_takes_a_wav_whose_recorder_never_went_back_to_the_header(tmp_path: Path) -> None:
    file = tmp_path / "a"
    with file.open("wb") as out:
        subprocess.run(["ffmpeg", "-v", "error", *TONE, "-f", "wav", "pipe:1"], check=True, stdout=subprocess.PIPE)
        piped = subprocess.run(["ffmpeg", "-v", "error", *TONE, "-f", "wav", "-"], check=True, capture_output=True)
        out.write(piped.stdout)
    assert probe(file, "a").length == pytest.approx(2_000, abs=10)


@pytest.mark.parametrize(
    ("form", "arguments"),
    [("webm", ["-c:a", "libopus"]), ("mp4", ["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"])],
)
def test_takes_what_a_browser_recorded_which_does_not_say_how_long_it_is(
    form: str, arguments: list[str], tmp_path: Path
) -> None:
    command = ["ffmpeg", "-v", "error", *TONE, *arguments, "-f", form, "-"]
    file = tmp_path / "a"
    file.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    assert probe(file, "a").length == pytest.approx(2_000, abs=50)


@pytest.mark.parametrize("name", ["-i", "concat:a|b", "%03d", "http:", "a\nb", "'; rm -rf ~ #", "Bản tin sáng"])
def test_a_file_name_is_only_a_name(
    name: str, make: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(make(*TONE), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert probe(Path(name), "a").codec == "pcm_s16le"


@pytest.mark.parametrize(
    "content",
    [
        b"Xin ch\xc3\xa0o b\xc3\xa0 con.\n" * 500,
        b"<!DOCTYPE html><html><body><audio src='a.mp3'></audio></body></html>",
        b"PK\x03\x04" + bytes(2_000),
        b"RIFF\x24\x00\x00\x00WAVEfm",
        b"ID3\x04\x00\x00\x00\x00\x00\x00",
        b"OggS" + bytes(60),
        b"fLaC\x00\x00\x00\x22",
        bytes(100_000),
        b"\xff\xfb\x90\x00" * 3,
    ],
)
def test_refuses_what_is_not_audio(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "a.mp3"
    file.write_bytes(content)
    assert refused(file).what == "Tệp này không phải là âm thanh mà máy đọc được."


def test_refuses_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert refused(tmp_path / "a").what == "Tệp này trống."


def test_refuses_a_picture(make: Callable[..., Path]) -> None:
    refused(make(*PICTURE, "-frames:v", "1", "-c:v", "png", form="image2pipe"))


def test_refuses_a_video_without_sound(make: Callable[..., Path]) -> None:
    assert refused(make(*PICTURE, form="mp4")).what == "Tệp này không có tiếng."


def test_refuses_a_cover_without_a_song(make: Callable[..., Path]) -> None:
    cover = make(*PICTURE, "-frames:v", "1", "-c:v", "mjpeg", form="image2pipe")
    assert refused(make("-i", cover, "-c", "copy", form="mp4")).what == "Tệp này không có tiếng."


@pytest.mark.parametrize(
    "listed", ["#EXTM3U\n{0}\n", "ffconcat version 1.0\nfile '{0}'\n", "[playlist]\nFile1={0}\n"]
)
def test_refuses_a_list_of_other_files(listed: str, make: Callable[..., Path], tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text(listed.format(make(*TONE)))
    refused(file)


def test_a_stream_list_reaches_no_host(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"
        file = tmp_path / "a"
        file.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{address}\n#EXT-X-ENDLIST\n")
        refused(file)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_refuses_what_is_too_short(make: Callable[..., Path]) -> None:
    assert refused(make(*TONE, "-t", "0.05")).what.startswith("Tệp này quá ngắn")


def test_refuses_what_is_too_long(tmp_path: Path) -> None:
    file = tmp_path / "a"
    samples = 3 * 3_600 * 8_000 + 80_000
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 1, 8_000, 0, "NONE", ""))
        out.writeframes(b"")
    with file.open("r+b") as out:
        out.seek(40)
        out.write(struct.pack("<I", samples))
        out.truncate(44 + samples)
    assert refused(file).what == "Tệp này dài hơn 3 giờ."
