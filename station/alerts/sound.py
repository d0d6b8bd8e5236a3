"""The sound that comes inside an alert: decoded and levelled as a recording from any stranger is."""

from collections.abc import Iterator
from contextlib import contextmanager

from attrs import frozen

from station.audio.level import Target, level
from station.audio.probe import probe, refused
from station.durable import Unfinished, settle, unfinished
from station.rules.alerting.alert import Sound
from station.rules.alerting.spoken import LONGEST_SOUND
from station.rules.now import MINUTE
from station.rules.trouble import Refused
from station.stores.home import Home
from station.stores.library import hash_of, room

_NAME = "Âm thanh kèm bản tin"


@frozen
class Ready:
    """A message's sound, levelled in `file`, which nobody has kept yet; or the sentence why it cannot be heard.

    `length` in ms.
    """

    file: Unfinished | None = None
    sha256: str | None = None
    length: int | None = None
    wrong: str = ""


@contextmanager
def made_ready(home: Home, sound: Sound | None) -> Iterator[Ready]:
    """The sound of a message as it can be heard, until the end."""
    if sound is None:
        yield Ready()
        return
    with home.library.levelling() as file:
        try:
            length = _level(home, sound, file)
            ready = Ready(file, hash_of(file.path), length)
        except Refused as refusal:
            ready = Ready(wrong=f"{_NAME} không dùng được nên máy đọc lời: {refusal.trouble.what}")
        yield ready


def _level(home: Home, sound: Sound, file: Unfinished) -> int:
    audio = home.config().config.audio
    with room(_NAME), unfinished(home.places.run) as came:
        came.stream.write(sound.content)
        came.stream.flush()
        if probe(came.path, _NAME).length > LONGEST_SOUND:
            raise refused(_NAME, f"Dài hơn {LONGEST_SOUND // MINUTE} phút.", "")
        made = level(came.path, file.path, Target(audio.loudness, audio.high_pass), _NAME)
        settle(file)
        return made.length
