"""Reports of a day, as tests want them: any at all, by Hypothesis."""

import datetime as dt

from hypothesis import strategies as st

from station.rules.as_run import AsRun, AsRunSegment
from station.rules.day_report import DayReport, Health, ReportedRecord
from station.rules.trouble import Fault, Trouble

texts = st.text(max_size=12)
instants = st.integers(0, 10**13)
maybe_instants = st.none() | instants
figures = st.none() | st.floats(-1e6, 1e6).filter(bool)

OF_RECORD = {
    **dict.fromkeys(("key", "schedule", "title", "origin", "priority", "trigger", "who"), texts),
    **dict.fromkeys(("override", "reason", "proof"), texts),
    **dict.fromkeys(("planned_start", "planned_end", "opened_at"), instants),
    **dict.fromkeys(("actual_start", "actual_end"), maybe_instants),
    **dict.fromkeys(("proof_match", "proof_level", "proof_late"), figures),
    "zones": st.lists(texts, max_size=3).map(tuple),
    "result": st.none() | texts,
}
OF_SEGMENT = {**dict.fromkeys(("segment", "ready", "title", "kind"), texts), "at": instants, "length": instants}
OF_TROUBLE = dict.fromkeys(("where", "what", "still", "mend"), texts)

records = st.builds(AsRun, **OF_RECORD)
segments = st.builds(AsRunSegment, **OF_SEGMENT)
faults = st.builds(Fault, st.builds(Trouble, **OF_TROUBLE), instants, maybe_instants)
healths = st.builds(
    Health,
    at=instants,
    version=texts,
    up_since=instants,
    disk_free=instants,
    disk_total=instants,
    heat=st.none() | st.integers(-20, 120),
    clock=texts,
    clock_off=figures,
    contact_at=maybe_instants,
)
OF_REPORT = {
    "code": st.from_regex("[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True),
    "name": texts,
    "practice": st.booleans(),
    "date": st.dates(dt.date(2026, 1, 1)),
    "time_zone": texts,
    "zones": st.dictionaries(texts, texts, max_size=3),
    "records": st.lists(
        st.builds(ReportedRecord, records, st.lists(segments, max_size=2).map(tuple)), max_size=3
    ).map(tuple),
    "faults": st.lists(faults, max_size=2).map(tuple),
    "sealed": st.booleans(),
    "health": st.none() | healths,
}
reports = st.builds(DayReport, **OF_REPORT)
