"""Pairing with the satellites of the commune."""

from station.desk.permits import permit
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores.audit import write_audit
from station.stores.home import Home
from station.stores.satellites import is_secret, keep_shared_secret


def pair(home: Home, pi: str, secret: str, *, by: str, now: int) -> None:
    """Share that secret, as the satellite prints it, with the satellite `pi`. Raises `Refused`."""
    permit(Deed.MACHINE)
    if not any(zone.pi == pi for zone in home.config().config.zones.values()):
        what, mend = f"Không có cụm loa nào ở máy “{pi}”.", f'Viết pi = "{pi}" ở cụm loa trong station.toml trước.'
        raise Refused(Trouble("", what, mend=mend))
    if not is_secret(secret.strip()):
        mend = "Chạy “station satellite secret” trên máy vệ tinh, rồi chép cả dòng."
        raise Refused(Trouble("", "Đó không phải là khóa của máy vệ tinh.", mend=mend))
    with home.engine.begin() as connection:
        keep_shared_secret(home.places.satellites, pi, bytes.fromhex(secret.strip()))
        write_audit(connection, now, by, "ghép máy vệ tinh", pi)
