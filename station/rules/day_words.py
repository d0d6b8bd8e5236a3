"""The words for days one by one: `mon-sat` is six of them, and six of them are written `mon-sat`."""

from collections.abc import Collection, Sequence

from station.rules.days import WEEKDAYS

_ALL = "daily"
_WORTH_A_RANGE = 3  # days


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
    """Days of the week in their order: a range where three or more follow each other."""
    if len(days) == len(WEEKDAYS):
        return [_ALL]
    runs: list[list[str]] = []
    for day in days:
        if runs and WEEKDAYS.index(day) == WEEKDAYS.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return [word for run in runs for word in ([f"{run[0]}-{run[-1]}"] if len(run) >= _WORTH_A_RANGE else run)]
