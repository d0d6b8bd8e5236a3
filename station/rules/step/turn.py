"""A turn: one step being taken, and what every part of it may do to a broadcast or a zone."""

from attrs import evolve

from station.rules.now import DAY, Now
from station.rules.rundown import Tape
from station.rules.schedule import Priority, Trigger
from station.rules.step import zone as zones
from station.rules.step.actions import (
    Action,
    Answer,
    CloseRecord,
    DiscardTape,
    OpenRecord,
    Result,
    StopPlayback,
    SwitchZone,
)
from station.rules.step.broadcast import Cast, Ending, Phase
from station.rules.step.state import State
from station.rules.step.zone import Want, ZoneState


class Turn:
    """The state so far and the actions so far, at one instant."""

    def __init__(self, state: State, now: Now) -> None:
        self.state = state
        self.now = now
        self.actions: list[Action] = []

    def do(self, *actions: Action) -> None:
        """Have these performed, after all before."""
        self.actions += actions

    def follow(self, cast: Cast) -> None:
        """Let `cast` be as it now is."""
        self.state = self.state.following(cast)

    def zones_of(self, cast: Cast) -> list[ZoneState]:
        """The zones that it is meant for, as they are now."""
        names = [name for name in cast.broadcast.zones if name in self.state.station.zones]
        return [self.state.zones.get(name, ZoneState()) for name in names]

    def set_zone(self, name: str, zone: ZoneState) -> None:
        """Let a zone be as it now is."""
        self.state = evolve(self.state, zones={**self.state.zones, name: zone})

    def settle_zones(self, unwanted: Want) -> None:
        """Take each zone one transition on; those that nobody wants are treated as `unwanted` says."""
        holder = self.state.holder
        wanted = set(holder.broadcast.zones) if holder and holder.phase is not Phase.STOPPING else set()
        for name, zone in self.state.station.zones.items():
            before = self.state.zones.get(name, ZoneState())
            after = zones.advance(before, zone, Want.ON if name in wanted else unwanted, self.now.mono)
            if after.energised != before.energised:
                self.do(SwitchZone(name, on=after.energised))
            if after is not before:
                self.set_zone(name, after)

    def end(self, cast: Cast, result: Result, reason: str) -> None:
        """Make it silent if it can sound; its record is closed once it is."""
        if not cast.holds_output:
            self.close(cast, result, reason)
        elif cast.phase is not Phase.STOPPING:
            ending = Ending(result, reason)
            self.follow(evolve(cast, phase=Phase.STOPPING, ending=ending))
            self.do(StopPlayback(cast.broadcast.key))

    def close(self, cast: Cast, result: Result, reason: str) -> None:
        """Write how it ended, and follow it no more."""
        key = cast.broadcast.key
        if not cast.holds_output:
            self.do(OpenRecord(cast.broadcast, self.now.wall))
        told = " ".join(filter(None, (reason, cast.told)))
        self.do(CloseRecord(key, result, self._heard_until(cast, result), told))
        self.discard(cast.tape)
        deed = "Đã dừng" if result is Result.CUT else "Không phát được"
        self.answer(cast, done=result is Result.CUT, sentence=f"{deed} “{cast.broadcast.title}”. {told}".strip())
        self.state = self.state.without(cast)
        self._count(cast)

    def _count(self, cast: Cast) -> None:
        """Count what sounded for the limits of its day."""
        if cast.started is None or cast.broadcast.priority is Priority.EMERGENCY or cast.broadcast.override:
            return
        lately = [it for it in self.state.sounded if self.now.wall - DAY <= it[0] <= self.now.wall]
        self.state = evolve(self.state, sounded=(*lately, (cast.started, self.now.wall)))

    def _heard_until(self, cast: Cast, result: Result) -> int | None:
        if cast.started is None:
            return None
        return cast.end if result is Result.AIRED else self.now.wall

    def answer(self, cast: Cast, *, done: bool, sentence: str) -> Cast:
        """Answer the order behind it, if one is owed an answer; gives it as it is then."""
        if cast.order is not None:
            self.do(Answer(cast.order, done, sentence))
        return evolve(cast, order=None)

    def discard(self, tape: Tape | None) -> None:
        """Have a tape removed, if there is one."""
        if tape is not None:
            self.do(DiscardTape(tape))

    def pending_by_hand(self) -> Cast | None:
        """The broadcast that was ordered by hand, if one is followed."""
        return next((it for it in self.state.casts.values() if it.broadcast.trigger is Trigger.HAND), None)
