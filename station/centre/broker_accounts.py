"""The broker's accounts: `broker-passwd`, as mosquitto reads it, with one account a commune and the province's own.

The province's own password lies in `keys/broker-password`, for the commands that speak to the broker.

A line is `NAME:$7$ITERATIONS$SALT$HASH`, PBKDF2 with SHA-512 as `mosquitto_passwd` of mosquitto 2.0 writes it. The
passwords are random tokens, which no number of iterations makes any safer.
"""

import hashlib
import secrets
from base64 import b64encode
from pathlib import Path

from station.durable import keep, unfinished, write_whole
from station.rules.trouble import Refused, Trouble

FILE = "broker-passwd"
PROVINCE = "@tinh"  # no commune can be called so
PASSWORD = "keys/broker-password"  # noqa: S105 - where it is

_ITERATIONS = 101
_SALT, _TOKEN = 12, 32  # bytes
_READABLE = 0o640


def set_account(work: Path, name: str, password: str) -> None:
    """Give an account that password in the folder `work`; on return the file survives a power cut."""
    path = work / FILE
    lines = path.read_text().splitlines() if path.exists() else []
    others = [it for it in lines if it.partition(":")[0] != name]
    write_whole(path, "\n".join([*others, f"{name}:{hashed(password)}", ""]).encode())
    path.chmod(_READABLE)


def ensure_own_account(work: Path) -> None:
    """Give the province's own account a password, if it has none yet."""
    place = work / PASSWORD
    if not place.exists():
        password = secrets.token_urlsafe(_TOKEN)
        set_account(work, PROVINCE, password)
        with unfinished(place.parent) as file:  # readable by its owner alone
            file.stream.write(password.encode())
            keep(file, place)


def own_password(work: Path) -> str:
    """The password of the province's own account. Raises `Refused` where it is not at hand."""
    try:
        return (work / PASSWORD).read_text().strip()
    except OSError as error:
        mend = "Chép tệp này từ máy văn phòng; chưa có ở đâu thì “station province enrol” tạo ra."
        raise Refused(Trouble(PASSWORD, f"Không đọc được mật khẩu ({error.strerror}).", mend=mend)) from None


def hashed(password: str) -> str:
    """A password as the file holds it."""
    salt = secrets.token_bytes(_SALT)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return f"$7${_ITERATIONS}${b64encode(salt).decode()}${b64encode(digest).decode()}"
