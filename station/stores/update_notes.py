"""What page and root tell each other of an update, in `/run/station`: a request for it, and how it goes.

The station's user may write anything there, so root reads a request with care, and its answer is news and no order.
"""

import json
import re
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from attrs import asdict, frozen

from station.durable import write_whole
from station.rules.now import DAY
from station.stores.foreign import read_foreign

_REQUEST, _ANSWER = "update.request", "update.answer"
_READABLE = 0o644
_LONGEST_UPDATE = DAY


class Stage(StrEnum):
    """How far an update is, or how it ended."""

    WAITING = "waiting"
    INSTALLING = "installing"
    UPDATED = "updated"
    RETURNED = "returned"
    FAILED = "failed"
    REFUSED = "refused"


@frozen
class News:
    """How an update goes since wall ms `at`, with the release of that `version` where it is known."""

    at: int
    stage: Stage
    version: str
    sentence: str

    def under_way(self, now: int) -> bool:
        """Whether its end is still to come at wall ms `now`; whatever was killed in the middle is over by then."""
        return self.stage in {Stage.WAITING, Stage.INSTALLING} and abs(now - self.at) < _LONGEST_UPDATE


def request_update(run: Path, sha256: str) -> None:
    """Ask root to install the release of that sha256, which the province offers."""
    write_whole(run / _REQUEST, json.dumps({"sha256": sha256}).encode())


def is_requested(run: Path) -> bool:
    """Whether root has not yet taken a request."""
    return (run / _REQUEST).exists()


def take_request(run: Path) -> str | None:
    """The sha256 that somebody asks for, whose request is gone then; None for what is no request."""
    content = read_foreign(run / _REQUEST)
    with suppress(FileNotFoundError):
        (run / _REQUEST).unlink()
    try:
        sha256 = json.loads(content or b"")["sha256"]
    except (ValueError, TypeError, KeyError):
        return None
    return sha256 if isinstance(sha256, str) and re.fullmatch("[0-9a-f]{64}", sha256) else None


def tell(folder: Path, news: News) -> None:
    """Tell how it goes, to whoever looks; nobody can while no player has run since the machine started."""
    with suppress(FileNotFoundError):
        write_whole(folder / _ANSWER, json.dumps(asdict(news), ensure_ascii=False).encode(), _READABLE)


def read_news(folder: Path) -> News | None:
    """What was told last."""
    try:
        told = json.loads(read_foreign(folder / _ANSWER) or b"")
        at, version, sentence = told["at"], told["version"], told["sentence"]
        right = type(at) is int and isinstance(version, str) and isinstance(sentence, str)
        return News(at, Stage(told["stage"]), version, sentence) if right else None
    except (ValueError, TypeError, KeyError):
        return None
