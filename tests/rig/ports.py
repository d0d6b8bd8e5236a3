"""Where servers of the tests are, and their ports."""

import socket

from attrs import frozen


@frozen
class Host:
    """An address, and what a command must begin with to run where that is."""

    address: str
    inside: tuple[str, ...] = ()


LOOPBACK = Host("127.0.0.1")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as link:
        link.bind(("127.0.0.1", 0))
        return int(link.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody does."""
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0
