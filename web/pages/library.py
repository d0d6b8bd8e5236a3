"""Thư viện: listening, approving, and adding what was recorded."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import segments, uploads
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.library import State
from station.stores.uploads import Upload
from web import here, words

_ACCEPTED = "audio/*,.mp3,.m4a,.wav,.ogg,.flac"

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
def add() -> str:
    """The form that takes a recording."""
    return _form({})


@pages.post("/them")
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


@pages.post("/<segment>/duyet")
def approve(segment: str) -> Response:
    """Approve it for air as it sounds now."""
    try:
        approved = segments.approve_segment(here.home(), segment, by=here.person(), now=here.now())
        here.tell(f"Đã duyệt “{approved.title}”.")
    except Refused as refusal:
        here.tell(str(refusal.trouble), done=False)
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
    return {"segments": segments.list_segments(here.home()), "State": State, "local": here.local}


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
