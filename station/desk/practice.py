"""A practice station: simulated amplifiers, all hours allowed, example segments, and a first programme at once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from station.audio.speech import speak
from station.audio.tones import Note, play_notes
from station.desk.segments import add_segment, approve_segment, take_in_waiting
from station.durable import unfinished, write_whole
from station.rules.approval import State
from station.rules.hours import local
from station.rules.now import SECOND
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.rules.voice import USUAL
from station.stores.home import Home

_BY = "Trạm tập"
_FIRST_IN = 30 * SECOND  # the player and the page start meanwhile

_CONFIG = """\
# Trạm tập: tăng âm mô phỏng, phát được mọi giờ trong ngày. Không dùng cho đài thật.
name          = "Đài truyền thanh xã Hương Sơn"
practice      = true              # không bao giờ đụng đến chân GPIO hay card âm thanh; nghe trong trình duyệt
trust_clock   = true              # máy tập có thể không nối mạng
allowed_hours = ["00:00-24:00"]

[approval]
one_person = true                 # tập một mình: người soạn cũng là người duyệt

[zones.thon-bac]
title   = "Thôn Bắc"
warm_up = "1s"

[zones.thon-dong]
title   = "Thôn Đông"
warm_up = "1s"

[zones.cho]
title   = "Chợ"
warm_up = "2s"
"""

_SOUND = "practice_sound = true             # nghe cả ở loa của máy này: chỉ bật nơi không có tăng âm\n"

_FIRST = """\
# Chương trình đầu tiên của trạm tập: phát một lần rồi thôi.
title = "Chương trình phát thử"

[[air]]
days = ["{day}"]
at   = "{clock}"

[[rundown]]
play = "nhac-hieu"

[[rundown]]
say = "Đây là trạm tập của đài truyền thanh xã. Xin mời bà con nghe chương trình phát thử."

[[rundown]]
newest = "news"
within = "36h"

[[rundown]]
play = "nhac-nen"

[[rundown]]
play = "loi-ket"
"""

_C, _D, _E, _G, _A, _HIGH_C = 261.63, 293.66, 329.63, 392.0, 440.0, 523.25  # a pentatonic scale, Hz
_IDENT = [Note(_G), Note(_A), Note(_HIGH_C, 2), Note(_A), Note(_G), Note(_E, 2), Note(_G, 3)]
_MUSIC = [
    *(Note(pitch) for pitch in (_C, _D, _E, _G, _E, _D, _C, _D, _E, _G, _A, _G, _E, _D)),
    Note(_C, 2),
    *(Note(pitch) for pitch in (_G, _A, _HIGH_C, _A, _G, _E, _D, _E, _G, _E, _D)),
    Note(_C, 3),
]


@frozen
class Example:
    """An example segment: notes to play, or text to speak."""

    title: str
    kind: Kind
    sound: str | list[Note]


_EXAMPLES = (
    Example("Nhạc hiệu", Kind.IDENT, _IDENT),
    Example("Nhạc nền", Kind.MUSIC, _MUSIC),
    Example(
        "Lịch tiêm phòng cho trẻ em",
        Kind.NEWS,
        "Trạm y tế xã tổ chức tiêm phòng cho trẻ em dưới năm tuổi vào sáng thứ bảy tuần này. "
        "Đề nghị các gia đình đưa trẻ đến đúng giờ và mang theo sổ tiêm chủng.",
    ),
    Example(
        "Dọn vệ sinh đường làng",
        Kind.NEWS,
        "Sáng chủ nhật, các thôn ra quân dọn vệ sinh đường làng, khơi thông cống rãnh. "
        "Mỗi gia đình cử một người tham gia, tập trung lúc sáu giờ tại nhà văn hóa thôn.",
    ),
    Example(
        "Tạm ngừng cấp nước để sửa đường ống",
        Kind.NOTICE,
        "Chiều mai, từ mười ba giờ đến mười sáu giờ, nhà máy nước tạm ngừng cấp nước để sửa đường ống. "
        "Bà con chủ động trữ nước sinh hoạt.",
    ),
    Example("Lời kết", Kind.SIGNOFF, "Chương trình đến đây là hết. Xin cảm ơn bà con đã lắng nghe."),
)


def prepare_practice(home: Home, examples: Path, now: int, *, sound: bool = False) -> Iterator[str]:
    """Make a practice station, telling each thing done; what is there stays, but the first programme is new.

    `examples` is the folder of example schedules and `now` the wall ms; with `sound` a new one is heard from the
    machine's default device. Raises `Refused` where a real station is.
    """
    if home.places.config.exists():
        _check_practice(home)
    else:
        _write(home.places.config, f"{_SOUND}{_CONFIG}" if sound else _CONFIG)
        yield f"Cấu hình trạm tập: {home.places.config}"
    home.places.schedules.mkdir(parents=True, exist_ok=True)
    for example in sorted(examples.glob("*.toml")):
        if not (home.places.schedules / example.name).exists():
            shutil.copyfile(example, home.places.schedules / example.name)
            yield f"Lịch phát mẫu: {example.stem}"
    yield from _make_segments(home, now)
    first = local(now + _FIRST_IN, home.config().config.time_zone)
    written = _FIRST.format(day=first.date().isoformat(), clock=first.strftime("%H:%M:%S"))
    _write(home.places.schedules / "phat-thu.toml", written)
    yield f"Chương trình phát thử sẽ lên sóng lúc {first:%H:%M:%S}."


def _check_practice(home: Home) -> None:
    loaded = home.config()
    if not loaded.config.practice:
        what, still = "Thư mục này là của một đài thật.", "Không có gì bị thay đổi."
        raise Refused(Trouble(str(home.places.home), what, still, "Chọn một thư mục mới cho trạm tập."))


def _make_segments(home: Home, now: int) -> Iterator[str]:
    known = {segment.title for segment in home.library.segments()}
    for number, example in enumerate(_EXAMPLES):
        if example.title not in known:
            yield f"Tạo tiếng mẫu: {example.title}"
            _add(home, example, now + number)
    for segment in take_in_waiting(home):
        if segment.state is State.DRAFT and segment.author == _BY:
            approve_segment(home, segment.id, by=_BY, now=now)


def _add(home: Home, example: Example, now: int) -> None:
    with unfinished(home.places.tapes) as file:
        _sound(example, file.path)
        with file.path.open("rb") as recording:
            add_segment(home, recording, title=example.title, kind=example.kind, by=_BY, now=now)


def _sound(example: Example, into: Path) -> None:
    if isinstance(example.sound, str):
        speak(USUAL.read(example.sound), into)
    else:
        play_notes(example.sound, 0.4, into)


def _write(path: Path, text: str) -> None:
    write_whole(path, text.encode())
