"""Thư viện: looking for segments, listening, and adding what was recorded."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import segments, uploads
from station.rules.approval import State
from station.rules.origin import Origin
from station.rules.roles import Deed
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.search import Search
from station.stores.uploads import Upload
from web import here, words
from web.permits import needs

_LAST_PAGE = 10_000
_ACCEPTED = "audio/*,video/*,.mp3,.m4a,.wav,.ogg,.opus,.flac,.amr,.3gp,.wma"

pages = Blueprint("library", __name__, url_prefix="/thu-vien")


@pages.get("/")
def library() -> str:
    """All segments."""
    return render_template("library.html", here="library", unsent=len(_pending()), **_shown())


@pages.get("/danh-sach")
def listing() -> str:
    """The list alone, for a page that is open."""
    return render_template("_segments.html", **_shown())


@pages.get("/them")
@needs(Deed.COMPOSE)
def add() -> str:
    """The form that takes a recording."""
    return _form({})


@pages.post("/them")
@needs(Deed.COMPOSE)
def upload() -> tuple[str, int] | Response:
    """Keep what a browser without script sends; it is on the card when this answers."""
    try:
        files, kind = _recordings(), here.kind(request.form.get("kind", ""))
        uploads.need_room(here.home(), request.content_length or 0)
        for file in files:
            _keep(file, request.form.get("title", "") if len(files) == 1 else "", kind)
    except Refused as refusal:
        return _form(request.form, refusal.trouble), 507 if isinstance(refusal, uploads.NoRoom) else 400
    segments.look_again(here.home())
    return redirect(url_for("library.library"))


@pages.get("/<segment>/nghe")
def listen(segment: str) -> Response:
    """The levelled audio, as it will sound."""
    found = here.home().library.find(segment)
    if found is None or found.ready is None:
        raise NotFound
    path = here.home().library.ready_path(found.ready)
    if not path.exists():
        raise NotFound
    return send_file(path, mimetype="audio/flac", conditional=True)


def _shown() -> dict[str, Any]:
    search = _search()
    asked = {key: value for key in ("tim", "loai", "trang-thai", "nguon") if (value := request.args.get(key))}
    return {
        "found": here.home().library.found(search),
        "search": search,
        "asked": asked,
        "State": State,
        "kinds": words.KINDS,
        "states": words.STATES,
        "may_approve": here.may_approve,
        "local": here.local,
    }


def _search() -> Search:
    """What the address asks for; what it does not know it leaves out."""
    kind, state, origin = (request.args.get(key, "") for key in ("loai", "trang-thai", "nguon"))
    return Search(
        words=request.args.get("tim", ""),
        kind=Kind(kind) if kind in [*Kind] else None,
        states=(State(state),) if state in [*State] else (),
        origin=Origin(origin) if origin in [*Origin] else None,
        page=min(max(0, request.args.get("trang", 0, type=int)), _LAST_PAGE),
    )


def _form(typed: Mapping[str, str], trouble: Trouble | None = None) -> str:
    largest = min(current_app.config["MAX_CONTENT_LENGTH"], uploads.largest(here.home()))
    return render_template(
        "add.html",
        here="library",
        form=typed,
        trouble=trouble,
        kinds=words.KINDS,
        largest=largest,
        full=uploads.full(here.home()),
        accept=_ACCEPTED,
        pending=_pending(),
    )


def _pending() -> tuple[Upload, ...]:
    return here.home().uploads.pending(here.now(), here.person())


def _recordings() -> list[FileStorage]:
    files = [file for file in request.files.getlist("file") if file.filename]
    if not files:
        raise Refused(Trouble("", "Chưa chọn tệp âm thanh nào.", mend="Bấm “Chọn tệp” rồi chọn bản ghi."))
    return files


def _keep(file: FileStorage, title: str, kind: Kind) -> None:
    title = title.strip() or PurePath(file.filename or "").stem
    recording = cast(BinaryIO, file.stream)
    segments.add_segment(here.home(), recording, title=title, kind=kind, by=here.person(), now=here.now())
    here.tell(f"Đã nhận “{title}”. Máy đang kiểm tra và cân chỉnh âm lượng.")
