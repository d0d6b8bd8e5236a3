"""The page's two languages: Vietnamese, in which everything is written, and English by a switch.

What templates say is marked by `_()`, what scripts say by `say()`. The station's own sentences (`station/`) come as
finished Vietnamese, with names and figures in them; `said` finds in the same catalogue the pattern of which one is
made, and fills its translation.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path

from babel.support import Translations
from flask import Blueprint, Flask, Response, json, redirect, request
from flask_babel import Babel, get_locale
from werkzeug.wrappers import Response as Answer

from web.back import way_back

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
_COOKIE = "ngon-ngu"
_LASTS_S = 365 * 24 * 3600
_HOLE = "{}"
_FIGURE = re.compile(r"\d+,\d+")
_BREAK = re.compile(r"(?<=[.!?…]) +(?=\S)")
_BREAK_OR_PLACE = re.compile(rf"{_BREAK.pattern}|: ")

_PLACE = Path(__file__).parent / "translations"

pages = Blueprint("language", __name__)


def speak_languages(app: Flask) -> None:
    """Let every page be in the language that its person chose."""
    Babel(app, default_locale="vi", locale_selector=_chosen)
    app.register_blueprint(pages)
    app.jinja_env.globals.update(languages=LANGUAGES, language=language)
    app.jinja_env.filters["said"] = said


@pages.post("/ngon-ngu")
def choose() -> Answer:
    """Speak that language from now on, in this browser."""
    response = redirect(way_back(request.form.get("back", "")) or "/")
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        response.set_cookie(_COOKIE, wanted, max_age=_LASTS_S, samesite="Lax", secure=request.is_secure)
    return response


@pages.get("/ngon-ngu/chu.js")
def words() -> Response:
    """What scripts say, in the language of the page; asked for only where that is not Vietnamese."""
    return Response(f"window.WORDS = {json.dumps(_catalogue(language(), 'scripts'))};", mimetype="text/javascript")


def language() -> str:
    """The language of this page: `vi` or `en`."""
    locale = get_locale()
    return locale.language if locale else "vi"


def said(text: str) -> str:
    """A sentence of the station's in the language of the page; what no pattern fits stays as it is."""
    return text if language() == "vi" else _translated(text, language())


def _chosen() -> str:
    wanted = request.cookies.get(_COOKIE, "")
    return wanted if wanted in LANGUAGES else "vi"


@lru_cache(maxsize=1024)
def _translated(text: str, spoken: str) -> str:
    if _FIGURE.fullmatch(text):
        return text.replace(",", ".")
    parts = _BREAK.split(text)
    for end in range(len(parts), 0, -1):
        begun = _known(" ".join(parts[:end]), spoken)
        if begun is not None:
            rest = " ".join(parts[end:])
            return f"{begun} {_translated(rest, spoken)}" if rest else begun
    if (whole := _whole(text, spoken)) is not None:
        return whole
    if len(parts) > 1:
        return f"{_translated(parts[0], spoken)} {_translated(' '.join(parts[1:]), spoken)}"
    where, colon, rest = text.partition(": ")
    return f"{_translated(where, spoken)}: {_translated(rest, spoken)}" if colon else text


def _known(text: str, spoken: str) -> str | None:
    """One of the catalogue's translated, alone or after its place, where no value reaches into what follows."""
    if (whole := _whole(text, spoken, free_of=_BREAK_OR_PLACE)) is not None:
        return whole
    where, colon, rest = text.partition(": ")
    told = _known(rest, spoken) if colon and not _BREAK.search(where) else None
    return None if told is None else f"{_translated(where, spoken)}: {told}"


def _whole(text: str, spoken: str, free_of: re.Pattern[str] | None = None) -> str | None:
    """One of the catalogue's translated; no value in it holds what it must be `free_of`."""
    catalogue = _catalogue(spoken)
    if (known := catalogue.get(text)) is not None:
        return known
    for pattern, translation in _patterns(spoken):
        found = pattern.fullmatch(text)
        if found and not (free_of and any(map(free_of.search, found.groups()))):
            return translation.format(*(_translated(it, spoken) for it in found.groups()))
    return None


@cache
def _catalogue(spoken: str, domain: str = "messages") -> Mapping[str, str]:
    """What is translated, by what it is in Vietnamese."""
    kept = getattr(Translations.load(_PLACE, [spoken], domain), "_catalog", {})  # its name since Python 2
    return {key: value for key, value in kept.items() if isinstance(key, str) and key and value}


@cache
def _patterns(spoken: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Every sentence with holes, the one that says the most first."""
    holed = sorted((it for it in _catalogue(spoken).items() if _HOLE in it[0]), key=lambda it: -len(it[0]))
    return tuple(_compiled(holed))


def _compiled(holed: list[tuple[str, str]]) -> Iterator[tuple[re.Pattern[str], str]]:
    for vietnamese, english in holed:
        parts = map(re.escape, vietnamese.split(_HOLE))
        yield re.compile("(.*?)".join(parts), re.DOTALL), english
