"""What a folder asks to have published, by group: recordings, notices, schedules, releases; and all that is wrong.

FOLDER/tinh/Thời sự.mp3, Thời sự.toml, hop-dan.txt, lich/sang.toml, ban-cap-nhat/loa-xa-0.2.0.tar
FOLDER/vung-mien-nui/…   FOLDER/xa-24169/…
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

from attrs import evolve, field, frozen

from station.centre.province_files import NOTHING_TOLD, Province, Told, read_told
from station.rules.offer import EVERYONE, RELEASE, Form, area_group, called, commune_group
from station.rules.rundown import Kind, Live, asked_for
from station.rules.schedule import Priority, Schedule
from station.rules.title import one_line
from station.rules.trouble import Refused, Trouble
from station.stores.known import Known
from station.stores.release import look_into
from station.stores.schedule_files import read_schedule
from station.stores.slug import slug
from station.stores.written import Unreadable, read_text

Groups = Mapping[str, tuple[str, ...] | None]  # the codes of each group's communes, or None for all

_SCHEDULES = "lich"
_RELEASES = "ban-cap-nhat"
_PIECE = 1 << 20  # bytes
_LONGEST_NOTICE = 20_000  # letters, what a station reads at once
_LONGEST_SCHEDULE = 64_000  # letters
_LEFT_BY_MACHINES = (".", "~")  # how the names begin of what editors and systems leave in a folder
_NOT_MEANT = frozenset({"thumbs.db", "desktop.ini"})


@frozen
class Source:
    """A file to publish in `group` as `name`; `shown` is where people find it, `sha256` that of its content.

    `content` is what a notice or a schedule becomes; a recording has to be made into audio first, and a release is
    its file, of a `version`.
    """

    group: str
    name: str
    form: Form
    file: Path
    shown: str
    sha256: str
    told: Told = NOTHING_TOLD
    content: bytes = field(default=b"", repr=False)
    version: str = ""

    @property
    def path(self) -> str:
        """The target's."""
        return f"{self.group}/{self.name}.{self.form.value}"


def groups_of(province: Province) -> Groups:
    """All groups that a province may publish for."""
    areas = {area_group(area): province.of_area(area) for area in sorted(province.areas)}
    return {EVERYONE: None, **areas, **{commune_group(code): (code,) for code in sorted(province.communes)}}


def read_sources(folder: Path, province: Province) -> tuple[Source, ...]:
    """All that `folder` asks for, in the order of the paths. Raises `Unreadable` with all that is wrong."""
    groups = groups_of(province)
    troubles: list[Trouble] = []
    found: list[Source] = []
    for inner in _listed(folder):
        if inner.name not in groups or not inner.is_dir():
            troubles.append(_no_group(inner))
            continue
        for file, read in _files(inner):
            with _noting(troubles):
                found.append(read(file, inner.name, _shown(file, folder)))
        troubles += _facts_of_nothing(inner)
    if not found and not troubles and not any(it.name in groups for it in _listed(folder)):
        what = "Thư mục này không có nhóm nào: tinh, vung-TÊN hay xa-MÃ."
        troubles.append(Trouble(str(folder), what, "Cây phát hành vẫn như cũ.", "Chỉ đúng thư mục rồi làm lại."))
    troubles += [*_clashes(found, groups), *_unknown_plays(found, groups)]
    if troubles:
        raise Unreadable(troubles)
    return tuple(sorted(found, key=lambda it: it.path))


@contextmanager
def _noting(troubles: list[Trouble]) -> Iterator[None]:
    """Go on after what is refused, to tell all that is wrong at once."""
    try:
        yield
    except Refused as refusal:
        troubles.append(refusal.trouble)
    except Unreadable as error:
        troubles += error.troubles


_Read = Callable[[Path, str, str], Source]


def _files(folder: Path) -> Iterator[tuple[Path, _Read]]:
    """The files of a group, each with what reads it; facts are read with what they are of."""
    for file in _listed(folder):
        if file.is_dir() and file.name == _SCHEDULES:
            yield from ((it, _read_schedule) for it in _listed(file))
        elif file.is_dir() and file.name == _RELEASES:
            yield from ((it, _read_release) for it in _listed(file))
        elif file.suffix.lower() == ".txt":
            yield file, _read_notice
        elif file.suffix.lower() != ".toml":
            yield file, _read_recording


def _listed(folder: Path) -> list[Path]:
    """What people put into a folder."""
    try:
        inner = sorted(folder.iterdir())
    except OSError as error:
        what = f"Không mở được thư mục ({error.strerror})."
        raise Refused(Trouble(str(folder), what, "Cây phát hành vẫn như cũ.", "Chỉ đúng thư mục.")) from None
    return [it for it in inner if not it.name.startswith(_LEFT_BY_MACHINES) and it.name.lower() not in _NOT_MEANT]


def _read_recording(file: Path, group: str, shown: str) -> Source:
    _refuse_no_file(file, shown)
    return Source(group, slug(_stem(file)), Form.AUDIO, file, shown, _sha_of(file), _told(file))


def _read_release(file: Path, group: str, shown: str) -> Source:
    _refuse_no_file(file, shown)
    try:
        with file.open("rb") as stream:
            version = look_into(stream, shown).version
    except Refused as refusal:
        raise Refused(evolve(refusal.trouble, still="")) from None
    told = evolve(NOTHING_TOLD, title=f"Loa xã {version}")
    return Source(group, RELEASE, Form.RELEASE, file, shown, _sha_of(file), told, version=version)


def _read_notice(file: Path, group: str, shown: str) -> Source:
    text = unicodedata.normalize("NFC", _text(file, shown)).strip()
    if not text or len(text) > _LONGEST_NOTICE:
        what = f"Tin dài hơn {_LONGEST_NOTICE} chữ cái." if text else "Tin không có chữ nào."
        raise Refused(Trouble(shown, what, mend="Sửa tệp hoặc bỏ ra khỏi thư mục."))
    content = f"{text}\n".encode()
    return Source(group, slug(_stem(file)), Form.TEXT, file, shown, _sha(content), _told(file), content)


def _read_schedule(file: Path, group: str, shown: str) -> Source:
    if file.suffix.lower() != ".toml":
        raise Refused(Trouble(shown, "Trong thư mục “lich” chỉ có tệp .toml.", mend="Chuyển tệp ra ngoài."))
    text = _text(file, shown)
    if len(text) > _LONGEST_SCHEDULE:
        raise Refused(Trouble(shown, f"Lịch dài hơn {_LONGEST_SCHEDULE} chữ cái.", mend="Chia thành nhiều lịch."))
    name, content = slug(_stem(file)), text.encode()
    schedule = _schedule(text, shown)
    if schedule.priority is Priority.EMERGENCY:
        mend = "Dùng mức “priority”; tin khẩn cấp đi bằng đường khác."
        raise Refused(Trouble(shown, "Lịch của tỉnh không được là khẩn cấp.", mend=mend))
    if schedule.zones:
        what = "Lịch của tỉnh phát ở mọi cụm loa, không chọn được cụm."
        raise Refused(Trouble(shown, what, mend="Bỏ dòng zones."))
    if any(isinstance(item, Live) for item in schedule.rundown):
        raise Refused(Trouble(shown, "Lịch của tỉnh không mở được micro của xã.", mend="Bỏ mục live."))
    return Source(group, name, Form.SCHEDULE, file, shown, _sha(content), content=content)


def _schedule(text: str, shown: str) -> Schedule:
    """What the station reads in it; which streams a station has is not known here."""
    return read_schedule(text, shown.removesuffix(".toml"), Known(streams=_Any(), microphones=_Any()))


def _told(file: Path) -> Told:
    """What the file of facts beside it says; its title is the file's name unless it says another."""
    beside = _facts_file(file)
    where = _shown(beside, file.parents[1])
    told = read_told(_text(beside, where), where) if beside.exists() else NOTHING_TOLD
    if told.valid_from is not None and told.valid_until is not None and told.valid_from >= told.valid_until:
        raise Refused(Trouble(where, "valid_until không sau valid_from.", mend="Sửa một trong hai."))
    return evolve(told, title=one_line(told.title or _stem(file)))


def _facts_file(file: Path) -> Path:
    return file.with_suffix(".toml")


def _facts_of_nothing(folder: Path) -> Iterator[Trouble]:
    beside = {_facts_file(it) for it in _listed(folder) if it.suffix.lower() != ".toml" and it.is_file()}
    for file in _listed(folder):
        if file.is_file() and file.suffix.lower() == ".toml" and file not in beside:
            what = "Không có tệp âm thanh hay tin chữ nào cùng tên."
            mend = "Đặt cùng tên với tệp của nó, hoặc chuyển vào thư mục “lich” nếu là lịch phát."
            yield Trouble(_shown(file, folder.parent), what, mend=mend)


def _clashes(sources: Sequence[Source], groups: Groups) -> Iterator[Trouble]:
    """Files of one name of which a station could not know which is meant."""
    together: dict[tuple[str, tuple[str, str]], list[Source]] = defaultdict(list)
    for source in sources:
        together[_rank(source.group), called(source.path)].append(source)
    for (_, (_, name)), same in together.items():
        for one, other in combinations(same, 2):
            shared = min({*(groups[one.group] or ())} & {*(groups[other.group] or ())}, default="")
            if one.group == other.group or shared:
                more = f", mà xã {shared} ở cả hai vùng" if one.group != other.group else ""
                what = f"Hai tệp cùng tên “{name}”{more}."
                yield Trouble(f"{one.shown}, {other.shown}", what, mend="Đổi tên một tệp.")


def _rank(group: str) -> str:
    """The same for groups of which none goes before the other: all areas, and each group with itself."""
    areas = area_group("")
    return areas if group.startswith(areas) else group


def _unknown_plays(sources: Sequence[Source], groups: Groups) -> Iterator[Trouble]:
    """Schedules that play what not each of their communes has."""
    known: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        if source.form not in {Form.SCHEDULE, Form.RELEASE}:
            known[source.name].append(source)
    for schedule in sources:
        if schedule.form is Form.SCHEDULE:
            named = asked_for(_schedule(schedule.content.decode(), schedule.shown).rundown) - {*Kind}
            for name in sorted(named):
                if not any(_reaches(it, schedule, groups) for it in known[name]):
                    what = f"Lịch phát “{name}” nhưng không có tệp tên như vậy trong nhóm này hay nhóm rộng hơn."
                    yield Trouble(schedule.shown, what, mend="Thêm tệp, hoặc sửa tên trong lịch.")


def _reaches(source: Source, schedule: Source, groups: Groups) -> bool:
    """Whether each commune that has the schedule has the source too."""
    wide, narrow = groups[source.group], groups[schedule.group]
    return source.group == schedule.group or wide is None or (narrow is not None and {*narrow} <= {*wide})


def _no_group(found: Path) -> Trouble:
    where = _shown(found, found.parent)
    if not found.is_dir():
        mend = "Chuyển tệp vào một thư mục nhóm: tinh, vung-TÊN hay xa-MÃ."
        return Trouble(where, "Tệp này không ở trong nhóm nào.", mend=mend)
    if found.name.startswith(commune_group("")):
        mend = "Sửa tên thư mục, hoặc thêm xã vào province.toml."
        return Trouble(where, "Không có xã nào có mã này.", mend=mend)
    if found.name.startswith(area_group("")):
        mend = "Sửa tên thư mục, hoặc thêm vùng vào areas của các xã trong province.toml."
        return Trouble(where, "Không có xã nào ở vùng này.", mend=mend)
    mend = "Thư mục nhóm tên là tinh, vung-TÊN hay xa-MÃ."
    return Trouble(where, "Thư mục này không phải là nhóm nào.", mend=mend)


def _text(file: Path, shown: str) -> str:
    """A text as any editor saves it."""
    _refuse_no_file(file, shown)
    try:
        return read_text(file).removeprefix("\ufeff").replace("\r\n", "\n")
    except Unreadable as error:
        raise Unreadable([Trouble(shown, it.what, it.still, it.mend) for it in error.troubles]) from None


def _refuse_no_file(file: Path, shown: str) -> None:
    if not file.is_file():
        mend = "Trong một nhóm chỉ có tệp, và thư mục “lich”."
        raise Refused(Trouble(shown, "Đây không phải là tệp.", mend=mend))


def _shown(file: Path, folder: Path) -> str:
    """Where people find it; nothing in a name is for the terminal."""
    return one_line(str(file.relative_to(folder)))


def _stem(file: Path) -> str:
    return file.name.removesuffix(file.suffix)


def _sha_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class _Any(frozenset[str]):
    """Names of which none is known to be wrong."""

    def __contains__(self, name: object) -> bool:
        return True
