"""What a dying card or a power cut may make of a database, and of what is kept beside it."""

import os
import random
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

PAGE = 4_096


@frozen
class Damage:
    """A way to spoil the files of a home; `hits_log` when the copies or the redo log are spoilt as well."""

    name: str
    deed: Callable[[Path, random.Random], None]
    hits_log: bool = False


def flip_bytes(home: Path, chance: random.Random) -> None:
    _write(
        home, [(_anywhere(home, chance), bytes([chance.randrange(256)])) for _ in range(chance.choice((1, 8, 64)))]
    )


def flip_bits_of_the_header(home: Path, chance: random.Random) -> None:
    at = chance.randrange(100)
    old = (home / "station.db").read_bytes()[at]
    _write(home, [(at, bytes([old ^ 1 << chance.randrange(8)]))])


def zero_pages(home: Path, chance: random.Random) -> None:
    pages = chance.sample(range(_pages(home)), k=min(_pages(home), chance.choice((1, 2, 8))))
    _write(home, [(page * PAGE, bytes(PAGE)) for page in pages])


def mix_up_pages(home: Path, chance: random.Random) -> None:
    one, other = (PAGE * chance.randrange(_pages(home)) for _ in range(2))
    content = (home / "station.db").read_bytes()
    _write(home, [(one, content[other : other + PAGE])])


def fill_a_page_with_noise(home: Path, chance: random.Random) -> None:
    _write(home, [(PAGE * chance.randrange(_pages(home)), chance.randbytes(PAGE))])


def truncate(home: Path, chance: random.Random) -> None:
    os.truncate(home / "station.db", _anywhere(home, chance))


def empty(home: Path, _: random.Random) -> None:
    os.truncate(home / "station.db", 0)


def delete(home: Path, _: random.Random) -> None:
    (home / "station.db").unlink()


def write_another_header(home: Path, chance: random.Random) -> None:
    _write(home, [(0, chance.randbytes(chance.choice((16, 100))))])


def leave_half_a_commit(home: Path, chance: random.Random) -> None:
    """Some pages of a state that never was, as when the journal that would undo them is lost."""
    _write(home, [(24, chance.randbytes(8))])
    mix_up_pages(home, chance)


def leave_a_strange_journal(home: Path, chance: random.Random) -> None:
    (home / "station.db-journal").write_bytes(chance.randbytes(chance.choice((100, 512, 20_000))))
    zero_pages(home, chance)


def spoil_the_newest_copy(home: Path, chance: random.Random) -> None:
    copy = max((home / "redo").glob("*.db"), key=lambda it: int(it.stem))
    content = bytearray(copy.read_bytes())
    for _ in range(64):
        content[chance.randrange(len(content))] ^= 0xFF
    copy.write_bytes(content)
    zero_pages(home, chance)


def spoil_a_line_of_the_log(home: Path, chance: random.Random) -> None:
    logs = [it for it in (home / "redo").glob("*.jsonl") if it.stat().st_size]
    if logs:
        log = chance.choice(logs)
        content = bytearray(log.read_bytes())
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        log.write_bytes(content)
    zero_pages(home, chance)


def tear_the_log(home: Path, chance: random.Random) -> None:
    log = max((home / "redo").glob("*.jsonl"), key=lambda it: int(it.stem))
    os.truncate(log, chance.randrange(log.stat().st_size + 1))
    zero_pages(home, chance)


def lose_all_but_the_broken_one(home: Path, chance: random.Random) -> None:
    for path in (home / "redo").iterdir():
        path.unlink()
    zero_pages(home, chance)


DAMAGES = (
    Damage("bytes changed", flip_bytes),
    Damage("a bit of the header", flip_bits_of_the_header),
    Damage("pages of zeros", zero_pages),
    Damage("a page in another's place", mix_up_pages),
    Damage("a page of noise", fill_a_page_with_noise),
    Damage("cut short", truncate),
    Damage("empty", empty),
    Damage("gone", delete),
    Damage("another header", write_another_header),
    Damage("half a commit, no journal", leave_half_a_commit),
    Damage("a strange journal", leave_a_strange_journal),
    Damage("newest copy spoilt too", spoil_the_newest_copy, hits_log=True),
    Damage("a line of the log spoilt too", spoil_a_line_of_the_log, hits_log=True),
    Damage("end of the log lost too", tear_the_log, hits_log=True),
    Damage("all copies and the log lost too", lose_all_but_the_broken_one, hits_log=True),
)


def _pages(home: Path) -> int:
    return max(1, (home / "station.db").stat().st_size // PAGE)


def _anywhere(home: Path, chance: random.Random) -> int:
    return chance.randrange((home / "station.db").stat().st_size)


def _write(home: Path, places: list[tuple[int, bytes]]) -> None:
    with (home / "station.db").open("r+b") as file:
        for at, content in places:
            file.seek(at)
            file.write(content)
