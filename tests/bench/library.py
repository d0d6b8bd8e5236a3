"""`python -m tests.bench.library`: how long a recording takes until it may be aired, and how true its level is.

Thirty minutes of spoken MP3 are levelled by us, decoded and encoded by plain ffmpeg, and levelled by
ffmpeg-normalize where it is installed or named. Then twenty different files are levelled, and measured
by ffmpeg's own meter.
"""

import argparse
import os
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from station.audio.level import HIGHEST_PEAK, Target, level
from tests.bench.studio import Figure, say
from tests.bench.table import Column, table

SPOKEN = (
    "Đây là đài truyền thanh xã. Hôm nay trời nắng, nhiệt độ cao nhất ba mươi lăm độ. Đề nghị bà con ra đồng sớm, "
    "che chắn chuồng trại và giữ nước cho lúa. Kính mời bà con theo dõi bản tin. Xin cảm ơn bà con đã lắng nghe."
)
VOICES = ("vi", "vi+f3", "vi+m5", "vi+croak")
MUSIC = (
    "aevalsrc=0.3*(sin(440*PI*t)+sin(554*PI*t)+0.5*sin(3300*PI*t))*(0.1+0.9*pow(1-mod(2*t\\,1)\\,3)):d=40:s=44100"
)
# What is done to speech, and the format that it is kept in.
VARIED = {
    "as it is": ("anull", "wav"),
    "very soft": ("volume=-35dB", "flac"),
    "loud and clipped": ("volume=15dB", "wav"),
    "already limited": ("volume=14dB,alimiter=limit=-0.5dB:level=disabled", "mp3"),
    "telephone": ("highpass=300,lowpass=3400,aresample=8000", "wav"),
    "near, then far": ("volume='if(lt(t,15),1,0.1)':eval=frame", "mp3"),
    "soft, then loud": ("volume='if(lt(t,15),0.05,1)':eval=frame", "ogg"),
    "rising": ("volume='0.05+t/30':eval=frame", "mp3"),
    "with long pauses": ("apad=pad_dur=25", "mp3"),
    "in a hall": ("aecho=0.8:0.7:60|120:0.4|0.3", "ipod"),
    "one side only": ("pan=stereo|c0=c0", "flac"),
    "5.1": ("pan=5.1|FC=c0|FL=0.2*c0|FR=0.2*c0", "flac"),
    "two seconds": ("atrim=end=2", "wav"),
    "high voice": ("rubberband=pitch=1.5", "ogg"),
    "trembling": ("tremolo=f=3:d=0.8", "mp3"),
}
MIXED = {
    "music alone": MUSIC,
    "with music": MUSIC,
    "with noise": "anoisesrc=color=pink:amplitude=0.1:d=40:seed=1",
    "with hum": "aevalsrc=0.4*sin(100*PI*t):d=40:s=44100",
    "with thumps": "aevalsrc=0.9*sin(120*PI*t)*exp(-30*mod(t\\,0.7)):d=40:s=44100",
}


def main() -> None:
    """Measure and print."""
    asked = _asked()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        columns = _times(_long_speech(place, asked.minutes), place, asked)
        columns[0].figures.update(_truth(place))
    print(table(columns))


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.library", description=__doc__)
    parser.add_argument("--minutes", type=int, default=30, help="of speech")
    parser.add_argument("--runs", type=int, default=3, help="of each; the best counts")
    parser.add_argument("--ffmpeg-normalize", default=shutil.which("ffmpeg-normalize"), help="where it is")
    return parser.parse_args()


def _times(recording: Path, place: Path, asked: argparse.Namespace) -> list[Column]:
    flac, mp3 = place / "plain.flac", place / "plain.mp3"
    plain = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1", "-i", recording]
    columns = [
        _timed("station", lambda: level(recording, place / "ready", Target(), "a"), asked),
        _timed("ffmpeg to FLAC", lambda: _run(*plain, flac), asked),
        _timed("ffmpeg to MP3", lambda: _run(*plain, mp3), asked),
    ]
    peer = Column("ffmpeg-normalize")
    if asked.ffmpeg_normalize:
        options = ("-f", "-t", "-16", "-tp", "-1", "-ar", "48000", "-c:a", "flac", "-ext", "flac", "-o")
        command = (asked.ffmpeg_normalize, recording, *options, place / "peer.flac")
        peer = _timed(peer.name, lambda: _run(*command), asked)
    else:
        peer.unable.append("not installed (pip install ffmpeg-normalize)")
    return [*columns, peer]


def _timed(name: str, work: Callable[[], object], asked: argparse.Namespace) -> Column:
    """The best of some runs: what else the machine did only ever adds."""
    best_wall = best_cpu = float("inf")
    for _ in range(asked.runs):
        cpu, wall = _cpu(), time.monotonic()  # noqa: TID251 - a measurement
        work()
        best_wall = min(best_wall, time.monotonic() - wall)  # noqa: TID251 - a measurement
        best_cpu = min(best_cpu, _cpu() - cpu)
        say(f"{name}: {best_wall:.1f} s, {best_cpu:.1f} s of processor")
    spoken = f"{asked.minutes} minutes of MP3 speech"
    return Column(
        name,
        {
            f"{spoken}: time, s": Figure(f"{spoken}: time, s", best_wall),
            f"{spoken}: processor, s": Figure(f"{spoken}: processor, s", best_cpu),
        },
    )


def _truth(place: Path) -> dict[str, Figure]:
    """How far twenty files are from their level, and the highest of their true peaks."""
    errors, peaks = [], []
    for name, file in _varied(place):
        level(file, place / "ready", Target(), name)
        loudness, peak = _measured(place / "ready")
        say(f"{name}: {loudness:.1f} LUFS, {peak:.1f} dBTP")
        errors.append(abs(loudness - Target().loudness))
        peaks.append(peak)
    told = {
        f"loudness error over {len(errors)} files, mean, LU": statistics.mean(errors),
        f"loudness error over {len(errors)} files, worst, LU": max(errors),
        f"highest true peak of {len(peaks)} files, dBTP (at most {HIGHEST_PEAK:.0f})": max(peaks),
    }
    return {title: Figure(title, value) for title, value in told.items()}


def _varied(place: Path) -> Iterator[tuple[str, Path]]:
    for number, (name, (filters, form)) in enumerate(VARIED.items()):
        spoken = _speech(place, VOICES[number % len(VOICES)])
        yield name, _made(place, name, form, "-stream_loop", "2", "-i", spoken, "-t", "30", "-af", filters)
    for name, source in MIXED.items():
        mixed = (
            "-filter_complex",
            "[0]volume=0[a];[a][1]amix=normalize=0" if "alone" in name else "amix=normalize=0",
        )
        spoken = ("-stream_loop", "2", "-i", _speech(place, "vi"), "-f", "lavfi", "-i", source)
        yield name, _made(place, name, "mp3", *spoken, *mixed, "-t", "30")


def _long_speech(place: Path, minutes: int) -> Path:
    """One voice after the other, so that it is not the same all the way."""
    listed = place / "voices"
    listed.write_text("".join(f"file '{_speech(place, voice)}'\n" for voice in VOICES))
    spoken = ("-stream_loop", "-1", "-f", "concat", "-safe", "0", "-i", listed, "-t", str(60 * minutes))
    return _made(place, "long", "mp3", *spoken, "-ar", "44100", "-b:a", "128k")


def _speech(place: Path, voice: str) -> Path:
    made = place / f"{voice}.wav"
    if not made.exists():
        _run("espeak-ng", "-v", voice, "-s", "150", "-w", made, SPOKEN)
    return made


def _made(place: Path, name: str, form: str, *arguments: object) -> Path:
    made = place / name
    _run("ffmpeg", "-nostdin", "-v", "error", "-y", *arguments, "-f", form, made)
    return made


def _measured(file: Path) -> tuple[float, float]:
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-i", file, "-af", "ebur128=peak=true", "-f", "null", "-"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr.rpartition("Summary:")[2]
    loudness, peak = re.findall(r"(?:I|Peak):\s+(\S+) (?:LUFS|dBFS)", told)
    return float(loudness), float(peak)


def _run(*command: object) -> None:
    subprocess.run([os.fspath(it) if isinstance(it, Path) else str(it) for it in command], check=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
