"""Speech: text read aloud by espeak-ng."""

import unicodedata
import wave
from pathlib import Path

from station.audio import sandbox
from station.rules.trouble import Refused, Trouble

_WORDS_PER_MINUTE = 150
_LONGEST_TEXT = 20_000  # characters, over half an hour
_WALL_S = 120


def speak(text: str, into: Path, voice: str = "vi") -> None:
    """Read `text` into a WAV file; `voice` is espeak-ng's name for it. The result still needs levelling.

    Raises `Refused` when there is nothing to say or espeak-ng cannot say it.
    """
    check_text(text)
    finished = sandbox.run(
        ["espeak-ng", "-v", voice, "-s", str(_WORDS_PER_MINUTE), "-b", "1", "--stdin", "-w", str(into.absolute())],
        stdin=_plain(text).encode(),
        wall_s=_WALL_S,
    )
    if not finished.well or not _has_sound(into):
        raise _unsaid(
            text, "Máy không đọc được nội dung này thành tiếng.", "Kiểm tra giọng đọc và chỗ trống trên thẻ nhớ."
        )


def check_text(text: str) -> None:
    """Raise `Refused` unless a voice has something to say, and not too much."""
    if not any(letter.isalnum() for letter in text):
        raise _unsaid(text, "Chưa có chữ nào để đọc.", "Nhập nội dung cần đọc.")
    if len(text) > _LONGEST_TEXT:
        raise _unsaid(text, f"Nội dung dài hơn {_LONGEST_TEXT} chữ cái.", "Chia thành nhiều tin ngắn hơn.")


def _plain(text: str) -> str:
    """Text as espeak-ng's dictionaries spell it, with nothing that it takes for its own phoneme notation."""
    return unicodedata.normalize("NFC", text).replace("[[", "[ [")


def _has_sound(file: Path) -> bool:
    try:
        with wave.open(str(file)) as sound:
            return bool(sound.getnframes())
    except (OSError, EOFError, wave.Error):
        return False


def _unsaid(text: str, what: str, mend: str) -> Refused:
    return Refused(Trouble(text[:40], what, "Các mục khác vẫn phát như thường.", mend))
