"""What is due: every transition that the instant itself brings, for broadcasts and zones."""

from attrs import evolve

from station.rules.rundown import Tape
from station.rules.schedule import Priority
from station.rules.step import zone as zones
from station.rules.step.actions import LoadTape, OpenRecord, PlayTape, PrepareTape, Result
from station.rules.step.broadcast import GIVE_WAY, OVERRUN, PREPARE_AHEAD, READY_ZONES, STALL, Cast, Phase
from station.rules.step.deadlines import opens_at
from station.rules.step.guard import may_begin, may_go_on
from station.rules.step.turn import Turn
from station.rules.step.zone import Want

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
        case Cast(phase=Phase.WARMING, tape=Tape() as tape):
            _advance_warming(turn, cast, tape)
        case Cast(phase=Phase.ON_AIR, tape=Tape() as tape):
            _advance_on_air(turn, cast, tape)


def _advance_planned(turn: Turn, cast: Cast) -> None:
    broadcast = cast.broadcast
    if turn.state.ending or not (turn.now.trusted or broadcast.priority is Priority.EMERGENCY):
        return  # an instant that may be wrong makes nothing due, and nothing missed
    if not broadcast.airs:
        if turn.now.wall >= broadcast.start:
            turn.close(cast, Result.MISSED, broadcast.reason)
    elif turn.now.wall > cast.broadcast.latest:
        turn.close(cast, Result.MISSED, _why_missed(turn, cast))
    elif _wants_tape(turn, cast):
        asked = evolve(cast, asked=broadcast.programme.digest, again_at=None)
        turn.follow(asked)
        turn.do(PrepareTape(broadcast.key, broadcast.start, broadcast.programme))
    elif turn.now.wall >= opens_at(turn.state.station, cast):
        _try_to_open(turn, cast)


def _wants_tape(turn: Turn, cast: Cast) -> bool:
    if cast.tape is not None or not cast.broadcast.programme.parts:
        return False
    if not cast.asked:
        return turn.now.wall >= cast.broadcast.start - PREPARE_AHEAD
    return cast.again_at is not None and turn.now.mono >= cast.again_at


def _try_to_open(turn: Turn, cast: Cast) -> None:
    if cast.tape is None or turn.state.holder:
        return
    start = _would_start(turn, cast)
    begun = cast.broadcast.start if cast.broadcast.late.join else start
    if refusal := may_begin(turn.state, cast.broadcast, start, begun + cast.tape.length, turn.now):
        turn.close(cast, Result.MISSED, refusal)
        return
    turn.do(OpenRecord(cast.broadcast, turn.now.wall), LoadTape(cast.broadcast.key, cast.tape))
    turn.follow(evolve(cast, phase=Phase.WARMING, since=turn.now.mono))


def _would_start(turn: Turn, cast: Cast) -> int:
    """The wall ms of its first sample if it opens now: amplifiers take their time to warm."""
    opens = opens_at(turn.state.station, cast)
    return cast.broadcast.start + max(0, turn.now.wall - opens)


def _why_missed(turn: Turn, cast: Cast) -> str:
    if cast.tape is None:
        return cast.why_no_tape
    if holder := turn.state.holder:
        return f"Vào giờ phát, “{holder.broadcast.title}” vẫn đang phát."
    return "Giờ phát đã qua khi đồng hồ được chỉnh hoặc máy bận."


def _advance_warming(turn: Turn, cast: Cast, tape: Tape) -> None:
    wanted = turn.zones_of(cast)
    leaking = set(turn.state.energised()) - set(cast.broadcast.zones)
    if all(zone.barred for zone in wanted):
        turn.end(cast, Result.FAILED, "Không bật được cụm loa nào.")
    elif turn.now.mono - cast.since >= READY_ZONES:
        turn.end(cast, Result.FAILED, "Các cụm loa không sẵn sàng kịp.")
    elif refusal := may_go_on(turn.state.station, cast.broadcast, turn.now):
        turn.end(cast, Result.CUT, refusal)
    elif (
        turn.now.wall >= cast.broadcast.start - tape.lead
        and not leaking
        and all(zone.phase is zones.Phase.ON or zone.barred for zone in wanted)
    ):
        _begin(turn, cast, tape)


def _begin(turn: Turn, cast: Cast, tape: Tape) -> None:
    """Play it from its beginning or, joining it, from where it is by now: known only when the zones are warm."""
    late = turn.now.wall - cast.broadcast.start
    skipped = late if cast.broadcast.late.join and late > 0 else 0
    offset = tape.lead + skipped if skipped else 0
    if skipped:
        turn.do(LoadTape(cast.broadcast.key, tape, offset))
    turn.do(PlayTape(cast.broadcast.key))
    playing = evolve(
        cast,
        phase=Phase.ON_AIR,
        since=turn.now.mono - offset,
        heard_at=turn.now.mono,
        position=offset,
        played_at=turn.now.wall,
        skipped=skipped,
    )
    turn.follow(playing)


def _advance_on_air(turn: Turn, cast: Cast, tape: Tape) -> None:
    elapsed = turn.now.mono - cast.since
    if elapsed >= tape.lead + tape.length + tape.tail + OVERRUN:
        turn.end(cast, Result.FAILED, "Máy phát không tự dừng khi hết băng.")
    elif turn.now.mono - cast.heard_at >= STALL and elapsed < tape.lead + tape.length:
        turn.end(cast, Result.FAILED, "Máy phát đứng, không còn tiếng.")
    elif not any(zone.energised for zone in turn.zones_of(cast)):
        turn.end(cast, Result.CUT, "Không còn cụm loa nào bật.")
    elif refusal := may_go_on(turn.state.station, cast.broadcast, turn.now):
        turn.end(cast, Result.CUT, refusal)
    elif cast.broadcast.hard_end is not None and turn.now.wall >= cast.broadcast.hard_end:
        turn.end(cast, Result.CUT, "Hết giờ dành cho chương trình này.")
    elif successor := _successor(turn, cast):
        turn.end(cast, Result.CUT, f"Nhường giờ cho “{successor.broadcast.title}”.")


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
