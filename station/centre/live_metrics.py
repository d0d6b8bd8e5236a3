"""The stations as they are now in the form of Prometheus; names and units by its conventions."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from station.rules.now import SECOND
from station.rules.overview import DECISIONS, GARBLED, Answer, Picture, Row, Told, answers

_STATION = ("code", "name")


def registry(look: Callable[[], Picture]) -> CollectorRegistry:
    """What to serve: each scrape looks anew, and nothing else of this process is told."""
    made = CollectorRegistry(auto_describe=False)
    made.register(_Stations(look))
    return made


class _Stations(Collector):
    def __init__(self, look: Callable[[], Picture]) -> None:
        self._look = look

    def describe(self) -> Iterable[Metric]:
        """Nothing: it is asked when there is something to tell."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All of it."""
        picture = self._look()
        yield GaugeMetricFamily("loaxa_broker_connected", "Whether the broker is there.", picture.broker.up)
        yield CounterMetricFamily("loaxa_messages", "Messages of stations.", picture.messages)
        garbled = CounterMetricFamily(
            "loaxa_garbled_messages", "Messages that nobody could make anything of.", labels=["reason"]
        )
        for reason in GARBLED:
            garbled.add_metric([reason], picture.garbled.get(reason, 0))
        yield garbled
        yield from _reachable(picture.rows)
        yield from _told([row for row in picture.rows if row.up])
        yield from _alerts(picture)


def _reachable(rows: Sequence[Row]) -> Iterable[Metric]:
    """Of all stations, as long as it is known."""
    yield _gauge("loaxa_station_up", "Whether the station is connected.", rows, lambda row: row.up)
    seen = "When the station last said anything."
    name = "loaxa_station_last_seen_timestamp_seconds"
    yield _gauge(name, seen, rows, lambda row: row.seen and row.seen / SECOND)


def _told(rows: Sequence[Row]) -> Iterable[Metric]:
    """Of the stations that are there: what one that is gone said last is nobody's present."""

    def gauge(name: str, help_: str, of: Callable[[Told], float | None]) -> GaugeMetricFamily:
        return _gauge(name, help_, rows, lambda row: of(row.told) if row.told else None)

    def by_player(told: Told, value: float) -> float | None:
        return value if told.player else None

    yield gauge("loaxa_station_player_up", "Whether its player runs.", lambda it: it.player)
    on_air = "Whether something is on air, as its player says."
    yield gauge("loaxa_station_on_air", on_air, lambda it: by_player(it, it.on_air is not None))
    faults = "What is wrong there, as its player says."
    yield gauge("loaxa_station_faults", faults, lambda it: by_player(it, len(it.faults)))
    yield gauge("loaxa_station_clock_trusted", "Whether its clock is believed.", lambda it: it.clock_trusted)
    yield gauge("loaxa_station_disk_free_bytes", "Free space on its card.", lambda it: it.disk_free)
    yield gauge("loaxa_station_temperature_celsius", "Its processor's temperature.", lambda it: it.heat)


def _gauge(name: str, help_: str, rows: Iterable[Row], of: Callable[[Row], float | None]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_, labels=_STATION)
    for row in rows:
        if (value := of(row)) is not None:
            family.add_metric([row.code, row.name], value)
    return family


def _alerts(picture: Picture) -> Iterable[Metric]:
    verdicts = GaugeMetricFamily(
        "loaxa_alert_verdicts",
        "Stations by what they decided about an alert in force; none: they did not answer.",
        labels=["alert", "kind", "decision"],
    )
    results = GaugeMetricFamily(
        "loaxa_alert_stations", "Stations by what became of an alert in force.", labels=["alert", "kind", "result"]
    )
    for alert in picture.alerts:
        found = answers(alert, picture.rows)
        decided = Counter(_decision(row, alert.id) for rows in found.values() for row in rows)
        meant = [alert.id, "test" if alert.silent else "alert"]
        for decision in (*DECISIONS, "none"):
            verdicts.add_metric([*meant, decision], decided[decision])
        for answer in Answer:
            results.add_metric([*meant, answer], len(found[answer]))
    yield verdicts
    yield results


def _decision(row: Row, alert: str) -> str:
    answered = row.answers.get(alert)
    return answered.decision if answered else "none"
