"""What the province's people write in TOML: `province.toml`, and the facts beside a recording or a notice.

name    = "Tỉnh Hà Giang"
trees   = ["https://loa.hagiang.example/"]
reports = "https://loa.hagiang.example/bao-cao/"
backups = "https://loa.hagiang.example/sao-luu/"

[push]
address = "mqtts://loa.hagiang.example:8883"
ca      = "broker-ca.pem"

[communes.24169]
name  = "Xã Hương Sơn"
areas = ["mien-nui"]
"""

import datetime as dt
import re
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import Factory, frozen
from cattrs.gen import make_dict_structure_fn, override

from station.rules.alerting.sender import Push, is_broker
from station.rules.board import place
from station.rules.facts import Facts, Field
from station.rules.hours import HANOI, instant
from station.rules.now import DAY
from station.rules.offer import LONGEST_WORDS, is_name
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.written import one_of, read_toml, read_toml_text, strict_converter

FILE = "province.toml"

TEMPLATE = """\
# Tỉnh, và các xã của tỉnh. Sửa xong thì chạy “station province publish” để các xã biết.
name    = ""                                # như "Tỉnh Hà Giang"
trees   = []                                # như ["https://loa.hagiang.example/"]: nơi các đài lấy chương trình
reports = ""                                # như "https://loa.hagiang.example/bao-cao/"; để trống là không nhận
backups = ""                                # như "https://loa.hagiang.example/sao-luu/": giữ hộ bản sao lưu mã hoá

# Máy chủ đẩy tin khẩn (docs/emergencies.md); không có thì các đài tự hỏi tin theo chu kỳ.
# [push]
# address = "mqtts://loa.hagiang.example:8883"
# ca      = "broker-ca.pem"                 # chỉ khi chứng thư của máy chủ do tỉnh tự ký; tệp nằm cạnh tệp này

# Mỗi xã một mục, theo mã xã. Vùng (areas) là tên viết thường không dấu, tự đặt.
# [communes.24169]
# name  = "Xã Hương Sơn"
# areas = ["mien-nui"]
# place = [22.51, 105.02]                   # vĩ độ, kinh độ: để có bản đồ trên bảng của tỉnh
"""


@frozen
class Commune:
    """A commune, and the areas that it is in; `place` is its latitude and longitude in degrees, where told."""

    name: str
    areas: tuple[str, ...] = ()
    place: tuple[float, float] | None = None


@frozen
class Broker:
    """Where the broker is, and the file beside `province.toml` that says whom to trust there, if there is one."""

    address: str
    ca: str = ""


@frozen
class Province:
    """The province: where its tree is, where reports and backups go if anywhere, its broker if any, communes."""

    name: str
    trees: tuple[str, ...] = ()
    reports: str = ""
    backups: str = ""
    push: Broker | None = None
    communes: Mapping[str, Commune] = Factory(dict)

    def of_area(self, area: str) -> tuple[str, ...]:
        """The codes of the communes in an area."""
        return tuple(sorted(code for code, it in self.communes.items() if area in it.areas))

    @property
    def areas(self) -> frozenset[str]:
        """All areas."""
        return frozenset(area for it in self.communes.values() for area in it.areas)


@frozen
class Told:
    """What is known of a recording or notice; what is not said is empty."""

    title: str = ""
    kind: Kind | None = None
    field: Field = Field.OTHER
    source: str = ""
    responsible: str = ""
    valid_from: int | None = None
    valid_until: int | None = None

    @property
    def facts(self) -> Facts:
        """The part of it that any segment has."""
        return Facts(
            field=self.field,
            source=self.source,
            responsible=self.responsible,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


NOTHING_TOLD = Told()


def read_province(work: Path) -> Province:
    """The province's own file. Raises `Unreadable` with all that is wrong."""
    return read_toml(work / FILE, Province, _CONVERTER)


def read_push_of(work: Path, province: Province) -> Push | None:
    """The broker as stations are to know it, with whom to trust there. Raises `Refused`."""
    if province.push is None:
        return None
    return Push(province.push.address, _authority(work / province.push.ca) if province.push.ca else "")


def read_told(text: str, where: str) -> Told:
    """A file of facts, which people know as `where`. Raises `Unreadable` with all that is wrong."""
    return read_toml_text(text, Told, _CONVERTER, where)


def _authority(file: Path) -> str:
    """Certificates, and nothing else: all stations will be told what is in the file."""
    try:
        pem = file.read_text(encoding="ascii")
        ssl.create_default_context(cadata=pem)
    except (OSError, ValueError):
        pem = ""
    if "CERTIFICATE" not in pem or "PRIVATE KEY" in pem:
        what = "Ở đây cần một tệp PEM chỉ có chứng thư."
        mend = "Đặt chứng thư gốc của máy chủ đẩy tin vào tệp này, không kèm khoá riêng."
        raise Refused(Trouble(f"province.toml, push.ca, {file.name}", what, mend=mend))
    return pem


def _read_name(value: Any, _kind: Any = None) -> str:
    name = _CONVERTER.structure(value, str).strip()
    if not name:
        raise Refused(Trouble("", "Chưa có tên.", mend="Viết tên trong dấu nháy."))
    return name


def _read_address(value: Any, _kind: Any = None) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/]+/(\S*/)?", value):
        what = f"“{value}” không phải là địa chỉ."
        raise Refused(Trouble("", what, mend="Viết như “https://loa.hagiang.example/”, có dấu / ở cuối."))
    return value


def _read_broker(value: Any, _kind: Any = None) -> str:
    if not isinstance(value, str) or not is_broker(value):
        what, mend = f"“{value}” không phải là địa chỉ.", "Viết như “mqtts://loa.hagiang.example:8883”."
        raise Refused(Trouble("", what, mend=mend))
    return value


def _read_address_if_any(value: Any, _kind: Any = None) -> str:
    return _read_address(value) if value else ""


def _read_addresses(value: Any, _kind: Any = None) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Refused(Trouble("", "Ở đây cần một danh sách.", mend="Viết như [“https://loa.hagiang.example/”]."))
    return tuple(_read_address(it) for it in value)


def _read_communes(value: Any, _kind: Any = None) -> Mapping[str, Commune]:
    if not isinstance(value, dict):
        raise Refused(Trouble("", "Ở đây cần các mục [communes.MÃ].", mend="Xem docs/province.md."))
    for code in value:
        _refuse_no_name(code, "mã xã")
    return _CONVERTER.structure(value, dict[str, Commune])


def _read_areas(value: Any, _kind: Any = None) -> tuple[str, ...]:
    areas = _CONVERTER.structure(value, tuple[str, ...])
    for area in areas:
        _refuse_no_name(area, "tên vùng")
    return areas


def _read_place(value: Any, _kind: Any = None) -> tuple[float, float]:
    return place(_CONVERTER.structure(value, list[float]))


def _refuse_no_name(word: str, what: str) -> None:
    if not is_name(word):
        mend = "Chỉ dùng chữ thường không dấu, số và dấu gạch nối, như “mien-nui”."
        raise Refused(Trouble("", f"“{word}” không phải là {what}.", mend=mend))


def _read_words(value: Any, _kind: Any = None) -> str:
    words = _CONVERTER.structure(value, str)
    if len(words) > LONGEST_WORDS:
        raise Refused(Trouble("", f"Dài hơn {LONGEST_WORDS} chữ cái.", mend="Viết ngắn lại."))
    return words


def _instant_of(*, whole_day: bool) -> Callable[[Any, Any], int]:
    """A hook for an instant or a day, in wall ms: a day is its beginning, or its end if the `whole_day` counts."""

    def hook(value: Any, _kind: Any = None) -> int:
        try:
            read = dt.datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else value
            read = dt.date.fromisoformat(read) if isinstance(read, str) else read
        except ValueError:
            read = None
        if isinstance(read, dt.datetime) and read.tzinfo:
            return round(read.timestamp() * 1000)
        if type(read) is dt.date:
            return instant(read, DAY if whole_day else 0, HANOI)
        mend = "Viết như 2026-11-30, hoặc có giờ và múi giờ như 2026-11-30T17:00:00+07:00."
        raise Refused(Trouble("", f"“{value}” không phải là một ngày.", mend=mend))

    return hook


_CONVERTER = strict_converter()
_CONVERTER.register_structure_hook(Kind, lambda value, _: Kind(one_of([*Kind], "một loại tin")(value, _)))
_CONVERTER.register_structure_hook(Field, lambda value, _: Field(one_of([*Field], "một lĩnh vực")(value, _)))
_CONVERTER.register_structure_hook(
    Commune,
    make_dict_structure_fn(
        Commune,
        _CONVERTER,
        name=override(struct_hook=_read_name),
        areas=override(struct_hook=_read_areas),
        place=override(struct_hook=_read_place),
    ),
)
_CONVERTER.register_structure_hook(
    Broker, make_dict_structure_fn(Broker, _CONVERTER, address=override(struct_hook=_read_broker))
)
_CONVERTER.register_structure_hook(
    Province,
    make_dict_structure_fn(
        Province,
        _CONVERTER,
        name=override(struct_hook=_read_name),
        trees=override(struct_hook=_read_addresses),
        reports=override(struct_hook=_read_address_if_any),
        backups=override(struct_hook=_read_address_if_any),
        communes=override(struct_hook=_read_communes),
    ),
)
_CONVERTER.register_structure_hook(
    Told,
    make_dict_structure_fn(
        Told,
        _CONVERTER,
        source=override(struct_hook=_read_words),
        responsible=override(struct_hook=_read_words),
        valid_from=override(struct_hook=_instant_of(whole_day=False)),
        valid_until=override(struct_hook=_instant_of(whole_day=True)),
    ),
)
