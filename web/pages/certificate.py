"""HTTPS: how a phone learns to trust the station, open to whoever is not signed in yet."""

from flask import Blueprint, render_template
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import certificate
from web import here

pages = Blueprint("certificate", __name__, url_prefix="/chung-chi")


@pages.get("/")
def explain() -> str:
    """What HTTPS is for, and each step on each kind of device."""
    known = certificate.certificate(here.home())
    return render_template("certificate.html", here="system", certificate=known, local=here.local)


@pages.get("/loa-xa.crt")
def authority() -> Response:
    """What a device is to trust, in the kind by which phones offer to take it in."""
    if certificate.certificate(here.home()) is None:
        raise NotFound
    return Response(certificate.authority(here.home()), mimetype="application/x-x509-ca-cert")
