"""The monthly report, for the page, for print and for the command line."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from attrs import frozen

from station.rules.heard import heard
from station.rules.hours import instant, iso
from station.rules.now import DAY, SECOND
from station.rules.origin import Origin
from station.rules.replay import BULLETINS
from station.rules.report import Month, Report, Share, report, shares
from station.rules.rundown import Kind
from station.stores.asrun import AsRun, AsRunSegment
from station.stores.config import Config
from station.stores.home import Home
from station.stores.library import StoredSegment

_Played = tuple[AsRun, AsRunSegment]


@frozen
class Bulletin:
    """A bulletin of the commune's own that aired so many `times` in the month, first at wall ms `first`; ms in all.

    `kept` is what the library still knows of it.
    """

    segment: str
    title: str
    kind: str
    first: int
    times: int
    length: int
    kept: StoredSegment | None


@frozen
class MonthlyReport:
    """A month of a station as of wall ms `made_at`: figures, what sounded by kind, and its own bulletins."""

    config: Config
    made_at: int
    figures: Report
    kinds: Mapping[str, Share]
    bulletins: tuple[Bulletin, ...]

    @property
    def over(self) -> bool:
        """Whether the month is over."""
        return self.made_at >= instant(self.figures.month.after.first, 0, self.config.time_zone)


def monthly_report(home: Home, month: Month, now: int) -> MonthlyReport:
    """The report of a month as of wall ms `now`."""
    config = home.config().config
    zone = config.time_zone
    begin, end = (instant(day, 0, zone) for day in (month.first, month.after.first))
    records = home.log.between(begin - DAY, end)  # what was planned the day before may sound after midnight
    played = list(_played(home, records, begin, end))
    return MonthlyReport(
        config=config,
        made_at=now,
        figures=report(records, month, zone),
        kinds=shares((part.kind, part.length) for _, part in played),
        bulletins=tuple(_bulletins(home, played)),
    )


def _played(home: Home, records: Iterable[AsRun], begin: int, end: int) -> Iterator[_Played]:
    """The segments that were heard of what was planned in the month."""
    segments = home.log.segments(begin, end)
    for record in records:
        for part in segments.get(record.key, ()):
            if heard(record, part.at, part.length):
                yield record, part


def _bulletins(home: Home, played: Iterable[_Played]) -> Iterator[Bulletin]:
    own: dict[str, list[_Played]] = {}
    for record, part in played:
        if record.origin == Origin.COMMUNE and part.kind in BULLETINS:
            own.setdefault(part.segment, []).append((record, part))
    known = home.library.known(own)
    for segment, found in own.items():
        kept = known.get(segment)
        record, part = found[0]
        yield Bulletin(
            segment=segment,
            title=kept.title if kept else part.title,
            kind=kept.kind if kept else Kind(part.kind),
            first=record.actual_start or record.planned_start,
            times=len(found),
            length=sum(it.length for _, it in found),
            kept=kept,
        )


def report_json(made: MonthlyReport) -> dict[str, Any]:
    """The report as JSON: times in s, instants as ISO 8601 in the station's own time."""
    found, zone = made.figures, made.config.time_zone
    return {
        "station": made.config.name,
        "month": str(found.month),
        "made_at": iso(made.made_at, zone),
        "broadcasts": found.broadcasts,
        "by_hand": found.by_hand,
        "results": {name or "open": number for name, number in found.results.items()},
        "seconds": found.length // SECOND,
        "untimed": found.untimed,
        "days": {
            day.isoformat(): {origin: length // SECOND for origin, length in hours.items()}
            for day, hours in found.hours.items()
        },
        "origins": _shares_json(found.origins),
        "zones": _shares_json(found.zones),
        "priorities": _shares_json(found.priorities),
        "kinds": _shares_json(made.kinds),
        "proofs": dict(found.proofs),
        "troubles": [
            {
                "start": iso(it.planned_start, zone),
                "title": it.title,
                "result": it.result,
                "reason": it.reason,
            }
            for it in found.troubles
        ],
        "bulletins": [
            {
                "id": it.segment,
                "title": it.title,
                "kind": it.kind,
                "first": iso(it.first, zone),
                "times": it.times,
                "seconds": it.length // SECOND,
                "author": it.kept.author if it.kept else None,
                "approver": it.kept.approver if it.kept else None,
            }
            for it in made.bulletins
        ],
    }


def write_report_csv(made: MonthlyReport, into: TextIO) -> None:
    """Write the report's figures as CSV: a line each, with what it counts, of what, how many, how long (s)."""
    told = report_json(made)
    writer = csv.writer(into)
    writer.writerow(["figure", "name", "broadcasts", "seconds"])
    writer.writerow(["all", "", told["broadcasts"], told["seconds"]])
    writer.writerow(["by_hand", "", told["by_hand"], ""])
    for figure in ("results", "proofs"):
        writer.writerows([figure, name, number, ""] for name, number in told[figure].items())
    for figure in ("origins", "zones", "priorities", "kinds"):
        writer.writerows(
            [figure, name, share["broadcasts"], share["seconds"]] for name, share in told[figure].items()
        )
    writer.writerows(["days", day, "", sum(hours.values())] for day, hours in told["days"].items())
    writer.writerows(["bulletins", it["title"], it["times"], it["seconds"]] for it in told["bulletins"])


def _shares_json(found: Mapping[str, Share]) -> dict[str, dict[str, int]]:
    return {name: {"broadcasts": it.broadcasts, "seconds": it.length // SECOND} for name, it in found.items()}
