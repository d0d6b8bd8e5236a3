"""The station's certificate for HTTPS on the local network."""

import socket
from collections.abc import Sequence

from station.desk.permits import permit
from station.rules.hours import local
from station.rules.now import DAY
from station.rules.roles import Deed
from station.rules.trouble import Refused, Trouble
from station.stores import certificate as kept
from station.stores.addresses import own_address
from station.stores.audit import write_audit
from station.stores.certificate import Certificate
from station.stores.home import Home

USUAL_NAME = "truyenthanh.local"
_SOON = 60 * DAY


def make_certificate(home: Home, names: Sequence[str], *, by: str, now: int) -> Certificate:
    """Sign a certificate for these names, or for those that the machine has. Raises `Refused`."""
    permit(Deed.MACHINE)
    wanted = tuple(dict.fromkeys(name.lower() for name in names)) or _own_names()
    for name in wanted:
        if not kept.is_local(name):
            what = f"“{name}” không phải là tên hay địa chỉ trong mạng nội bộ nên chưa làm chứng chỉ."
            raise Refused(Trouble("", what, mend="Dùng tên tận cùng là .local, hoặc địa chỉ như 192.168.1.20."))
    try:
        kept.make_certificate(home.places.tls, home.config().config.name, wanted)
    except (OSError, kept.NotMade) as error:
        what = f"Chưa làm được chứng chỉ ({error})."
        raise Refused(Trouble("", what, "Trang vẫn mở được bằng HTTP.", "Cài gói openssl rồi làm lại.")) from None
    with home.engine.begin() as connection:
        write_audit(connection, now, by, "làm chứng chỉ HTTPS", " ".join(wanted))
    made = certificate(home)
    assert made  # noqa: S101 - it was written just now
    return made


def certificate(home: Home) -> Certificate | None:
    """The certificate that is there, if one is."""
    return kept.read_certificate(home.places.tls)


def check_certificate(home: Home, now: int) -> tuple[Trouble, ...]:
    """What is wrong with the certificate, if there is one."""
    known = certificate(home)
    if known is None or known.ends_at - now > _SOON:
        return ()
    day = f"{local(known.ends_at, home.config().config.time_zone):%d/%m/%Y}"
    what = f"Chứng chỉ HTTPS hết hạn ngày {day}."
    still = "Điện thoại đã tin đài không phải cài lại gì."
    return (Trouble("Chứng chỉ", what, still, "Chạy “station certificate” trên máy rồi nạp lại nginx."),)


def authority(home: Home) -> bytes:
    """What phones are to trust."""
    return (home.places.tls / kept.AUTHORITY).read_bytes()


def _own_names() -> tuple[str, ...]:
    host = f"{socket.gethostname().partition('.')[0].lower()}.local"
    found = (USUAL_NAME, host, own_address() or "")
    return tuple(dict.fromkeys(name for name in found if kept.is_local(name)))
