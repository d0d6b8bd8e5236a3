"""The tape of a broadcast to come, for whoever wants to hear it before it airs."""

from station.audio.labels import read_label, tape_name
from station.rules.rundown import Tape
from station.rules.schedule import Broadcast
from station.stores.home import Home


def ready_tape(home: Home, broadcast: Broadcast) -> Tape | None:
    """The tape that will air as things are now, once the player has rendered it."""
    name = tape_name(broadcast.key, broadcast.programme.digest)
    return read_label(home.places.tapes / f"{name}.wav")
