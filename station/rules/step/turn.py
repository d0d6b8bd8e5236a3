"""A turn: one step being taken, and what every part of it may do to a broadcast or a zone."""

from attrs import evolve

from station.rules.hours import local
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
from station.rules.step.broadcast import NOTES, TRY_AGAIN, Cast, Ending, Phase
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
        return [self.state.zones.get(name, ZoneState()) for name in self.state.wanted_by(cast)]

    def set_zone(self, name: str, zone: ZoneState) -> None:
        """Let a zone be as it now is."""
        self.state = evolve(self.state, zones={**self.state.zones, name: zone})

    def settle_zones(self, unwanted: Want) -> None:
        """Take each zone one transition on; those that nobody wants are treated as `unwanted` says."""
        wanted = set(self.state.wanted)
        for name, zone in self.state.station.zones.items():
            before = self.state.zones.get(name, ZoneState())
            want = Want.ON if name in wanted else (Want.AT_ONCE if name in self.state.muted else unwanted)
            waits = want is Want.ON and before.phase is zones.Phase.OFF and self._too_soon_to_power()
            advanced = before if waits else zones.advance(before, zone, want, self.now.mono)
            after = zones.judge(advanced, zone, self.now.mono)
            if after.energised != before.energised:
                self._switch(name, on=after.energised)
            if after.doubt and not before.doubt:
                self.note_of_zone(name, after.doubt)
            if after is not before:
                self.set_zone(name, after)

    def _too_soon_to_power(self) -> bool:
        """Whether another amplifier has only just gone on: the mains may not bear two at once."""
        last = self.state.powered_at
        return last is not None and self.now.mono - last < self.state.station.stagger

    def _switch(self, name: str, *, on: bool) -> None:
        self.do(SwitchZone(name, on=on))
        if on:
            self.state = evolve(self.state, powered_at=self.now.mono)

    def note_of_zone(self, name: str, what: str) -> None:
        """Have the record of what is on tell what is wrong with one of its zones."""
        holder = self.state.holder
        if holder and name in holder.broadcast.zones:
            self.note(holder, f"Cụm loa “{self.state.station.zones[name].title}”: {what}")

    def note(self, cast: Cast, what: str) -> None:
        """Have its record tell it too."""
        if len(cast.notes) < NOTES:
            self.follow(evolve(cast, notes=(*cast.notes, what)))

    def clock(self) -> str:
        """The station's own time, to the second."""
        return f"{local(self.now.wall, self.state.station.time_zone):%H:%M:%S}"

    def end(self, cast: Cast, result: Result, reason: str) -> None:
        """Make it silent if it can sound; its record is closed once it is."""
        if cast.holds_output:
            self._fall_silent(cast, Ending(result, reason))
        else:
            self.close(cast, result, reason)

    def interrupt(self, cast: Cast, reason: str) -> None:
        """Make it silent; it goes on as soon as it may, where it should be by the clock."""
        self._fall_silent(cast, Ending(Result.CUT, reason, back_to=Phase.READY))

    def try_again(self, cast: Cast, reason: str) -> None:
        """Make it silent, and begin anew with its tape: that may be what is wrong."""
        wait = TRY_AGAIN[min(cast.failures, len(TRY_AGAIN) - 1)]
        failed = evolve(cast, failures=cast.failures + 1, trouble=reason)
        self._fall_silent(failed, Ending(Result.FAILED, reason, back_to=Phase.PLANNED, wait=wait))

    def _fall_silent(self, cast: Cast, ending: Ending) -> None:
        if cast.phase is not Phase.STOPPING:
            self.do(StopPlayback(cast.broadcast.key))
        self.follow(evolve(cast, phase=Phase.STOPPING, ending=ending))

    def go_back(self, cast: Cast, to: Phase, wait: int) -> None:
        """Let an interrupted broadcast wait until it may go on."""
        silent_since = None if cast.started is None else self.now.wall
        waiting = evolve(
            cast,
            phase=to,
            since=self.now.mono,
            asked="",
            again_at=self.now.mono + wait,
            silent_since=silent_since,
            ending=None,
            level=None,
            proven=cast.proof,
        )
        self.follow(waiting)
        if cast.ending:
            self.note(waiting, f"{self.clock()} {cast.ending.reason}")

    def forget(self, cast: Cast) -> None:
        """Follow it no more, and leave its record open."""
        key = cast.broadcast.key
        self.state = evolve(self.state, casts={it: at for it, at in self.state.casts.items() if it != key})

    def close(self, cast: Cast, result: Result, reason: str) -> None:
        """Write how it ended, and follow it no more."""
        key = cast.broadcast.key
        if not cast.opened:
            self.do(OpenRecord(cast.broadcast, self.now.wall))
        told = " ".join(filter(None, (reason, cast.told)))
        self.do(CloseRecord(key, result, self._heard_until(cast, result), told, cast.proof))
        self.discard(cast.tape)
        done = result in {Result.CUT, Result.AIRED}
        title = cast.broadcast.title
        what = f"Đã dừng “{title}”." if done else f"Không phát được “{title}”."
        self.answer(cast, done=done, sentence=f"{what} {told}".strip())
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
        if cast.interrupted:
            return cast.silent_since
        return min(cast.end, self.now.wall) if result is Result.AIRED else self.now.wall

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
