"""Bulletins on the shelf of a station, levelled as the station levels them or as good as."""

import io
from pathlib import Path

from station.desk.segments import add_segment, approve_segment, take_in_waiting
from station.rules.levelled import Levelled
from station.rules.rundown import Kind
from station.stores.home import Home
from station.stores.library import StoredSegment
from tests.running import speech
from tests.web.states import SEEN


def approved(home: Home, title: str, kind: Kind = Kind.NEWS, length: int = 60_000) -> StoredSegment:
    """An approved segment whose levelled file only bears its title, for those who do not listen."""
    kept = add_segment(home, io.BytesIO(title.encode()), title=title, kind=kind, by="Hòa", now=SEEN)
    with home.library.levelling() as file, home.engine.begin() as connection:
        file.path.write_bytes(title.encode())
        home.library.finish(connection, kept, file, Levelled(length, -16.0, -1.5, kept.recipe.closed(length)))
    return approve_segment(home, kept.id, by="Lan", now=SEEN)


def spoken(home: Home, folder: Path, title: str, words: str, kind: Kind = Kind.NEWS) -> StoredSegment:
    """An approved segment that can be heard."""
    recording = io.BytesIO(speech(folder / "tin.mp3", words).read_bytes())
    kept = add_segment(home, recording, title=title, kind=kind, by="Hòa", now=SEEN)
    list(take_in_waiting(home))
    return approve_segment(home, kept.id, by="Lan", now=SEEN)
