"""Speech: words read aloud by espeak-ng, or by piper where the station has a voice for it.

`speak` is the one way in. A voice that is not there, or fails, is replaced by espeak-ng's: a notice must be heard.
"""

import logging
import shutil
import sys
import unicodedata
import wave
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from station.audio import sandbox
from station.rules.trouble import Refused, Trouble
from station.rules.voice import CENTRAL, NORTHERN, SOUTHERN, USUAL_SPEED, Voice

_ESPEAK: Mapping[str, str] = MappingProxyType(
    {NORTHERN: "vi", CENTRAL: "vi-vn-x-central", SOUTHERN: "vi-vn-x-south"}
)
_LONGEST_TEXT = 20_000  # characters, over half an hour
_WALL_S = 120
_PIPER_CHARACTERS_PER_S = 4  # a small Pi takes a few times as long as the speech lasts
_PIPER_MEMORY = 3 << 28  # bytes: it reads a model of 60 MB and more, and holds it several times
_NOWHERE = Path("/nonexistent")

_log = logging.getLogger(__name__)


def speak(text: str, into: Path, voice: Voice = Voice(), voices: Path = _NOWHERE) -> None:  # noqa: B008 - frozen
    """Say `text`, in words (`rules.voice.Speaker.read` makes them), into a WAV file, which still needs levelling.

    `voices` is the folder of piper's voice files. Raises `Refused` when there is nothing to say or nothing says it.
    """
    check_text(text)
    plain = _plain(text).encode()
    if _said_by_piper(plain, into, voice, voices):
        return
    espeak = ["-v", _ESPEAK.get(voice.name, _ESPEAK[NORTHERN]), "-s", str(voice.speed), "-b", "1", "--stdin"]
    if not _said(["espeak-ng", *espeak, "-w", str(into.absolute())], plain, into, _WALL_S):
        what = "Máy không đọc được nội dung này thành tiếng."
        raise _unsaid(text, what, "Kiểm tra giọng đọc và chỗ trống trên thẻ nhớ.")


def voices_in(folder: Path) -> tuple[str, ...]:
    """The names of the voices that can speak now."""
    found = sorted(it.stem for it in folder.glob("*.onnx")) if _piper() else []
    return (*_ESPEAK, *(it for it in found if it not in _ESPEAK and _described(folder, it)))


def missing(name: str, folder: Path) -> Trouble | None:
    """Why the voice `name` cannot speak, if it cannot."""
    if name in voices_in(folder):
        return None
    still = "Máy vẫn đọc bằng giọng miền Bắc có sẵn."
    if not _described(folder, name):
        what = f"Chưa có giọng đọc “{name}”."
        mend = f"Chép {name}.onnx và {name}.onnx.json vào thư mục {folder.name}, hoặc chọn bac, trung, nam."
        return Trouble("station.toml, speech.voice", what, still, mend)
    what = f"Giọng đọc “{name}” cần chương trình piper, máy này chưa cài."
    return Trouble("station.toml, speech.voice", what, still, "Cài gói piper-tts, hoặc chọn bac, trung, nam.")


def _said_by_piper(plain: bytes, into: Path, voice: Voice, voices: Path) -> bool:
    """Whether piper said it: false where it has no such voice, or failed, which is logged."""
    piper = _piper()
    if voice.name in _ESPEAK or piper is None or not _described(voices, voice.name):
        return False
    model = (voices / f"{voice.name}.onnx").absolute()
    said = _said(
        [
            *(piper, "--model", str(model), "--config", f"{model}.json"),
            *("--length-scale", f"{USUAL_SPEED / voice.speed:.3f}", "--output-file", str(into.absolute())),
        ],
        plain,
        into,
        _WALL_S + len(plain) // _PIPER_CHARACTERS_PER_S,
        memory=_PIPER_MEMORY,
    )
    if not said:
        _log.error("Giọng đọc “%s” bị lỗi: máy đọc thay bằng giọng miền Bắc có sẵn.", voice.name)
    return said


def _said(argv: list[str], plain: bytes, into: Path, wall_s: int, memory: int = sandbox.MEMORY) -> bool:
    return sandbox.run(argv, stdin=plain, wall_s=wall_s, memory=memory).well and _has_sound(into)


def _piper() -> str | None:
    """The program of piper-tts: beside our own Python, or else on the PATH."""
    return shutil.which("piper", path=str(Path(sys.executable).parent)) or shutil.which("piper")


def _described(folder: Path, name: str) -> bool:
    """Whether both files of a piper voice are there."""
    return (folder / f"{name}.onnx").is_file() and (folder / f"{name}.onnx.json").is_file()


def check_text(text: str) -> None:
    """Raise `Refused` unless a voice has something to say, and not too much."""
    if not any(letter.isalnum() for letter in text):
        raise _unsaid(text, "Chưa có chữ nào để đọc.", "Nhập nội dung cần đọc.")
    if len(text) > _LONGEST_TEXT:
        raise _unsaid(text, f"Nội dung dài hơn {_LONGEST_TEXT} chữ cái.", "Chia thành nhiều tin ngắn hơn.")


def _plain(text: str) -> str:
    """Text as the engines' dictionaries spell it, with nothing that they take for their own phoneme notation."""
    return unicodedata.normalize("NFC", text).replace("[[", "[ [")


def _has_sound(file: Path) -> bool:
    try:
        with wave.open(str(file)) as sound:
            return bool(sound.getnframes())
    except (OSError, EOFError, wave.Error):
        return False


def _unsaid(text: str, what: str, mend: str) -> Refused:
    return Refused(Trouble(text[:40], what, "Các mục khác vẫn phát như thường.", mend))
