"""The envelope: an alert's XML with its sender's signature (Dead Simple Signing Envelope 1.0.2, in JSON)."""

import json
from collections.abc import Iterable

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import Signer

from station.rules.alerting.cap import LONGEST, refused
from station.rules.alerting.sender import Sender

LONGEST_ENVELOPE = LONGEST * 4 // 3 + 2_048  # bytes: base64, and what is around it

_TYPE = "application/cap+xml"
_MOST = 4  # signatures that are looked at


def seal(xml: bytes, signer: Signer) -> bytes:
    """Put an alert's XML into an envelope, signed."""
    envelope = Envelope(xml, _TYPE, {})
    envelope.sign(signer)
    return json.dumps(envelope.to_dict(), separators=(",", ":")).encode()


def unseal(content: bytes, senders: Iterable[Sender]) -> tuple[Sender, bytes]:
    """Who of `senders` signed an envelope, and the XML in it. Raises `Refused` when nobody did.

    A signature is only weighed when its key is one of theirs, so that forgeries by unknown keys cost nothing.
    """
    if len(content) > LONGEST_ENVELOPE:
        raise refused(f"Bản tin lớn hơn {LONGEST >> 10} KB.")
    try:
        envelope = Envelope.from_dict(json.loads(content))
    except Exception:  # noqa: BLE001 - whatever a stranger's bytes bring about
        raise refused("Bản tin không đọc được.") from None
    if envelope.payload_type != _TYPE or len(envelope.signatures) > _MOST:
        raise refused("Bản tin không phải là bản tin cảnh báo.")
    known = [it for it in senders if it.key.keyid in envelope.signatures]
    if not known:
        raise refused("Bản tin không có chữ ký của nơi gửi nào mà tỉnh đã cho phép.")
    for sender in known:
        try:
            envelope.verify([sender.key], 1)
        except (VerificationError, ValueError):
            continue
        return sender, envelope.payload
    raise refused("Chữ ký của bản tin không đúng: có người giả mạo hoặc đã sửa bản tin.")
