"""The page put together: pages, sign-in, protections, and errors in words."""

import errno
import logging
import secrets
from pathlib import Path
from typing import Any

from flask import Flask, g, jsonify, render_template, request
from flask_babel import force_locale
from flask_bootstrap import Bootstrap5
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from station.clock import Clock
from station.desk.permits import NotPermitted
from station.durable import keep, unfinished
from station.rules.roles import Deed
from station.stores.home import Home
from web import permits, words
from web.cookies import FormsCookie
from web.language import speak_languages
from web.lean import send_lean
from web.named import Named
from web.pages import (
    alerts,
    arranging,
    audit,
    certificate,
    commissioning,
    editing,
    emergency,
    handbook,
    library,
    live,
    log,
    metrics,
    orders,
    people,
    practice,
    programme,
    province,
    replay,
    report,
    schedules,
    segment,
    settings,
    system,
    timetable,
    today,
    uploads,
    users,
    vault,
)
from web.pages import (
    clock as clock_page,
)
from web.throttle import Throttle
from web.watching import Eyes, Seen, Watching

LARGEST_UPLOAD = 512 * 1024 * 1024  # bytes

_logger = logging.getLogger(__name__)

_FULL = (errno.ENOSPC, errno.EDQUOT)
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
        "frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

_ERRORS = {
    401: ("Bạn đã đăng xuất.", "Tải lại trang, đăng nhập rồi làm tiếp."),
    403: ("Bạn không được làm việc này.", "Quay lại trang Hôm nay."),
    404: ("Không có trang này.", "Quay lại trang Hôm nay."),
    405: ("Việc này không làm được theo cách đó.", "Quay lại trang Hôm nay rồi thử lại."),
    413: (f"Tệp lớn hơn {LARGEST_UPLOAD // 1024**2} MB nên không nhận được.", "Cắt ngắn hoặc nén tệp rồi tải lại."),
    507: (
        "Thẻ nhớ đã đầy nên chưa lưu được. Máy phát vẫn chạy theo lịch.",
        "Gọi kỹ thuật dọn thẻ nhớ rồi làm lại.",
    ),
    500: ("Trang điều khiển gặp lỗi. Máy phát vẫn chạy theo lịch.", "Thử lại; nếu vẫn vậy, gọi kỹ thuật."),
}


def create_app(home: Home, clock: Clock) -> Flask:
    """Make the page of the station in `home`."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=_secret_key(home.places.home / "page.key"),
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a page stays open on a phone for days
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    app.url_map.converters["named"] = Named
    app.session_interface = FormsCookie()
    app.extensions["home"], app.extensions["clock"] = home, clock
    app.extensions["throttle"] = Throttle(lambda: clock.now().mono)
    Bootstrap5(app)
    app.before_request(people.require_sign_in)  # before all that reads what was sent
    app.before_request(permits.check)
    app.teardown_request(people.forget_who_asked)
    CSRFProtect(app)
    speak_languages(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(words=words, may=permits.allowed, Deed=Deed)
    for page in (
        today,
        library,
        segment,
        editing,
        programme,
        timetable,
        metrics,
        schedules,
        arranging,
        orders,
        emergency,
        alerts,
        live,
        log,
        report,
        replay,
        system,
        clock_page,
        vault,
        settings,
        commissioning,
        province,
        practice,
        people,
        users,
        audit,
        certificate,
        uploads,
        handbook,
    ):
        app.register_blueprint(page.pages)
    app.context_processor(people.who_is_here)
    app.after_request(_protect)
    send_lean(app)
    app.register_error_handler(Exception, _tell)
    app.extensions["watching"] = Watching(
        home, clock, lambda *seen: _drawn(app, *seen), lambda *seen: _beaten(app, *seen)
    )
    return app


def _drawn(app: Flask, seen: Seen, eyes: Eyes) -> str:
    """What changes, drawn for all who have the home page open: its forms get their token from each page."""
    with app.test_request_context(), force_locale(eyes.language):
        g.csrf_token, g.roles = "", eyes.roles
        return today.draw(seen)


def _beaten(app: Flask, seen: Seen, eyes: Eyes) -> dict[str, Any]:
    with app.test_request_context(), force_locale(eyes.language):
        return today.pulse(seen)


def _protect(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _tell(error: Exception) -> tuple[str | Response, int]:
    """Tell any error in a sentence, with what to do."""
    if isinstance(error, CSRFError):
        status, told = 400, ("Trang này đã cũ nên lệnh chưa được thực hiện.", "Tải lại trang rồi làm lại.")
    elif isinstance(error, NotPermitted):
        status, told = 403, (error.trouble.what, error.trouble.mend)
    elif isinstance(error, HTTPException):
        status = error.code or 500
        told = _ERRORS.get(status, _ERRORS[500] if status >= 500 else (error.name, "Quay lại rồi thử lại."))  # noqa: PLR2004 - HTTP
    else:
        _logger.error("a page failed", exc_info=error)
        status = 507 if isinstance(error, OSError) and error.errno in _FULL else 500
        told = _ERRORS[status]
    if "Tus-Resumable" in request.headers:  # the script that sends a file shows the sentence in its place
        return jsonify(trouble=" ".join(told)), status
    return render_template("error.html", what=told[0], mend=told[1]), status


def _secret_key(path: Path) -> bytes:
    """The key that signs the page's cookies, made at the first start."""
    if not path.exists():
        with unfinished(path.parent) as file:
            file.path.chmod(0o600)
            file.stream.write(secrets.token_bytes(32))
            keep(file, path)
    return path.read_bytes()
