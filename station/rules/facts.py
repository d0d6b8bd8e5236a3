"""What is known of a segment beside its sound: what it is about, where it comes from, how long it may be used."""

from enum import StrEnum

from attrs import frozen


class Field(StrEnum):
    """What a segment is about (lĩnh vực)."""

    POLITICS = "politics"
    ECONOMY = "economy"
    AGRICULTURE = "agriculture"
    CULTURE = "culture"
    EDUCATION = "education"
    HEALTH = "health"
    SECURITY = "security"
    DISASTER = "disaster"
    ENVIRONMENT = "environment"
    LAW = "law"
    OTHER = "other"


@frozen
class Facts:
    """Instants in wall ms. `source` is where it is from, `confirmed_by` who confirmed to the author that it is so.

    `responsible` answers for its content. It may be heard from `valid_from` until `valid_until`. `corrects` is the
    id of the segment that it sets right.
    """

    field: Field = Field.OTHER
    source: str = ""
    confirmed_by: str = ""
    responsible: str = ""
    valid_from: int | None = None
    valid_until: int | None = None
    corrects: str | None = None


NO_FACTS = Facts()
