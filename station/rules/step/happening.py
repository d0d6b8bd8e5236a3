"""What happened: each event, taken into the state."""

from attrs import evolve

from station.rules.now import DAY
from station.rules.rundown import Tape
from station.rules.schedule import Broadcast, Trigger
from station.rules.step import zone as zones
from station.rules.step.actions import Answer, NoteStart, Result, SwitchZone
from station.rules.step.broadcast import EARLY, PREPARE_AGAIN, Cast, Phase
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
from station.rules.step.guard import may_begin
from station.rules.step.turn import Turn
from station.rules.step.zone import Want

_REMEMBER_CLOSED = 8 * DAY


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
        case PlayOrdered(order, broadcast):
            _play(turn, order, broadcast)
        case StopOrdered(order, who):
            _stop(turn, order, who)
        case ShutdownOrdered():
            _shut_down(turn)


def _plan(turn: Turn, broadcasts: tuple[Broadcast, ...]) -> None:
    followed = {
        key: cast
        for key, cast in turn.state.casts.items()
        if cast.holds_output or cast.broadcast.trigger is Trigger.HAND
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
    if cast is None or cast.phase is not Phase.PLANNED or cast.broadcast.programme.digest != digest:
        turn.discard(tape)
        return
    turn.follow(evolve(cast, phase=Phase.READY, tape=tape))


def _note_tape_failure(turn: Turn, key: str, digest: str, reason: str) -> None:
    cast = turn.state.casts.get(key)
    if cast is None or cast.phase is not Phase.PLANNED or cast.asked != digest:
        return
    turn.follow(evolve(cast, trouble=reason, again_at=turn.now.mono + PREPARE_AGAIN))
    if cast.order is not None:  # a person is waiting: say it now rather than try again
        turn.close(cast, Result.FAILED, reason)


def _note_progress(turn: Turn, event: Progressed) -> None:
    cast = turn.state.casts.get(event.key)
    if cast is None or cast.phase is not Phase.ON_AIR or cast.tape is None:
        return
    tape = cast.tape
    if event.sounding and event.position > cast.position:
        cast = evolve(cast, position=event.position, heard_at=turn.now.mono + event.assured)
    if event.sounding and cast.started is None:
        started = cast.played_at + (0 if cast.skipped else tape.lead)
        cast = evolve(cast, started=started)
        turn.do(NoteStart(event.key, started))
        cast = turn.answer(cast, done=True, sentence=f"Đang phát “{cast.broadcast.title}”.")
    turn.follow(evolve(cast, lost=event.lost))
    if event.ended:
        _note_end(turn, evolve(cast, lost=event.lost), tape)


def _note_end(turn: Turn, cast: Cast, tape: Tape) -> None:
    short = cast.since + tape.lead + tape.length - turn.now.mono
    if cast.started is None:
        turn.end(cast, Result.FAILED, "Đường tiếng không nhận âm thanh nên không nghe thấy gì.")
    elif short > EARLY:
        turn.end(cast, Result.FAILED, f"Tiếng kết thúc sớm hơn băng phát {short // 1000} giây.")
    else:
        turn.end(cast, Result.AIRED, "")


def _note_silence(turn: Turn, key: str, fault: str) -> None:
    cast = turn.state.casts.get(key)
    if cast is None or cast.ending is None:
        return
    reason = " ".join(filter(None, (cast.ending.reason, fault)))
    turn.close(cast, cast.ending.result, reason)


def _note_player_failure(turn: Turn, key: str, reason: str) -> None:
    cast = turn.state.casts.get(key)
    if cast is None:
        return
    if cast.phase is Phase.STOPPING:  # it does not even fall silent: the amplifiers will
        _note_silence(turn, key, fault=reason)
        turn.settle_zones(Want.AT_ONCE)
    elif cast.holds_output:
        turn.end(cast, Result.FAILED, reason)


def _note_zone_failure(turn: Turn, name: str, reason: str) -> None:
    zone = turn.state.zones.get(name)
    if zone is None:
        return
    if zone.energised:
        turn.do(SwitchZone(name, on=False))
    turn.set_zone(name, zones.fail(zone, turn.now.mono, reason))
    holder = turn.state.holder
    if holder and name in holder.broadcast.zones:
        note = f"Cụm loa “{turn.state.station.zones[name].title}” không bật được: {reason}"
        turn.follow(evolve(holder, notes=(*holder.notes, note)))


def _play(turn: Turn, order: int, broadcast: Broadcast) -> None:
    if refusal := _refusal(turn, broadcast):
        turn.do(Answer(order, done=False, sentence=refusal))
    else:
        turn.follow(Cast(broadcast, order=order))


def _refusal(turn: Turn, broadcast: Broadcast) -> str:
    busy = turn.state.holder or turn.pending_by_hand()
    if turn.state.ending:
        return "Máy phát đang tắt. Thử lại sau khi máy đã chạy lại."
    if busy:
        return f"Chưa phát được vì đang phát “{busy.broadcast.title}”. Bấm Dừng phát trước, rồi phát lại."
    if broadcast.key in turn.state.casts or broadcast.key in turn.state.closed:
        return "Lệnh này đã được nhận rồi."
    if not broadcast.programme.parts:
        return Cast(broadcast).lacks
    return may_begin(turn.state, broadcast, broadcast.start, broadcast.end, turn.now)


def _stop(turn: Turn, order: int, who: str) -> None:
    cast = turn.state.holder or turn.pending_by_hand()
    if cast is None:
        turn.do(Answer(order, done=True, sentence="Không có gì đang phát."))
        return
    cast = turn.answer(cast, done=False, sentence=f"{who} đã bấm Dừng phát.")
    turn.end(evolve(cast, order=order), Result.CUT, f"{who} đã bấm Dừng phát.")


def _shut_down(turn: Turn) -> None:
    turn.state = evolve(turn.state, ending=True)
    if holder := turn.state.holder:
        turn.end(holder, Result.CUT, "Máy phát tắt.")
