"""Hệ thống: the machine, and what only its technician needs now and then."""

from flask import Blueprint, render_template

from web import here

pages = Blueprint("system", __name__, url_prefix="/he-thong")


@pages.get("/")
def system() -> str:
    """How the machine is, and the way to all its rooms."""
    status, trouble = here.status()
    return render_template("system.html", here="system", status=status, trouble=trouble)
