"""Who asks: the page says it for each of its requests. What else acts holds the machine and may do all."""

from contextvars import ContextVar, Token

from attrs import frozen

from station.rules.roles import EVERY_ROLE, Role


@frozen
class Asker:
    """What somebody may do, and from where they ask."""

    roles: frozenset[Role]
    origin: str


THE_MACHINE = Asker(EVERY_ROLE, "máy")  # its terminal, its buttons, the player

_asker = ContextVar("asker", default=THE_MACHINE)


def asker() -> Asker:
    """Who asks for what is being done."""
    return _asker.get()


def let_ask(somebody: Asker) -> Token[Asker]:
    """Let what this thread does from now on be asked for by `somebody`, until `end_asking`."""
    return _asker.set(somebody)


def end_asking(began: Token[Asker]) -> None:
    """Go back to who asked before."""
    _asker.reset(began)
