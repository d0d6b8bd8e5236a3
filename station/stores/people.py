"""People who may use the page, their roles and their sessions."""

import hashlib
import secrets
from functools import cache
from typing import Any

from attrs import frozen
from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, insert, select, update
from werkzeug.security import check_password_hash, generate_password_hash

from station.rules.now import DAY, HOUR
from station.rules.roles import Person, Role, read, written
from station.stores.database import people, sessions, setup_codes

SESSION_LASTS = 30 * DAY
INVITATION_LASTS = 7 * DAY
_USED_WITHIN = HOUR
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is mistaken for another
_KEY = 16  # letters of a hash that tell it from any other


@frozen
class Session:
    """A browser that is signed in, by the `key` that names it and opens nothing."""

    key: str
    person: str
    roles: frozenset[Role]
    device: str
    address: str
    created_at: int
    used_at: int


@frozen
class Code:
    """A one-time code that was not used yet, by the `key` that names it and opens nothing."""

    key: str
    roles: frozenset[Role]
    person: str
    made_by: str
    expires_at: int | None


class People:
    """Those who may use the page, in the database behind `engine`. Passwords are kept as werkzeug's scrypt."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def anybody(self) -> bool:
        """Whether anybody was set up yet."""
        with self._engine.connect() as connection:
            return bool(connection.execute(select(func.count()).select_from(people)).scalar_one())

    def all(self) -> tuple[Person, ...]:
        """Everybody, by name."""
        used = func.max(sessions.c.used_at).label("used_at")
        known = select(people, used).outerjoin(sessions, sessions.c.person == people.c.name)
        with self._engine.connect() as connection:
            rows = connection.execute(known.group_by(people.c.name).order_by(people.c.name)).all()
        return tuple(Person(it.name, read(it.roles), it.created_at, it.used_at) for it in rows)

    def roles_of(self, connection: Connection, name: str) -> frozenset[Role] | None:
        """What that person is, if there is one."""
        kept = connection.execute(select(people.c.roles).where(people.c.name == name)).scalar_one_or_none()
        return None if kept is None else read(kept)

    def technicians(self, connection: Connection) -> int:
        """How many there are."""
        kept = connection.execute(select(people.c.roles)).scalars()
        return sum(Role.TECHNICIAN in read(it) for it in kept)

    def add(self, connection: Connection, name: str, password: str, roles: frozenset[Role], now: int) -> None:
        """Add a person."""
        made = {"name": name, "password": generate_password_hash(password), "roles": written(roles)}
        connection.execute(insert(people).values(**made, created_at=now))

    def set_password(self, connection: Connection, name: str, password: str) -> None:
        """Give a person a new password."""
        hashed = generate_password_hash(password)
        connection.execute(update(people).where(people.c.name == name).values(password=hashed))

    def set_roles(self, connection: Connection, name: str, roles: frozenset[Role]) -> None:
        """Let a person be just that."""
        connection.execute(update(people).where(people.c.name == name).values(roles=written(roles)))

    def remove(self, connection: Connection, name: str) -> None:
        """Remove a person, with their sessions and the codes that are for them or by them."""
        connection.execute(delete(people).where(people.c.name == name))
        connection.execute(delete(sessions).where(sessions.c.person == name))
        connection.execute(
            delete(setup_codes).where((setup_codes.c.person == name) | (setup_codes.c.made_by == name))
        )

    def knows(self, name: str, password: str) -> bool:
        """Whether that is the person's password; takes as long for an unknown name."""
        with self._engine.connect() as connection:
            hashed = connection.execute(select(people.c.password).where(people.c.name == name)).scalar_one_or_none()
        right = check_password_hash(hashed or _nobodys(), password)
        return right and hashed is not None

    # One-time codes

    def new_code(  # noqa: PLR0913 - a code has that many facts
        self,
        connection: Connection,
        *,
        roles: frozenset[Role],
        person: str,
        made_by: str,
        expires_at: int | None,
        now: int,
    ) -> str:
        """Make a one-time code: for a new person of these roles, or for `person` to set their password anew."""
        code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        kept = {"roles": written(roles), "person": person, "made_by": made_by, "expires_at": expires_at}
        connection.execute(insert(setup_codes).values(hash=_hash(code), created_at=now, **kept))
        return code

    def use_code(self, connection: Connection, code: str, now: int) -> Code | None:
        """What a code is good for, if it is one; it is void from now on."""
        mine = setup_codes.c.hash == _hash("-".join(code.strip().upper().split()))
        kept = connection.execute(delete(setup_codes).where(mine).returning(setup_codes)).one_or_none()
        return _code(kept) if kept and (kept.expires_at is None or kept.expires_at > now) else None

    def codes(self, now: int) -> tuple[Code, ...]:
        """The codes by people that can still be used, the oldest first."""
        alive = (setup_codes.c.made_by != "") & (setup_codes.c.expires_at > now)
        with self._engine.connect() as connection:
            rows = connection.execute(select(setup_codes).where(alive).order_by(setup_codes.c.created_at)).all()
        return tuple(_code(row) for row in rows)

    def void_codes_of_the_terminal(self, connection: Connection) -> None:
        """Let only the next code of the terminal be right."""
        connection.execute(delete(setup_codes).where(setup_codes.c.made_by == ""))

    def void_code(self, connection: Connection, key: str) -> bool:
        """Let a code by a person not be right any more; whether it was."""
        mine = (func.substr(setup_codes.c.hash, 1, _KEY) == key) & (setup_codes.c.made_by != "")
        return bool(connection.execute(delete(setup_codes).where(mine)).rowcount)

    # Sessions

    def begin_session(self, connection: Connection, person: str, now: int, *, device: str, address: str) -> str:
        """Begin a session and give the token that the browser holds; the database keeps only its hash."""
        token = secrets.token_urlsafe(32)
        connection.execute(delete(sessions).where(sessions.c.expires_at <= now))
        instants = {"created_at": now, "used_at": now, "expires_at": now + SESSION_LASTS}
        kept = {"token": _hash(token), "person": person, "device": device, "address": address}
        connection.execute(insert(sessions).values(**kept, **instants))
        return token

    def session(self, token: str, now: int) -> Session | None:
        """The session that it opens, if it still does."""
        mine = (sessions.c.token == _hash(token)) & (sessions.c.expires_at > now)
        known = select(sessions, people.c.roles).join(people, people.c.name == sessions.c.person).where(mine)
        with self._engine.connect() as connection:
            row = connection.execute(known).one_or_none()
        return _session(row) if row else None

    def is_due(self, session: Session, now: int) -> bool:
        """Whether its last use is to be kept again."""
        return abs(now - session.used_at) >= _USED_WITHIN

    def note_use(self, connection: Connection, session: Session, now: int) -> None:
        """Keep when it was used."""
        connection.execute(update(sessions).where(_is(session.key)).values(used_at=now))

    def sessions(self, now: int, person: str = "") -> tuple[Session, ...]:
        """Who is signed in with what, the last used first."""
        known = select(sessions, people.c.roles).join(people, people.c.name == sessions.c.person)
        alive = known.where(sessions.c.expires_at > now).order_by(sessions.c.used_at.desc(), sessions.c.token)
        with self._engine.connect() as connection:
            rows = connection.execute(alive.where(sessions.c.person == person) if person else alive).all()
        return tuple(_session(row) for row in rows)

    def was_here(self, person: str, address: str, now: int) -> bool:
        """Whether that person is signed in from that address."""
        mine = (sessions.c.person == person) & (sessions.c.address == address) & (sessions.c.expires_at > now)
        with self._engine.connect() as connection:
            return connection.execute(select(sessions.c.token).where(mine).limit(1)).first() is not None

    def end_session(self, connection: Connection, key: str) -> None:
        """End a session."""
        connection.execute(delete(sessions).where(_is(key)))

    def end_sessions(self, connection: Connection, person: str, *, but: str = "") -> None:
        """End all sessions of a person but one."""
        others = func.substr(sessions.c.token, 1, _KEY) != but
        connection.execute(delete(sessions).where((sessions.c.person == person) & others))


def _is(key: str) -> ColumnElement[bool]:
    return func.substr(sessions.c.token, 1, _KEY) == key


def _session(row: Row[Any]) -> Session:
    key = row.token[:_KEY]
    return Session(key, row.person, read(row.roles), row.device, row.address, row.created_at, row.used_at)


def _code(row: Row[Any]) -> Code:
    return Code(row.hash[:_KEY], read(row.roles), row.person, row.made_by, row.expires_at)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@cache
def _nobodys() -> str:
    return generate_password_hash(secrets.token_urlsafe(16))
