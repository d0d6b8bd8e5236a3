"""The backup that the province keeps: the recovery key, shown once and read back, and an end to it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from station.desk import vault as desk
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.rules.vault import grouped
from web import here
from web.permits import needs

pages = Blueprint("vault", __name__, url_prefix="/he-thong/sao-luu-tinh")


@pages.post("/khoa")
@needs(Deed.MACHINE)
def make_key() -> Response | str:
    """Show a new recovery key: this once, and to be read back."""
    try:
        return _key_page(grouped(desk.make_recovery_key(here.home(), by=here.person(), now=here.now())))
    except Refused as refusal:
        return _back(str(refusal.trouble), done=False)


@pages.post("/xac-nhan")
@needs(Deed.MACHINE)
def prove_key() -> Response | tuple[str, int]:
    """Begin, if what was typed is that key."""
    try:
        desk.prove_recovery_key(here.home(), request.form.get("key", ""), by=here.person(), now=here.now())
    except Refused as refusal:
        return _key_page("", refusal.trouble), 400
    return _back("Từ nay mỗi đêm đài gửi bản sao lưu mã hóa về tỉnh.")


@pages.post("/thoi")
@needs(Deed.MACHINE)
def stop() -> Response:
    """Send no more."""
    desk.stop_sending(here.home(), by=here.person(), now=here.now())
    return _back("Đài thôi gửi bản sao lưu về tỉnh.")


def _key_page(key: str, trouble: Trouble | None = None) -> str:
    config = here.config()
    return render_template("recovery_key.html", here="system", name=config.name, key=key, trouble=trouble)


def _back(sentence: str, *, done: bool = True) -> Response:
    here.tell(sentence, done=done)
    return redirect(url_for("system.system"))
