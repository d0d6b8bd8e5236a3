"""Synchronising: the station comes to hold what the province offers it, by whatever way there is, and says how far.

Nothing is shown before it is whole and right, and what is had already stays whatever fails.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import evolve

from station.clock import Clock
from station.durable import is_full, lock
from station.province import told
from station.province.arrival import Arrival
from station.province.link import Link
from station.province.source import Source
from station.province.stick import sticks
from station.province.trust import Trust, Word, waited_too_long
from station.rules.enrolment import Enrolment
from station.rules.now import SECOND
from station.rules.trouble import Trouble
from station.stores.contact import Contact, Contacts
from station.stores.enrolment import ROOT, load_enrolment
from station.stores.home import Home

_TRIES = 3
_LOCK = "sync.lock"
_MOST_TOLD = 50  # of what cannot be used

_logger = logging.getLogger(__name__)

Tell = Callable[[Contact], None]


def synchronise(
    home: Home, clock: Clock, *, sources: Sequence[Source] | None = None, tell: Tell = lambda _: None
) -> Contact:
    """Bring the station up to what its province offers, and give how that went; nothing is raised.

    `sources` are the places to ask, in order: by default the sticks that are plugged in and the enrolment's
    addresses. `tell` is told of progress, about once a second.
    """
    folder = home.places.province
    contacts = Contacts(home.places.run, folder)
    enrolment = load_enrolment(folder)
    if enrolment is None:
        return evolve(contacts.last(), trouble=told.not_enrolled())
    with alone(folder) as only:
        if not only:
            return evolve(contacts.last(), trouble=told.busy())
        return _Round(home, clock, enrolment, contacts, tell).go(sources)


def all_sources(enrolment: Enrolment, clock: Clock) -> tuple[Source, ...]:
    """Where a station asks: first what is plugged in, since it costs nothing."""
    return (*sticks(), *(Link(it, clock) for it in enrolment.trees))


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether nobody else works on what is known of the province, and keep it so."""
    with (folder / _LOCK).open("ab") as file:
        yield lock(file)


class _Round:
    """One time of synchronising: what is heard, what comes, and the contact as it becomes."""

    def __init__(self, home: Home, clock: Clock, enrolment: Enrolment, contacts: Contacts, tell: Tell) -> None:
        self._home, self._clock, self._enrolment = home, clock, enrolment
        self._contacts, self._tell = contacts, tell
        self._last = self._contact = contacts.last()
        self._told_at = 0
        self._arrival = Arrival(home, clock, self._now_and_then)
        self._carriers: list[Source] = []
        self._attacks: list[Trouble] = []
        self._failures: list[Trouble] = []
        self._sticks: list[Trouble] = []  # why they are of no use

    def go(self, sources: Sequence[Source] | None) -> Contact:
        """Ask, and take in what is offered."""
        self._now(evolve(self._contact, tried_at=self._clock.now().wall, arriving=()))
        try:
            self._go(all_sources(self._enrolment, self._clock) if sources is None else sources)
        except Exception as error:
            _logger.exception("synchronising with the province failed")
            self._failures.insert(0, told.full() if is_full(error) else told.unforeseen("", error))
        attacks = self._attacks or self._remembered()
        trouble = next(iter([*attacks, *self._failures, *self._arrival.troubles]), None)
        self._now(evolve(self._contact, trouble=trouble, attack=bool(attacks), arriving=self._arrival.arriving()))
        if trouble:
            _logger.warning("%s", trouble)
        return self._contact

    def _remembered(self) -> list[Trouble]:
        """The attack of an earlier time: that nobody answers now ends it as little; a right word does."""
        last, now = self._last, self._contact
        return [last.trouble] if last.attack and last.trouble and now.good_at == last.good_at else []

    def _go(self, sources: Sequence[Source]) -> None:
        places = self._home.places
        places.parts.mkdir(exist_ok=True)
        root = (places.province / ROOT).read_bytes()
        trust = Trust(places, self._enrolment.code, root, self._clock)
        word = self._hear(trust, sources)
        if word is not None:
            self._arrival.take_in(word, self._carriers)
        else:
            word = trust.last()
            self._arrival.let_expired_go(word)
        useless = (*self._sticks, *word.refused, *self._arrival.refused)
        self._contact = evolve(self._contact, refused=tuple(dict.fromkeys(useless))[:_MOST_TOLD])

    def _hear(self, trust: Trust, sources: Sequence[Source]) -> Word | None:
        """The newest word of all sticks and of the first address that has one, or None."""
        word = None
        for source in sources:
            try:
                word = self._hear_stubbornly(trust, source)
            except (told.Broken, told.Distrusted) as failure:
                self._fail(source, failure)
                continue
            self._carriers.append(source)
            now = self._clock.now().wall
            self._now(evolve(self._contact, good_at=now, source=source.name, signed_until=word.until))
            if not source.carried:
                waited = waited_too_long(word, source.name, now)
                self._failures = [waited] if waited else []
                return word
        self._failures = [] if word else self._failures or self._sticks[:1]
        return word

    def _hear_stubbornly(self, trust: Trust, source: Source) -> Word:
        for _ in range(_TRIES - 1):
            try:
                return trust.hear(source)
            except told.Broken as broken:
                if not broken.again:
                    raise
        return trust.hear(source)

    def _fail(self, source: Source, failure: told.Broken | told.Distrusted) -> None:
        """Remember what is wrong with a source: attacks first, then what its word is worth, then its way here."""
        distrusted = isinstance(failure, told.Distrusted)
        if isinstance(failure, told.Distrusted) and failure.attack:
            self._attacks.append(failure.trouble)
        elif source.carried:
            self._sticks.append(failure.trouble)
            if distrusted:  # its word may be old, and its files still the right ones
                self._carriers.append(source)
        else:
            self._failures.insert(0 if distrusted else len(self._failures), failure.trouble)

    def _now(self, contact: Contact) -> None:
        """Note and tell at once."""
        self._contact, self._told_at = contact, self._clock.now().mono
        with suppress(OSError):  # of a full card: it is told all the same
            self._contacts.note(contact)
        self._tell(contact)

    def _now_and_then(self) -> None:
        """Note and tell what is still to come, unless something was told just now."""
        if self._clock.now().mono - self._told_at >= SECOND:
            self._now(evolve(self._contact, arriving=self._arrival.arriving()))
