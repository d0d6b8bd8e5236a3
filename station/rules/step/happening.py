"""What happened: each event, taken into the state."""

from attrs import evolve

from station.rules.now import DAY
from station.rules.rundown import Tape
from station.rules.schedule import Broadcast, Trigger
from station.rules.step import zone as zones
from station.rules.step.actions import CloseRecord, NoteStart, Result, SwitchZone
from station.rules.step.broadcast import EARLY, PREPARE_AGAIN, SLOW, Cast, Phase
from station.rules.step.due import fail, load
from station.rules.step.events import (
    AmplifierReported,
    Event,
    PlayerFailed,
    PlayerStopped,
    Progressed,
    TapeFailed,
    TapeReady,
    Tick,
    TimetablePlanned,
    ZoneFailed,
    ZoneMended,
)
from station.rules.step.orders import obey
from station.rules.step.state import Unfinished
from station.rules.step.turn import Turn
from station.rules.step.zone import Want

_REMEMBER_CLOSED = 8 * DAY
_CUT_OFF = "Bị ngắt vì máy tắt đột ngột (mất điện hoặc lỗi)."


def take(turn: Turn, event: Event) -> None:
    """Take `event` into the state; what does not fit it changes nothing."""
    match event:
        case Tick():
            pass
        case TimetablePlanned(broadcasts):
            _plan(turn, broadcasts)
        case TapeReady(key, digest, tape):
            _accept_tape(turn, key, digest, tape)
        case TapeFailed(key, digest, reason):
            _note_tape_failure(turn, key, digest, reason)
        case Progressed():
            _note_progress(turn, event)
        case PlayerStopped(key):
            _note_silence(turn, key, fault="")
        case PlayerFailed(key, reason):
            _note_player_failure(turn, key, reason)
        case ZoneFailed(zone, reason):
            _note_zone_failure(turn, zone, reason)
        case ZoneMended(zone, reason):
            _mend_zone(turn, zone, reason)
        case AmplifierReported(zone, up):
            _hear_amplifier(turn, zone, up=up)
        case _:
            obey(turn, event)


def _plan(turn: Turn, broadcasts: tuple[Broadcast, ...]) -> None:
    _take_up_unfinished(turn, broadcasts)
    followed = {
        key: cast for key, cast in turn.state.casts.items() if cast.opened or cast.broadcast.trigger is Trigger.HAND
    }
    planned_from = min(turn.state.planned_from, turn.now.wall)
    for broadcast in broadcasts:
        known = turn.state.casts.get(broadcast.key)
        if broadcast.key in followed or broadcast.key in turn.state.closed:
            continue
        if known is not None:
            followed[broadcast.key] = _replanned(turn, known, broadcast)
        elif broadcast.latest >= planned_from:
            followed[broadcast.key] = Cast(broadcast)
    for key, cast in turn.state.casts.items():
        if key not in followed:
            turn.discard(cast.tape)
    turn.state = evolve(
        turn.state,
        casts=followed,
        closed=_recently_closed(turn),
        planned_from=turn.now.wall if turn.now.trusted else turn.state.planned_from,
    )


def _take_up_unfinished(turn: Turn, broadcasts: tuple[Broadcast, ...]) -> None:
    """Go on with what the last run left open, if its schedule lets it join; close all else as interrupted."""
    planned = {broadcast.key: broadcast for broadcast in broadcasts}
    for found in turn.state.unfinished.values():
        broadcast = planned.get(found.key)
        if broadcast is not None and broadcast.airs and broadcast.late.join:
            begun = None if found.started is None else broadcast.start
            cast = Cast(broadcast, opened=True, started=found.started, begun=begun)
            turn.follow(cast)
            turn.note(cast, _CUT_OFF)
        else:
            turn.do(_cut_off(found))
            turn.state = evolve(turn.state, closed={**turn.state.closed, found.key: found.start})
    if turn.state.unfinished:
        turn.state = evolve(turn.state, unfinished={})


def _cut_off(found: Unfinished) -> CloseRecord:
    if found.started is None:
        return CloseRecord(found.key, Result.FAILED, None, "Máy tắt đột ngột ngay trước giờ phát.")
    return CloseRecord(found.key, Result.CUT, None, f"{_CUT_OFF} Phần còn lại không phát lại.")


def _replanned(turn: Turn, cast: Cast, broadcast: Broadcast) -> Cast:
    if broadcast.programme.digest == cast.broadcast.programme.digest:
        return evolve(cast, broadcast=broadcast)
    turn.discard(cast.tape)
    return Cast(broadcast)


def _recently_closed(turn: Turn) -> dict[str, int]:
    if not turn.now.trusted:
        return turn.state.closed
    oldest = turn.now.wall - _REMEMBER_CLOSED
    return {key: start for key, start in turn.state.closed.items() if start >= oldest}


def _accept_tape(turn: Turn, key: str, digest: str, tape: Tape) -> None:
    cast = turn.state.casts.get(key)
    if cast is None or cast.broadcast.programme.digest != digest:
        turn.discard(tape)
    elif cast.phase is Phase.PLANNED:
        turn.follow(evolve(cast, phase=Phase.READY, tape=tape))
    elif cast.phase is Phase.WARMING and cast.tape is None:
        load(turn, evolve(cast, tape=tape), tape)
    elif cast.tape != tape:
        turn.discard(tape)


def _note_tape_failure(turn: Turn, key: str, digest: str, reason: str) -> None:
    cast = turn.state.casts.get(key)
    if cast is None or cast.asked != digest:
        return
    if cast.order is not None:  # a person is waiting: say it now rather than try again
        turn.end(cast, Result.FAILED, reason)
    elif cast.phase is Phase.WARMING and cast.tape is None:
        fail(turn, cast, reason)
    elif cast.phase is Phase.PLANNED:
        turn.follow(evolve(cast, trouble=reason, again_at=turn.now.mono + PREPARE_AGAIN))


def _note_progress(turn: Turn, event: Progressed) -> None:
    cast = turn.state.casts.get(event.key)
    if cast is None or cast.phase is not Phase.ON_AIR or cast.tape is None:
        return
    tape = cast.tape
    if event.sounding and event.position > cast.position:
        if not cast.sounds:
            cast = _as_begun(cast, turn.now.mono - event.position)
        cast = evolve(cast, position=event.position, heard_at=turn.now.mono + event.assured)
    if event.sounding and cast.started is None:
        started = cast.leaves_at + max(0, tape.lead - cast.offset)
        cast = evolve(cast, started=started)
        turn.do(NoteStart(event.key, started))
        cast = turn.answer(cast, done=True, sentence=f"Đang phát “{cast.broadcast.title}”.")
    cast = evolve(cast, lost=event.lost, level=event.level, proof=cast.proven.plus(event.proof))
    turn.follow(cast)
    if event.feed != cast.feed:
        cast = evolve(cast, feed=event.feed)
        turn.follow(cast)
        turn.note(cast, f"{turn.clock()} {event.feed or 'Đã nhận lại sóng.'}")
    if event.ended:
        _note_end(turn, turn.state.casts[event.key], tape)


def _as_begun(cast: Cast, origin: int) -> Cast:
    """A broadcast whose tape begins at mono ms `origin`: as planned, or later by a slow player."""
    late = origin - cast.origin
    if late < SLOW:
        return cast
    begun = cast.begun if cast.begun is None or cast.started is not None else cast.begun + late
    return evolve(cast, origin=origin, leaves_at=cast.leaves_at + late, begun=begun)


def _note_end(turn: Turn, cast: Cast, tape: Tape) -> None:
    short = cast.origin + tape.lead + tape.length - turn.now.mono
    if cast.started is None:
        fail(turn, cast, "Đường tiếng không nhận âm thanh nên không nghe thấy gì.")
    elif short > EARLY:
        fail(turn, cast, f"Tiếng kết thúc sớm hơn băng phát {short // 1000} giây.")
    else:
        turn.end(cast, Result.AIRED, "")


def _note_silence(turn: Turn, key: str, fault: str) -> None:
    cast = turn.state.casts.get(key)
    if cast is None or cast.ending is None:
        return
    if cast.ending.back_to and not turn.state.ending:
        turn.go_back(cast, cast.ending.back_to, cast.ending.wait)
    elif cast.ending.back_to:  # the next run goes on with it: its record stays open
        turn.forget(cast)
    else:
        turn.close(cast, cast.ending.result, " ".join(filter(None, (cast.ending.reason, fault))))


def _note_player_failure(turn: Turn, key: str, reason: str) -> None:
    cast = turn.state.casts.get(key)
    if cast is None:
        return
    if cast.phase is Phase.STOPPING:  # it does not even fall silent: the amplifiers will
        _note_silence(turn, key, fault=reason)
        turn.settle_zones(Want.AT_ONCE)
    elif cast.holds_output:
        fail(turn, cast, reason)


def _note_zone_failure(turn: Turn, name: str, reason: str) -> None:
    zone = turn.state.zones.get(name)
    if zone is None:
        return
    if zone.energised:
        turn.do(SwitchZone(name, on=False))
    turn.set_zone(name, zones.fail(zone, turn.now.mono, reason))
    what = "không bật được."
    turn.note_of_zone(name, f"{what} {reason}")


def _mend_zone(turn: Turn, name: str, reason: str) -> None:
    """Let what failed for that reason go on again; what is barred for another stays so."""
    zone = turn.state.zones.get(name)
    if zone and zone.fault == reason:
        turn.set_zone(name, evolve(zone, barred=False, fault=""))


def _hear_amplifier(turn: Turn, name: str, *, up: bool) -> None:
    if zone := turn.state.zones.get(name):
        turn.set_zone(name, evolve(zone, up=up))
