"""Speech: how a text will be read, hearing it before it airs, and the words that the station reads its own way."""

from collections.abc import Mapping
from pathlib import Path

from attrs import evolve, frozen

from station.audio import speech
from station.desk.permits import permit
from station.desk.segments import look_again
from station.desk.timetable import read_plan
from station.durable import keep, unfinished
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores import dictionary
from station.stores.audit import write_audit
from station.stores.home import Home


@frozen
class Said:
    """A text in the words that are said, and what is wrong with the voice or the dictionary, if anything is."""

    read: str
    troubles: tuple[Trouble, ...] = ()


def read_aloud(home: Home, text: str) -> Said:
    """How `text` will be read."""
    plan = read_plan(home)
    return Said(plan.speaker().read(text), plan.speech_troubles)


def say(home: Home, text: str, into: Path, voice: str | None = None) -> Said:
    """Say `text` into the WAV file `into`, by the station's voice or the one named. Raises `Refused`."""
    if voice and (wrong := speech.missing(voice, home.places.voices)):
        raise Refused(evolve(wrong, where="", still=""))
    plan = read_plan(home)
    speaker = plan.speaker(voice)
    read = speaker.read(text)
    try:
        with unfinished(into.parent) as file:
            speech.speak(read, file.path, speaker.voice, home.places.voices)
            keep(file, into)
    except OSError as error:
        mend = "Kiểm tra lại đường dẫn và chỗ trống trên thẻ nhớ."
        raise Refused(Trouble(str(into), f"Không ghi được tệp ({error.strerror}).", mend=mend)) from None
    return Said(read, plan.speech_troubles)


def readings(home: Home) -> Mapping[str, str]:
    """The words that the station reads its own way. Raises `Unreadable`."""
    return dictionary.read_dictionary(home.places.dictionary)


def add_reading(home: Home, word: str, reading: str, *, by: str, now: int) -> None:
    """Let the station read `word` as `reading`. Raises `Refused`, or `Unreadable`."""
    permit(Deed.COMPOSE)
    dictionary.add_reading(home.places.dictionary, word, reading)
    _note(home, "thêm cách đọc", f"{word} = {reading}", by, now)


def remove_reading(home: Home, word: str, *, by: str, now: int) -> None:
    """Let the station read `word` as usual again. Raises `Refused`, or `Unreadable`."""
    permit(Deed.COMPOSE)
    dictionary.remove_reading(home.places.dictionary, word)
    _note(home, "bỏ cách đọc", word, by, now)


def _note(home: Home, deed: str, what: str, by: str, now: int) -> None:
    with home.engine.begin() as connection:
        write_audit(connection, now, by, deed, what)
    look_again(home)
