"""Home: where a station keeps everything, and the stores opened there."""

from attrs import frozen
from sqlalchemy import Engine

from station.clock import Clock
from station.durable import sweep
from station.stores.alerts import Alerts
from station.stores.asrun import AsRunLog
from station.stores.config import LAST_GOOD, Loaded, read_config
from station.stores.faults import Faults
from station.stores.heartbeat import Heartbeat
from station.stores.known import Known
from station.stores.library import Library
from station.stores.muted import MutedZones
from station.stores.opening import open_database, renew_copy
from station.stores.places import Places, places
from station.stores.schedule_files import ScheduleFiles, read_schedules
from station.stores.uploads import Uploads

__all__ = ["Home", "Places", "open_home", "places"]


@frozen
class Home:
    """A station's stores, open."""

    places: Places
    engine: Engine
    library: Library
    log: AsRunLog
    alerts: Alerts
    faults: Faults
    muted: MutedZones
    heartbeat: Heartbeat
    uploads: Uploads

    def config(self) -> Loaded:
        """The configuration as its file is now."""
        return read_config(self.places.config, self.places.home / LAST_GOOD, must_exist=self.places.config_named)

    def clock(self) -> Clock:
        """The machine's clocks, believed as far as the station may: by its configuration and by what it logged."""
        return Clock(always_trusted=self.config().config.trust_clock, last_known=self.heartbeat.last())

    def renew_copy(self) -> None:
        """Make a new copy of the database, from which it can be made anew, if it is time."""
        renew_copy(self.places.database)

    def schedules(self, known: Known) -> ScheduleFiles:
        """The schedules as their files are now; they may name what is `known`."""
        return read_schedules(self.places.schedules, known)


def open_home(where: Places, *, thorough: bool = False) -> Home:
    """Open the stores, making what is not there; with a `thorough` look at the database first."""
    for folder in (where.home, where.run, where.tapes, where.shared):
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
    engine = open_database(where.database, thorough=thorough)
    return Home(
        where,
        engine,
        Library(engine, where.home / "library"),
        AsRunLog(engine),
        Alerts(engine),
        Faults(engine),
        MutedZones(engine),
        Heartbeat(where.home / "heartbeat"),
        Uploads(where.uploads),
    )
