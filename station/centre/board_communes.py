"""Which communes a board shows even if they never reported: of `province.toml`, or of a table in CSV."""

import csv
from collections.abc import Mapping
from pathlib import Path

from attrs import evolve, frozen

from station.centre.province_files import FILE, read_province
from station.rules.board import Commune, place
from station.rules.offer import is_name
from station.rules.trouble import Refused, Trouble


@frozen
class Communes:
    """What the province is called, if that is known, and its communes by code."""

    province: str
    known: Mapping[str, Commune]


def read_communes(file: Path) -> Communes:
    """The communes of a `province.toml`, or of another file as CSV with the columns code, name, maybe lat, lon.

    Raises `Refused` or `Unreadable`.
    """
    if file.name != FILE:
        return Communes("", _read_table(file))
    province = read_province(file.parent)
    return Communes(province.name, {code: Commune(it.name, it.place) for code, it in province.communes.items()})


def _read_table(file: Path) -> dict[str, Commune]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:  # a spreadsheet begins its text with a mark
            return dict(
                _read_line(line, f"{file}:{number}") for number, line in enumerate(csv.DictReader(stream), 2)
            )
    except (OSError, UnicodeDecodeError, csv.Error):
        mend = "Lưu bảng thành CSV, mã UTF-8, có các cột code,name,lat,lon."
        raise Refused(Trouble(str(file), "Không đọc được bảng các xã.", mend=mend)) from None


def _read_line(line: dict[str, str | None], where: str) -> tuple[str, Commune]:
    code, name, *degrees = ((line.get(it) or "").strip() for it in ("code", "name", "lat", "lon"))
    if not is_name(code) or not name:
        mend = "Mỗi dòng cần mã xã (code) và tên xã (name), như “24169,Xã Hương Sơn,22.51,105.02”."
        raise Refused(Trouble(where, "Dòng này thiếu mã xã hoặc tên xã.", mend=mend))
    return code, Commune(name, _read_place(degrees, where) if any(degrees) else None)


def _read_place(written: list[str], where: str) -> tuple[float, float]:
    try:
        return place([float(it) for it in written])
    except ValueError:
        mend = "Viết độ thập phân, như “22.51,105.02”; chưa biết thì để trống cả hai."
        what = f"“{', '.join(written)}” không phải là vĩ độ, kinh độ."
        raise Refused(Trouble(where, what, mend=mend)) from None
    except Refused as refusal:
        raise Refused(evolve(refusal.trouble, where=where)) from None
