"""People: the first one is set up with a one-time code that only the station's own terminal shows."""

from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.people import People

_SHORTEST_PASSWORD = 8


def nobody_yet(home: Home) -> bool:
    """Whether the station waits for its first person."""
    return not People(home.engine).anybody()


def new_setup_code(home: Home, *, now: int) -> str:
    """A new one-time code, to be shown on the terminal only; it replaces any other."""
    return People(home.engine).new_setup_code(now)


def set_up(home: Home, *, code: str, name: str, password: str, now: int) -> str:
    """Make a person with the one-time code and begin their session; gives its token. Raises `Refused`."""
    name = name.strip()
    if not name:
        raise Refused(Trouble("", "Chưa có tên.", mend="Viết tên của bạn."))
    if len(password) < _SHORTEST_PASSWORD:
        mend = f"Đặt mật khẩu từ {_SHORTEST_PASSWORD} ký tự trở lên."
        raise Refused(Trouble("", "Mật khẩu quá ngắn.", mend=mend))
    people = People(home.engine)
    with home.engine.begin() as connection:
        right = people.use_setup_code(connection, code)
        if right:
            people.add(connection, name, password, now)
            write_audit(connection, now, name, "thiết lập", "bằng mã một lần")
            return people.begin_session(connection, name, now)
    mend = "Xem lại mã trên màn hình của máy, hoặc chạy “station setup-code” trên máy để lấy mã mới."
    raise Refused(Trouble("", "Mã thiết lập không đúng hoặc đã dùng rồi.", mend=mend))


def sign_in(home: Home, *, name: str, password: str, now: int) -> str:
    """Begin a session; gives its token. Raises `Refused`."""
    people = People(home.engine)
    if not people.knows(name.strip(), password):
        mend = "Thử lại; nếu quên mật khẩu, chạy “station setup-code” trên máy để đặt lại."
        raise Refused(Trouble("", "Tên hoặc mật khẩu không đúng.", mend=mend))
    with home.engine.begin() as connection:
        write_audit(connection, now, name.strip(), "đăng nhập", "")
        return people.begin_session(connection, name.strip(), now)


def sign_out(home: Home, *, token: str) -> None:
    """End a session."""
    with home.engine.begin() as connection:
        People(home.engine).end_session(connection, token)


def person_of(home: Home, *, token: str, now: int) -> str | None:
    """Whose session that is."""
    return People(home.engine).person_of(token, now)
