"""What a province might send, and a station that gets it."""

import hashlib
from pathlib import Path
from typing import Any

from station.desk import segments
from station.province.shelf import take
from station.rules.levelled import Levelled
from station.rules.offer import Offer
from station.rules.recipe import Recipe
from station.rules.rundown import Kind, Play, Segment
from station.rules.trouble import Refused, Trouble
from station.stores.home import Home
from station.stores.library import StoredSegment

NOW = 1_793_000_000_000
SPOILT = b"no sound"


def offer(content: bytes, path: str = "tinh/thoi-su.opus", **more: Any) -> Offer:
    facts = {"published": NOW - 1_000, "title": "Thời sự", "kind": Kind.NEWS, **more}
    return Offer(path, len(content), hashlib.sha256(content).hexdigest(), **facts)


def part(home: Home, content: bytes) -> Path:
    """The file as it arrived."""
    file = home.places.home / "part"
    file.write_bytes(content)
    return file


def sent(home: Home, content: bytes, path: str = "tinh/thoi-su.opus", **more: Any) -> Offer:
    """What the province sends, taken."""
    made = offer(content, path, **more)
    take(home, made, part(home, content), NOW)
    return made


def heard(home: Home, name: str = "province/thoi-su") -> list[Segment]:
    """What a rundown that plays it would hear: every file must be there, and be what was approved."""
    found = home.library.usable([(Play(name),)], NOW)
    for it in found:
        home.library.verify(it.ready, it.title)
    return list(found)


def stored(home: Home, name: str = "province/thoi-su") -> StoredSegment:
    found = home.library.find(name)
    assert found
    return found


def level_quickly(monkeypatch: Any) -> None:
    """Level by a word in front: what the steps are about is not the sound."""

    def level(recipe: Recipe, recording: Any, into: Path, _target: object, title: str) -> Levelled:
        content = recording(recipe.pieces[0].original).read_bytes()
        if content == SPOILT:
            raise Refused(Trouble(title, "Tệp này không có tiếng."))
        into.write_bytes(b"levelled " + content)
        return Levelled(1_500, -16.0, -1.2, recipe.closed(1_500), (), content[:3])

    monkeypatch.setattr(segments, "level_recipe", level)


def files(home: Home) -> set[str]:
    """Every file of the library and of the province's schedules."""
    folders = (home.places.home / "library", home.places.schedules)
    return {it.name for folder in folders for it in folder.rglob("*") if it.is_file()}
