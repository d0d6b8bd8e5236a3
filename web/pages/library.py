"""Thư viện: looking for segments, listening, and adding what was recorded."""

from collections.abc import Mapping
from pathlib import PurePath
from shutil import disk_usage
from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import segments
from station.rules.approval import State
from station.rules.rundown import Kind
from station.rules.trouble import Refused, Trouble
from station.stores.search import Search
from web import here, words

_LAST_PAGE = 10_000
_COPIES = 4  # of an upload at most: as it arrives, as a form's file, as it is kept, levelled

pages = Blueprint("library", __name__, url_prefix="/thu-vien")


@pages.get("/")
def library() -> str:
    """All segments."""
    return render_template("library.html", here="library", **_shown())


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
    """Keep an upload; it is on the card when this answers."""
    file = request.files.get("file")
    title = request.form.get("title", "").strip() or PurePath(file.filename or "" if file else "").stem
    try:
        recording, kind = _recording(file), _kind(request.form.get("kind", ""))
        segments.add_segment(here.home(), recording, title=title, kind=kind, by=here.person(), now=here.now())
    except Refused as refusal:
        return _form(request.form, refusal.trouble), 400
    segments.look_again(here.home())
    here.tell(f"Đã nhận “{title}”. Máy đang kiểm tra và cân chỉnh âm lượng.")
    if "X-Upload" in request.headers:  # the script goes to the list itself, which then shows what was flashed
        return "", 201
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
    asked = {key: value for key in ("tim", "loai", "trang-thai") if (value := request.args.get(key))}
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
    kind, state = request.args.get("loai", ""), request.args.get("trang-thai", "")
    return Search(
        words=request.args.get("tim", ""),
        kind=Kind(kind) if kind in [*Kind] else None,
        states=(State(state),) if state in [*State] else (),
        page=min(max(0, request.args.get("trang", 0, type=int)), _LAST_PAGE),
    )


def _form(typed: Mapping[str, str], trouble: Trouble | None = None) -> str:
    largest = min(current_app.config["MAX_CONTENT_LENGTH"], disk_usage(here.home().places.home).free // _COPIES)
    return render_template(
        "add.html", here="library", form=typed, trouble=trouble, kinds=words.KINDS, largest=largest
    )


def _recording(file: FileStorage | None) -> BinaryIO:
    if file is None or not file.filename:
        raise Refused(Trouble("", "Chưa chọn tệp âm thanh nào.", mend="Bấm “Chọn tệp” rồi chọn bản ghi."))
    return cast(BinaryIO, file.stream)


def _kind(value: str) -> Kind:
    try:
        return Kind(value)
    except ValueError:
        raise Refused(Trouble("", "Chưa chọn loại.", mend="Chọn một loại, ví dụ Tin.")) from None
