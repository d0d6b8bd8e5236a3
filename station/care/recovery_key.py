"""The recovery key, and what is encrypted for it, by age (age-encryption.org/v1): X25519 and ChaCha20-Poly1305.

The station keeps the public part alone; the key is shown once, and given to age through a pipe: it is on no disk.
"""

import subprocess
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from station.care.archive import Pieces, Readable
from station.rules.trouble import Refused, Trouble

_GZIP = zlib.MAX_WBITS | 16
_CHUNK = 1 << 18  # bytes
_LONGEST_S = 30


def new_key() -> str:
    """A new key: a word of 74 letters in capitals, digits and hyphens, whose end tells typing errors (BIP 173)."""
    return _said(["age-keygen"], "").split()[-1]


def recipient_of(key: str) -> str:
    """Whom a key reads for. Raises `Refused` when it is no key, for one wrong letter too."""
    return _said(["age-keygen", "-y"], key).strip()


def encrypt(pieces: Pieces, recipient: str, stream: BinaryIO) -> None:
    """Write to a file what these pieces are, compressed and encrypted. Raises `Refused` or `OSError`."""
    packer = zlib.compressobj(wbits=_GZIP)
    with closing(pieces), _age(["--encrypt", "--recipient", recipient], stdout=stream) as age:
        with suppress(BrokenPipeError), _input(age) as given:  # its status says that it broke off
            for piece in pieces:
                given.write(packer.compress(piece))
            given.write(packer.flush())
        if age.wait():
            raise OSError(f"age ended with {age.returncode}")


@contextmanager
def decrypted(file: Path, key: str) -> Iterator[Readable]:
    """What was encrypted, as it is read; it reads as cut off where it is not whole. Raises `Refused`."""
    with _age(["--decrypt", "--identity", "-", str(file)], stdout=subprocess.PIPE) as age:
        try:
            with suppress(BrokenPipeError), _input(age) as given:
                given.write(f"{key}\n".encode())
            yield _Unpacking(cast("BinaryIO", age.stdout))
        finally:
            age.kill()


class _Unpacking:
    """What was compressed, never much of it at once."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._unpacker = zlib.decompressobj(_GZIP)

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes, as many as asked for until the end."""
        found = bytearray()
        while len(found) < size and not self._unpacker.eof:
            packed = self._unpacker.unconsumed_tail or self._stream.read(_CHUNK)
            if not packed:
                break
            try:
                found += self._unpacker.decompress(packed, size - len(found))
            except zlib.error as error:
                raise EOFError from error
        return bytes(found)


def _said(command: list[str], given: str) -> str:
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
    except FileNotFoundError:
        raise _missing() from None
    if done.returncode:
        what = "Khóa phục hồi gõ sai hoặc thiếu chữ."
        raise Refused(Trouble("", what, "Không có gì bị thay đổi.", "Xem tờ giấy, gõ lại từng nhóm chữ."))
    return done.stdout


def _age(arguments: list[str], stdout: int | BinaryIO) -> "subprocess.Popen[bytes]":
    command = ["age", *arguments]
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        raise _missing() from None


def _input(age: "subprocess.Popen[bytes]") -> BinaryIO:
    return cast("BinaryIO", age.stdin)


def _missing() -> Refused:
    what, mend = "Máy chưa có chương trình age để mã hóa.", "Cài gói age (sudo apt install age) rồi làm lại."
    return Refused(Trouble("", what, "Đài vẫn phát.", mend))
