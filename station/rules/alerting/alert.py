"""An alert: a message of the Common Alerting Protocol 1.2 (OASIS, 2010), as far as a station uses it."""

import hashlib
from enum import StrEnum

from attrs import field, frozen

from station.rules.hours import HANOI, iso

_ID = 16  # hex digits


class Status(StrEnum):
    """What a message is meant as (CAP `status`)."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"  # a test that people hear, and are told so
    SYSTEM = "System"
    TEST = "Test"  # a silent one: it checks the path
    DRAFT = "Draft"


class MessageType(StrEnum):
    """What a message does (CAP `msgType`)."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


class Severity(StrEnum):
    """How bad it is, the least first: its `rank` orders."""

    UNKNOWN = "Unknown"
    MINOR = "Minor"
    MODERATE = "Moderate"
    SEVERE = "Severe"
    EXTREME = "Extreme"

    @property
    def rank(self) -> int:
        """Greater is worse."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Urgency(StrEnum):
    """How soon people must act."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


class Certainty(StrEnum):
    """How sure it is."""

    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


@frozen
class Reference:
    """Which message: its sender, its identifier there, and when it was sent, in wall ms (whole seconds)."""

    sender: str
    identifier: str
    sent: int

    @property
    def id(self) -> str:
        """What the message is known by everywhere here, in 16 hex digits."""
        return hashlib.sha256(str(self).encode()).hexdigest()[:_ID]

    def __str__(self) -> str:
        """As CAP writes it in `references`."""
        return f"{self.sender},{self.identifier},{iso(self.sent, HANOI)}"


@frozen
class Area:
    """Where it holds: in words, by codes (name of the code system and code), and by shapes.

    A polygon is its corners as latitude and longitude in degrees; a circle is its centre and its radius in km.
    """

    description: str
    geocodes: tuple[tuple[str, str], ...] = ()
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()
    circles: tuple[tuple[float, float, float], ...] = ()


@frozen
class Sound:
    """The message as it is to be heard, carried inside it (CAP `derefUri`)."""

    mime: str
    content: bytes = field(repr=False)


@frozen
class Alert:
    """A message; instants are wall ms. Of several languages it is the Vietnamese one, or else the first.

    What it names in `references` it updates or cancels. `repeats` is how often its sender wants it heard, if said
    (parameter `loa-xa-repeats`). `all_clear` tells that the danger is over (CAP `responseType` AllClear).
    """

    identifier: str
    sender: str
    sent: int
    status: Status
    kind: MessageType
    references: tuple[Reference, ...] = ()
    event: str = ""
    urgency: Urgency = Urgency.UNKNOWN
    severity: Severity = Severity.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    expires: int | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    language: str = ""
    areas: tuple[Area, ...] = ()
    sound: Sound | None = None
    repeats: int | None = None
    all_clear: bool = False

    @property
    def me(self) -> Reference:
        """By which later messages name it."""
        return Reference(self.sender, self.identifier, self.sent)

    @property
    def id(self) -> str:
        """What it is known by everywhere here."""
        return self.me.id

    @property
    def groups(self) -> frozenset[str]:
        """The province's groups that it is for (geocode `loa-xa`)."""
        return frozenset(code for area in self.areas for name, code in area.geocodes if name == GROUP)


GROUP = "loa-xa"  # the name of the geocode that names a group of communes, as `xa-24169`
REPEATS = "loa-xa-repeats"  # the name of the parameter
