"""The station's figures in the text format of Prometheus; names and units by its conventions.

Of a player that does not answer nothing is said but that: figures that were true once are nobody's present.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from station.care.disk import read_disk
from station.care.heat import heat
from station.control.client import AT_ONCE, PlayerDown, ask
from station.control.messages import Status
from station.desk.backup_stick import last_backup
from station.desk.province import link
from station.rules.now import SECOND
from station.rules.step.actions import Result
from station.stores.home import Home
from station.stores.listening import ListeningFile

CONTENT_TYPE = CONTENT_TYPE_LATEST


def metrics(home: Home, now: int) -> bytes:
    """All of them as they are at wall ms `now`."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Station(home, now))
    return generate_latest(registry)


class _Station(Collector):
    def __init__(self, home: Home, now: int) -> None:
        self._home, self._now = home, now

    def describe(self) -> Iterable[Metric]:
        """Nothing: it is asked when there is something to tell."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All of it."""
        player = self._player()
        yield GaugeMetricFamily("loaxa_player_up", "Whether the player answers.", player is not None)
        if player is not None:
            yield from _of_player(player)
            yield from self._push()
        yield from self._broadcasts()
        yield from self._link()
        yield from self._disk()
        backup = last_backup(self._home).good_at
        told = "When the last good backup on the station's stick was made."
        yield from _known("loaxa_last_backup_timestamp_seconds", told, backup and backup / SECOND)
        yield from _known("loaxa_temperature_celsius", "The processor's temperature.", heat())

    def _player(self) -> dict[str, Any] | None:
        try:
            return dict(ask(self._home.places.socket, Status(), AT_ONCE).value)
        except PlayerDown:
            return None

    def _push(self) -> Iterable[Metric]:
        """The listener is the player's child, and ends with it."""
        listening = ListeningFile(self._home.places.run).last()
        if listening and listening.broker:
            told = "Whether the province's broker is connected, by which emergencies come at once."
            yield GaugeMetricFamily("loaxa_push_connected", told, listening.heard(self._now))

    def _broadcasts(self) -> Iterable[Metric]:
        family = CounterMetricFamily("loaxa_broadcasts", "Broadcasts by their result.", labels=["result"])
        counted = self._home.log.counts()
        for result in Result:
            family.add_metric([result], counted.get(result, 0))
        yield family

    def _link(self) -> Iterable[Metric]:
        known = link(self._home, self._now)
        good_at = known.contact.good_at if known else None
        told = "When the province's signed word was had last."
        yield from _known("loaxa_last_sync_timestamp_seconds", told, good_at and good_at / SECOND)

    def _disk(self) -> Iterable[Metric]:
        disk = read_disk(self._home.places.home)
        yield GaugeMetricFamily("loaxa_disk_free_bytes", "Free space on the card.", disk.free)
        yield GaugeMetricFamily("loaxa_disk_read_only", "Whether the card takes nothing any more.", disk.read_only)
        if disk.written is not None:
            told = "What was written to the card since the machine's start."
            yield CounterMetricFamily("loaxa_disk_written_bytes", told, disk.written)
        yield from _known("loaxa_disk_errors", "Errors of its file system since the last repair.", disk.errors)
        worn = disk.worn and disk.worn / 100
        yield from _known("loaxa_disk_worn_ratio", "How much of the eMMC's life is used at least.", worn)


def _of_player(told: dict[str, Any]) -> Iterable[Metric]:
    yield GaugeMetricFamily("loaxa_on_air", "Whether something is on air.", told["on_air"] is not None)
    on = GaugeMetricFamily("loaxa_zone_on", "Whether a zone's amplifier is on.", labels=["zone"])
    fault = GaugeMetricFamily("loaxa_zone_fault", "Whether a zone is broken.", labels=["zone"])
    for zone in told["zones"]:
        on.add_metric([zone["name"]], zone["on"])
        fault.add_metric([zone["name"]], bool(zone["fault"]))
    yield on
    yield fault
    yield GaugeMetricFamily("loaxa_faults", "What is wrong at the station.", len(told["faults"]))
    starts = (dt.datetime.fromisoformat(it["start"]).timestamp() for it in told["next"] if it["airs"])
    begins = "When the next broadcast begins."
    yield from _known("loaxa_next_broadcast_timestamp_seconds", begins, next(starts, None))
    yield GaugeMetricFamily("loaxa_clock_trusted", "Whether the clock is believed.", told["clock"]["trusted"])
    if told["power"]:
        yield from _of_power(told["power"])


def _of_power(told: dict[str, bool | None]) -> Iterable[Metric]:
    """Now and since the machine's start: what sags for a second is between two scrapes."""
    low = GaugeMetricFamily("loaxa_undervoltage", "Whether the machine's power is too low.", labels=["when"])
    slowed = GaugeMetricFamily("loaxa_throttled", "Whether the machine slows itself down.", labels=["when"])
    for family, name in ((low, "low"), (slowed, "slowed")):
        for when, known in (("now", told[name]), ("since_start", told[f"was_{name}"])):
            if known is not None:
                family.add_metric([when], known)
        yield family


def _known(name: str, told: str, value: float | None) -> Iterable[Metric]:
    """A figure where there is one."""
    if value is not None:
        yield GaugeMetricFamily(name, told, value)
