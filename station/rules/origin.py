"""Whose a programme or a segment is."""

from enum import StrEnum


class Origin(StrEnum):
    """Who made it."""

    COMMUNE = "commune"
    PROVINCE = "province"
    CENTRAL = "central"
