"""CAP 1.2 by our own schema and reader: what the office writes passes both, and what is wrong passes neither."""

import datetime as dt
import re
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from station.centre.cap_schema import refuse_invalid
from station.rules.alerting.alert import (
    Alert,
    Area,
    Certainty,
    MessageType,
    Reference,
    Severity,
    Sound,
    Status,
    Urgency,
)
from station.rules.alerting.cap import read_cap, write_cap
from station.rules.trouble import Refused

FILES = {it.stem: it.read_text() for it in sorted((Path(__file__).parent / "cap").glob("*.xml"))}
STORM = FILES["thunderstorm"]


def at(iso: str) -> int:
    return round(dt.datetime.fromisoformat(iso).timestamp() * 1_000)


# What others write


@pytest.mark.parametrize("name", FILES)
def test_each_kind_of_message_is_valid_and_read(name: str) -> None:
    refuse_invalid(FILES[name].encode())
    assert read_cap(FILES[name].encode()).identifier


def test_what_is_read_is_what_was_said() -> None:
    read = {name: read_cap(it.encode()) for name, it in FILES.items()}
    storm = read["thunderstorm"]
    assert (storm.severity, storm.urgency, storm.certainty) == ("Severe", "Immediate", "Observed")
    assert storm.expires == at("2026-06-17T16:00:00+07:00")
    (area,) = storm.areas
    assert area.geocodes == (("ma-xa", "24169"), ("ma-xa", "24172"))
    assert (len(area.polygons[0]), area.polygons[0][0]) == (5, (22.47, 104.86))
    quake = read["earthquake"]
    assert (quake.language, quake.event, quake.areas[0].circles) == (
        "vi-VN",
        "Động đất",
        ((21.365, 103.996, 25.5),),
    )
    assert quake.sent == at("2026-03-07T20:56:00+00:00")
    assert quake.references == (
        Reference("tram@dia-chan.example", "dongdat.26.0307.0", at("2026-03-07T20:30:00+00:00")),
    )
    child = read["missing-child"]
    assert child.sound == Sound("audio/ogg", "OggS bản".encode())
    assert (child.groups, child.repeats) == ({"xa-24169"}, 2)
    assert [it.identifier for it in read["update"].references] == ["pctt-1", "pctt-2"]
    assert (read["cancel"].kind, read["cancel"].severity) == (MessageType.CANCEL, Severity.UNKNOWN)
    assert (read["raised-level"].expires, read["raised-level"].sound) == (None, None)


# What is wrong


def without(element: str) -> str:
    changed = re.sub(rf"\s*<{element}>[^<]*</{element}>", "", STORM)
    assert changed != STORM
    return changed


def saying(element: str, value: str) -> str:
    changed = re.sub(rf"<{element}>[^<]*</{element}>", f"<{element}>{value}</{element}>", STORM, count=1)
    assert changed != STORM
    return changed


WRONG_FOR_BOTH = {
    **{f"no {it}": without(it) for it in ("identifier", "sender", "sent", "status", "msgType")},
    **{f"no {it}": without(it) for it in ("urgency", "severity", "certainty")},
    **{f"odd {it}": saying(it, "Chưa rõ") for it in ("status", "msgType", "urgency", "severity", "certainty")},
    **{f"small {it}": saying(it, it.lower()) for it in ("status", "msgType", "severity")},
    "identifier with a space": saying("identifier", "KTTV 118"),
    "identifier with a comma": saying("identifier", "KTTV,118"),
    "sender with a restricted letter": saying("sender", "a&amp;b"),
    "instant without offset": saying("sent", "2026-06-17T14:57:00"),
    "instant by Z": saying("sent", "2026-06-17T14:57:00Z"),
    "instant with parts of a second": saying("sent", "2026-06-17T14:57:00.5+07:00"),
    "a day that is none": saying("sent", "2026-06-31T14:57:00+07:00"),
    "an expiry in words": saying("expires", "ngày mai"),
    "three corners": saying("polygon", "22.47,104.86 22.75,104.86 22.47,104.86"),
    "a corner of one number": saying("polygon", "22.47,104.86 22.75 22.75,105.21 22.47,104.86"),
    "another language's element": STORM.replace("cap:1.2", "cap:9"),
    "another root": STORM.replace("<alert ", "<tin ").replace("</alert>", "</tin>"),
    "references without an instant": FILES["cancel"].replace(",2026-08-02T05:10:30+07:00", ""),
    "broken sound": FILES["missing-child"].replace("T2dnUyBi4bqjbg==", "T2dnUyBi4bqjbg="),
}
WRONG_FOR_THE_SCHEMA = {
    **{f"no {it}": without(it) for it in ("scope", "category", "event", "areaDesc")},
    "odd scope": saying("scope", "Everybody"),
    "odd category": saying("category", "Weather"),
    "odd response": saying("responseType", "Run"),
    "two events": STORM.replace("<event>", "<event>Gió</event><event>"),
    "another order": without("identifier").replace("<info>", "<identifier>a</identifier><info>"),
    "an unknown element": STORM.replace("<info>", "<thong-tin/><info>"),
    "a circle without radius": FILES["earthquake"].replace(" 25.5<", "<"),
    "a size in words": FILES["missing-child"].replace("<size>9", "<size>chín"),
    "nothing said": saying("event", " "),
}


@pytest.mark.parametrize("name", WRONG_FOR_BOTH)
def test_what_the_reader_refuses_the_schema_refuses(name: str) -> None:
    wrong = WRONG_FOR_BOTH[name].encode()
    for judge in (read_cap, refuse_invalid):
        with pytest.raises(Refused):
            judge(wrong)


@pytest.mark.parametrize("name", WRONG_FOR_THE_SCHEMA)
def test_the_schema_refuses_more(name: str) -> None:
    with pytest.raises(Refused, match=r"CAP 1\.2"):
        refuse_invalid(WRONG_FOR_THE_SCHEMA[name].encode())


# What the office writes

SPOKEN = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=60).map(str.strip)
WORDS = st.just("") | SPOKEN
NAMES = st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters=",<&"), min_size=1, max_size=30)
INSTANTS = st.integers(0, 4_000_000_000).map(lambda it: it * 1_000)
DEGREES = st.integers(-900_000, 900_000).map(lambda it: it / 10_000)
POINTS = st.tuples(DEGREES, DEGREES)
POLYGONS = st.lists(POINTS, min_size=3, max_size=6).map(lambda it: (*it, it[0]))
CIRCLES = st.tuples(DEGREES, DEGREES, st.integers(0, 9_000).map(lambda it: it / 10))
AREAS = st.builds(
    Area,
    SPOKEN.filter(bool),
    st.lists(st.tuples(SPOKEN.filter(bool), SPOKEN.filter(bool)), max_size=3).map(tuple),
    st.lists(POLYGONS, max_size=2).map(tuple),
    st.lists(CIRCLES, max_size=2).map(tuple),
)
ALERTS = st.builds(
    Alert,
    identifier=NAMES,
    sender=NAMES,
    sent=INSTANTS,
    status=st.sampled_from(Status),
    kind=st.sampled_from(MessageType),
    references=st.lists(st.builds(Reference, NAMES, NAMES, INSTANTS), max_size=3).map(tuple),
    event=SPOKEN.filter(bool),
    urgency=st.sampled_from(Urgency),
    severity=st.sampled_from(Severity),
    certainty=st.sampled_from(Certainty),
    expires=st.none() | INSTANTS,
    sender_name=WORDS,
    headline=WORDS,
    description=WORDS,
    instruction=WORDS,
    language=st.sampled_from(("vi-VN", "vi", "en-US")),
    areas=st.lists(AREAS, max_size=3).map(tuple),
    sound=st.none() | st.builds(Sound, st.just("audio/ogg"), st.binary(min_size=1, max_size=100)),
    repeats=st.none() | st.integers(0, 99),
    all_clear=st.booleans(),
)


@given(ALERTS)
@settings(max_examples=150, deadline=None)
def test_what_is_written_is_valid_and_read_as_it_was(alert: Alert) -> None:
    xml = write_cap(alert)
    refuse_invalid(xml)
    assert read_cap(xml) == alert


def test_three_minutes_of_speech_fit() -> None:
    sound = Sound("audio/ogg", bytes(range(256)) * 2_300)
    alert = evolve(read_cap(STORM.encode()), sound=sound)
    assert read_cap(write_cap(alert)).sound == sound
