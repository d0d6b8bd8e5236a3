"""The step itself: the one place where the player decides.

`step` is total and pure: any event in any state gives a new state, the actions to perform in their order, and
after how many ms it wants to be asked again even if nothing happens.
"""

from attrs import evolve

from station.rules.now import DAY, Now
from station.rules.rundown import Tape
from station.rules.schedule import Broadcast, Planned, Priority, Trigger
from station.rules.step import zone as zones
from station.rules.step.actions import (
    Action,
    Answer,
    CloseRecord,
    DiscardTape,
    LoadTape,
    NoteStart,
    OpenRecord,
    PlayTape,
    PrepareTape,
    Result,
    StopPlayback,
    SwitchZone,
)
from station.rules.step.broadcast import (
    EARLY,
    GIVE_WAY,
    OVERRUN,
    PREPARE_AGAIN,
    PREPARE_AHEAD,
    READY_ZONES,
    STALL,
    Cast,
    Ending,
    Phase,
)
from station.rules.step.deadlines import opens_at, wake_in
from station.rules.step.events import (
    Event,
    PlayerFailed,
    PlayerStopped,
    PlayOrdered,
    Progressed,
    ShutdownOrdered,
    StopOrdered,
    TapeFailed,
    TapeReady,
    Tick,
    TimetablePlanned,
    ZoneFailed,
)
from station.rules.step.guard import may_begin, may_go_on
from station.rules.step.state import State
from station.rules.step.zone import Want, ZoneState

_REMEMBER_CLOSED = 8 * DAY
_LONGEST_CHAIN = 100  # transitions in one step; the tables are far shorter


def step(state: State, now: Now, event: Event) -> tuple[State, tuple[Action, ...], int | None]:
    """Decide what follows from `event` at `now`.

    Gives the new state, the actions in the order in which they are to be performed, and the ms until the next
    decision that time alone will bring (None when only an event can bring one).
    """
    turn = _Turn(state, now)
    turn.take(event)
    turn.settle()
    return turn.state, tuple(turn.actions), wake_in(turn.state, now)


class _Turn:
    """One step being taken: the state so far and the actions so far."""

    def __init__(self, state: State, now: Now) -> None:
        self.state = state
        self.now = now
        self.actions: list[Action] = []

    # What happened

    def take(self, event: Event) -> None:
        match event:
            case Tick():
                pass
            case TimetablePlanned(broadcasts):
                self._plan(broadcasts)
            case TapeReady(key, digest, tape):
                self._accept_tape(key, digest, tape)
            case TapeFailed(key, digest, reason):
                self._note_tape_failure(key, digest, reason)
            case Progressed():
                self._note_progress(event)
            case PlayerStopped(key):
                self._note_silence(key, fault="")
            case PlayerFailed(key, reason):
                self._note_player_failure(key, reason)
            case ZoneFailed(zone, reason):
                self._note_zone_failure(zone, reason)
            case PlayOrdered(order, broadcast):
                self._play(order, broadcast)
            case StopOrdered(order, who):
                self._stop(order, who)
            case ShutdownOrdered():
                self._shut_down()

    def _plan(self, broadcasts: tuple[Broadcast, ...]) -> None:
        followed = {
            key: cast
            for key, cast in self.state.casts.items()
            if cast.holds_output or cast.broadcast.trigger is Trigger.HAND
        }
        planned_from = min(self.state.planned_from, self.now.wall)
        for broadcast in broadcasts:
            known = self.state.casts.get(broadcast.key)
            if broadcast.key in followed or broadcast.key in self.state.closed:
                continue
            if known is not None:
                followed[broadcast.key] = self._replanned(known, broadcast)
            elif broadcast.latest >= planned_from:
                followed[broadcast.key] = Cast(broadcast)
        for key, cast in self.state.casts.items():
            if key not in followed:
                self._discard(cast.tape)
        self.state = evolve(
            self.state,
            casts=followed,
            closed=self._recently_closed(),
            planned_from=self.now.wall if self.now.trusted else self.state.planned_from,
        )

    def _replanned(self, cast: Cast, broadcast: Broadcast) -> Cast:
        if broadcast.programme.digest == cast.broadcast.programme.digest:
            return evolve(cast, broadcast=broadcast)
        self._discard(cast.tape)
        return Cast(broadcast)

    def _recently_closed(self) -> dict[str, int]:
        if not self.now.trusted:
            return self.state.closed
        oldest = self.now.wall - _REMEMBER_CLOSED
        return {key: start for key, start in self.state.closed.items() if start >= oldest}

    def _accept_tape(self, key: str, digest: str, tape: Tape) -> None:
        cast = self.state.casts.get(key)
        if cast is None or cast.phase is not Phase.PLANNED or cast.broadcast.programme.digest != digest:
            self._discard(tape)
            return
        self.state = self.state.following(evolve(cast, phase=Phase.READY, tape=tape))

    def _note_tape_failure(self, key: str, digest: str, reason: str) -> None:
        cast = self.state.casts.get(key)
        if cast is None or cast.phase is not Phase.PLANNED or cast.asked != digest:
            return
        self.state = self.state.following(evolve(cast, trouble=reason, again_at=self.now.mono + PREPARE_AGAIN))
        if cast.order is not None:  # a person is waiting: say it now rather than try again
            self._close(cast, Result.FAILED, reason)

    def _note_progress(self, event: Progressed) -> None:
        cast = self.state.casts.get(event.key)
        if cast is None or cast.phase is not Phase.ON_AIR or cast.tape is None:
            return
        tape = cast.tape
        if event.sounding and event.position > cast.position:
            cast = evolve(cast, position=event.position, heard_at=self.now.mono)
        if event.sounding and cast.started is None:
            cast = evolve(cast, started=cast.played_at + tape.lead)
            self.actions.append(NoteStart(event.key, cast.played_at + tape.lead))
            cast = self._answer(cast, done=True, sentence=f"Đang phát “{cast.broadcast.title}”.")
        self.state = self.state.following(evolve(cast, lost=event.lost))
        if event.ended:
            self._note_end(evolve(cast, lost=event.lost), tape)

    def _note_end(self, cast: Cast, tape: Tape) -> None:
        short = cast.since + tape.lead + tape.length - self.now.mono
        if cast.started is None:
            self._end(cast, Result.FAILED, "Đường tiếng không nhận âm thanh nên không nghe thấy gì.")
        elif short > EARLY:
            self._end(cast, Result.FAILED, f"Tiếng kết thúc sớm hơn băng phát {short // 1000} giây.")
        else:
            self._end(cast, Result.AIRED, "")

    def _note_silence(self, key: str, fault: str) -> None:
        cast = self.state.casts.get(key)
        if cast is None or cast.ending is None:
            return
        reason = " ".join(filter(None, (cast.ending.reason, fault)))
        self._close(cast, cast.ending.result, reason)

    def _note_player_failure(self, key: str, reason: str) -> None:
        cast = self.state.casts.get(key)
        if cast is None:
            return
        if cast.phase is Phase.STOPPING:  # it does not even fall silent: the amplifiers will
            self._note_silence(key, fault=reason)
            self._settle_zones(Want.AT_ONCE)
        elif cast.holds_output:
            self._end(cast, Result.FAILED, reason)

    def _note_zone_failure(self, name: str, reason: str) -> None:
        zone = self.state.zones.get(name)
        if zone is None:
            return
        if zone.energised:
            self.actions.append(SwitchZone(name, on=False))
        self._set_zone(name, zones.fail(zone, self.now.mono, reason))
        holder = self.state.holder
        if holder and name in holder.broadcast.zones:
            note = f"Cụm loa “{self.state.station.zones[name].title}” không bật được: {reason}"
            self.state = self.state.following(evolve(holder, notes=(*holder.notes, note)))

    def _play(self, order: int, broadcast: Broadcast) -> None:
        if refusal := self._refusal(broadcast):
            self.actions.append(Answer(order, done=False, sentence=refusal))
        else:
            self.state = self.state.following(Cast(broadcast, order=order))

    def _refusal(self, broadcast: Broadcast) -> str:
        busy = self.state.holder or self._pending_by_hand()
        if self.state.ending:
            return "Máy phát đang tắt. Thử lại sau khi máy đã chạy lại."
        if busy:
            return f"Chưa phát được vì đang phát “{busy.broadcast.title}”. Bấm Dừng phát trước, rồi phát lại."
        if broadcast.key in self.state.casts or broadcast.key in self.state.closed:
            return "Lệnh này đã được nhận rồi."
        if not broadcast.programme.parts:
            return Cast(broadcast).why_not_ready
        return may_begin(self.state.station, broadcast, broadcast.end, self.now)

    def _pending_by_hand(self) -> Cast | None:
        return next((it for it in self.state.casts.values() if it.broadcast.trigger is Trigger.HAND), None)

    def _stop(self, order: int, who: str) -> None:
        cast = self.state.holder or self._pending_by_hand()
        if cast is None:
            self.actions.append(Answer(order, done=True, sentence="Không có gì đang phát."))
            return
        cast = self._answer(cast, done=False, sentence=f"{who} đã bấm Dừng phát.")
        self._end(evolve(cast, order=order), Result.CUT, f"{who} đã bấm Dừng phát.")

    def _shut_down(self) -> None:
        self.state = evolve(self.state, ending=True)
        if holder := self.state.holder:
            self._end(holder, Result.CUT, "Máy phát tắt.")

    # What is due

    def settle(self) -> None:
        """Take every transition that is due, until none is."""
        for _ in range(_LONGEST_CHAIN):
            before = self.state
            for cast in self.state.in_order:
                self._advance(self.state.casts.get(cast.broadcast.key))
            self._settle_zones(Want.AT_ONCE if self.state.ending or self._waiting_for_output() else Want.OFF)
            if self.state is before:
                return

    def _advance(self, cast: Cast | None) -> None:
        match cast:
            case Cast(phase=Phase.PLANNED | Phase.READY):
                self._advance_planned(cast)
            case Cast(phase=Phase.WARMING, tape=Tape() as tape):
                self._advance_warming(cast, tape)
            case Cast(phase=Phase.ON_AIR, tape=Tape() as tape):
                self._advance_on_air(cast, tape)

    def _advance_planned(self, cast: Cast) -> None:
        broadcast = cast.broadcast
        if self.state.ending or not (self.now.trusted or broadcast.priority is Priority.EMERGENCY):
            return  # an instant that may be wrong makes nothing due, and nothing missed
        if broadcast.state in {Planned.DROPPED, Planned.REFUSED}:
            if self.now.wall >= broadcast.start:
                self._close(cast, Result.MISSED, broadcast.reason)
        elif self.now.wall > cast.broadcast.latest:
            self._close(cast, Result.MISSED, self._why_missed(cast))
        elif self._wants_tape(cast):
            asked = evolve(cast, asked=broadcast.programme.digest, again_at=None)
            self.state = self.state.following(asked)
            self.actions.append(PrepareTape(broadcast.key, broadcast.start, broadcast.programme))
        elif self.now.wall >= opens_at(self.state.station, cast):
            self._try_to_open(cast)

    def _wants_tape(self, cast: Cast) -> bool:
        if cast.tape is not None or not cast.broadcast.programme.parts:
            return False
        if not cast.asked:
            return self.now.wall >= cast.broadcast.start - PREPARE_AHEAD
        return cast.again_at is not None and self.now.mono >= cast.again_at

    def _try_to_open(self, cast: Cast) -> None:
        if cast.tape is None or self.state.holder:
            return
        if refusal := may_begin(self.state.station, cast.broadcast, cast.end, self.now):
            self._close(cast, Result.MISSED, refusal)
            return
        self.actions += [OpenRecord(cast.broadcast, self.now.wall), LoadTape(cast.broadcast.key, cast.tape)]
        self.state = self.state.following(evolve(cast, phase=Phase.WARMING, since=self.now.mono))

    def _why_missed(self, cast: Cast) -> str:
        if cast.tape is None:
            never_asked = not cast.asked and cast.broadcast.programme.parts
            return "Máy không chạy vào giờ phát." if never_asked else cast.why_not_ready
        if holder := self.state.holder:
            return f"Vào giờ phát, “{holder.broadcast.title}” vẫn đang phát."
        return "Giờ phát đã qua khi đồng hồ được chỉnh hoặc máy bận."

    def _advance_warming(self, cast: Cast, tape: Tape) -> None:
        wanted = self._zones_of(cast)
        leaking = set(self.state.energised()) - set(cast.broadcast.zones)
        if all(zone.barred for zone in wanted):
            self._end(cast, Result.FAILED, "Không bật được cụm loa nào.")
        elif self.now.mono - cast.since >= READY_ZONES:
            self._end(cast, Result.FAILED, "Các cụm loa không sẵn sàng kịp.")
        elif refusal := may_go_on(self.state.station, cast.broadcast, self.now):
            self._end(cast, Result.CUT, refusal)
        elif (
            self.now.wall >= cast.broadcast.start - tape.lead
            and not leaking
            and all(zone.phase is zones.Phase.ON or zone.barred for zone in wanted)
        ):
            self.actions.append(PlayTape(cast.broadcast.key))
            playing = evolve(
                cast,
                phase=Phase.ON_AIR,
                since=self.now.mono,
                heard_at=self.now.mono,
                played_at=self.now.wall,
            )
            self.state = self.state.following(playing)

    def _advance_on_air(self, cast: Cast, tape: Tape) -> None:
        elapsed = self.now.mono - cast.since
        if elapsed >= tape.lead + tape.length + tape.tail + OVERRUN:
            self._end(cast, Result.FAILED, "Máy phát không tự dừng khi hết băng.")
        elif self.now.mono - cast.heard_at >= STALL and elapsed < tape.lead + tape.length:
            self._end(cast, Result.FAILED, "Máy phát đứng, không còn tiếng.")
        elif not any(zone.energised for zone in self._zones_of(cast)):
            self._end(cast, Result.CUT, "Không còn cụm loa nào bật.")
        elif refusal := may_go_on(self.state.station, cast.broadcast, self.now):
            self._end(cast, Result.CUT, refusal)
        elif successor := self._successor(cast):
            self._end(cast, Result.CUT, f"Nhường giờ cho “{successor.broadcast.title}”.")

    def _successor(self, cast: Cast) -> Cast | None:
        """Whoever must have the output now: due, as urgent, and truly able to sound."""
        for other in self.state.in_order:
            if (
                other.phase is Phase.READY
                and other.broadcast.state is Planned.PLANNED
                and other.broadcast.priority.rank >= cast.broadcast.priority.rank
                and other.broadcast.start + GIVE_WAY <= self.now.wall <= other.broadcast.latest
                and not may_begin(self.state.station, other.broadcast, other.end, self.now)
            ):
                return other
        return None

    # Zones

    def _zones_of(self, cast: Cast) -> list[ZoneState]:
        names = [name for name in cast.broadcast.zones if name in self.state.station.zones]
        return [self.state.zones.get(name, ZoneState()) for name in names]

    def _waiting_for_output(self) -> bool:
        """Whether a broadcast is about to sound, so that no other zone may linger."""
        holder = self.state.holder
        return holder is not None and holder.phase is Phase.WARMING

    def _settle_zones(self, unwanted: Want) -> None:
        holder = self.state.holder
        wanted = set(holder.broadcast.zones) if holder and holder.phase is not Phase.STOPPING else set()
        for name, zone in self.state.station.zones.items():
            before = self.state.zones.get(name, ZoneState())
            after = zones.turn(before, zone, Want.ON if name in wanted else unwanted, self.now.mono)
            if after.energised != before.energised:
                self.actions.append(SwitchZone(name, on=after.energised))
            if after is not before:
                self._set_zone(name, after)

    def _set_zone(self, name: str, zone: ZoneState) -> None:
        self.state = evolve(self.state, zones={**self.state.zones, name: zone})

    # Endings

    def _end(self, cast: Cast, result: Result, reason: str) -> None:
        """Make it silent if it can sound; its record is closed once it is."""
        if not cast.holds_output:
            self._close(cast, result, reason)
        elif cast.phase is not Phase.STOPPING:
            ending = Ending(result, reason)
            self.state = self.state.following(evolve(cast, phase=Phase.STOPPING, ending=ending))
            self.actions.append(StopPlayback(cast.broadcast.key))

    def _close(self, cast: Cast, result: Result, reason: str) -> None:
        key = cast.broadcast.key
        if not cast.holds_output:
            self.actions.append(OpenRecord(cast.broadcast, self.now.wall))
        told = " ".join(filter(None, (reason, cast.told)))
        self.actions.append(CloseRecord(key, result, self._heard_until(cast, result), told))
        self._discard(cast.tape)
        self._answer(cast, done=result is Result.CUT, sentence=f"Đã dừng “{cast.broadcast.title}”. {told}".strip())
        self.state = self.state.without(cast)

    def _heard_until(self, cast: Cast, result: Result) -> int | None:
        if cast.started is None:
            return None
        return cast.end if result is Result.AIRED else self.now.wall

    def _answer(self, cast: Cast, *, done: bool, sentence: str) -> Cast:
        if cast.order is not None:
            self.actions.append(Answer(cast.order, done, sentence))
        return evolve(cast, order=None)

    def _discard(self, tape: Tape | None) -> None:
        if tape is not None:
            self.actions.append(DiscardTape(tape))
