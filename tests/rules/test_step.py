"""The step, example by example: what an operator would see."""

from attrs import evolve

from station.rules.hours import Window
from station.rules.now import DAY, HOUR, MINUTE, SECOND
from station.rules.rundown import Feed, Programme, Tape
from station.rules.schedule import Late, Planned, Priority, Trigger
from station.rules.station import Zone
from station.rules.step import Past, State, actions, events, recover, step
from station.rules.step.actions import Result
from station.rules.step.broadcast import PLAY_AHEAD
from station.rules.step.rehearse import Rehearsal
from station.rules.step.state import Unfinished
from tests.rules.stations import at, broadcast, now, station


def rehearsal(clock: str, *broadcasts, trusted: bool = True, the_station=None) -> Rehearsal:
    state, _ = recover(the_station or station(), Past(), now(clock, trusted=trusted))
    shell = Rehearsal(state, now(clock, trusted=trusted))
    shell.post(events.TimetablePlanned(tuple(broadcasts)))
    return shell


def taken(shell: Rehearsal, kind):
    return [it for it in shell.taken if isinstance(it.action, kind)]


def results(shell: Rehearsal):
    return [(it.action.key.split("@")[0], it.action.result) for it in taken(shell, actions.CloseRecord)]


def test_a_broadcast_airs_by_itself_with_amplifiers_warm_before_and_off_after():
    shell = rehearsal("04:00", broadcast(at("05:00"), schedule="sang"))
    shell.run(at("06:00"))

    def when(kind, **has):
        return next(
            it.now.wall for it in taken(shell, kind) if all(getattr(it.action, k) == v for k, v in has.items())
        )

    start = at("05:00")
    assert when(actions.OpenRecord) == when(actions.SwitchZone, zone="bac", on=True) == start - 5500
    (play,) = taken(shell, actions.PlayTape)
    assert play.now.wall == start - 500 - PLAY_AHEAD
    assert play.action.at - play.now.mono == PLAY_AHEAD
    assert when(actions.NoteStart) == start - 500
    assert taken(shell, actions.NoteStart)[0].action.at == start
    end = start + 10 * MINUTE
    assert when(actions.CloseRecord, end=end, result=Result.AIRED) == end + 500
    assert when(actions.SwitchZone, zone="bac", on=False) == end + 500 + 2 * SECOND


def test_the_record_is_opened_before_the_first_amplifier_goes_on():
    shell = rehearsal("04:59:50", broadcast(at("05:00")))
    shell.run(at("05:00"))
    kinds = [type(it.action) for it in shell.taken]
    assert kinds.index(actions.OpenRecord) < kinds.index(actions.SwitchZone)


def test_outside_allowed_hours_nothing_sounds_and_the_log_says_why():
    shell = rehearsal("02:00", broadcast(at("03:15"), schedule="nham"))
    shell.run(at("04:00"))
    assert not taken(shell, actions.SwitchZone)
    assert results(shell) == [("nham", Result.MISSED)]
    assert "khung giờ" in taken(shell, actions.CloseRecord)[0].action.reason


def test_a_broadcast_still_on_when_allowed_hours_end_is_cut():
    late = broadcast(at("20:55"), 4 * MINUTE)
    shell = rehearsal("20:50", late)
    shell.run(at("20:56"))
    # The clock is put forward to just before the window's end.
    shell.now = evolve(shell.now, wall=at("20:59:59"))
    shell.pass_time(0)  # the loop's tick
    shell.run(at("21:10"))
    assert results(shell) == [("ban-tin", Result.CUT)]
    assert not list(shell.state.energised())


def test_no_routine_broadcast_by_an_untrusted_clock_and_then_an_honest_miss():
    shell = rehearsal("04:59", broadcast(at("05:00")), trusted=False)
    shell.run(at("05:30"))
    assert not taken(shell, actions.SwitchZone)
    assert not taken(shell, actions.CloseRecord)
    shell.now = evolve(shell.now, trusted=True)
    shell.pass_time(1000)
    assert results(shell) == [("ban-tin", Result.MISSED)]


def test_a_clock_that_leaps_over_a_start_is_a_miss_and_no_late_surprise():
    shell = rehearsal("04:50", broadcast(at("05:00"), HOUR))
    shell.now = evolve(shell.now, wall=at("05:20"))
    shell.pass_time(0)
    shell.run(at("07:00"))
    assert results(shell) == [("ban-tin", Result.MISSED)]
    assert not taken(shell, actions.PlayTape)


def test_a_clock_put_back_does_not_air_the_same_broadcast_twice():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.run(at("05:30"))
    shell.now = evolve(shell.now, wall=at("04:30"))
    shell.post(events.TimetablePlanned((broadcast(at("05:00")),)))
    shell.run(at("06:00"))
    assert results(shell) == [("ban-tin", Result.AIRED)]


def test_stop_silences_answers_with_the_truth_and_nothing_comes_back():
    shell = rehearsal("04:50", broadcast(at("05:00"), schedule="sang"), broadcast(at("11:00"), schedule="trua"))
    shell.run(at("05:03"))
    shell.post(events.StopOrdered(7, "Bà Lan"))
    answer = taken(shell, actions.Answer)[-1].action
    assert answer.done
    assert answer.order == 7
    assert "Đã dừng" in answer.sentence
    shell.run(at("05:30"))
    assert not list(shell.state.energised())
    assert results(shell) == [("sang", Result.CUT)]
    shell.run(at("12:00"))
    assert results(shell)[-1] == ("trua", Result.AIRED)


def test_stop_with_nothing_on_says_so():
    shell = rehearsal("10:00")
    shell.post(events.StopOrdered(1, "Bà Lan"))
    assert taken(shell, actions.Answer)[-1].action.sentence == "Không có gì đang phát."


def by_hand(clock: str, length: int = 2 * MINUTE):
    return evolve(
        broadcast(at(clock), length, "phat-ngay"), trigger=Trigger.HAND, who="Bà Lan", late=Late(within=2 * MINUTE)
    )


def test_play_by_hand_is_answered_once_it_is_heard():
    shell = rehearsal("09:59")
    shell.run(at("10:00"))
    shell.post(events.PlayOrdered(3, by_hand("10:00")))
    assert not taken(shell, actions.Answer)
    shell.run(at("10:00:04"))
    assert taken(shell, actions.Answer)[-1].action == actions.Answer(3, True, "Đang phát “Bản tin”.")


def test_play_by_hand_is_refused_while_another_is_on_and_outside_hours():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.post(events.PlayOrdered(1, by_hand("04:50")))
    assert "khung giờ" in taken(shell, actions.Answer)[-1].action.sentence
    shell.run(at("05:01"))
    shell.post(events.PlayOrdered(2, by_hand("05:01")))
    assert "đang phát" in taken(shell, actions.Answer)[-1].action.sentence


def test_a_hand_broadcast_gives_way_to_the_timetable():
    shell = rehearsal("10:55", broadcast(at("11:00"), schedule="trua"))
    shell.run(at("10:59"))
    shell.post(events.PlayOrdered(1, by_hand("10:59", 5 * MINUTE)))
    shell.run(at("11:30"))
    assert results(shell) == [("phat-ngay", Result.CUT), ("trua", Result.AIRED)]
    play = taken(shell, actions.PlayTape)[-1]
    assert at("11:00") <= play.now.wall <= at("11:00:02")


def test_a_due_broadcast_with_no_tape_does_not_cut_what_is_on():
    empty = evolve(broadcast(at("11:00"), schedule="trua"), programme=broadcast(0).programme.__class__(()))
    shell = rehearsal("10:55", empty)
    shell.run(at("10:59"))
    shell.post(events.PlayOrdered(1, by_hand("10:59", 5 * MINUTE)))
    shell.run(at("11:30"))
    assert results(shell) == [("trua", Result.MISSED), ("phat-ngay", Result.AIRED)]


def test_zones_that_are_not_meant_never_hear_the_next_broadcast():
    first = broadcast(at("05:00"), schedule="bac", zones=("bac",))
    second = broadcast(at("05:10"), schedule="dong", zones=("dong",))
    shell = rehearsal("04:50", first, second)
    on: set[str] = set()
    for it in iterate(shell, at("05:40")):
        match it.action:
            case actions.SwitchZone(zone, True):
                on.add(zone)
            case actions.SwitchZone(zone, False):
                on.discard(zone)
            case actions.PlayTape(key):
                assert on == {key.split("@")[0]}
    assert [result for _, result in results(shell)] == [Result.AIRED, Result.AIRED]


def iterate(shell: Rehearsal, until: int):
    shell.run(until)
    return shell.taken


def test_an_amplifier_that_fails_is_a_fault_and_the_other_zone_still_hears():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.run(at("04:59:57"))
    shell.post(events.ZoneFailed("bac", "Chân 17 không mở được."))
    shell.run(at("05:30"))
    close = taken(shell, actions.CloseRecord)[-1].action
    assert close.result is Result.AIRED
    assert "Thôn Bắc" in close.reason


def test_a_broadcast_whose_amplifiers_all_fail_has_failed():
    shell = rehearsal("04:50", broadcast(at("05:00"), zones=("bac",)))
    shell.run(at("04:59:57"))
    shell.post(events.ZoneFailed("bac", "Chân 17 không mở được."))
    shell.run(at("05:30"))
    assert results(shell) == [("ban-tin", Result.FAILED)]


def test_an_amplifier_whose_failure_is_over_is_warmed_and_heard_again_in_the_middle():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.run(at("05:01"))
    shell.post(events.ZoneFailed("bac", "Mất liên lạc."))
    shell.run(at("05:02"))
    assert not shell.state.zones["bac"].energised
    shell.post(events.ZoneMended("bac", "Một lỗi khác."))
    shell.run(at("05:03"))
    assert not shell.state.zones["bac"].energised
    shell.post(events.ZoneMended("bac", "Mất liên lạc."))
    shell.run(at("05:03:30"))
    assert shell.state.zones["bac"].energised
    assert not shell.state.zones["bac"].fault
    shell.run(at("05:30"))
    assert results(shell) == [("ban-tin", Result.AIRED)]


def test_a_zone_that_was_on_too_long_is_not_mended_by_a_link_that_is_back():
    zones = (Zone("bac", "Thôn Bắc", longest=5 * MINUTE), Zone("dong", "Thôn Đông"))
    shell = rehearsal("04:50", broadcast(at("05:00")), the_station=station(*zones))
    shell.run(at("05:06"))
    shell.post(events.ZoneMended("bac", "Mất liên lạc."))
    shell.run(at("05:30"))
    on, off = [it.now.mono for it in taken(shell, actions.SwitchZone) if it.action.zone == "bac"]
    assert off - on == 5 * MINUTE


def test_a_zone_is_never_on_beyond_its_longest():
    the_station = station(Zone("bac", "Thôn Bắc", longest=5 * MINUTE))
    shell = rehearsal("04:50", broadcast(at("05:00"), zones=("bac",)), the_station=the_station)
    shell.run(at("05:30"))
    on, off = [it.now.mono for it in taken(shell, actions.SwitchZone)]
    assert off - on == 5 * MINUTE
    assert results(shell) == [("ban-tin", Result.CUT)]


def test_a_player_that_stands_still_is_noticed_by_position_and_goes_on_by_the_clock():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.run(at("05:01"))
    shell.post(events.Progressed(shell._playing.key, 62_000, sounding=True, ended=False))
    shell._playing = None  # nothing more is heard
    shell.run(at("05:30"))
    again = taken(shell, actions.LoadTape)[1]
    assert again.now.wall == at("05:01:03")
    play = taken(shell, actions.PlayTape)[1]
    leaves_at = play.now.wall + play.action.at - play.now.mono
    assert again.action.offset - 500 == leaves_at - at("05:00"), "where it should be by the clock"
    assert results(shell) == [("ban-tin", Result.AIRED)]
    assert len(taken(shell, actions.OpenRecord)) == 1
    close = taken(shell, actions.CloseRecord)[0].action
    assert "05:01:03 Máy phát đứng" in close.reason
    assert "Phát tiếp" in close.reason
    assert close.end == at("05:10")


def test_a_player_that_reads_its_program_from_a_slow_card_is_waited_for_and_its_start_is_the_true_one():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.run(at("04:59:59"))
    slow, shell._playing = shell._playing, None  # told to play, and not heard yet
    shell.run(at("05:00:07"))
    assert len(taken(shell, actions.LoadTape)) == 1
    begins = shell.now.mono
    shell._playing = evolve(slow, since=begins)
    shell.run(at("05:30"))
    assert len(taken(shell, actions.LoadTape)) == 1
    assert results(shell) == [("ban-tin", Result.AIRED)]
    (started,), (close,) = taken(shell, actions.NoteStart), taken(shell, actions.CloseRecord)
    assert started.action.at - at("05:00:07") == slow.tape.lead
    assert close.action.end - started.action.at == slow.tape.length


def test_a_player_that_never_begins_is_begun_anew():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.run(at("04:59:59"))
    shell._playing = None
    shell.run(at("05:30"))
    first, again = taken(shell, actions.PlayTape)[0], taken(shell, actions.LoadTape)[1]
    assert again.now.mono - first.action.at == 8_000
    assert results(shell) == [("ban-tin", Result.AIRED)]


def test_each_time_that_a_player_was_too_slow_the_next_has_twice_as_long():
    shell = rehearsal("04:50", evolve(broadcast(at("05:00")), late=Late(join=True)))
    while shell.now.wall < at("05:04"):
        shell._playing = None
        shell.pass_time(100)
    loads, plays = taken(shell, actions.LoadTape), taken(shell, actions.PlayTape)
    waited = [again.now.mono - told.action.at for told, again in zip(plays, loads[1:], strict=False)]
    assert [round(wait / 1_000) for wait in waited[:4]] == [8, 16 + 2, 32 + 5, 64 + 10]


def failing(shell: Rehearsal, until: int) -> None:
    """Let the player fail whenever it is told to load, but for the first time."""
    failed = 1
    while shell.now.wall < until:
        loads = taken(shell, actions.LoadTape)
        if len(loads) > failed:
            failed = len(loads)
            shell._playing = None
            shell.post(events.PlayerFailed(loads[-1].action.key, "Không có card."))
        else:
            shell.pass_time(100)


def test_a_player_that_fails_again_and_again_is_given_up_with_the_amplifiers_off():
    shell = rehearsal("04:59", broadcast(at("05:00")))
    shell.run(at("05:01"))
    shell.post(events.PlayerFailed(shell._playing.key, "Không có card."))
    failing(shell, at("05:05"))
    assert results(shell) == [("ban-tin", Result.FAILED)]
    assert not list(shell.state.energised())
    assert len(taken(shell, actions.LoadTape)) == 5
    assert taken(shell, actions.CloseRecord)[0].now.wall < at("05:02")


def test_one_that_may_join_comes_back_when_the_sound_card_does():
    shell = rehearsal("04:59", evolve(broadcast(at("05:00")), late=Late(join=True)))
    shell.run(at("05:01"))
    shell.post(events.PlayerFailed(shell._playing.key, "Không có card."))
    failing(shell, at("05:04"))
    shell.run(at("05:30"))
    assert results(shell) == [("ban-tin", Result.AIRED)]
    assert len(taken(shell, actions.OpenRecord)) == 1


def emergency(clock: str, length: int = MINUTE):
    return evolve(
        broadcast(at(clock), length, "khan-cap"),
        priority=Priority.EMERGENCY,
        trigger=Trigger.HAND,
        who="Bà Lan",
        late=Late(within=10 * MINUTE),
    )


def test_an_emergency_interrupts_and_what_may_join_goes_on_by_the_clock():
    shell = rehearsal("04:59", evolve(broadcast(at("05:00")), late=Late(join=True)))
    shell.run(at("05:03"))
    shell.post(events.PlayOrdered(1, emergency("05:03")))
    shell.run(at("05:30"))
    assert results(shell) == [("khan-cap", Result.AIRED), ("ban-tin", Result.AIRED)]
    assert len(taken(shell, actions.OpenRecord)) == 2
    resumed = taken(shell, actions.PlayTape)[-1]
    assert at("05:04") <= resumed.now.wall <= at("05:04:04")
    offset = taken(shell, actions.LoadTape)[-1].action.offset
    assert offset - 500 == resumed.now.wall + resumed.action.at - resumed.now.mono - at("05:00")
    close = taken(shell, actions.CloseRecord)[-1].action
    assert close.end == at("05:10")
    assert "05:03:00 Nhường giờ" in close.reason


def test_an_emergency_ends_what_may_not_join():
    shell = rehearsal("04:59", broadcast(at("05:00")))
    shell.run(at("05:03"))
    shell.post(events.PlayOrdered(1, emergency("05:03")))
    shell.run(at("05:30"))
    assert results(shell) == [("ban-tin", Result.CUT), ("khan-cap", Result.AIRED)]


def test_an_emergency_is_heard_at_any_hour_as_soon_as_the_amplifiers_are_warm():
    shell = rehearsal("02:59", trusted=False)
    shell.run(at("03:00"))
    shell.post(events.PlayOrdered(1, emergency("03:00")))
    shell.run(at("03:05"))
    (start,) = taken(shell, actions.NoteStart)
    warm = max(zone.warm_up for zone in station().zones.values())
    assert start.action.at == at("03:00") + warm
    assert results(shell) == [("khan-cap", Result.AIRED)]


def test_amplifiers_warm_while_an_emergency_is_still_being_rendered():
    item = emergency("10:00")
    state, _ = recover(station(), Past(), now("09:59"))
    state, _, _ = step(state, now("09:59:30"), events.Tick())
    state, deeds, _ = step(state, now("10:00"), events.PlayOrdered(1, item))
    kinds = [type(it) for it in deeds]
    assert kinds[:2] == [actions.PrepareTape, actions.OpenRecord]
    assert actions.SwitchZone in kinds
    assert actions.LoadTape not in kinds
    ready = events.TapeReady(item.key, item.programme.digest, Tape("t.wav", 0, 500, MINUTE, 500))
    _, deeds, _ = step(state, now("10:00:01"), ready)
    assert [type(it) for it in deeds] == [actions.LoadTape]


def test_of_two_emergencies_the_latest_wins():
    shell = rehearsal("09:59")
    shell.run(at("10:00"))
    shell.post(events.PlayOrdered(1, emergency("10:00", 10 * MINUTE)))
    shell.run(at("10:01"))
    shell.post(events.PlayOrdered(2, evolve(emergency("10:01"), schedule="khan-cap-2")))
    shell.run(at("10:20"))
    assert results(shell) == [("khan-cap", Result.CUT), ("khan-cap-2", Result.AIRED)]


def test_stop_in_an_emergency_is_silence_that_stays():
    shell = rehearsal("04:59", evolve(broadcast(at("05:00")), late=Late(join=True)))
    shell.run(at("05:03"))
    shell.post(events.PlayOrdered(1, emergency("05:03")))
    shell.run(at("05:03:30"))
    shell.post(events.StopOrdered(2, "Bà Lan"))
    assert sorted(results(shell)) == [("ban-tin", Result.CUT), ("khan-cap", Result.CUT)]
    shell.run(at("05:30"))
    assert taken(shell, actions.PlayTape)[-1].now.wall < at("05:03:30")


def test_what_is_withdrawn_is_silent_at_once_and_what_it_interrupted_goes_on():
    shell = rehearsal("04:59", evolve(broadcast(at("05:00")), late=Late(join=True)))
    shell.run(at("05:03"))
    shell.post(events.PlayOrdered(1, emergency("05:03", 5 * MINUTE)))
    shell.run(at("05:03:30"))
    shell.post(events.WithdrawOrdered(2, "khan-cap", "Nơi gửi đã hủy tin này."))
    shell.run(at("05:30"))
    assert results(shell) == [("khan-cap", Result.CUT), ("ban-tin", Result.AIRED)]
    cut, joined = (it.action for it in taken(shell, actions.CloseRecord))
    assert cut.reason == "Nơi gửi đã hủy tin này."
    assert cut.end < at("05:03:31")
    assert "Phát tiếp" in joined.reason
    assert answers(shell, 2) == [(True, "Đã dừng “Bản tin”. Nơi gửi đã hủy tin này.")]


def test_what_is_withdrawn_before_it_sounds_never_does_and_all_else_stays():
    shell = rehearsal("09:59")
    shell.run(at("10:00"))
    shell.post(events.PlayOrdered(1, emergency("10:00", 10 * MINUTE)))
    shell.run(at("10:00:01"))
    shell.post(events.WithdrawOrdered(2, "canh-bao/khac", "Hủy."))
    assert answers(shell, 2) == [(True, "Không có gì đang phát.")]
    shell.post(events.WithdrawOrdered(3, "khan-cap", "Hủy."))
    shell.run(at("10:20"))
    assert taken(shell, actions.NoteStart) == []
    assert results(shell) == [("khan-cap", Result.CUT)]
    assert answers(shell, 1) == [(False, "Hủy.")]
    assert not list(shell.state.energised())


def test_an_all_clear_waits_for_another_emergency_and_interrupts_all_else():
    shell = rehearsal("09:59", broadcast(at("10:00"), 30 * MINUTE))
    shell.run(at("10:01"))
    shell.post(events.PlayOrdered(1, emergency("10:01", 2 * MINUTE)))
    shell.run(at("10:02"))
    over = evolve(emergency("10:02"), schedule="bao-yen")
    shell.post(events.PlayOrdered(2, over, waits=True))
    ((done, why),) = answers(shell, 2)
    assert not done
    assert "đang phát" in why
    shell.run(at("10:05"))
    shell.post(events.PlayOrdered(3, over, waits=True))
    shell.run(at("10:10"))
    assert results(shell)[1:] == [("khan-cap", Result.AIRED), ("bao-yen", Result.AIRED)]


def test_an_emergency_by_hand_is_urgent_to_render_and_nothing_else_is():
    shell = rehearsal("09:59", broadcast(at("10:00")))
    shell.run(at("10:01"))
    shell.post(events.PlayOrdered(1, emergency("10:01")))
    assert [it.action.urgent for it in taken(shell, actions.PrepareTape)] == [False, True]


def test_a_live_broadcast_that_its_speaker_ends_has_aired():
    spoken = evolve(by_hand("10:00"), programme=Programme((Feed("browser", "Phát trực tiếp", 30 * MINUTE),)))
    shell = rehearsal("09:59")
    shell.run(at("10:00"))
    shell.post(events.PlayOrdered(1, evolve(spoken, end=at("10:30"))))
    shell.run(at("10:02"))
    shell.post(events.StopOrdered(2, "Bà Lan"))
    assert results(shell) == [("phat-ngay", Result.AIRED)]
    assert taken(shell, actions.CloseRecord)[0].action.end == at("10:02")


def test_a_muted_zone_stays_off_and_the_record_says_so():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.post(events.MuteOrdered(1, frozenset({"bac"})))
    shell.run(at("05:30"))
    assert {it.action.zone for it in taken(shell, actions.SwitchZone) if it.action.on} == {"dong"}
    assert "Thôn Bắc" in taken(shell, actions.CloseRecord)[0].action.reason


def test_a_zone_that_is_muted_on_air_is_off_at_once_until_it_may_sound_again():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.run(at("05:03"))
    shell.post(events.MuteOrdered(1, frozenset({"bac"})))
    assert list(shell.state.energised()) == ["dong"]
    shell.run(at("05:04"))
    shell.post(events.MuteOrdered(2, frozenset()))
    assert set(shell.state.energised()) == {"bac", "dong"}
    shell.run(at("05:30"))
    assert results(shell) == [("ban-tin", Result.AIRED)]
    told = taken(shell, actions.CloseRecord)[0].action.reason
    assert "Thôn Bắc”: 05:03:00 bị tắt riêng." in told
    assert "Thôn Bắc”: 05:04:00 được phát lại." in told


def test_a_broadcast_whose_zones_are_all_muted_is_missed_with_that_reason():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.post(events.MuteOrdered(1, frozenset({"bac", "dong"})))
    shell.run(at("05:30"))
    assert results(shell) == [("ban-tin", Result.MISSED)]
    assert "tắt riêng" in taken(shell, actions.CloseRecord)[0].action.reason


def test_amplifiers_go_on_one_after_the_other_and_the_start_is_still_exact():
    shell = rehearsal("04:50", broadcast(at("05:00")), the_station=evolve(station(), stagger=2 * SECOND))
    shell.run(at("05:30"))
    first, second = [it.now.mono for it in taken(shell, actions.SwitchZone) if it.action.on]
    assert second - first == 2 * SECOND
    assert taken(shell, actions.NoteStart)[0].action.at == at("05:00")


def test_an_amplifier_that_does_not_come_up_is_a_fault_and_so_is_one_that_stays_on():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.post(events.AmplifierReported("bac", up=False))
    shell.run(at("05:01"))
    assert "không báo là đã chạy" in shell.state.zones["bac"].doubt
    shell.post(events.AmplifierReported("bac", up=True))
    assert not shell.state.zones["bac"].doubt
    shell.run(at("05:10:30"))
    assert "dù đã tắt" in shell.state.zones["bac"].doubt
    assert "Thôn Bắc" in taken(shell, actions.CloseRecord)[0].action.reason


def test_what_was_on_when_the_power_went_goes_on_by_the_clock_in_the_same_record():
    item = evolve(broadcast(at("05:00")), late=Late(join=True))
    past = Past((Unfinished(item.key, item.start, item.start),), alive_at=at("04:59"))
    state, _ = recover(station(), past, now("05:04"))
    shell = Rehearsal(state, now("05:04"))
    shell.post(events.TimetablePlanned((item,)))
    shell.run(at("05:30"))
    assert not taken(shell, actions.OpenRecord)
    assert results(shell) == [("ban-tin", Result.AIRED)]
    close = taken(shell, actions.CloseRecord)[0].action
    assert close.end == at("05:10")
    assert "đột ngột" in close.reason


def test_what_was_on_when_the_power_went_and_may_not_join_is_closed():
    item = broadcast(at("05:00"))
    state, _ = recover(station(), Past((Unfinished(item.key, item.start, item.start),)), now("05:04"))
    shell = Rehearsal(state, now("05:04"))
    shell.post(events.TimetablePlanned((item,)))
    shell.run(at("05:30"))
    assert results(shell) == [("ban-tin", Result.CUT)]
    assert not taken(shell, actions.PlayTape)


def test_a_restart_in_the_middle_leaves_the_record_of_what_may_join_open():
    shell = rehearsal("04:50", evolve(broadcast(at("05:00")), late=Late(join=True)))
    shell.run(at("05:03"))
    shell.post(events.ShutdownOrdered())
    assert not list(shell.state.energised())
    assert not taken(shell, actions.CloseRecord)
    assert shell.state.holder is None


def answers(shell, number: int) -> list[tuple[bool, str]]:
    """What an order was answered."""
    given = [it.action for it in taken(shell, actions.Answer)]
    return [(it.done, it.sentence) for it in given if it.order == number]


def test_a_player_begins_anew_only_while_nothing_is_on_or_soon_and_never_once_it_is_told_to_end():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    for number, clock in enumerate(("04:59", "05:03"), 1):
        shell.run(at(clock))
        shell.post(events.RestartOrdered(number, "Bà Lan"))
        assert not shell.state.ending
    assert "sắp phát" in answers(shell, 1)[0][1]
    assert "đang phát" in answers(shell, 2)[0][1]
    shell.run(at("05:30"))
    shell.post(events.RestartOrdered(3, "Bà Lan"))
    assert [done for done, _ in answers(shell, 3)] == [True]
    assert (shell.state.ending, shell.state.begins_anew) == (True, True)
    shell.post(events.PlayOrdered(4, broadcast(at("05:31"))))
    assert answers(shell, 4)[0][0] is False
    shell.post(events.ShutdownOrdered())
    assert (shell.state.ending, shell.state.begins_anew) == (True, False)
    shell.post(events.RestartOrdered(5, "Bà Lan"))
    assert answers(shell, 5)[0][0] is False
    assert not shell.state.begins_anew


def test_a_tape_that_fails_is_tried_again_and_the_page_can_say_why():
    item = broadcast(at("05:00"))
    state, _ = recover(station(), Past(), now("04:00"))
    state, asked, _ = step(state, now("04:00"), events.TimetablePlanned((item,)))
    assert [type(it) for it in asked] == [actions.PrepareTape]
    failed = events.TapeFailed(item.key, item.programme.digest, "Tệp âm thanh bị mất.")
    state, nothing, wake_in = step(state, now("04:01"), failed)
    assert state.casts[item.key].lacks == "Tệp âm thanh bị mất."
    assert nothing == ()
    assert wake_in == MINUTE
    _, again, _ = step(state, now("04:02"), events.Tick())
    assert [type(it) for it in again] == [actions.PrepareTape]


def test_a_new_schedule_for_an_hour_that_is_past_is_no_miss():
    shell = rehearsal("10:00", broadcast(at("05:00")))
    shell.run(at("11:00"))
    assert not shell.taken


def test_what_was_due_while_the_player_was_off_is_recorded_as_missed():
    state, _ = recover(station(), Past(alive_at=at("04:00")), now("10:00"))
    shell = Rehearsal(state, now("10:00"))
    shell.post(events.TimetablePlanned((broadcast(at("05:00")),)))
    assert results(shell) == [("ban-tin", Result.MISSED)]
    assert "Máy không chạy" in taken(shell, actions.CloseRecord)[0].action.reason


def test_a_dropped_broadcast_has_its_record_with_the_reason():
    dropped = broadcast(at("05:00")).but(Planned.DROPPED, "Trùng giờ với “Khác”.")
    shell = rehearsal("04:50", dropped)
    shell.run(at("05:10"))
    assert taken(shell, actions.CloseRecord)[0].action.reason == "Trùng giờ với “Khác”."


def test_shutdown_is_silent_at_once_with_its_record():
    shell = rehearsal("04:50", broadcast(at("05:00")))
    shell.run(at("05:03"))
    shell.post(events.ShutdownOrdered())
    assert not list(shell.state.energised())
    assert results(shell) == [("ban-tin", Result.CUT)]


def test_open_all_day_a_broadcast_may_cross_midnight():
    the_station = station(windows=(Window(0, DAY),))
    shell = rehearsal("23:50", broadcast(at("23:55")), the_station=the_station)
    shell.run(at("23:55") + HOUR)
    assert results(shell) == [("ban-tin", Result.AIRED)]


def test_a_state_is_never_changed_in_place():
    state = State(station())
    shell = Rehearsal(state, now("04:50"))
    shell.post(events.TimetablePlanned((broadcast(at("05:00")),)))
    assert state == State(station())
