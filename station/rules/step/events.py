"""Events: everything that can happen to the player, as plain frozen values."""

from attrs import frozen

from station.rules.proof import UNVERIFIED, Proof
from station.rules.rundown import Tape
from station.rules.schedule import Broadcast


@frozen
class Tick:
    """Nothing but time has passed."""


@frozen
class TimetablePlanned:
    """The timetable, computed anew: every broadcast that has not ended long ago."""

    broadcasts: tuple[Broadcast, ...]


@frozen
class TapeReady:
    """The tape of a broadcast's programme is rendered."""

    key: str
    digest: str
    tape: Tape


@frozen
class TapeFailed:
    """The tape of a broadcast's programme could not be rendered."""

    key: str
    digest: str
    reason: str


@frozen
class Progressed:
    """What has been heard of the tape on air: `position` in ms from its start, `lost` ms of it thrown away.

    The player will not stand still for the next `assured` ms; only a simulated one can know that. `level` is what
    is sent now, in dB of full scale; `feed` says what is wrong with the source that should be heard, or nothing;
    `proof` is what a capture of the output showed so far.
    """

    key: str
    position: int
    sounding: bool
    ended: bool
    lost: int = 0
    assured: int = 0
    level: float | None = None
    feed: str = ""
    proof: Proof = UNVERIFIED


@frozen
class PlayerFailed:
    """The player could not load, play or stop, or noticed that nothing is heard."""

    key: str
    reason: str


@frozen
class PlayerStopped:
    """The player has fallen silent, as it was told."""

    key: str


@frozen
class ZoneFailed:
    """A zone's amplifier did not switch."""

    zone: str
    reason: str


@frozen
class ZoneMended:
    """What a zone failed for, by that `reason`, is over: it may be switched on again."""

    zone: str
    reason: str


@frozen
class AmplifierReported:
    """A zone's amplifier says by its feedback input whether it is up."""

    zone: str
    up: bool


@frozen
class MuteOrdered:
    """A person wants a zone kept off whatever airs, or no longer; `muted` are all that are to be so now."""

    order: int
    muted: frozenset[str]


@frozen
class PlayOrdered:
    """A person wants `broadcast` on air now; `order` numbers the answer that is owed.

    One that `waits` is refused while another emergency is on: an all-clear must not cut that.
    """

    order: int
    broadcast: Broadcast
    waits: bool = False


@frozen
class StopOrdered:
    """A person wants silence now."""

    order: int
    who: str


@frozen
class WithdrawOrdered:
    """What is aired under the name `schedule` is not to be heard any more, for that reason."""

    order: int
    schedule: str
    reason: str


@frozen
class RestartOrdered:
    """A person wants the player to end and begin anew; it does not while anything is on or about to be."""

    order: int
    who: str


@frozen
class ShutdownOrdered:
    """The player is to end: silence, amplifiers off, records closed."""


Event = (
    Tick
    | TimetablePlanned
    | TapeReady
    | TapeFailed
    | Progressed
    | PlayerFailed
    | PlayerStopped
    | ZoneFailed
    | ZoneMended
    | AmplifierReported
    | MuteOrdered
    | PlayOrdered
    | StopOrdered
    | WithdrawOrdered
    | RestartOrdered
    | ShutdownOrdered
)
