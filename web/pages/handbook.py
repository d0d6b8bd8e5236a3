"""Sổ tay: one page a task, open to everybody, since it says nothing of this station."""

from typing import Any

from flask import Blueprint, render_template, request, send_file, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from web import handbook
from web.back import way_back

pages = Blueprint("handbook", __name__, url_prefix="/so-tay")


@pages.get("/")
def contents() -> str:
    """What a person may want to do, and where that is explained."""
    return _page(handbook.CONTENTS)


@pages.get("/<name>")
def show(name: str) -> str:
    """How one thing is done."""
    if name not in handbook.names():
        raise NotFound
    return _page(name)


@pages.get("/hinh/<name>")
def picture(name: str) -> Response:
    """What that looks like; a browser asks whether it is still the same."""
    file = handbook.pictures().get(name)
    if file is None:
        raise NotFound
    return send_file(file, mimetype="image/svg+xml" if file.suffix == ".svg" else "image/png")


@pages.app_context_processor
def explanation() -> dict[str, Any]:
    """Where the “?” of every page leads, and from there back; the handbook itself needs none."""
    if request.blueprint == pages.name:
        return {}
    name = handbook.explained_by(request.endpoint or "", (request.view_args or {}).get("table", ""))
    try:
        title = handbook.read(name).title
    except OSError:  # an installation without docs/ has its pages nevertheless
        return {}
    return {"handbook_page": {"title": title, "address": _address(name)}}


def _address(name: str) -> str:
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    if name == handbook.CONTENTS:
        return url_for("handbook.contents", tu=back)
    return url_for("handbook.show", name=name, tu=back)


def _page(name: str) -> str:
    return render_template(
        "handbook.html",
        page=handbook.read(name),
        contents=name == handbook.CONTENTS,
        back=way_back(request.args.get("tu", "")),
    )
