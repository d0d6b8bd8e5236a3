"""Template files: the program's own, and `templates/*.toml` beside the schedules, which take their place."""

from pathlib import Path
from typing import Any

from attrs import evolve, frozen

from station.rules.rundown import Kind
from station.rules.template import Choose, Headlines, Place, ProgrammeTemplate, TextTemplate
from station.rules.trouble import Refused, Trouble
from station.stores.schedule_files import read_item
from station.stores.written import Unreadable, one_of, read_text, read_toml_text, strict_converter

OWN = Path(__file__).resolve().parents[2] / "schedules" / "templates"


@frozen
class _File:
    """A template as its file writes it: a rundown, or a text."""

    title: str
    rundown: tuple[Place, ...] = ()
    text: str = ""
    urgent: bool = False


@frozen
class Templates:
    """What the folders hold that is right, and what is wrong with the rest."""

    programmes: tuple[ProgrammeTemplate, ...] = ()
    texts: tuple[TextTemplate, ...] = ()
    troubles: tuple[Trouble, ...] = ()


def read_templates(schedules: Path) -> Templates:
    """The templates of a station whose schedules are in that folder."""
    files = {path.stem: path for folder in (OWN, schedules / "templates") for path in sorted(folder.glob("*.toml"))}
    found = Templates()
    for name, path in files.items():
        try:
            found = _with(found, name, read_toml_text(read_text(path), _File, _CONVERTER, path.name))
        except Unreadable as error:
            still = "Các mẫu khác vẫn dùng được."
            told = tuple(evolve(trouble, still=still) for trouble in error.troubles)
            found = evolve(found, troubles=(*found.troubles, *told))
    return found


def _with(found: Templates, name: str, file: _File) -> Templates:
    if bool(file.rundown) == bool(file.text):
        what = "Mẫu cần có rundown (chương trình) hoặc text (lời nhắn), và chỉ một trong hai."
        raise Unreadable([Trouble(f"{name}.toml", what, mend="Xem các mẫu có sẵn.")])
    if file.text:
        text = TextTemplate(name, file.title, file.text, file.urgent)
        return evolve(found, texts=(*found.texts, text))
    return evolve(found, programmes=(*found.programmes, ProgrammeTemplate(name, file.title, file.rundown)))


def _read_place(value: Any, _kind: Any = None) -> Place:
    if isinstance(value, dict) and len(value) == 1:
        for key, place in (("choose", Choose), ("headlines", Headlines)):
            if key in value:
                return place(_read_kind(value[key]))
    if not isinstance(value, dict):
        raise Refused(Trouble("", "Mục này phải là một bảng [[rundown]].", mend="Xem các mẫu có sẵn."))
    return read_item(value)


def _read_kind(value: Any) -> Kind:
    return Kind(one_of([*Kind], "một loại tin")(value, None))


_CONVERTER = strict_converter()
_CONVERTER.register_structure_hook(Place, _read_place)
