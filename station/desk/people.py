"""People: who may use the page as what. The first is set up with a code that only the machine's terminal shows."""

import logging

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from station.desk.permits import permit
from station.rules.roles import EVERY_ROLE, ROLE_NAMES, Deed, Person, Role
from station.rules.title import one_line
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.people import INVITATION_LASTS, Code, People, Session

SHORTEST_PASSWORD = 8
LONGEST_NAME = 60
_LONGEST_PASSWORD = 1000  # letters; scrypt would chew on more

_log = logging.getLogger(__name__)


def nobody_yet(home: Home) -> bool:
    """Whether the station waits for its first person."""
    return not People(home.engine).anybody()


# One-time codes


def new_setup_code(home: Home, *, person: str = "", now: int) -> str:
    """A new one-time code, to be shown on the terminal only; it replaces any that the terminal showed before.

    It makes a person of every role, or lets only `person` set their password anew. Raises `Refused`.
    """
    people = People(home.engine)
    with home.engine.begin() as connection:
        if person:
            _roles_of(connection, people, person)
        people.void_codes_of_the_terminal(connection)
        return people.new_code(connection, roles=EVERY_ROLE, person=person, made_by="", expires_at=None, now=now)


def invite(home: Home, roles: frozenset[Role], *, by: str, now: int) -> str:
    """A one-time code with which somebody new sets themselves up with these roles. Raises `Refused`."""
    permit(Deed.PEOPLE)
    _need_one(roles)
    with home.engine.begin() as connection:
        write_audit(connection, now, by, "mời người dùng", _named(roles))
        return People(home.engine).new_code(
            connection, roles=roles, person="", made_by=by, expires_at=now + INVITATION_LASTS, now=now
        )


def let_set_password(home: Home, name: str, *, by: str, now: int) -> str:
    """A one-time code with which a person sets their password anew. Raises `Refused`."""
    permit(Deed.PEOPLE)
    people = People(home.engine)
    with home.engine.begin() as connection:
        _roles_of(connection, people, name)
        write_audit(connection, now, by, "cấp mã đặt lại mật khẩu", name)
        return people.new_code(
            connection, roles=frozenset(), person=name, made_by=by, expires_at=now + INVITATION_LASTS, now=now
        )


def withdraw_code(home: Home, key: str, *, by: str, now: int) -> None:
    """Let a code that was not used yet be void."""
    permit(Deed.PEOPLE)
    with home.engine.begin() as connection:
        if People(home.engine).void_code(connection, key):
            write_audit(connection, now, by, "hủy mã một lần", key)


def open_codes(home: Home, now: int) -> tuple[Code, ...]:
    """The codes that can still be used."""
    return People(home.engine).codes(now)


def set_up(  # noqa: PLR0913 - a person with a browser has that many facts
    home: Home, *, code: str, name: str, password: str, device: str = "", address: str = "", now: int
) -> str:
    """Make a person with a one-time code and begin their session; gives its token. Raises `Refused`.

    Somebody who is there gets a new password, and by a code of the terminal that is not for one person every role.
    """
    name = _name(name)
    _check_password(password)
    people = People(home.engine)
    with home.engine.begin() as connection:
        known = people.roles_of(connection, name) is not None
        right = _right(people.use_code(connection, code, now), name, known=known)
        if known:
            people.set_password(connection, name, password)
            people.end_sessions(connection, name)
            write_audit(connection, now, name, "đặt lại mật khẩu", "bằng mã một lần")
        else:
            people.add(connection, name, password, right.roles, now)
            write_audit(connection, now, name, "thiết lập", f"bằng mã một lần: {_named(right.roles)}")
        if known and not right.person:
            people.set_roles(connection, name, right.roles)
            write_audit(connection, now, name, "lấy lại vai trò", _named(right.roles))
        return people.begin_session(connection, name, now, device=device, address=address)


# Signing in and out


def sign_in(  # noqa: PLR0913 - as above
    home: Home, *, name: str, password: str, device: str = "", address: str = "", now: int
) -> str:
    """Begin a session; gives its token. Raises `Refused`."""
    name, people = composed(name), People(home.engine)
    if len(password) > _LONGEST_PASSWORD or not people.knows(name, password):
        mend = "Thử lại; nếu quên mật khẩu, nhờ kỹ thuật cấp mã đặt lại."
        raise Refused(Trouble("", "Tên hoặc mật khẩu không đúng.", mend=mend))
    with home.engine.begin() as connection:
        write_audit(connection, now, name, "đăng nhập", device)
        return people.begin_session(connection, name, now, device=device, address=address)


def was_here(home: Home, name: str, address: str, now: int) -> bool:
    """Whether that person is signed in from that address, with some browser."""
    return People(home.engine).was_here(composed(name), address, now)


def note_wrong_tries(home: Home, name: str, *, now: int) -> None:
    """Write down that somebody was wrong so often that the next try must wait."""
    people, name = People(home.engine), composed(name)
    with home.engine.begin() as connection:
        known = people.roles_of(connection, name) is not None  # else it may be a password in the wrong field
        write_audit(connection, now, "Người lạ", "đăng nhập sai nhiều lần", name if known else "tên không có ở đài")


def session_of(home: Home, *, token: str, now: int) -> Session | None:
    """The session that a browser's token opens; once an hour it is kept that it was used."""
    people = People(home.engine)
    session = people.session(token, now) if token else None
    if session and people.is_due(session, now):
        try:
            with home.engine.begin() as connection:
                people.note_use(connection, session, now)
        except SQLAlchemyError:  # a full card must not close the page
            _log.warning("the use of a session could not be kept", exc_info=True)
    return session


def is_signed_in(home: Home, token: str, now: int) -> bool:
    """Whether a browser's token opens a session."""
    return People(home.engine).session(token, now) is not None


def sessions(home: Home, now: int) -> tuple[Session, ...]:
    """Who is signed in with what."""
    return People(home.engine).sessions(now)


def end_session(home: Home, key: str, *, by: str, now: int) -> None:
    """End a session, one's own or, by who may, anybody's."""
    people = People(home.engine)
    ended = next((it for it in people.sessions(now) if it.key == key), None)
    if ended is None:
        return
    if ended.person != by:
        permit(Deed.PEOPLE)
    with home.engine.begin() as connection:
        people.end_session(connection, key)
        write_audit(connection, now, by, "đăng xuất", f"{ended.person}, {ended.device}")


# What people are


def list_people(home: Home) -> tuple[Person, ...]:
    """Everybody who may use the page."""
    return People(home.engine).all()


def change_password(  # noqa: PLR0913 - as above
    home: Home, *, old: str, new: str, session: str, by: str, now: int
) -> None:
    """Set one's own password; every other session of one's own ends. Raises `Refused`."""
    people = People(home.engine)
    if not people.knows(by, old):
        raise Refused(Trouble("", "Mật khẩu đang dùng không đúng.", "Mật khẩu vẫn như cũ.", "Gõ lại."))
    _check_password(new)
    with home.engine.begin() as connection:
        people.set_password(connection, by, new)
        people.end_sessions(connection, by, but=session)
        write_audit(connection, now, by, "đổi mật khẩu", "")


def set_roles(home: Home, name: str, roles: frozenset[Role], *, by: str, now: int) -> None:
    """Let a person be just that. Raises `Refused`."""
    permit(Deed.PEOPLE)
    _need_one(roles)
    people = People(home.engine)
    with home.engine.begin() as connection:
        before = _roles_of(connection, people, name)
        people.set_roles(connection, name, roles)
        _need_technician(connection, people)
        if roles != before:
            write_audit(connection, now, by, "đổi vai trò", f"{name}: {_named(before)} → {_named(roles)}")


def remove_person(home: Home, name: str, *, by: str, now: int) -> None:
    """Let somebody use the page no more; what they did stays in the logs. Raises `Refused`."""
    permit(Deed.PEOPLE)
    people = People(home.engine)
    with home.engine.begin() as connection:
        _roles_of(connection, people, name)
        people.remove(connection, name)
        _need_technician(connection, people)
        write_audit(connection, now, by, "xóa người dùng", name)


def _roles_of(connection: Connection, people: People, name: str) -> frozenset[Role]:
    roles = people.roles_of(connection, name)
    if roles is None:
        raise Refused(Trouble("", f"Không có người dùng tên “{name}”.", mend="Xem lại danh sách người dùng."))
    return roles


def _need_one(roles: frozenset[Role]) -> None:
    if not roles:
        raise Refused(Trouble("", "Chưa chọn vai trò nào.", "Chưa thay đổi gì.", "Chọn ít nhất một vai trò."))


def _need_technician(connection: Connection, people: People) -> None:
    if not people.technicians(connection):
        raise Refused(
            Trouble(
                "",
                "Đây là kỹ thuật duy nhất của đài, nên chưa thay đổi gì.",
                mend="Cho người khác vai trò Kỹ thuật trước.",
            )
        )


def _name(typed: str) -> str:
    """A name as it is kept. Raises `Refused`."""
    if not typed.strip():
        raise Refused(Trouble("", "Chưa có tên.", mend="Viết tên của bạn."))
    name = composed(typed)
    if len(name) > LONGEST_NAME:
        raise Refused(Trouble("", f"Tên dài hơn {LONGEST_NAME} chữ.", mend="Viết ngắn lại."))
    return name


def composed(typed: str) -> str:
    """A name as it is kept, however it was typed."""
    return one_line(typed) if typed.strip() else ""


def _check_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        mend = f"Đặt mật khẩu từ {SHORTEST_PASSWORD} ký tự trở lên."
        raise Refused(Trouble("", "Mật khẩu quá ngắn.", mend=mend))
    if len(password) > _LONGEST_PASSWORD:
        raise Refused(Trouble("", "Mật khẩu quá dài.", mend=f"Đặt mật khẩu dưới {_LONGEST_PASSWORD} ký tự."))


def _right(code: Code | None, name: str, *, known: bool) -> Code:
    """The code, if it is one and good for that name. Raises `Refused`."""
    if code is None:
        mend = "Xem lại mã; nếu vẫn không được, xin kỹ thuật mã mới, hoặc chạy “station setup-code” trên máy."
        raise Refused(Trouble("", "Mã thiết lập không đúng, đã dùng rồi hoặc hết hạn.", mend=mend))
    if code.person and code.person != name:
        what = f"Mã này chỉ để “{code.person}” đặt lại mật khẩu."
        raise Refused(Trouble("", what, "Mã vẫn dùng được.", "Viết đúng tên ấy."))
    if known and code.made_by and not code.person:
        what = f"Đã có người dùng tên “{name}”."
        mend = "Chọn tên khác, ví dụ thêm tên thôn; nếu tên này là bạn, nhờ kỹ thuật cấp mã đặt lại mật khẩu."
        raise Refused(Trouble("", what, "Mã vẫn dùng được.", mend))
    return code


def _named(roles: frozenset[Role]) -> str:
    return ", ".join(name for role, name in ROLE_NAMES.items() if role in roles)
