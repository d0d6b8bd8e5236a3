"""Số liệu: the station's figures for Prometheus, at a private address."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, url_for

from station.desk import metrics as desk
from web import here
from web.private import private_word, refuse_strangers

pages = Blueprint("metrics", __name__, url_prefix="/so-lieu")

_PURPOSE = "metrics"


@pages.get("/<word>")
def metrics(word: str) -> Response:
    """All of them, for whoever knows the private address."""
    refuse_strangers(word, _PURPOSE)
    return Response(desk.metrics(here.home(), here.now()), content_type=desk.CONTENT_TYPE)


def scrape_config() -> str:
    """What a Prometheus is told to find them."""
    address = urlsplit(url_for("metrics.metrics", word=private_word(_PURPOSE), _external=True))
    return (
        "- job_name: loa-xa\n"
        f"  scheme: {address.scheme}\n"
        f"  metrics_path: {address.path}\n"
        "  static_configs:\n"
        f'    - targets: ["{address.netloc}"]\n'
    )
