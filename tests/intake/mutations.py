"""Mutations: what chance makes of a seed, and by what name it is sent."""

import random
from collections.abc import Callable, Mapping, Sequence

from attrs import frozen

_HEAD = 512  # bytes in which formats say what they are
_MOST = 3  # mutations of one file
_READ = ("wav", "mp3", "aac", "m4a", "3gp", "mp4", "mov", "ogg", "flac")
_MORE_OFTEN = 0.5
_LARGEST = 1 << 21  # bytes of a mutated file
_BLOW_UP = (
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"\xff\xff\xff\x7f",
    b"\0\0\0\0",
    b"\0\0\0\x80",
)
_ENDINGS = ("wav", "mp3", "m4a", "ogg", "flac", "3gp", "wma", "exe", "html", "m3u8", "mp3.mp3", "", "WAV", "tar.gz")

Mutation = Callable[[bytearray, random.Random, Sequence[bytes]], bytearray]


@frozen
class Sent:
    """One file as it is sent: its content, its name, the title that is typed (maybe none), and its story."""

    content: bytes
    name: str
    title: str
    seed: str
    mutations: tuple[str, ...]


def as_it_is(seeds: Mapping[str, bytes], seed: str, chance: random.Random) -> Sent:
    """The seed itself."""
    return Sent(seeds[seed], name(chance), _title(chance), seed, ())


def mutated(seeds: Mapping[str, bytes], chance: random.Random) -> Sent:
    """Some seed after one to three mutations; more often one that the station reads."""
    read = [name for name in seeds if name.startswith(_READ)]
    seed = chance.choice(read if chance.random() < _MORE_OFTEN else list(seeds))
    content, others = bytearray(seeds[seed]), list(seeds.values())
    chosen = chance.choices(MUTATIONS, k=chance.randint(1, _MOST))
    for mutate in chosen:
        content = mutate(content, chance, others)[:_LARGEST]
    return Sent(bytes(content), name(chance), _title(chance), seed, tuple(it.__name__.strip("_") for it in chosen))


def name(chance: random.Random) -> str:
    """What a file may be called, kindly or not."""
    stem = chance.choice((*_NAMES, f"tin {chance.randrange(10_000)}", "Bản tin sáng"))
    ending = chance.choice(_ENDINGS)
    return f"{stem}.{ending}" if ending else stem


_NAMES = (
    "../../x",
    "..",
    "/etc/passwd",
    "-i",
    "--approve",
    "-",
    "$(touch touched)",
    "`touch touched`",
    "; touch touched #",
    "a|touch touched",
    "concat:a|b",
    "http://127.0.0.1/a",
    "file:a",
    "%03d",
    "%s%n",
    "{title}",
    "{{ 7 * 7 }}",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "a" * 300,
    "ạ" * 80,
    "tin 🎙️📢",
    "dòng một\ndòng hai",
    "tab\tvà\rvề",
    "\x1b[31mđỏ",
    "\u202egnp.nit",
    "con",
    " ",
    "bằng byte \udcff\udcfe",
)


def _title(chance: random.Random) -> str:
    return chance.choice(("", "", "", f"Tin số {chance.randrange(10_000)}", *chance.choices(_NAMES, k=2)))


def _flip_bits(content: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    for _ in range(chance.choice((1, 2, 8, 64, 512)) if content else 0):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return content


def _flip_bits_of_the_head(content: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    for _ in range(chance.choice((1, 2, 4, 16)) if content else 0):
        content[chance.randrange(min(len(content), _HEAD))] ^= 1 << chance.randrange(8)
    return content


def _cut_the_end(content: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    return content[: _somewhere(content, chance)]


def _cut_the_beginning(content: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    return content[_somewhere(content, chance) :]


def _cut_from_the_middle(content: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    since, until = sorted((_somewhere(content, chance), _somewhere(content, chance)))
    del content[since:until]
    return content


def _insert(content: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    length = chance.choice((1, 2, 3, 4, 100, 5_000))
    at = _somewhere(content, chance)
    content[at:at] = bytes(length) if chance.random() < 1 / 3 else chance.randbytes(length)
    return content


def _blow_up_a_size(content: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(max(1, min(len(content), _HEAD))) // 2 * 2
        content[at : at + 4] = chance.choice(_BLOW_UP)
    return content


def _swap_the_head(content: bytearray, chance: random.Random, others: Sequence[bytes]) -> bytearray:
    length = chance.choice((4, 8, 12, 44, 128))
    content[:length] = chance.choice(others)[:length]
    return content


def _put_another_before(content: bytearray, chance: random.Random, others: Sequence[bytes]) -> bytearray:
    return bytearray(chance.choice(others)) + content


def _put_another_into_it(content: bytearray, chance: random.Random, others: Sequence[bytes]) -> bytearray:
    at = _somewhere(content, chance)
    content[at:at] = chance.choice(others)
    return content


def _overwrite(content: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    since, length = _somewhere(content, chance), chance.choice((1, 16, 1_000, 20_000))
    length = min(length, len(content) - since)
    content[since : since + length] = bytes([chance.choice((0, 0xFF, 0x55))]) * length
    return content


def _repeat_a_part(content: bytearray, chance: random.Random, _others: Sequence[bytes]) -> bytearray:
    since = _somewhere(content, chance)
    part = bytes(content[since : since + chance.choice((4, 64, 4_000))])
    content[since:since] = part * chance.choice((1, 10, 100))
    return content


MUTATIONS: tuple[Mutation, ...] = (
    _flip_bits,
    _flip_bits_of_the_head,
    _cut_the_end,
    _cut_the_beginning,
    _cut_from_the_middle,
    _insert,
    _blow_up_a_size,
    _swap_the_head,
    _put_another_before,
    _put_another_into_it,
    _overwrite,
    _repeat_a_part,
)


def _somewhere(content: bytearray, chance: random.Random) -> int:
    return chance.randint(0, len(content))
