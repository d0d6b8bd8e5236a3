"""Permits: a deed that somebody's roles do not allow is refused before anything is done."""

from station.rules.roles import Deed, may, not_permitted
from station.rules.trouble import Trouble
from station.stores.asking import asker


class NotPermitted(Exception):  # noqa: N818 - it is a sentence that a person reads, like `Refused`
    """Whoever asks may not do it; no form can mend that, so that pages answer it alike."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


def permit(deed: Deed) -> None:
    """Raise `NotPermitted` unless whoever asks may do that."""
    if not may(asker().roles, deed):
        raise NotPermitted(not_permitted(deed))
