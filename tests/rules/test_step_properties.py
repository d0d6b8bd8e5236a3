"""The properties that the step must hold, whatever happens and in whatever order."""

from attrs import evolve
from hypothesis import example, given, settings
from hypothesis import strategies as st

from station.rules.hours import Window
from station.rules.now import DAY, HOUR, MINUTE, SECOND, Now
from station.rules.rundown import Tape
from station.rules.schedule import Late, Planned, Priority, Trigger
from station.rules.station import Zone
from station.rules.step import Past, actions, events, recover, step
from station.rules.step.rehearse import Rehearsal, Taken
from station.rules.step.state import Unfinished
from tests.rules.stations import at, broadcast, now, station

NIGHT = Window(5 * HOUR, 21 * HOUR)
BEGIN = at("04:30")
UNTIL = at("07:00")

zone_sets = st.sampled_from([("bac",), ("dong",), ("bac", "dong")])
starts = st.integers(at("04:40") // SECOND, at("06:30") // SECOND).map(lambda second: second * SECOND)


@st.composite
def broadcasts(draw):
    """A few broadcasts, in and out of hours, overlapping or not: the step must cope with any timetable."""
    one = st.tuples(starts, st.integers(1, 20), zone_sets, st.sampled_from(Priority), st.booleans())
    drawn = draw(st.lists(one, max_size=5))
    return tuple(
        evolve(
            broadcast(start, minutes * MINUTE, f"lich-{number}", zone_set), priority=priority, late=Late(join=join)
        )
        for number, (start, minutes, zone_set, priority, join) in enumerate(drawn)
    )


def shell_with(planned) -> Rehearsal:
    state, _ = recover(station(), Past(), now("04:30"))
    shell = Rehearsal(state, now("04:30"))
    shell.post(events.TimetablePlanned(planned))
    return shell


def deeds(taken: list[Taken]):
    return [(it.now.wall, it.action) for it in taken]


# 1. Extra wake-ups change no action; delivering the same timetable again changes nothing.


@given(broadcasts(), st.lists(st.integers(BEGIN, UNTIL), max_size=20))
def test_extra_wake_ups_and_repeated_timetables_change_no_action(planned, wake_ups):
    plain, woken = shell_with(planned), shell_with(planned)
    for instant in sorted(wake_ups):
        plain.run(instant)
        woken.run(instant)
        woken.post(events.Tick())
        woken.post(events.TimetablePlanned(planned))
        woken.post(events.Tick())
    plain.run(UNTIL)
    woken.run(UNTIL)
    assert deeds(plain.taken) == deeds(woken.taken)


# 2. A crash after any action, then recover: exactly one as-run record, amplifiers right.


class Log:
    """The as-run log as the store keeps it: one record a key, closed once."""

    def __init__(self) -> None:
        self.records: dict[str, list] = {}

    def write(self, taken: list[Taken]) -> None:
        for it in taken:
            match it.action:
                case actions.OpenRecord(item):
                    self.records.setdefault(item.key, [item.start, None, None])
                case actions.NoteStart(key, instant):
                    self.records[key][1] = instant
                case actions.CloseRecord(key, result):
                    assert self.records[key][2] is None, "closed twice"
                    self.records[key][2] = result

    def open(self):
        return [Unfinished(key, start, heard) for key, (start, heard, end) in self.records.items() if end is None]

    def closed(self):
        return {key: start for key, (start, _, end) in self.records.items() if end is not None}


@settings(max_examples=200)
@given(broadcasts(), st.lists(st.integers(1, 40), min_size=1, max_size=3), st.integers(0, 20 * MINUTE))
def test_a_crash_after_any_action_leaves_one_record_and_dark_amplifiers(planned, cuts, dark):
    log, shell = Log(), shell_with(planned)
    born = alive_at = shell.now.wall
    for cut in cuts:
        lived = run_until_action(shell, cut)
        log.write(lived)
        died = lived[-1].now.wall if len(lived) == cut else shell.now.wall
        if died > born:
            alive_at = died - 1  # a heartbeat before the step that broke
        reborn = Now(died + dark, 0)
        born = reborn.wall
        state, righting = recover(station(), Past(tuple(log.open()), log.closed(), alive_at), reborn)
        assert [it for it in righting if isinstance(it, actions.SwitchZone)] == [
            actions.SwitchZone("bac", on=False),
            actions.SwitchZone("dong", on=False),
        ]
        log.write([Taken(reborn, it) for it in righting])
        shell = Rehearsal(state, reborn)
        shell.post(events.TimetablePlanned(planned))
    shell.run(UNTIL + 2 * HOUR)
    log.write(shell.taken)
    assert sorted(log.records) == sorted(item.key for item in planned)
    assert not log.open()
    assert not list(shell.state.energised())


def run_until_action(shell: Rehearsal, count: int) -> list[Taken]:
    """The first `count` actions; what the shell did after them never happened."""
    while len(shell.taken) < count and shell.now.wall < UNTIL:
        shell.run(min(UNTIL, shell.now.wall + MINUTE))
    return shell.taken[:count]


# 3. A wall-clock step anywhere leaves no zone on past its limit.


@settings(max_examples=200)
@given(
    broadcasts(),
    st.lists(st.tuples(st.integers(0, 30 * MINUTE), st.integers(-2 * DAY, 2 * DAY)), min_size=1, max_size=4),
)
def test_a_clock_step_anywhere_leaves_no_zone_on_past_its_limit(planned, steps):
    shell = shell_with(planned)
    for wait, leap in steps:
        shell.run(shell.now.wall + wait)
        shell.now = evolve(shell.now, wall=shell.now.wall + leap)
        shell.post(events.TimetablePlanned(planned))
    shell.run(max(shell.now.wall, UNTIL) + 4 * HOUR)
    longest = max(item.programme.length for item in planned) if planned else 0
    switched_on: dict[str, int] = {}
    for it in shell.taken:
        if isinstance(it.action, actions.SwitchZone):
            zone = station().zones[it.action.zone]
            if it.action.on:
                switched_on[zone.name] = it.now.mono
            else:
                assert it.now.mono - switched_on.pop(zone.name) <= min(
                    zone.longest, MINUTE + len(planned) * (longest + 15 * SECOND)
                )
    assert not switched_on


# 4. Nothing but an emergency sounds outside allowed hours.


@settings(max_examples=200)
@given(broadcasts(), st.lists(st.tuples(st.integers(0, HOUR), st.integers(-DAY, DAY)), max_size=3))
def test_nothing_but_an_emergency_sounds_outside_allowed_hours(planned, steps):
    shell = shell_with(planned)
    for wait, leap in steps:
        sound_stays_in_hours(shell, shell.now.wall + wait, planned)
        shell.now = evolve(shell.now, wall=shell.now.wall + leap)
        shell.pass_time(0)
    sound_stays_in_hours(shell, shell.now.wall + 20 * HOUR, planned)


def sound_stays_in_hours(shell: Rehearsal, until: int, planned) -> None:
    priorities = {item.key: item.priority for item in planned}
    while shell.now.wall < until:
        shell.pass_time(min(shell._leap() or HOUR, until - shell.now.wall))
        playing = shell._playing
        if playing and playing.since is not None and priorities[playing.key] is not Priority.EMERGENCY:
            programme_begins = playing.since + playing.tape.lead
            if programme_begins <= shell.now.mono < programme_begins + playing.tape.length:
                assert station().hours.open_until(shell.now.wall) is not None


# 5. The step is total: any event in any state, it never raises.

keys = st.sampled_from([f"lich-{number}@{at('05:00')}" for number in range(3)])
texts = st.text(max_size=5)
tapes = st.builds(Tape, texts, st.integers(0), st.just(500), st.integers(0, HOUR), st.just(500))
loose_broadcasts = st.builds(
    lambda number, start, zone_set, state, trigger, priority: evolve(
        broadcast(start, MINUTE, f"lich-{number}", zone_set), state=state, trigger=trigger, priority=priority
    ),
    st.integers(0, 2),
    st.just(at("05:00")),
    st.sampled_from([("bac",), ("bac", "dong"), (), ("khong-co",)]),
    st.sampled_from(Planned),
    st.sampled_from(Trigger),
    st.sampled_from(Priority),
)
digests = st.sampled_from([broadcast(0, MINUTE, f"lich-{number}").programme.digest for number in range(3)])
any_event = st.one_of(
    st.builds(events.Tick),
    st.builds(events.TimetablePlanned, st.lists(loose_broadcasts, max_size=3).map(tuple)),
    st.builds(events.TapeReady, keys, digests, tapes),
    st.builds(events.TapeFailed, keys, digests, texts),
    st.builds(events.Progressed, keys, st.integers(0, HOUR), st.booleans(), st.booleans()),
    st.builds(events.PlayerFailed, keys, texts),
    st.builds(events.PlayerStopped, keys),
    st.builds(events.ZoneFailed, st.sampled_from(["bac", "dong", "khong-co"]), texts),
    st.builds(events.ZoneMended, st.sampled_from(["bac", "dong", "khong-co"]), texts),
    st.builds(events.AmplifierReported, st.sampled_from(["bac", "dong", "khong-co"]), st.booleans()),
    st.builds(events.MuteOrdered, st.integers(0, 9), st.frozensets(st.sampled_from(["bac", "dong", "khong-co"]))),
    st.builds(events.PlayOrdered, st.integers(0, 9), loose_broadcasts, st.booleans()),
    st.builds(events.WithdrawOrdered, st.integers(0, 9), st.sampled_from(["lich-0", "lich-1"]), texts),
    st.builds(events.StopOrdered, st.integers(0, 9), texts),
    st.builds(events.RestartOrdered, st.integers(0, 9), texts),
    st.builds(events.ShutdownOrdered),
)


@settings(max_examples=500)
@given(
    st.lists(st.tuples(any_event, st.integers(-MINUTE, MINUTE), st.integers(0, MINUTE), st.booleans()), max_size=30)
)
def test_the_step_is_total(happenings):
    state, _ = recover(station(), Past(), now("04:58"))
    wall, mono = at("04:58"), 0
    for event, leap, passed, trusted in happenings:
        wall, mono = wall + passed + leap, mono + passed
        state, _, wake_in = step(state, Now(wall, mono, trusted), event)
        assert wake_in is None or wake_in > 0, "nothing that is due is left undone, or the loop would spin"
        settled, more, _ = step(state, Now(wall, mono, trusted), events.Tick())
        assert more == ()
        assert settled == state


# 6. The amplifiers' own rules hold whatever happens: longest, rest, stagger, mute.

STAGGER = 700
AMPLIFIED = evolve(
    station(
        Zone("bac", "Thôn Bắc", longest=3 * MINUTE),
        Zone("dong", "Thôn Đông", warm_up=0, linger=0, rest=20 * SECOND, longest=10 * MINUTE),
        Zone("nam", "Thôn Nam", warm_up=8 * SECOND, linger=30 * SECOND, rest=0, longest=20 * SECOND),
    ),
    stagger=STAGGER,
)
villages = st.sampled_from(sorted(AMPLIFIED.zones))
mutings = st.builds(events.MuteOrdered, st.just(1), st.frozensets(villages, max_size=2))
emergencies = st.builds(
    lambda start, zone_set: events.PlayOrdered(
        2,
        evolve(
            broadcast(start, 2 * MINUTE, f"khan-{start}", zone_set),
            priority=Priority.EMERGENCY,
            trigger=Trigger.HAND,
        ),
    ),
    st.integers(BEGIN, UNTIL),
    st.sampled_from([("bac",), ("dong", "nam"), ("bac", "dong", "nam")]),
)
disturbances = st.one_of(
    mutings,
    mutings,
    emergencies,
    st.builds(events.ZoneFailed, villages, st.just("hỏng")),
    st.builds(events.ZoneMended, villages, st.just("hỏng")),
    st.builds(events.AmplifierReported, villages, st.booleans()),
    st.builds(events.StopOrdered, st.just(3), st.just("An")),
    st.builds(events.Tick),
)
waits = st.one_of(st.integers(0, 5 * SECOND), st.integers(0, 10 * MINUTE))
leaps = st.one_of(st.just(0), st.integers(-HOUR, HOUR))


HURRIED = [
    (2 * MINUTE, events.ZoneFailed("dong", "hỏng"), 0),
    (SECOND, events.MuteOrdered(1, frozenset({"dong"})), 0),
    (SECOND, events.MuteOrdered(1, frozenset()), 0),
]


UP_THOUGH_OFF = [(55_300, events.AmplifierReported("dong", up=True), 0)]


@settings(max_examples=400)
@example(HURRIED)  # one that failed is wanted anew before its rest is over
@example(UP_THOUGH_OFF)  # while it waits for another that went on just now
@given(st.lists(st.tuples(waits, disturbances, leaps), min_size=1, max_size=15))
def test_the_amplifiers_rules_hold_whatever_happens(happenings):
    state, _ = recover(AMPLIFIED, Past(), now("05:00"))
    shell = Rehearsal(state, now("05:00"))
    first = broadcast(at("05:01"), 8 * MINUTE, "lich-0", ("bac", "dong"))
    second = broadcast(at("05:09:30"), 8 * MINUTE, "lich-1", ("bac", "dong", "nam"))
    shell.post(events.TimetablePlanned(tuple(evolve(it, late=Late(join=True)) for it in (first, second))))
    for wait, event, leap in happenings:
        shell.run(shell.now.wall + wait)
        shell.now = evolve(shell.now, wall=shell.now.wall + leap)
        shell.post(event)
        assert not set(shell.state.energised()) & shell.state.muted
        _, _, wake_in = step(shell.state, shell.now, events.Tick())
        assert wake_in is None or wake_in > 0, "it would spin"
    shell.run(max(shell.now.wall, UNTIL) + HOUR)
    assert not list(shell.state.energised())
    switched_on: dict[str, int] = {}
    switched_off: dict[str, int] = {}
    powered = -STAGGER
    for it in shell.taken:
        match it.action:
            case actions.SwitchZone(name, True):
                assert it.now.mono - powered >= STAGGER, "two amplifiers at once"
                assert it.now.mono - switched_off.get(name, 0) >= AMPLIFIED.zones[name].rest, "on without its rest"
                assert name not in switched_on
                powered = switched_on[name] = it.now.mono
            case actions.SwitchZone(name, False):
                assert it.now.mono - switched_on.pop(name) <= AMPLIFIED.zones[name].longest, "on for too long"
                switched_off[name] = it.now.mono
    assert not switched_on
