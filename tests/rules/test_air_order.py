"""What airs first arrives first."""

from hypothesis import given
from hypothesis import strategies as st

from station.rules.air_order import Airing, air_order
from station.rules.facts import Facts
from station.rules.now import DAY, HOUR, MINUTE
from station.rules.offer import Form, Offer
from station.rules.origin import Origin
from station.rules.rundown import Kind, Newest, Play, Rebroadcast, Say

NOW = 1_793_000_000_000
NAMES = ("thoi-su", "nhac-hieu", "bao-so-3", "lich-hoc")


def offer(name: str, ending: str = "opus", length: int = 1_000, published: int = NOW, **more) -> Offer:
    return Offer(f"tinh/{name}.{ending}", length, "ab" * 32, published, name, **more)


def airing(hours: float, *rundown) -> Airing:
    return Airing(NOW + round(hours * HOUR), rundown)


def names(offers) -> list[str]:
    return [it.name for it in offers]


def test_schedules_then_what_airs_first_then_the_rest_the_smaller_first():
    airings = [
        airing(1, Play("nhac-hieu"), Newest(Kind.NEWS, 36 * HOUR, origin=Origin.PROVINCE)),
        airing(3, Play("province/tin-chieu")),
        airing(30, Play("province/tin-mai"), Say("Xin chào.")),
    ]
    offers = [
        offer("lon", length=9_000, kind=Kind.FEATURE),
        offer("nho", length=10, kind=Kind.FEATURE),
        offer("tin-mai", kind=Kind.FEATURE),
        offer("tin-chieu", kind=Kind.FEATURE),
        offer("moi", published=NOW - HOUR),
        offer("moi-hon", published=NOW),
        offer("qua-cu", published=NOW - 40 * HOUR),
        offer("lich-sang", "toml", length=20_000),
        offer("lich-toi", "toml"),
    ]
    expected = ["lich-toi", "lich-sang", "moi-hon", "moi", "tin-chieu", "tin-mai", "nho", "qua-cu", "lon"]
    assert names(air_order(offers, airings, NOW)) == expected


def test_the_communes_own_newest_and_names_want_nothing_of_the_provinces():
    airings = [airing(1, Newest(Kind.NEWS, HOUR), Play("thoi-su")), airing(2, Play("province/nhac-hieu"))]
    assert names(air_order([offer("thoi-su"), offer("nhac-hieu", length=5_000)], airings, NOW)) == [
        "nhac-hieu",
        "thoi-su",
    ]


def test_a_fallback_wants_a_name_or_a_kind():
    airings = [
        airing(2, Rebroadcast("vov", MINUTE, "province/mua")),
        airing(1, Rebroadcast("vov", MINUTE, "music")),
    ]
    offers = [offer("mua", length=9), offer("nhac", kind=Kind.MUSIC), offer("tin", length=1)]
    assert names(air_order(offers, airings, NOW)) == ["nhac", "mua", "tin"]


def test_what_is_not_valid_then_is_not_wanted_then():
    airings = [airing(1, Play("province/a"), Play("province/b")), airing(5, Play("province/a"), Play("province/c"))]
    later = offer("a", facts=Facts(valid_from=NOW + 4 * HOUR))
    over = offer("b", facts=Facts(valid_until=NOW + HOUR))
    assert names(air_order([over, later, offer("c", published=NOW - DAY)], airings, NOW)) == ["a", "c", "b"]


items = st.one_of(
    st.builds(Play, st.sampled_from([f"province/{it}" for it in NAMES] + ["thoi-su"])),
    st.builds(
        Newest,
        st.sampled_from([Kind.NEWS, Kind.MUSIC]),
        st.sampled_from([HOUR, 36 * HOUR]),
        origin=st.sampled_from([None, *Origin]),
    ),
    st.builds(Rebroadcast, st.just("vov"), st.just(MINUTE), st.sampled_from(["", "music", "province/thoi-su"])),
)
instants = st.integers(NOW - 2 * DAY, NOW + 3 * DAY)
airings = st.lists(st.builds(Airing, st.integers(NOW, NOW + 3 * DAY), st.lists(items, max_size=3)), max_size=6)
offers = st.lists(
    st.builds(
        offer,
        st.sampled_from(NAMES),
        st.sampled_from([*Form]),
        length=st.integers(1, 3),
        published=st.one_of(st.just(0), instants),
        kind=st.sampled_from([Kind.NEWS, Kind.MUSIC]),
        facts=st.builds(
            Facts, valid_from=st.one_of(st.none(), instants), valid_until=st.one_of(st.none(), instants)
        ),
    ),
    max_size=8,
    unique_by=lambda it: it.path,
)


def first_heard(it: Offer, coming) -> float:
    """The same by looking at each broadcast."""

    def wants(item, start: int) -> bool:
        match item:
            case Play(play):
                return play == it.known_as
            case Newest(kind, within, _, origin):
                fresh = (it.published or NOW) >= start - within
                return origin is Origin.PROVINCE and kind is it.kind and fresh
            case Rebroadcast(fallback=fallback):
                return fallback in {it.known_as, it.kind.value}

    begins, ends = it.facts.valid_from, it.facts.valid_until
    heard = [
        each.start
        for each in coming
        if (begins is None or begins <= each.start) and (ends is None or each.start < ends)
        if any(wants(item, each.start) for item in each.rundown)
    ]
    return min(heard, default=float("inf"))


@given(offers, airings, st.randoms())
def test_nothing_is_lost_and_whoever_is_heard_sooner_comes_sooner(offered, coming, chance):
    ordered = air_order(offered, coming, NOW)
    assert sorted(ordered, key=lambda it: it.path) == sorted(offered, key=lambda it: it.path)
    schedules, releases = ([it for it in ordered if it.form is form] for form in (Form.SCHEDULE, Form.RELEASE))
    segments = list(ordered[len(schedules) : len(ordered) - len(releases)])
    assert [*schedules, *segments, *releases] == list(ordered)
    heard = [first_heard(it, coming) for it in segments]
    assert heard == sorted(heard)
    unwanted = [it.length for it, first in zip(segments, heard, strict=True) if first == float("inf")]
    assert unwanted == sorted(unwanted)
    chance.shuffle(offered)
    chance.shuffle(coming)
    assert air_order(offered, coming, NOW) == ordered
