"""Findings: what is wrong with a recording, and what an operator is told of it."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum

from attrs import asdict, frozen

from station.rules.now import SECOND


class Problem(StrEnum):
    """What can be wrong with a recording: the first ones refuse it, it is taken with the others."""

    UNREADABLE = "unreadable"
    NOT_AUDIO = "not audio"
    EMPTY = "empty"
    NO_SOUND = "no sound"
    SILENT = "silent"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    CLIPPED = "clipped"
    NOISY = "noisy"
    QUIET = "quiet"
    WRONG_SPEED = "wrong speed"
    PAUSE = "pause"
    HUM = "hum"
    DEAD_CHANNEL = "dead channel"
    SILENT_START = "silent start"
    SILENT_END = "silent end"


@frozen
class Finding:
    """A problem from `at` ms to `until` ms of the levelled audio, or in all of it where they are `None`.

    `repaired` says that levelling mended it. `figure` is: how much of it is clipped, in percent; how much louder a
    quiet one was made, or how much of the sound was low hum, in dB; seconds of silence that were cut or remain.
    """

    problem: Problem
    at: int | None = None
    until: int | None = None
    repaired: bool = False
    figure: float | None = None


# What it is, and what to do.
REFUSALS: Mapping[Problem, tuple[str, str]] = {
    Problem.UNREADABLE: (
        "Máy không đọc được hết tệp này.",
        "Mở thử tệp trên máy khác, rồi chép lại hoặc ghi âm lại.",
    ),
    Problem.NOT_AUDIO: (
        "Tệp này không phải là âm thanh mà máy đọc được.",
        "Chọn tệp ghi âm như MP3, M4A, WAV, OGG, AMR, 3GP, WMA, FLAC hoặc video MP4.",
    ),
    Problem.EMPTY: ("Tệp này trống.", "Ghi âm hoặc chép lại tệp rồi tải lên lần nữa."),
    Problem.NO_SOUND: ("Tệp này không có tiếng.", "Chọn tệp có ghi âm thanh."),
    Problem.SILENT: ("Trong tệp này không nghe thấy tiếng.", "Kiểm tra micro rồi ghi âm lại."),
    Problem.TOO_SHORT: ("Tệp này quá ngắn, không nghe được gì.", "Ghi âm lại rồi tải lên lần nữa."),
    Problem.TOO_LONG: ("Tệp này dài hơn 3 giờ.", "Cắt thành các phần ngắn hơn rồi tải lên từng phần."),
}
_SENTENCES: Mapping[Problem, str] = {
    Problem.CLIPPED: "Tiếng bị vỡ vì thu quá to{place}. Nên thu lại, để máy xa miệng hơn hoặc giảm mức thu.",
    Problem.NOISY: "Nghe hầu hết là tiếng ồn. Nghe thử; nếu không rõ lời thì thu lại ở chỗ yên tĩnh.",
    Problem.QUIET: "Bản thu quá nhỏ. Máy đã tăng thêm {figure} dB; tiếng ồn nền cũng to theo, nên nghe thử.",
    Problem.WRONG_SPEED: "Có thể tệp chạy sai tốc độ (giọng quá cao hoặc quá trầm). Nghe thử rồi xuất lại tệp.",
    Problem.PAUSE: "Có một quãng lặng dài {figure} giây{place}. Nghe thử; nếu thừa thì cắt đi.",
    Problem.HUM: "Có tiếng ù trầm mà loa nén không phát được. Máy đã lọc bỏ.",
    Problem.DEAD_CHANNEL: "Bản thu chỉ có tiếng ở một bên. Máy đã dùng bên có tiếng cho cả bài.",
    Problem.SILENT_START: "Đầu bản thu lặng {figure} giây. Máy đã cắt bớt.",
    Problem.SILENT_END: "Cuối bản thu lặng {figure} giây. Máy đã cắt bớt.",
}


def sentence(finding: Finding) -> str:
    """What it is, and what was repaired or what to do, in Vietnamese."""
    place = "" if finding.at is None else f" ở {_clock(finding.at)}"
    figure = "" if finding.figure is None else f"{finding.figure:.1f}".replace(".", ",").removesuffix(",0")
    return _SENTENCES[finding.problem].format(place=place, figure=figure)


def to_json(findings: Iterable[Finding]) -> str:
    """Their form in the database."""
    return json.dumps([asdict(finding) for finding in findings])


def from_json(written: str) -> tuple[Finding, ...]:
    """Read their form in the database."""
    return tuple(Finding(**{**read, "problem": Problem(read["problem"])}) for read in json.loads(written))


def _clock(ms: int) -> str:
    minutes, seconds = divmod(ms // SECOND, 60)
    return f"{minutes:02}:{seconds:02}"
