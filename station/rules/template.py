"""Templates: a programme with places to choose for, and a text with blanks to fill."""

import re
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from station.rules.rundown import Item, Kind, Play, Say
from station.rules.trouble import Refused, Trouble

_BLANK = re.compile(r"\{([^{}]+)\}")


@frozen
class Choose:
    """A place for the segments of one kind that a person chooses."""

    choose: Kind


@frozen
class Headlines:
    """The titles of the chosen segments of one kind, read aloud; nothing when none is chosen."""

    headlines: Kind


Place = Item | Choose | Headlines


@frozen
class ProgrammeTemplate:
    """A programme that is three choices away: what it holds, and where there is something to choose."""

    name: str
    title: str
    rundown: tuple[Place, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds for which there is something to choose, in their order."""
        return tuple(it.choose for it in self.rundown if isinstance(it, Choose))


@frozen
class TextTemplate:
    """A text with blanks such as `{nơi cháy}`; an `urgent` one is for emergencies."""

    name: str
    title: str
    text: str
    urgent: bool = False

    @property
    def blanks(self) -> tuple[str, ...]:
        """What must be filled in, each once, in order."""
        return tuple(dict.fromkeys(_BLANK.findall(self.text)))


@frozen
class Chosen:
    """A segment that was chosen, by the name that rundowns know."""

    name: str
    title: str


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with each blank filled in. Raises `Refused` when one is left."""

    def value(found: re.Match[str]) -> str:
        if given := values.get(found[1], "").strip():
            return given
        raise Refused(Trouble("", f"Chưa điền “{found[1]}”.", mend="Điền hết các chỗ trống."))

    return _BLANK.sub(value, text)


def arranged(
    template: ProgrammeTemplate, chosen: Mapping[Kind, Sequence[Chosen]], known: Mapping[str, str]
) -> tuple[Item, ...]:
    """The rundown that it becomes; `known` fills blanks of what it says. Raises `Refused` if nothing is chosen."""
    if template.kinds and not any(chosen.values()):
        raise Refused(Trouble("", "Chưa chọn mục nào.", mend="Chọn ít nhất một tin hoặc thông báo."))
    return tuple(item for place in template.rundown for item in _arranged(place, chosen, known))


def _arranged(place: Place, chosen: Mapping[Kind, Sequence[Chosen]], known: Mapping[str, str]) -> Iterator[Item]:
    match place:
        case Choose(kind):
            yield from (Play(it.name) for it in chosen.get(kind, ()))
        case Headlines(kind):
            if titles := [it.title.rstrip(".") for it in chosen.get(kind, ())]:
                yield Say(f"Sau đây là các tin chính. {'. '.join(titles)}.")
        case Say(text):
            yield Say(filled(text, known))
        case _:
            yield place
