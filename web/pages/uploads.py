"""Tải lên: recordings in pieces, by the tus protocol 1.0.0 (creation, expiration, checksum, termination).

A piece is at most `CHUNK` bytes: waitress hands over a request only when all of it has come, so a slow link holds
no thread, and a link that breaks loses one piece. Refusals are JSON, `{"trouble": sentence}`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from pathlib import PurePath

from flask import Blueprint, current_app, jsonify, request, url_for
from werkzeug.exceptions import NotFound, PreconditionFailed, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.http import http_date
from werkzeug.wrappers import Response

from station.desk import segments, uploads
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.uploads import Busy, Misplaced, Upload
from web import here
from web.permits import needs

CHUNK = 1024 * 1024  # bytes
VERSION = "1.0.0"

_EXTENSIONS = "creation,expiration,checksum,termination"
_ALGORITHMS = ("sha1", "sha256")
_CHECKSUM_MISMATCH = 460  # tus's own
_LONGEST_NAME, _LONGEST_TITLE, _LONGEST_MARK = 255, 120, 100

pages = Blueprint("uploads", __name__, url_prefix="/tai-len")


@pages.before_request
def agree() -> None:
    """Speak with whoever speaks the same version."""
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
        raise PreconditionFailed


@pages.after_request
def name_version(response: Response) -> Response:
    """Say which version this is."""
    response.headers["Tus-Resumable"] = response.headers["Tus-Version"] = VERSION
    return response


@pages.errorhandler(Refused)
def refuse(refusal: Refused) -> tuple[Response, int]:
    """Say why not."""
    return jsonify(trouble=str(refusal.trouble)), 507 if isinstance(refusal, uploads.NoRoom) else 400


@pages.errorhandler(Misplaced)
def misplaced(_: Misplaced) -> tuple[str, int]:
    """Let the sender ask how far the upload is."""
    return "", 409


@pages.errorhandler(Busy)
def busy(_: Busy) -> tuple[str, int]:
    """Let the sender ask again."""
    return "", 423


@pages.route("/", methods=["OPTIONS"])
def offer() -> tuple[str, int, dict[str, str]]:
    """What is understood here."""
    offered = {
        "Tus-Extension": _EXTENSIONS,
        "Tus-Checksum-Algorithm": ",".join(_ALGORITHMS),
        "Tus-Max-Size": str(_most()),
    }
    return "", 204, offered


@pages.post("/")
@needs(Deed.COMPOSE)
def begin() -> Response:
    """Make a place for a recording, whose facts are in the metadata: filename, title, kind, mark."""
    length, facts = _number("Upload-Length"), _metadata()
    if length > _most():
        raise RequestEntityTooLarge
    if not length:
        raise Refused(Trouble("", "Tệp này trống.", mend="Ghi âm hoặc chép lại tệp rồi gửi lại."))
    name = facts.get("filename", "")[:_LONGEST_NAME]
    upload = uploads.begin_upload(
        here.home(),
        name=name,
        title=_title(facts, name),
        kind=here.kind(facts.get("kind", "")),
        length=length,
        mark=facts.get("mark", "")[:_LONGEST_MARK],
        by=here.person(),
        now=here.now(),
    )
    return _told(upload, 201, {"Location": url_for("uploads.look", key=upload.key)})


@pages.route("/<key>", methods=["HEAD"])
@needs(Deed.COMPOSE)
def look(key: str) -> Response:
    """How far it is."""
    upload = _mine(key)
    return _told(upload, 200, {"Upload-Length": str(upload.length)})


@pages.patch("/<key>")
@needs(Deed.COMPOSE)
def receive(key: str) -> Response | tuple[str, int]:
    """Keep a piece; it is on the card when this answers, and with the last one the segment is."""
    upload = _mine(key)
    if request.mimetype != "application/offset+octet-stream":
        raise UnsupportedMediaType
    offset, chunk = _number("Upload-Offset"), _piece()
    if not _intact(chunk):
        return "", _CHECKSUM_MISMATCH
    received = uploads.receive(here.home(), upload, chunk, offset=offset, now=here.now())
    if received.segment:  # told again to who asks again: the answer may have been lost with its link
        segments.look_again(here.home())
        here.tell(_kept(received))
    return _told(received, 204)


@pages.delete("/<key>")
@needs(Deed.COMPOSE)
def give_up(key: str) -> tuple[str, int]:
    """Forget it."""
    here.home().uploads.remove(_mine(key))
    return "", 204


def _told(upload: Upload, status: int, more: Mapping[str, str] | None = None) -> Response:
    """An answer that says how far the upload is and, once it is in the library, as which segment."""
    headers = {"Upload-Offset": str(upload.offset), "Upload-Expires": http_date(upload.ends_at / 1000)}
    kept = {"Upload-Segment": upload.segment} if upload.segment else {}
    return Response(status=status, headers={**headers, **kept, **(more or {})})


def _kept(upload: Upload) -> str:
    segment = here.home().library.find(upload.segment)
    if segment and segment.received_at < upload.made_at:
        return f"“{upload.name}” đã có trong thư viện với tên “{segment.title}”, nên không lưu thêm lần nữa."
    return f"Đã nhận “{upload.title}”. Máy đang kiểm tra và cân chỉnh âm lượng."


def _mine(key: str) -> Upload:
    upload = here.home().uploads.find(key, here.person(), here.now())
    if upload is None:
        raise NotFound
    return upload


def _piece() -> bytes:
    if (request.content_length or 0) > CHUNK:
        raise Refused(Trouble("", "Phần gửi lên lớn hơn 1 MB.", mend="Tải lại trang rồi gửi lại."))
    return request.get_data(cache=False)


def _intact(chunk: bytes) -> bool:
    """Whether a piece is what its checksum says, if it has one. Raises `Refused` for an unknown algorithm."""
    algorithm, _, wanted = request.headers.get("Upload-Checksum", "").partition(" ")
    if not algorithm:
        return True
    if algorithm not in _ALGORITHMS:
        raise _unreadable()
    return hmac.compare_digest(base64.b64encode(hashlib.new(algorithm, chunk).digest()), wanted.encode())


def _most() -> int:
    return int(current_app.config["MAX_CONTENT_LENGTH"])


def _number(header: str) -> int:
    value = request.headers.get(header, "")
    if not (value.isascii() and value.isdigit()):
        raise _unreadable()
    return int(value)


def _metadata() -> dict[str, str]:
    """The facts of `Upload-Metadata`: names, each with its value in base64."""
    pairs = [pair.split() for pair in request.headers.get("Upload-Metadata", "").split(",")]
    try:
        return {pair[0]: base64.b64decode(pair[1], validate=True).decode() for pair in pairs if len(pair) > 1}
    except ValueError:
        raise _unreadable() from None


def _title(facts: Mapping[str, str], name: str) -> str:
    title = facts.get("title", "").strip() or PurePath(name).stem
    if not title:
        raise Refused(Trouble("", "Bản tin chưa có tên.", mend="Viết tên bản tin rồi gửi lại."))
    return title[:_LONGEST_TITLE]


def _unreadable() -> Refused:
    return Refused(Trouble("", "Trang gửi tệp lên không đúng cách.", mend="Tải lại trang rồi gửi lại."))
