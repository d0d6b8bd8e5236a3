"""People who may use the page, and their sessions."""

import hashlib
import secrets
from functools import cache

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from werkzeug.security import check_password_hash, generate_password_hash

from station.rules.now import DAY
from station.stores.database import people, sessions, setup_codes

SESSION_LASTS = 30 * DAY
_TRIES = 10  # wrong codes before the code is void
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is mistaken for another


class People:
    """Those who may use the page, in the database behind `engine`. Passwords are kept as werkzeug's scrypt."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def anybody(self) -> bool:
        """Whether anybody was set up yet."""
        with self._engine.connect() as connection:
            return bool(connection.execute(select(func.count()).select_from(people)).scalar_one())

    def new_setup_code(self, now: int) -> str:
        """Make the one-time code with which a person can be set up; any code before is void."""
        code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        with self._engine.begin() as connection:
            connection.execute(delete(setup_codes))
            connection.execute(
                insert(setup_codes).values(hash=generate_password_hash(code), created_at=now, failures=0)
            )
        return code

    def use_setup_code(self, connection: Connection, code: str) -> bool:
        """Whether `code` is the one-time code, which is void from now on; too many wrong ones void it too."""
        kept = connection.execute(select(setup_codes)).one_or_none()
        if kept is None:
            return False
        right = check_password_hash(kept.hash, code.strip().upper())
        if right or kept.failures + 1 >= _TRIES:
            connection.execute(delete(setup_codes))
        else:
            connection.execute(update(setup_codes).values(failures=kept.failures + 1))
        return right

    def add(self, connection: Connection, name: str, password: str, now: int) -> None:
        """Add a person, or give them a new password."""
        connection.execute(delete(people).where(people.c.name == name))
        connection.execute(delete(sessions).where(sessions.c.person == name))
        hashed = generate_password_hash(password)
        connection.execute(insert(people).values(name=name, password=hashed, created_at=now))

    def knows(self, name: str, password: str) -> bool:
        """Whether that is the person's password; takes as long for an unknown name."""
        with self._engine.connect() as connection:
            hashed = connection.execute(select(people.c.password).where(people.c.name == name)).scalar_one_or_none()
        right = check_password_hash(hashed or _nobodys(), password)
        return right and hashed is not None

    def begin_session(self, connection: Connection, person: str, now: int) -> str:
        """Begin a session and give the token that the browser holds; the database keeps only its hash."""
        token = secrets.token_urlsafe(32)
        connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
        session = {"token": _hash(token), "person": person, "created_at": now, "expires_at": now + SESSION_LASTS}
        connection.execute(insert(sessions).values(session))
        return token

    def person_of(self, token: str, now: int) -> str | None:
        """Whose session that is, if it still is one."""
        live = (sessions.c.token == _hash(token)) & (sessions.c.expires_at > now)
        with self._engine.connect() as connection:
            return connection.execute(select(sessions.c.person).where(live)).scalar_one_or_none()

    def end_session(self, connection: Connection, token: str) -> None:
        """End a session."""
        connection.execute(delete(sessions).where(sessions.c.token == _hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@cache
def _nobodys() -> str:
    return generate_password_hash(secrets.token_urlsafe(16))
