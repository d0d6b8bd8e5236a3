"""Permits of pages: each route names what it does, and nobody gets further whose roles do not allow that."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, g, request

from station.desk.permits import permit
from station.rules.roles import Deed, may

View = TypeVar("View", bound=Callable[..., Any])

_NEEDED: dict[Callable[..., Any], Deed] = {}


def needs(deed: Deed) -> Callable[[View], View]:
    """A route for those who may do that."""

    def mark(view: View) -> View:
        _NEEDED[view] = deed
        return view

    return mark


def needed(endpoint: str | None) -> Deed | None:
    """What a route does that not everybody may."""
    return _NEEDED.get(current_app.view_functions.get(endpoint or "", _nothing))


def check() -> None:
    """Raise `NotPermitted` before anything of the request is read when whoever is signed in may not ask for it."""
    if deed := needed(request.endpoint):
        permit(deed)


def allowed(deed: Deed) -> bool:
    """Whether whoever is signed in may do that, so that pages offer it."""
    return may(g.get("roles", frozenset()), deed)


def _nothing() -> None:
    """Stand for a route that is not there."""
