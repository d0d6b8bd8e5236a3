"""Nghe lại: by a setting, anybody hears again what the commune made, without signing in.

Everybody gets the same pages, also whoever is signed in: they hold no name, no token and no message, so that any
cache may keep them for a while. Sound is asked for anew each time: what was withdrawn is gone at once.
"""

from hashlib import sha256
from itertools import groupby
from typing import Any, BinaryIO, cast

from flask import Blueprint, render_template, request, url_for
from flask_babel import force_locale
from werkzeug.exceptions import NotFound, RequestedRangeNotSatisfiable
from werkzeug.wrappers import Response
from werkzeug.wsgi import wrap_file

from station.audio.share import MIMETYPE
from station.desk.replay import Replay, replay, replays, shared_file
from web import here, words
from web.joined import JoinedFiles
from web.podcast import Channel, Episode, podcast

pages = Blueprint("replay", __name__, url_prefix="/nghe-lai")

_PIECE = 1 << 20  # bytes of sound an answer to a range holds: two minutes, and no more in memory for a slow phone
_PAGES, _SOUND = "public, max-age=60", "no-cache"
_AT_A_TIME = 30  # programmes on a page: an old phone bears no more players
_LAST_PAGE = 10_000
_TOLD = 200  # characters of what a page is about


@pages.before_request
def need_setting() -> None:
    """There is no such page unless the station wants it."""
    if not here.config().public.page:
        raise NotFound


@pages.get("/")
def listing() -> Response:
    """All that may be heard again, the newest first."""
    found, page = replays(here.home(), here.now()), _page_asked()
    shown = found[page * _AT_A_TIME : (page + 1) * _AT_A_TIME]
    by_day = groupby(shown, lambda it: here.local(it.record.planned_start).date())
    days = [(day, list(each)) for day, each in by_day]
    more = len(found) > (page + 1) * _AT_A_TIME
    feed = url_for("replay.feed", _external=True)
    return _page("replays.html", 200, days=days, page=page, more=more, feed=feed)


@pages.get("/podcast.xml")
def feed() -> Response:
    """The same as a podcast."""
    name = here.config().name
    channel = Channel(
        title=f"{name}: nghe lại",
        about=f"Những tin bài của {name} đã phát trên loa.",
        author=name,
        page=url_for("replay.listing", _external=True),
        address=url_for("replay.feed", _external=True),
    )
    with force_locale("vi"):
        episodes = tuple(map(_episode, replays(here.home(), here.now())))
    response = Response(podcast(channel, episodes), content_type="application/rss+xml; charset=utf-8")
    response.headers["Cache-Control"] = _PAGES
    response.add_etag()
    return response.make_conditional(request.environ)


@pages.get("/<schedule>/<int:start>")
def programme(schedule: str, start: int) -> Response:
    """One programme, at an address that stays."""
    found = replay(here.home(), f"{schedule}@{start}", here.now())
    if found is None:
        return _gone()
    return _page("replay.html", 200, replay=found, about=_about(found), address=_address(found, "replay.programme"))


@pages.get("/<schedule>/<int:start>.mp3")
def sound(schedule: str, start: int) -> Response:
    """What is heard of it."""
    found = replay(here.home(), f"{schedule}@{start}", here.now())
    if found is None:
        return _gone()
    joined = JoinedFiles([shared_file(here.home(), it) for it in found.bulletins])
    response = Response(
        wrap_file(request.environ, cast(BinaryIO, joined)), mimetype=MIMETYPE, direct_passthrough=True
    )
    response.content_length = joined.size
    response.headers["Cache-Control"] = _SOUND
    response.set_etag(sha256("\n".join(str(it.ready) for it in found.bulletins).encode()).hexdigest()[:32])
    return response.make_conditional(_at_most_a_piece(joined.size), accept_ranges=True, complete_length=joined.size)


def _page_asked() -> int:
    return min(max(0, request.args.get("trang", 0, type=int)), _LAST_PAGE)


def _at_most_a_piece(size: int) -> dict[str, Any]:
    """The request, asking for no more than a piece where it asks for a range: players then ask for the next one."""
    asked = request.range
    if asked is None:
        return request.environ
    span = asked.range_for_length(size)
    if span is None:
        raise RequestedRangeNotSatisfiable(size)
    begin, end = span
    return {**request.environ, "HTTP_RANGE": f"bytes={begin}-{min(end, begin + _PIECE) - 1}"}


def _page(template: str, status: int, **shown: Any) -> Response:
    shown |= {"address_of": _address, "local": here.local, "days_kept": here.config().public.days}
    with force_locale("vi"):  # whatever whoever asks chose for the page of the operator
        told = render_template(template, **shown)
    response = Response(told, status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = _PAGES
    return response


def _gone() -> Response:
    """Say that it cannot be heard any more, or never could."""
    return _page("replay_gone.html", 404)


def _episode(found: Replay) -> Episode:
    at = here.local(found.record.planned_start)
    return Episode(
        title=f"{found.record.title}, {words.day(at.date())}",
        about=_about(found),
        page=_address(found, "replay.programme"),
        sound=_address(found, "replay.sound"),
        size=sum(shared_file(here.home(), it).stat().st_size for it in found.bulletins),
        length=found.length,
        at=at,
    )


def _about(found: Replay) -> str:
    told = "; ".join(it.title for it in found.bulletins)
    return told if len(told) <= _TOLD else f"{told[: _TOLD - 1]}…"


def _address(found: Replay, endpoint: str) -> str:
    schedule, _, start = found.record.key.rpartition("@")
    return url_for(endpoint, schedule=schedule, start=int(start), _external=True)
