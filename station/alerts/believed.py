"""Believed: who may send alerts to this commune, and where they come from, as the province's signed tree says."""

from functools import lru_cache
from pathlib import Path

from attrs import frozen
from tuf.api.exceptions import RepositoryError

from station.province.fetcher import METADATA
from station.province.trust import read_targets
from station.rules.alerting.sender import Push, Sender, read_push, read_senders
from station.stores.enrolment import ENROLMENT, load_enrolment
from station.stores.places import Places

_TARGETS = "targets.json"


@frozen
class Believed:
    """Whose alerts the commune believes, the province's groups that it is in, and the broker, if there is one."""

    senders: tuple[Sender, ...] = ()
    groups: frozenset[str] = frozenset()
    push: Push | None = None


NOBODY = Believed()


def believed(places: Places) -> Believed:
    """Whom the station believes by what it verified last; nobody while it is not enrolled."""
    folder = places.province
    return _read(folder, _stamp(folder / ENROLMENT), _stamp(folder / METADATA / _TARGETS))


@lru_cache(maxsize=1)
def _read(folder: Path, *_stamps: tuple[int, ...]) -> Believed:
    enrolment = load_enrolment(folder)
    if enrolment is None:
        return NOBODY
    try:
        groups, fields = read_targets(folder / METADATA, enrolment.code)
    except (OSError, RepositoryError):
        return NOBODY
    return Believed(read_senders(fields), frozenset(groups), read_push(fields))


def _stamp(file: Path) -> tuple[int, ...]:
    """What is another once a file was replaced."""
    try:
        status = file.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_mtime_ns, status.st_size
