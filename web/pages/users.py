"""Tài khoản and Người dùng: one's own password and sessions, and for technicians those of everybody."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from station.desk import people
from station.rules.roles import ROLE_NAMES, Deed, Role
from station.rules.trouble import Refused, Trouble
from web import here
from web.permits import allowed, needs
from web.throttle import Throttle

pages = Blueprint("users", __name__, url_prefix="/he-thong")


@pages.get("/tai-khoan")
def account() -> str:
    """One's own password and sessions."""
    return _account()


@pages.post("/tai-khoan")
def change_password() -> Response | tuple[str, int]:
    """Set one's own password."""
    throttle: Throttle = current_app.extensions["throttle"]
    key = f"password {here.person()}"
    if throttle.begin(key):
        still, mend = "Mật khẩu vẫn như cũ.", "Chờ nửa phút rồi thử lại."
        return _account(Trouble("", "Sai nhiều lần liền.", still, mend)), 429
    try:
        people.change_password(
            here.home(),
            old=request.form.get("old", ""),
            new=request.form.get("new", ""),
            session=g.session.key,
            by=here.person(),
            now=here.now(),
        )
    except Refused as refusal:
        return _account(refusal.trouble), 400
    throttle.was_right(key)
    here.tell("Đã đổi mật khẩu. Các thiết bị khác của bạn đã đăng xuất.")
    return redirect(url_for("users.account"))


@pages.post("/phien")
def end_session() -> Response:
    """End a session, one's own or, by a technician, anybody's."""
    people.end_session(here.home(), request.form.get("key", ""), by=here.person(), now=here.now())
    here.tell("Thiết bị ấy đã đăng xuất.")
    return redirect(url_for("users.users" if "back" in request.form and allowed(Deed.PEOPLE) else "users.account"))


@pages.get("/nguoi-dung")
@needs(Deed.PEOPLE)
def users() -> str:
    """Everybody, and the codes that were not used yet."""
    return _users()


@pages.post("/nguoi-dung/moi")
@needs(Deed.PEOPLE)
def invite() -> str | tuple[str, int]:
    """A code for somebody new, shown once."""
    return _with_code(
        "", lambda: people.invite(here.home(), chosen_roles(), by=here.person(), now=here.now()), "Mã mời người mới"
    )


@pages.post("/nguoi-dung/mat-khau")
@needs(Deed.PEOPLE)
def let_set_password() -> str | tuple[str, int]:
    """A code with which somebody sets their password anew, shown once."""
    name = request.form.get("name", "")
    return _with_code(
        name,
        lambda: people.let_set_password(here.home(), name, by=here.person(), now=here.now()),
        f"Mã đặt lại mật khẩu cho {name}",
    )


@pages.post("/nguoi-dung/huy-ma")
@needs(Deed.PEOPLE)
def withdraw_code() -> Response:
    """Let a code be void."""
    people.withdraw_code(here.home(), request.form.get("key", ""), by=here.person(), now=here.now())
    here.tell("Đã hủy mã ấy.")
    return redirect(url_for("users.users"))


@pages.post("/nguoi-dung/vai-tro")
@needs(Deed.PEOPLE)
def set_roles() -> Response | tuple[str, int]:
    """Let somebody be just that."""
    name = request.form.get("name", "")
    try:
        people.set_roles(here.home(), name, chosen_roles(), by=here.person(), now=here.now())
    except Refused as refusal:
        return _users(refusal.trouble, about=name), 400
    here.tell(f"Đã lưu vai trò của “{name}”.")
    return redirect(url_for("users.users"))


@pages.post("/nguoi-dung/xoa")
@needs(Deed.PEOPLE)
def remove() -> Response | tuple[str, int]:
    """Let somebody use the page no more."""
    name = request.form.get("name", "")
    try:
        people.remove_person(here.home(), name, by=here.person(), now=here.now())
    except Refused as refusal:
        return _users(refusal.trouble, about=name), 400
    if name == here.person():
        return redirect(url_for("people.sign_in"))
    here.tell(f"Đã xóa người dùng “{name}”. Việc họ đã làm vẫn còn trong nhật ký.")
    return redirect(url_for("users.users"))


def _with_code(about: str, make: Callable[[], str], code_for: str) -> str | tuple[str, int]:
    try:
        return _users(code=make(), code_for=code_for)
    except Refused as refusal:
        return _users(refusal.trouble, about=about), 400


def chosen_roles() -> frozenset[Role]:
    """The roles that are chosen in the form. Raises `Refused`."""
    try:
        return frozenset(Role(it) for it in request.form.getlist("roles"))
    except ValueError:
        raise Refused(Trouble("", "Không có vai trò ấy.", mend="Tải lại trang rồi chọn lại.")) from None


def _account(trouble: Trouble | None = None) -> str:
    me = next((it for it in people.list_people(here.home()) if it.name == here.person()), None)
    if me is None:
        raise NotFound
    sessions = [it for it in people.sessions(here.home(), here.now()) if it.person == me.name]
    return render_template(
        "account.html",
        here="system",
        me=me,
        sessions=sessions,
        trouble=trouble,
        shortest=people.SHORTEST_PASSWORD,
        **_shown(),
    )


def _users(trouble: Trouble | None = None, *, about: str = "", code: str = "", code_for: str = "") -> str:
    """The page; a `trouble` stands beside whom it is `about`, or at the invitation."""
    home, now = here.home(), here.now()
    return render_template(
        "users.html",
        here="system",
        everybody=people.list_people(home),
        sessions=people.sessions(home, now),
        codes=people.open_codes(home, now),
        trouble=trouble,
        about=about,
        code=code,
        code_for=code_for,
        chosen=request.form.getlist("roles"),
        **_shown(),
    )


def _shown() -> dict[str, Any]:
    return {"role_names": ROLE_NAMES, "local": here.local, "mine": g.session.key}
