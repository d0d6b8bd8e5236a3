"""What is due: every transition that the instant itself brings, for broadcasts and zones."""

from attrs import evolve

from station.rules.now import MINUTE
from station.rules.rundown import Tape
from station.rules.schedule import Priority, Trigger
from station.rules.step.actions import LoadTape, OpenRecord, PlayTape, PrepareTape, Result
from station.rules.step.aim import aimed, out_of_aim, warm_in
from station.rules.step.broadcast import (
    GIVE_WAY,
    OVERRUN,
    PLAY_AHEAD,
    PREPARE_AHEAD,
    READY_ZONES,
    TRY_AGAIN,
    Cast,
    Phase,
)
from station.rules.step.deadlines import opens_at
from station.rules.step.guard import may_begin, may_go_on
from station.rules.step.turn import Turn
from station.rules.step.zone import Want

_JUST_NOW = MINUTE  # what lies further back was jumped over, or the machine slept
_LONGEST_CHAIN = 100  # transitions in one step; the tables are far shorter


def settle(turn: Turn) -> None:
    """Take every transition that is due, until none is."""
    for _ in range(_LONGEST_CHAIN):
        before = turn.state
        for cast in turn.state.in_order:
            _advance(turn, turn.state.casts.get(cast.broadcast.key))
        turn.settle_zones(Want.AT_ONCE if turn.state.ending or _waiting_for_output(turn) else Want.OFF)
        if turn.state is before:
            return


def _advance(turn: Turn, cast: Cast | None) -> None:
    match cast:
        case Cast(phase=Phase.PLANNED | Phase.READY):
            _advance_planned(turn, cast)
        case Cast(phase=Phase.WARMING):
            _advance_warming(turn, cast)
        case Cast(phase=Phase.ON_AIR, tape=Tape() as tape):
            _advance_on_air(turn, cast, tape)


def _advance_planned(turn: Turn, cast: Cast) -> None:
    broadcast = cast.broadcast
    if turn.state.ending or not (turn.now.trusted or broadcast.priority is Priority.EMERGENCY):
        return  # an instant that may be wrong makes nothing due, and nothing missed
    if not broadcast.airs:
        if turn.now.wall >= broadcast.start:
            turn.close(cast, Result.MISSED, broadcast.reason)
    elif turn.now.wall > cast.latest:
        _give_up(turn, cast)
    elif cast.again_at is not None and turn.now.mono < cast.again_at:
        return
    elif _wants_tape(turn, cast):
        asked = evolve(cast, asked=broadcast.programme.digest, again_at=None)
        turn.follow(asked)
        urgent = broadcast.priority is Priority.EMERGENCY and broadcast.trigger is Trigger.HAND
        turn.do(PrepareTape(broadcast.key, broadcast.start, broadcast.programme, urgent))
    elif turn.now.wall >= opens_at(turn.state.station, cast):
        _try_to_open(turn, cast)


def _give_up(turn: Turn, cast: Cast) -> None:
    if cast.started is not None:
        turn.close(cast, Result.CUT, "Không kịp phát tiếp.")
    elif cast.opened:
        turn.close(cast, Result.FAILED, cast.trouble)
    else:
        turn.close(cast, Result.MISSED, _why_missed(turn, cast))


def _wants_tape(turn: Turn, cast: Cast) -> bool:
    if cast.phase is not Phase.PLANNED or not cast.broadcast.programme.parts:
        return False
    return turn.now.wall >= cast.broadcast.start - PREPARE_AHEAD and (not cast.asked or cast.again_at is not None)


def _try_to_open(turn: Turn, cast: Cast) -> None:
    urgent = cast.broadcast.priority is Priority.EMERGENCY and cast.asked
    if turn.state.holder or not (cast.phase is Phase.READY or urgent):
        return
    if not turn.state.wanted_by(cast):
        turn.close(cast, Result.MISSED, "Mọi cụm loa của buổi này đang bị tắt riêng.")
        return
    start = turn.now.wall + warm_in(turn.state, cast, turn.now)
    begun = cast.broadcast.start if cast.broadcast.late.join else max(start, cast.broadcast.start)
    end = cast.end if cast.begun is not None else begun + cast.length
    if refusal := may_begin(turn.state, cast.broadcast, max(start, cast.broadcast.start), end, turn.now):
        turn.close(cast, Result.CUT if cast.started is not None else Result.MISSED, refusal)
        return
    if not cast.opened:
        turn.do(OpenRecord(cast.broadcast, turn.now.wall))
    opened = evolve(cast, phase=Phase.WARMING, since=turn.now.mono, opened=True, again_at=None)
    turn.follow(opened)
    _tell_muted(turn, opened)
    if cast.phase is Phase.READY and cast.tape:
        load(turn, turn.state.casts[cast.broadcast.key], cast.tape)


def _tell_muted(turn: Turn, cast: Cast) -> None:
    muted = [name for name in cast.broadcast.zones if name in turn.state.muted and name in turn.state.station.zones]
    titles = ", ".join(turn.state.station.zones[name].title for name in muted)
    told = f"Đang tắt riêng nên không phát: {titles}."
    if muted and told not in cast.notes:
        turn.note(cast, told)


def load(turn: Turn, cast: Cast, tape: Tape) -> None:
    """Have the player open its tape, at the place from which it will sound."""
    aim = aimed(turn.state, cast, tape, turn.now)
    turn.do(LoadTape(cast.broadcast.key, tape, aim.offset))
    turn.follow(aim)


def _why_missed(turn: Turn, cast: Cast) -> str:
    if cast.tape is None:
        return cast.why_no_tape
    just_now = turn.now.wall - cast.latest < _JUST_NOW
    if just_now and (holder := turn.state.holder):
        return f"Vào giờ phát, “{holder.broadcast.title}” vẫn đang phát."
    return "Giờ phát đã qua khi đồng hồ được chỉnh hoặc máy bận."


def _advance_warming(turn: Turn, cast: Cast) -> None:
    wanted = turn.zones_of(cast)
    leaking = set(turn.state.energised()) - set(turn.state.wanted_by(cast))
    if all(zone.barred for zone in wanted):
        turn.end(cast, Result.FAILED, "Không bật được cụm loa nào.")
    elif turn.now.mono - cast.since >= READY_ZONES:
        turn.end(cast, Result.FAILED, "Các cụm loa hoặc băng phát không sẵn sàng kịp.")
    elif refusal := may_go_on(turn.state.station, cast.broadcast, turn.now):
        turn.end(cast, Result.CUT, refusal)
    elif cast.tape is None or leaking or not all(zone.energised or zone.barred for zone in wanted):
        return
    elif out_of_aim(cast, cast.tape, turn.now):
        load(turn, cast, cast.tape)
    elif warm_in(turn.state, cast, turn.now) <= PLAY_AHEAD and turn.now.wall >= cast.leaves_at - PLAY_AHEAD:
        _begin(turn, cast, cast.tape)


def _begin(turn: Turn, cast: Cast, tape: Tape) -> None:
    """Give the player its instant: never before the amplifiers are warm, but for the tape's own silence."""
    silence = max(0, tape.lead - cast.offset)
    wait = max(0, cast.leaves_at - turn.now.wall, warm_in(turn.state, cast, turn.now) - silence)
    at, leaves_at = turn.now.mono + wait, turn.now.wall + wait
    turn.do(PlayTape(cast.broadcast.key, at))
    playing = evolve(
        cast,
        phase=Phase.ON_AIR,
        since=turn.now.mono,
        heard_at=at,
        position=cast.offset,
        origin=at - cast.offset,
        leaves_at=leaves_at,
        begun=leaves_at + tape.lead - cast.offset if cast.begun is None else cast.begun,
    )
    turn.follow(playing)
    if cast.started is not None:
        turn.note(playing, f"{turn.clock()} Phát tiếp.")


def _advance_on_air(turn: Turn, cast: Cast, tape: Tape) -> None:
    elapsed = turn.now.mono - cast.origin
    if elapsed >= tape.lead + tape.length + tape.tail + OVERRUN:
        turn.end(cast, Result.FAILED, "Máy phát không tự dừng khi hết băng.")
    elif turn.now.mono >= cast.stalls_at and elapsed < tape.lead + tape.length:
        fail(turn, cast, "Máy phát đứng, không còn tiếng.")
    elif not any(zone.energised for zone in turn.zones_of(cast)):
        turn.end(cast, Result.CUT, "Không còn cụm loa nào bật.")
    elif refusal := may_go_on(turn.state.station, cast.broadcast, turn.now):
        turn.end(cast, Result.CUT, refusal)
    elif cast.broadcast.hard_end is not None and turn.now.wall >= cast.broadcast.hard_end:
        turn.end(cast, Result.CUT, "Hết giờ dành cho chương trình này.")
    elif successor := _successor(turn, cast):
        _give_way(turn, cast, successor)


def _give_way(turn: Turn, cast: Cast, successor: Cast) -> None:
    """Let the successor have the output; one that may join goes on after what is more urgent."""
    reason = f"Nhường giờ cho “{successor.broadcast.title}”."
    if successor.broadcast.priority.rank > cast.broadcast.priority.rank and cast.broadcast.late.join:
        turn.interrupt(cast, reason)
    else:
        turn.end(cast, Result.CUT, reason)


def fail(turn: Turn, cast: Cast, reason: str) -> None:
    """Try again what the player failed at, where it should be by the clock; at last, or when asked, say so."""
    emergency = cast.broadcast.priority is Priority.EMERGENCY
    asked = cast.order is not None and not emergency
    tried = cast.failures >= len(TRY_AGAIN) and not (emergency or cast.broadcast.late.join)
    if asked or tried or turn.state.ending:
        turn.end(cast, Result.FAILED, reason)
    else:
        turn.try_again(cast, reason)


def _successor(turn: Turn, cast: Cast) -> Cast | None:
    """Whoever must have the output now: due, as urgent, and truly able to sound."""
    for other in turn.state.in_order:
        if (
            other.phase is Phase.READY
            and other.broadcast.airs
            and _takes_over_at(turn, other, cast) <= turn.now.wall <= other.broadcast.latest
            and not may_begin(turn.state, other.broadcast, turn.now.wall, turn.now.wall + other.length, turn.now)
        ):
            return other
    return None


def _takes_over_at(turn: Turn, other: Cast, cast: Cast) -> int:
    """The wall ms at which `other` need not wait for `cast` any longer."""
    if other.broadcast.priority.rank > cast.broadcast.priority.rank:
        return opens_at(turn.state.station, other)
    if other.broadcast.priority.rank == cast.broadcast.priority.rank:
        return other.broadcast.start + GIVE_WAY
    return other.broadcast.latest + 1


def _waiting_for_output(turn: Turn) -> bool:
    """Whether a broadcast is about to sound, so that no other zone may linger."""
    holder = turn.state.holder
    return holder is not None and holder.phase is Phase.WARMING
