"""What is sent to a station before it is mutated: every kind of recording, what is none, and what is a trap."""

import io
import struct
import subprocess
import wave
import zipfile
from pathlib import Path

import numpy as np

from tests.intake.canary import Canary

_SOUND = ("-f", "lavfi", "-i", "anoisesrc=duration=1.2:amplitude=0.3:sample_rate=44100:seed=1")
_PICTURE = ("-f", "lavfi", "-i", "testsrc=duration=1.2:size=64x64:rate=5")
_SILENCE = ("-f", "lavfi", "-i", "anullsrc=sample_rate=8000:channel_layout=mono")
_TAGS = ("-metadata", "title=Bản tin sáng", "-metadata", "artist=Đài xã", "-metadata", "comment=" + "tin " * 200)
_STREAMED = ("-movflags", "frag_keyframe+empty_moov")

_MADE: dict[str, tuple[str, ...]] = {
    "wav": (*_SOUND, "-f", "wav"),
    "wav, 24 bit": (*_SOUND, "-ac", "2", "-c:a", "pcm_s24le", "-f", "wav"),
    "wav, float": (*_SOUND, "-c:a", "pcm_f32le", "-f", "wav"),
    "wav, µ-law": (*_SOUND, "-ar", "8000", "-c:a", "pcm_mulaw", "-f", "wav"),
    "wav, ADPCM": (*_SOUND, "-c:a", "adpcm_ima_wav", "-f", "wav"),
    "wav, Wave64": (*_SOUND, "-f", "w64"),
    "wav, RF64": (*_SOUND, "-rf64", "always", "-f", "wav"),
    "mp3": (*_SOUND, *_TAGS, "-id3v2_version", "3", "-write_id3v1", "1", "-f", "mp3"),
    "mp3, no header": (*_SOUND, "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3"),
    "aac": (*_SOUND, "-f", "adts"),
    "m4a": (*_SOUND, *_TAGS, "-f", "ipod"),
    "m4a, streamed": (*_SOUND, *_STREAMED, "-f", "ipod"),
    "m4a, ALAC": (*_SOUND, "-c:a", "alac", "-f", "ipod"),
    "3gp": (*_SOUND, "-c:a", "aac", "-f", "3gp"),
    "mp4 with video": (*_PICTURE, *_SOUND, "-c:v", "libx264", "-f", "mp4"),
    "mp4, video only": (*_PICTURE, "-c:v", "libx264", "-f", "mp4"),
    "mov": (*_PICTURE, *_SOUND, "-c:v", "mpeg4", "-f", "mov"),
    "ogg, Vorbis": (*_SOUND, *_TAGS, "-c:a", "libvorbis", "-f", "ogg"),
    "ogg, Opus": (*_SOUND, "-c:a", "libopus", "-f", "ogg"),
    "ogg, FLAC": (*_SOUND, "-c:a", "flac", "-f", "ogg"),
    "flac": (*_SOUND, *_TAGS, "-f", "flac"),
    "wma": (*_SOUND, "-c:a", "wmav2", "-f", "asf"),
    "webm, Opus": (*_SOUND, "-c:a", "libopus", "-f", "webm"),
    "webm with video": (*_PICTURE, *_SOUND, "-c:v", "libvpx", "-c:a", "libopus", "-f", "webm"),
    "aiff": (*_SOUND, "-f", "aiff"),
    "caf": (*_SOUND, "-f", "caf"),
    "avi": (*_PICTURE, *_SOUND, "-c:v", "mpeg4", "-c:a", "mp3", "-f", "avi"),
    "mpeg-ts": (*_SOUND, "-c:a", "aac", "-f", "mpegts"),
    "png": (*_PICTURE, "-frames:v", "1", "-c:v", "png", "-f", "image2pipe"),
    "jpeg": (*_PICTURE, "-frames:v", "1", "-c:v", "mjpeg", "-f", "image2pipe"),
    "flac, three minutes of nothing": (*_SILENCE, "-t", "180", "-f", "flac"),
}
_FEW = ("wav", "mp3", "mp3, no header", "m4a", "mp4 with video", "ogg, Vorbis", "flac", "wma", "png")
# Heavy to judge: sent once each, as they are.
_BOMBS: dict[str, tuple[str, ...]] = {
    "flac, three hours of nothing": (*_SILENCE, "-t", "10790", "-f", "flac"),
    "flac, a day of nothing": (*_SILENCE, "-t", "86400", "-f", "flac"),
}


def make_seeds(folder: Path, canary: Canary, *, few: bool = False) -> dict[str, bytes]:
    """Each seed by its name; `few` leaves out what takes long to make."""
    wanted = _FEW if few else _MADE
    made = {name: _made(folder, _MADE[name]) for name in wanted}
    cover = (
        "-i",
        "file:" + str(_written(folder / "cover", made["png"])),
        "-map",
        "0:a",
        "-map",
        "1:v",
        "-c:v",
        "copy",
    )
    made["mp3 with a cover"] = _made(folder, (*_SOUND, *cover, *_TAGS, "-f", "mp3"))
    made["m4a with a cover"] = _made(folder, (*_SOUND, *cover, "-disposition:v", "attached_pic", "-f", "mp4"))
    return made | _by_hand(made) | _lists(canary)


def make_bombs(folder: Path) -> dict[str, bytes]:
    """What is small and would cost much: each is to be sent once, as it is."""
    bombs = {name: _made(folder, arguments) for name, arguments in _BOMBS.items()}
    long = bombs["flac, a day of nothing"]
    second = struct.pack(
        ">I", 8_000
    )  # the low half of the count of samples, behind magic, block header and 14 bytes
    bombs["flac, a day of nothing that says a second"] = long[:21] + bytes([long[21] & 0xF0]) + second + long[26:]
    return bombs


def _made(folder: Path, arguments: tuple[str, ...]) -> bytes:
    made = folder / "made"
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, made], check=True)
    return made.read_bytes()


def _written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


def _by_hand(made: dict[str, bytes]) -> dict[str, bytes]:
    chance = np.random.default_rng(1)
    frames = [bytes([0x3C]) + chance.bytes(31) for _ in range(60)]
    return {
        "amr": b"#!AMR\n" + b"".join(frames),
        "wav that says three hours": _wav(rate=8_000, data=3 * 3_600 * 16_000),
        "wav that says four gigabytes": _wav(rate=44_100, data=0xFFFF_FFFE),
        "wav of 65,535 channels": _wav(rate=44_100, channels=0xFFFF),
        "wav at one hertz": _wav(rate=1),
        "wav at four gigahertz": _wav(rate=0xFFFF_FFFF),
        "wav of no rate": _wav(rate=0),
        "wav of silence": _wav(rate=44_100, samples=bytes(88_200)),
        "wav of no samples": _wav(rate=44_100, samples=b""),
        "wav of many chunks": made["wav"][:12] + b"LIST\0\0\0\0" * 50_000 + made["wav"][12:],
        "mp3 behind a large tag": b"ID3\x03\0\0\0\x10\0\0" + bytes(0x40000) + made["mp3, no header"],
        "ogg of many streams": made["ogg, Vorbis"] * 50,
        "zip": _zip({"tin.mp3": made["mp3"]}),
        "zip bomb": _zip({"tin.wav": bytes(20_000_000)}),
        "nothing": b"",
        "one byte": b"\0",
        "text": "Kính thưa bà con, chiều nay xã tiêm phòng cho đàn lợn.\n".encode() * 300,
        "pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n",
        "program": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0\x3e\0" + bytes(500),
        "shell script": b"#!/bin/sh\ntouch touched\n",
        "noise": chance.bytes(60_000),
    }


def _lists(canary: Canary) -> dict[str, bytes]:
    """What names other files or hosts."""
    local, host = str(canary.file), canary.address
    address = f"http://{host}/a.mp3"
    written = {
        "m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{address}\n#EXTINF:5,\nfile:{local}\n",
        "m3u8, local": f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{local}\n#EXT-X-ENDLIST\n",
        "m3u8 with a key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="http://{host}/key"\n#EXTINF:5,\n{local}\n',
        "m3u8 of streams": f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=128000\nhttp://{host}/low.m3u8\n",
        "m3u": f"#EXTM3U\n{local}\n{address}\n",
        "pls": f"[playlist]\nNumberOfEntries=2\nFile1={local}\nFile2={address}\nVersion=2\n",
        "concat": f"ffconcat version 1.0\nfile '{local}'\nfile '{address}'\n",
        "cue": f'FILE "{local}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n',
        "asx": f'<asx version="3.0"><entry><ref href="{address}"/></entry></asx>',
        "xspf": f"<playlist><trackList><track><location>{address}</location></track></trackList></playlist>",
        "dash": f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>http://{host}/</BaseURL></MPD>',
        "smil": f'<smil><body><audio src="{address}"/></body></smil>',
        "sdp": f"v=0\no=- 0 0 IN IP4 {host.partition(':')[0]}\ns=a\nm=audio 5004 RTP/AVP 0\n",
        "html": f'<!DOCTYPE html><html><body><audio src="{address}" autoplay></audio></body></html>',
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}"/><image href="{local}"/></svg>',
        "rtsp text": f"RTSPtext\nrtsp://{host}/a\n",
    }
    return {name: text.encode() for name, text in written.items()}


def _wav(*, rate: int, channels: int = 1, data: int | None = None, samples: bytes | None = None) -> bytes:
    """A WAV file of 16 bit whose header says what it says."""
    kept = np.random.default_rng(2).bytes(40_000) if samples is None else samples
    said = len(kept) if data is None else data
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setparams((1, 2, 8_000, 0, "NONE", ""))
        out.writeframes(kept)
    content = bytearray(made.getvalue())
    struct.pack_into("<HII", content, 22, channels, rate, rate * 2 * channels & 0xFFFF_FFFF)
    struct.pack_into("<I", content, 40, said)
    return bytes(content)


def _zip(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()
