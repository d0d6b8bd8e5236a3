"""Trouble: what happened, what still works, and what to do, in the operator's words."""

from attrs import frozen


@frozen
class Trouble:
    """One thing that is wrong, told so that a person without training can mend it.

    `where` names the file, key or thing; the three sentences are Vietnamese and end with a full stop.
    """

    where: str
    what: str
    still: str = ""
    mend: str = ""

    def __str__(self) -> str:
        """All of it in one line."""
        told = " ".join(sentence for sentence in (self.what, self.still, self.mend) if sentence)
        return f"{self.where}: {told}" if self.where else told


@frozen
class Fault:
    """A trouble that lasted from `opened_at` to `closed_at` (wall ms), or lasts still when that is None."""

    trouble: Trouble
    opened_at: int
    closed_at: int | None = None


class Refused(Exception):  # noqa: N818 - it is the sentence that a person reads, not a programmer's error
    """An order or a file was refused; `trouble` says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble
