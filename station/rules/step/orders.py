"""Orders of people: play, mute, stop, shut down."""

from attrs import evolve

from station.rules.now import MINUTE
from station.rules.schedule import Broadcast, Priority, Trigger
from station.rules.step.actions import Answer, Result
from station.rules.step.broadcast import Cast
from station.rules.step.events import (
    MuteOrdered,
    PlayOrdered,
    RestartOrdered,
    ShutdownOrdered,
    StopOrdered,
    WithdrawOrdered,
)
from station.rules.step.guard import may_begin
from station.rules.step.turn import Turn

Order = PlayOrdered | StopOrdered | WithdrawOrdered | MuteOrdered | RestartOrdered | ShutdownOrdered

_ENDING = "Máy phát đang tắt. Thử lại sau khi máy đã chạy lại."
_RESTART_TAKES = 2 * MINUTE  # a slow card, and tapes that are read again


def obey(turn: Turn, order: Order) -> None:
    """Do what is ordered, or say why not."""
    match order:
        case PlayOrdered():
            _play(turn, order)
        case StopOrdered(number, who):
            _stop(turn, number, who)
        case WithdrawOrdered(number, schedule, reason):
            _withdraw(turn, number, schedule, reason)
        case MuteOrdered(number, muted):
            _mute(turn, number, muted)
        case RestartOrdered(number):
            _restart(turn, number)
        case ShutdownOrdered():
            _shut_down(turn)


def _mute(turn: Turn, order: int, muted: frozenset[str]) -> None:
    changed = muted ^ turn.state.muted
    turn.state = evolve(turn.state, muted=muted)
    for name in sorted(changed):
        at = turn.clock()
        turn.note_of_zone(name, f"{at} bị tắt riêng." if name in muted else f"{at} được phát lại.")
    turn.do(Answer(order, done=True, sentence=""))


def _play(turn: Turn, order: PlayOrdered) -> None:
    broadcast = order.broadcast
    if refusal := _refusal(turn, broadcast, waits=order.waits):
        turn.do(Answer(order.order, done=False, sentence=refusal))
        return
    if broadcast.priority is Priority.EMERGENCY:
        for cast in _other_emergencies(turn):
            turn.end(cast, Result.CUT, "Nhường cho thông báo khẩn cấp mới.")
    turn.follow(Cast(broadcast, order=order.order))


def _other_emergencies(turn: Turn) -> list[Cast]:
    """Of two emergencies the latest wins, so that a forgotten microphone cannot block."""
    urgent = (it for it in turn.state.in_order if it.broadcast.priority is Priority.EMERGENCY)
    return [it for it in urgent if it.opened or it.broadcast.trigger is Trigger.HAND]


def _busy(turn: Turn, broadcast: Broadcast, *, waits: bool) -> Cast | None:
    """What an order must not cut."""
    if broadcast.priority is Priority.EMERGENCY:
        return next(iter(_other_emergencies(turn)), None) if waits else None
    return turn.state.holder or turn.pending_by_hand()


def _refusal(turn: Turn, broadcast: Broadcast, *, waits: bool) -> str:
    busy = _busy(turn, broadcast, waits=waits)
    if turn.state.ending:
        return _ENDING
    if busy:
        return f"Chưa phát được vì đang phát “{busy.broadcast.title}”. Bấm Dừng phát trước, rồi phát lại."
    if broadcast.key in turn.state.casts or broadcast.key in turn.state.closed:
        return "Lệnh này đã được nhận rồi."
    if not broadcast.programme.parts:
        return Cast(broadcast).lacks
    return may_begin(turn.state, broadcast, broadcast.start, broadcast.end, turn.now)


def _stop(turn: Turn, order: int, who: str) -> None:
    """Silence: what sounds, what was ordered, and what waits to go on."""
    begun = [it for it in turn.state.in_order if it.opened or it.broadcast.trigger is Trigger.HAND]
    if not begun:
        turn.do(Answer(order, done=True, sentence="Không có gì đang phát."))
        return
    reason = f"{who} đã bấm Dừng phát."
    told = turn.state.holder or begun[0]
    for cast in begun:
        unanswered = turn.answer(cast, done=False, sentence=reason)
        stopped = evolve(unanswered, order=order) if cast.broadcast.key == told.broadcast.key else unanswered
        if cast.broadcast.live and cast.started is not None:
            turn.end(stopped, Result.AIRED, f"{who} đã kết thúc.")
        else:
            turn.end(stopped, Result.CUT, reason)


def _withdraw(turn: Turn, order: int, schedule: str, reason: str) -> None:
    """Silence of one thing, wherever it is on its way: all else stays as it is."""
    named = [it for it in turn.state.in_order if it.broadcast.schedule == schedule]
    begun = sorted(named, key=lambda it: not it.holds_output)  # it is answered once what sounds is silent
    if not begun:
        turn.do(Answer(order, done=True, sentence="Không có gì đang phát."))
    for number, cast in enumerate(begun):
        unanswered = turn.answer(cast, done=False, sentence=reason)
        turn.end(unanswered if number else evolve(unanswered, order=order), Result.CUT, reason)


def _restart(turn: Turn, order: int) -> None:
    refusal = _no_restart(turn)
    sentence = refusal or "Máy phát khởi động lại; chưa đầy một phút nữa là chạy theo cấu hình mới."
    turn.do(Answer(order, done=not refusal, sentence=sentence))
    if not refusal:
        turn.state = evolve(turn.state, ending=True, begins_anew=True)


def _no_restart(turn: Turn) -> str:
    """Why the player may not end now."""
    state, wall = turn.state, turn.now.wall
    if state.ending:
        return _ENDING
    if busy := state.holder or turn.pending_by_hand():
        return f"Chưa khởi động lại vì đang phát “{busy.broadcast.title}”. Làm lại khi loa đã im."
    for cast in state.in_order:
        begins = cast.broadcast.start
        if cast.broadcast.airs and (cast.interrupted or wall <= begins < wall + _RESTART_TAKES):
            return f"Chưa khởi động lại vì sắp phát “{cast.broadcast.title}”. Làm lại sau buổi ấy."
    return ""


def _shut_down(turn: Turn) -> None:
    turn.state = evolve(turn.state, ending=True, begins_anew=False)
    holder = turn.state.holder
    if holder and holder.broadcast.late.join and holder.started is not None:
        turn.interrupt(holder, "Máy phát tắt.")
    elif holder:
        turn.end(holder, Result.CUT, "Máy phát tắt.")
