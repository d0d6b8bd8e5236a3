"""Arrival: what is offered comes file by file, what airs first before the rest; what is offered no more goes."""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from shutil import disk_usage

from attrs import asdict
from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import TargetFile

from station.clock import Clock
from station.durable import is_full, write_whole
from station.province import shelf, told
from station.province.source import Source, Wanted, bring
from station.province.trust import Word
from station.rules.now import HOUR, SECOND, Now
from station.rules.offer import Form, Offer, called, nearest_first
from station.rules.trouble import Refused, Trouble
from station.rules.version import is_newer
from station.stores.contact import Arriving
from station.stores.home import Home
from station.stores.library import RESERVE, Full
from station.stores.release import running_version

_TREE = "targets"
_MOST_TOLD = 50  # of what is still to come
_TRIES = 3  # that bring next to nothing
_FRUIT = 4 << 10  # bytes, which make a try worth another one
_LEFT_ALONE = 6 * HOUR  # what is of no use is not fetched again and again

_logger = logging.getLogger(__name__)

Progress = Callable[[], None]


class Arrival:
    """Takes in what is offered; `progress` is called whenever more has come.

    Afterwards `troubles` say what stood in the way, and `refused` which files cannot be used.
    """

    def __init__(self, home: Home, clock: Clock, progress: Progress) -> None:
        self._home, self._clock, self._progress = home, clock, progress
        self._parts = home.places.parts
        self._coming: dict[str, Offer] = {}
        self._carriers: list[Source] = []
        self.troubles: list[Trouble] = []
        self.refused: list[Trouble] = []

    def arriving(self) -> tuple[Arriving, ...]:
        """What is still to come, in its order; of very much only the beginning."""
        first = list(self._coming.values())[:_MOST_TOLD]
        return tuple(Arriving(it.title, _size(self._part(it)), it.length) for it in first)

    def let_expired_go(self, word: Word) -> None:
        """Remove what is past its date, by the word that was believed last."""
        here, now = shelf.present(self._home), self._clock.now()
        self._let_go(it.path for it in word.offers if it.path in here and _is_past(it, now))

    def take_in(self, word: Word, carriers: Sequence[Source]) -> None:
        """Have what is offered, from whoever of the carriers has it, and nothing else of the province."""
        self._carriers = list(carriers)
        here, now = shelf.present(self._home), self._clock.now()
        past = {it.path for it in word.offers if _is_past(it, now)}
        nearest = nearest_first(it for it in word.offers if it.path not in past)
        offers = tuple(it for it in nearest if it.form is not Form.RELEASE or _is_news(it))
        offered = {called(it.path) for it in offers}
        # What only another group offers now goes when that has come: the shelf puts one in place of the other.
        self._let_go(it for it in here if it in past or called(it) not in offered)
        self._coming = {it.path: it for it in self._missing(offers, here)}
        self._forget_parts(offers)
        self._bring(it for it in self._in_order() if it.form is Form.SCHEDULE)
        self._bring(it for it in self._in_order() if it.form is not Form.SCHEDULE)  # by the schedules that came

    def _let_go(self, paths: Iterable[str]) -> None:
        for path in list(paths):
            shelf.let_go(self._home, path, self._clock.now().wall)

    def _missing(self, offers: Iterable[Offer], here: Mapping[str, str]) -> Iterator[Offer]:
        """What is to be fetched; it need not be when only what is said of it is new."""
        names = {called(it) for it in here}
        for offer in offers:
            known = here.get(offer.path) == offer.digest
            if not known and not (called(offer.path) in names and shelf.retell(self._home, offer)):
                yield offer

    def _in_order(self) -> list[Offer]:
        """What is still to come as it shall come: schedules, then what airs first."""
        ordered = shelf.order(self._home, self._coming.values(), self._clock.now().wall)
        self._coming = {it.path: it for it in ordered}
        return list(self._coming.values())

    def _forget_parts(self, offers: Iterable[Offer]) -> None:
        """Remove what nobody wants any more of what has begun to come."""
        self._parts.mkdir(exist_ok=True)
        wanted = {it.sha256 for it in self._coming.values()}
        judged = {f"{it.sha256}.json" for it in offers}
        for path in self._parts.iterdir():
            if path.name not in wanted | judged:
                path.unlink()

    def _bring(self, offers: Iterable[Offer]) -> None:
        for offer in list(offers):
            if not self._carriers:
                return
            try:
                self._bring_one(offer)
            except Full as it:
                self.troubles.append(it.trouble)
                return
            except Refused as it:
                self._judge(offer, it.trouble)
            except Exception as error:
                if is_full(error):
                    self.troubles.append(told.full())
                    return
                _logger.exception("a file of the province cannot be taken in: %s", offer.path)
                self.troubles.append(told.unforeseen(offer.title, error))

    def _bring_one(self, offer: Offer) -> None:
        """Fetch a file and take it in. Raises `Refused` for what is of no use, whoever it is asked."""
        if judged := self._judged(offer):
            self.refused.append(judged)
            return
        rest = offer.length - _size(self._part(offer))
        if disk_usage(self._parts).free - rest - offer.length < RESERVE:  # it is copied when it is taken in
            self.troubles.append(told.full())
            return
        if self._fetch(offer):
            shelf.take(self._home, offer, self._part(offer), self._clock.now().wall)
            self._part(offer).unlink()
            del self._coming[offer.path]

    def _fetch(self, offer: Offer) -> bool:
        """Whether the file has come, whole and right, from any of those who may have it. Raises `Refused`."""
        broken = []
        for carrier in list(self._carriers):
            try:
                self._fetch_from(carrier, offer)
            except told.Broken as it:
                broken.append(it)
                if not (it.wrong or it.missing):
                    self._carriers.remove(carrier)  # what it cannot bring now it cannot bring at all
            else:
                return True
        wrong = next((it for it in broken if it.wrong), None)
        if wrong:
            raise Refused(wrong.trouble)
        only_missing = all(it.missing for it in broken)
        (self.refused if only_missing else self.troubles).append(broken[-1].trouble)
        return False

    def _fetch_from(self, carrier: Source, offer: Offer) -> None:
        """Have all of a file as it was signed. Raises `Broken`."""
        part = self._part(offer)
        begun = _size(part)
        self._fetch_stubbornly(carrier, offer)
        target = TargetFile(offer.length, {"sha256": offer.sha256}, offer.path)
        try:
            with part.open("rb") as file:
                target.verify_length_and_hashes(file)
        except LengthOrHashMismatchError:
            part.unlink()
            if not begun:
                raise told.wrong_content(carrier.name, offer.path) from None
            self._fetch_from(carrier, offer)  # perhaps it was only its beginning, which came before

    def _fetch_stubbornly(self, carrier: Source, offer: Offer) -> None:
        """Go on after each cut for as long as that is worth it. Raises `Broken`."""
        part, fruitless = self._part(offer), 0
        while True:
            before = _size(part)
            try:
                bring(carrier, _wanted(offer), part, self._clock, lambda _: self._progress())
            except told.Broken as broken:
                fruitless = 0 if _size(part) - before >= _FRUIT else fruitless + 1
                if not broken.again or fruitless == _TRIES:
                    raise
            else:
                return

    def _judge(self, offer: Offer, trouble: Trouble) -> None:
        """Tell that a file is of no use, and leave it alone for a while."""
        self.refused.append(trouble)
        self._part(offer).unlink(missing_ok=True)
        self._coming.pop(offer.path, None)
        write_whole(self._judgement(offer), json.dumps(asdict(trouble), ensure_ascii=False).encode())

    def _judged(self, offer: Offer) -> Trouble | None:
        """Why it is left alone, if it is."""
        try:
            judgement = self._judgement(offer)
            age = self._clock.now().wall - judgement.stat().st_mtime * SECOND
            return Trouble(**json.loads(judgement.read_text())) if abs(age) < _LEFT_ALONE else None
        except (OSError, ValueError, TypeError):
            return None

    def _part(self, offer: Offer) -> Path:
        return self._parts / offer.sha256

    def _judgement(self, offer: Offer) -> Path:
        return self._parts / f"{offer.sha256}.json"


def _is_news(release: Offer) -> bool:
    """Whether a release is later than what runs here: another one is nothing to this station."""
    return is_newer(release.version, running_version())


def _is_past(offer: Offer, now: Now) -> bool:
    """Whether it is past its date; a clock that nobody vouches for ends nothing."""
    until = offer.facts.valid_until
    return now.trusted and until is not None and until <= now.wall


def _wanted(offer: Offer) -> Wanted:
    group, _, file = offer.path.partition("/")
    return Wanted(f"{_TREE}/{group}/{offer.sha256}.{file}", offer.length)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
