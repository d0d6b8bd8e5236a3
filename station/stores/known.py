"""What the station has, by name, so that a schedule can only name what is there."""

from collections.abc import Collection

from attrs import frozen


@frozen
class Known:
    """The names of its zones, of the streams that it may rebroadcast, and of its microphones."""

    zones: Collection[str] = ()
    streams: Collection[str] = ()
    microphones: Collection[str] = ()
