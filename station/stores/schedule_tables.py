"""Arranging the `[[air]]` and `[[rundown]]` tables of a schedule file: each moves whole, with its comments."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from attrs import frozen

from station.rules.trouble import Refused, Trouble

_HEADER = re.compile(r"\s*\[\[\s*(air|rundown)\s*\]\]\s*(#.*)?")

Writer = Callable[[Mapping[str, Any]], str]


@frozen
class Arrangement:
    """The tables `key` (air or rundown) as they shall stand: the number of one that is there, or new values.

    What is not named goes.
    """

    key: str
    tables: tuple[int | Mapping[str, Any], ...]

    def __str__(self) -> str:
        """As the audit log tells it."""
        return f"{self.key}: " + " ".join(
            str(it) if isinstance(it, int) else "+" + next(iter(it)) for it in self.tables
        )

    def of(self, present: Any, where: str) -> list[Any]:
        """What `present`, plain data, becomes. Raises `Refused`."""
        known = present if isinstance(present, list) else []
        if not self.tables:
            raise Refused(Trouble(f"{where}, {self.key}", "Cần ít nhất một mục.", mend="Thêm một mục rồi lưu lại."))
        numbers = [it for it in self.tables if isinstance(it, int)]
        if len(set(numbers)) < len(numbers) or not all(1 <= it <= len(known) for it in numbers):
            what = f"Tệp này có {len(known)} bảng [[{self.key}]]."
            raise Refused(Trouble(where, what, mend="Mở lại lịch rồi sắp xếp lại."))
        return [known[it - 1] if isinstance(it, int) else dict(it) for it in self.tables]

    def written(self, text: str, write: Writer) -> str:
        """The text with its tables so arranged; `write` gives the lines of a new table."""
        newline = "\r\n" if "\r\n" in text else "\n"
        lines = text.splitlines(keepends=True)
        starts = _starts(lines)
        mine = [at for at, (key, _) in enumerate(starts) if key == self.key]
        begin, end = _region(self.key, lines, starts, mine)
        edges = [starts[at][1] for at in mine] + [end]
        blocks = [_Block.of(lines[first:last]) for first, last in pairwise(edges)]
        between = next((block.gap for block in blocks[:-1]), newline)
        last = blocks[-1].gap if blocks else ("" if begin == len(lines) else newline)
        wanted = [
            blocks[it - 1].core if isinstance(it, int) else _new(self.key, write(it), newline) for it in self.tables
        ]
        gaps = [*[between] * (len(wanted) - 1), last]
        if len(wanted) == len(blocks):
            gaps = [block.gap for block in blocks]
        made = "".join(_ended(core, newline) + gap for core, gap in zip(wanted, gaps, strict=True))
        before = "".join(lines[:begin])
        lead = newline if before.strip() and not blocks and not before.endswith(newline * 2) else ""
        return (_ended(before, newline) if before else "") + lead + made + "".join(lines[end:])


@frozen
class _Block:
    """A table with the comments above it; `gap` are the empty lines after it."""

    core: str
    gap: str

    @classmethod
    def of(cls, lines: Sequence[str]) -> "_Block":
        length = len(lines)
        while length and not lines[length - 1].strip():
            length -= 1
        return cls("".join(lines[:length]), "".join(lines[length:]))


def _starts(lines: Sequence[str]) -> list[tuple[str, int]]:
    """Each table's key, and the line at which it begins: comments right above its header belong to it."""
    found: list[tuple[str, int]] = []
    for number, line in enumerate(lines):
        if match := _HEADER.fullmatch(line.rstrip("\r\n")):
            begin = number
            while begin and lines[begin - 1].lstrip().startswith("#"):
                begin -= 1
            found.append((match[1], begin))
    return found


def _region(
    key: str, lines: Sequence[str], starts: Sequence[tuple[str, int]], mine: Sequence[int]
) -> tuple[int, int]:
    """The lines from the first table of a key to the end of its last one; where they would be if there is none."""
    if mine:
        after = mine[-1] + 1
        return starts[mine[0]][1], starts[after][1] if after < len(starts) else len(lines)
    place = starts[0][1] if key == "air" and starts else len(lines)
    return place, place


def _new(key: str, values: str, newline: str) -> str:
    return f"[[{key}]]\n{values}".replace("\n", newline)


def _ended(text: str, newline: str) -> str:
    return text if text.endswith("\n") else text + newline
