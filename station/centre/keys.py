"""The province's keys: ed25519, a PEM file (PKCS 8) each, called by its role and the beginning of its key id.

    keys/root-1-3f9a1c20.pem   keys/targets-77b01d4e.pem   keys/timestamp-0c1fe3aa.pem

Root and targets keys are encrypted by a passphrase. That of the timestamp is not, since nobody is there to type one
when it is signed anew by night. Only who publishes needs the library that signs; a station does without.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from securesystemslib.exceptions import KeyMismatchError
from securesystemslib.signer import CryptoSigner, Key, SSlibKey
from tuf.api.metadata import Root

from station.durable import keep, unfinished
from station.rules.trouble import Refused, Trouble

ROOT, TARGETS, SNAPSHOT, TIMESTAMP = "root", "targets", "snapshot", "timestamp"
SHORTEST = 12  # letters of a passphrase

_OURS_ONLY = 0o700
_TOLD = 8  # digits of a key id in a file's name


class Keys:
    """The key files in `folder`, and in other folders as those of sticks; new ones are written to `folder`.

    `ask` is called with the name of a key's file for its passphrase.
    """

    def __init__(self, folder: Path, elsewhere: Sequence[Path], ask: Callable[[str], str]) -> None:
        require_signing()
        self.folder, self._elsewhere, self._ask = folder, elsewhere, ask
        self._open: dict[str, CryptoSigner] = {}

    def make(self, called: str, passphrase: str) -> SSlibKey:
        """Make a key and write its file, which survives a power cut; an empty passphrase leaves it in clear."""
        signer = CryptoSigner.generate_ed25519()
        content = _encrypted(signer, passphrase) if passphrase else signer.private_bytes
        self.folder.mkdir(parents=True, exist_ok=True, mode=_OURS_ONLY)
        with unfinished(self.folder) as file:  # readable by its owner alone from the beginning
            file.stream.write(content)
            keep(file, self.folder / f"{called}-{signer.public_key.keyid[:_TOLD]}.pem")
        self._open[signer.public_key.keyid] = signer
        return signer.public_key

    def has(self, key: Key) -> bool:
        """Whether its file is at hand."""
        return key.keyid in self._open or self._file(key) is not None

    def signer(self, key: Key) -> CryptoSigner:
        """What signs by it. Raises `Refused` when its file is elsewhere, damaged, or the passphrase wrong."""
        if key.keyid not in self._open:
            file = self._file(key)
            if file is None:
                raise _missing([key])
            self._open[key.keyid] = self._opened(file, key)
        return self._open[key.keyid]

    def signers(self, keys: Iterable[Key]) -> list[CryptoSigner]:
        """What signs by each of them. Raises `Refused`."""
        return [self.signer(key) for key in keys]

    def enough(self, root: Root) -> list[CryptoSigner]:
        """As many root keys as it takes to sign what follows `root`. Raises `Refused` when fewer are at hand."""
        role, needed = root.roles[ROOT], root.roles[ROOT].threshold
        known = [root.keys[keyid] for keyid in role.keyids]
        here = [key for key in known if self.has(key)]
        if len(here) < needed:
            raise _missing([key for key in known if key not in here])
        return self.signers(here[:needed])

    def _file(self, key: Key) -> Path | None:
        found = (file for folder in (self.folder, *self._elsewhere) for file in folder.glob(f"*-{_told(key)}.pem"))
        return next(found, None)

    def _opened(self, file: Path, key: Key) -> CryptoSigner:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - a station has none
        from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - the same

        content = file.read_bytes()
        passphrase = self._ask(file.name).encode() if b"ENCRYPTED" in content else None
        try:
            private: object = load_pem_private_key(content, passphrase)
        except (ValueError, UnsupportedAlgorithm):
            what = "Mật khẩu của khoá này không đúng, hoặc tệp khoá bị hỏng." if passphrase else "Tệp khoá bị hỏng."
            raise Refused(Trouble(file.name, what, "Cây phát hành vẫn như cũ.", "Thử lại.")) from None
        try:
            return CryptoSigner(private, key)  # type: ignore[arg-type]
        except (KeyMismatchError, ValueError):
            what = "Tệp này không phải là khoá mà tên tệp nói."
            mend = "Tìm đúng tệp khoá rồi thử lại."
            raise Refused(Trouble(file.name, what, "Cây phát hành vẫn như cũ.", mend)) from None


def require_signing() -> None:
    """Raise `Refused` where the library that signs is not installed."""
    try:
        import cryptography  # noqa: F401, PLC0415 - only who publishes needs it
    except ImportError:
        raise refuse_unequipped("ký") from None


def refuse_unequipped(deed: str) -> Refused:
    """The refusal where the library for a deed is not installed."""
    what = f"Máy này chưa có thư viện để {deed}."
    return Refused(Trouble("", what, mend="Trong thư mục chương trình, chạy: pip install '.[province]'"))


def refuse_short(passphrase: str) -> None:
    """Raise `Refused` for a passphrase that is soon guessed."""
    if len(passphrase) < SHORTEST:
        what = f"Mật khẩu ngắn hơn {SHORTEST} chữ."
        raise Refused(Trouble("", what, "Chưa có gì thay đổi.", "Dùng bốn, năm từ không liên quan đến nhau."))


def _encrypted(signer: CryptoSigner, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives import serialization as kept  # noqa: PLC0415 - a station has none

    private = kept.load_pem_private_key(signer.private_bytes, None)
    encryption = kept.BestAvailableEncryption(passphrase.encode())
    return private.private_bytes(kept.Encoding.PEM, kept.PrivateFormat.PKCS8, encryption)


def _told(key: Key) -> str:
    return key.keyid[:_TOLD]


def _missing(keys: Sequence[Key]) -> Refused:
    files = ", ".join(f"…-{_told(key)}.pem" for key in keys)
    mend = "Cắm USB có tệp khoá rồi chạy “station province --keys THƯ MỤC …”."
    return Refused(Trouble("", f"Không thấy đủ tệp khoá: thiếu {files}.", "Cây phát hành vẫn như cũ.", mend))
