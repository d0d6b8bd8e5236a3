"""`cach-doc.toml`: the station's own readings of names and words, edited by hand or by command.

"Krông Pắc" = "cơ rông pắc"
"THADS"     = "thi hành án dân sự"
"""

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tomlkit
from attrs import frozen
from tomlkit.exceptions import TOMLKitError

from station.durable import write_whole
from station.rules.trouble import Refused, Trouble
from station.stores.written import parse_toml, read_text, strict_converter, structure

NO_WORDS: Mapping[str, str] = MappingProxyType({})

_LONGEST = 200  # characters of a word or a reading


@frozen
class _Word:
    """A word as it is written."""

    written: str


@frozen
class _Reading:
    """A word as it is said."""

    said: str


def read_dictionary(path: Path) -> Mapping[str, str]:
    """Read the file; none has no words. Raises `Unreadable` with all that is wrong."""
    return _read(read_text(path), path.name) if path.exists() else NO_WORDS


def add_reading(path: Path, word: str, reading: str) -> None:
    """Let `word` be read as `reading`; the rest of the file stays. Raises `Refused`, or `Unreadable`."""
    word, reading = _word(word), _reading(reading)
    text = read_text(path) if path.exists() else ""
    expected = {**_read(text, path.name), word: reading}
    document = _parsed(text, path)
    document[word] = reading
    _save(path, tomlkit.dumps(document), expected)


def remove_reading(path: Path, word: str) -> None:
    """Let `word` be read as usual again; the rest of the file stays. Raises `Refused`, or `Unreadable`."""
    word = unicodedata.normalize("NFC", word.strip())
    text = read_text(path) if path.exists() else ""
    readings = dict(_read(text, path.name))
    if word not in readings:
        mend = "Xem các từ đã có bằng “station dictionary”."
        raise Refused(Trouble(path.name, f"Không có cách đọc riêng cho “{word}”.", mend=mend))
    del readings[word]
    document = _parsed(text, path)
    for key in [it for it in document if unicodedata.normalize("NFC", it) == word]:
        del document[key]
    _save(path, tomlkit.dumps(document), readings)


def _read(text: str, where: str) -> Mapping[str, str]:
    read = structure(parse_toml(text, where), dict[_Word, _Reading], _CONVERTER, where)
    return {word.written: reading.said for word, reading in read.items()}


def _parsed(text: str, path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError:
        raise _by_hand(path) from None


def _save(path: Path, text: str, expected: Mapping[str, str]) -> None:
    """Write the file, if it means what was asked."""
    if _read(text, path.name) != expected:
        raise _by_hand(path)
    try:
        write_whole(path, text.encode())
    except OSError as error:
        what, still = f"Không ghi được tệp ({error.strerror}).", "Các cách đọc cũ vẫn nguyên."
        raise Refused(Trouble(path.name, what, still, "Kiểm tra thẻ nhớ và chỗ trống.")) from None


def _word(value: Any, _kind: Any = None) -> str:
    word = unicodedata.normalize("NFC", value.strip())
    if not word or len(word) > _LONGEST or "\n" in word:
        raise Refused(Trouble("", f"“{word[:40]}” không dùng làm từ được.", mend="Viết một từ hay một tên ngắn."))
    return word


def _reading(value: Any, _kind: Any = None) -> str:
    if not isinstance(value, str):
        mend = "Viết cách đọc trong dấu nháy, như “cơ rông pắc”."
        raise Refused(Trouble("", "Cách đọc phải là chữ.", mend=mend))
    said = unicodedata.normalize("NFC", value.strip())
    words = said.translate(dict.fromkeys(map(ord, " ,.-'")))
    if not words.isalpha() or len(said) > _LONGEST:
        mend = "Viết từng tiếng như khi đọc, không dùng chữ số và ký hiệu, như “cơ rông pắc”."
        raise Refused(Trouble("", f"“{said[:40]}” không phải là cách đọc.", mend=mend))
    return said


def _by_hand(path: Path) -> Refused:
    what = "Tệp được viết theo cách mà đài không tự sửa được."
    return Refused(Trouble(path.name, what, "Tệp vẫn nguyên như cũ.", "Mở tệp và sửa bằng tay."))


_CONVERTER = strict_converter()
_CONVERTER.register_structure_hook(_Word, lambda value, _: _Word(_word(value)))
_CONVERTER.register_structure_hook(_Reading, lambda value, _: _Reading(_reading(value)))
