"""What goes over the air is small: pages and files are compressed, and a browser keeps a file until it changes."""

import gzip
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

_FILES = {"static", "bootstrap.static"}
_SHRINKS = {
    "text/html",
    "text/css",
    "text/javascript",
    "application/javascript",
    "image/svg+xml",
    "application/json",
}
_SMALL = 1024  # bytes that fit into one packet anyway
_QUICK, _THOROUGH = 4, 9  # how hard gzip tries: for what is made anew each time, and for what is kept
_FOR_LONG = "private, max-age=31536000, immutable"


def send_lean(app: Flask) -> None:
    """Let `app` compress what it sends, and name its files by what is in them."""
    app.url_defaults(_name_by_content)
    app.after_request(_shrink)


def _name_by_content(endpoint: str, values: dict[str, Any]) -> None:
    """An address that changes with the file: what is kept under it is right for ever."""
    if endpoint in _FILES and "v" not in values:
        name = endpoint.rpartition(".")[0]
        owner = current_app.blueprints[name] if name else current_app
        if owner.static_folder and (mark := _mark(owner.static_folder, values["filename"])):
            values["v"] = mark


@lru_cache
def _mark(folder: str, name: str) -> str:
    """What tells a file from its former versions; they come with a new process. Nothing where there is none."""
    file = Path(folder) / name
    return sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else ""


def _shrink(response: Response) -> Response:
    is_file = request.endpoint in _FILES
    if is_file and response.status_code == 200 and "v" in request.args:  # noqa: PLR2004 - HTTP
        response.headers["Cache-Control"] = _FOR_LONG
    if response.status_code != 200 or response.mimetype not in _SHRINKS:  # noqa: PLR2004 - HTTP
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings.quality("gzip") or request.range:
        return response
    response.direct_passthrough = False
    whole = response.get_data()
    if len(whole) >= _SMALL:
        response.set_data(_packed(whole) if is_file else gzip.compress(whole, _QUICK, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("ETag", None)
    return response


@lru_cache(maxsize=32)
def _packed(whole: bytes) -> bytes:
    """A file packed once; there are a dozen."""
    return gzip.compress(whole, _THOROUGH, mtime=0)
