"""The words for days one by one: `mon-sat` is six of them, and six of them are written `mon-sat`."""

from collections.abc import Collection, Sequence

from station.rules.days import WEEKDAYS

_ALL = "daily"


def single_words(written: str | Sequence[str]) -> tuple[str, ...]:
    """Each day of the week by itself, everything else as it is written; none twice."""
    listed = [written] if isinstance(written, str) else written
    return tuple(dict.fromkeys(single for word in listed for single in _single(" ".join(word.lower().split()))))


def shortest(words: Collection[str]) -> str | tuple[str, ...]:
    """The same days as a file writes them: one word, or several."""
    days = [day for day in WEEKDAYS if day in words]
    others = [word for word in dict.fromkeys(words) if word not in WEEKDAYS]
    found = (*_ranged(days), *others)
    return found[0] if len(found) == 1 else found


def _single(word: str) -> Sequence[str]:
    if word == _ALL:
        return WEEKDAYS
    first, dash, last = word.partition("-")
    if not dash or first not in WEEKDAYS or last not in WEEKDAYS:
        return [word]
    begin = WEEKDAYS.index(first)
    count = (WEEKDAYS.index(last) - begin) % len(WEEKDAYS) + 1
    return [WEEKDAYS[(begin + step) % len(WEEKDAYS)] for step in range(count)]


def _ranged(days: Sequence[str]) -> Sequence[str]:
    """Days of the week in their order: a range where three or more follow each other without a gap."""
    if len(days) == len(WEEKDAYS):
        return [_ALL]
    together = "-".join((days[0], days[-1])) if days else ""
    return [together] if len(days) >= 3 and tuple(days) == tuple(_single(together)) else days  # noqa: PLR2004 - a range
