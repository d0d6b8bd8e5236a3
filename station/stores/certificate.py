"""The certificate for HTTPS on the local network, made by openssl: the station's own authority, and what it signs.

Phones trust the authority once, for ten years; it can vouch for nothing but `.local` names and private addresses.
What nginx shows is signed anew when names change or before it ends: some phones take none of more than 825 days.
"""

import secrets
import ssl
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_address, ip_network
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from station.durable import write_whole

AUTHORITY, CERTIFICATE, KEY = "authority.crt", "station.crt", "station.key"
_AUTHORITY_KEY = "authority.key"
_AUTHORITY_DAYS, _DAYS = 3650, 825
_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
)
_NO_NAME = "/CN=Loa xa"  # what looks like a host name here would have to be one that the authority may vouch for
_KEY_KIND = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")

_CONFIG = """\
[req]
distinguished_name = name
prompt = no
utf8 = yes
string_mask = utf8only
[name]
CN = {title}
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
nameConstraints = critical, @permitted
[permitted]
permitted;DNS.0 = local
{networks}
[certificate]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = @names
[names]
{names}
"""


class NotMade(Exception):  # noqa: N818 - it becomes a sentence that a person reads
    """What openssl says when it cannot."""


@frozen
class Certificate:
    """What nginx shows: for these names, until wall ms `ends_at`, by the authority of this fingerprint."""

    names: tuple[str, ...]
    ends_at: int
    fingerprint: str


def is_local(name: str) -> bool:
    """Whether it is a name or an address that only the local network has."""
    try:
        address = ip_address(name)
    except ValueError:
        labels = name.removesuffix(".local").split(".")
        plain = all(it and it.isascii() and it.replace("-", "").isalnum() for it in labels)
        return name.endswith(".local") and plain
    return any(address in network for network in map(ip_network, _NETWORKS))


def make_certificate(folder: Path, title: str, names: Sequence[str]) -> None:
    """Sign a certificate for these local names, by the authority that is there or else a new one."""
    folder.mkdir(mode=0o755, exist_ok=True)
    with TemporaryDirectory(dir=folder) as place:
        config = Path(place) / "openssl.cnf"
        config.write_text(_config(title, names), encoding="utf-8")
        if not (folder / AUTHORITY).exists():
            _make_key(folder / _AUTHORITY_KEY)
            of_itself = ("req", "-x509", "-new", "-extensions", "authority", "-days", str(_AUTHORITY_DAYS))
            made = _openssl(*of_itself, "-config", str(config), "-key", str(folder / _AUTHORITY_KEY))
            _write(folder / AUTHORITY, made)
        if not (folder / KEY).exists():
            _make_key(folder / KEY)  # once: key and certificate fit each other at every instant
        request = Path(place) / "request"
        request.write_bytes(
            _openssl("req", "-new", "-config", str(config), "-subj", _NO_NAME, "-key", str(folder / KEY))
        )
        signed = _openssl(
            *("x509", "-req", "-in", str(request), "-days", str(_DAYS)),
            *("-CA", str(folder / AUTHORITY), "-CAkey", str(folder / _AUTHORITY_KEY)),
            *("-set_serial", str(secrets.randbits(120))),
            *("-extfile", str(config), "-extensions", "certificate"),
        )
        _write(folder / CERTIFICATE, signed + (folder / AUTHORITY).read_bytes())


def read_certificate(folder: Path) -> Certificate | None:
    """The certificate that is there, if one is."""
    try:
        return _read(folder, (folder / CERTIFICATE).stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@lru_cache(maxsize=1)
def _read(folder: Path, _: int) -> Certificate:
    told = _openssl(
        "x509", "-in", str(folder / CERTIFICATE), "-noout", "-enddate", "-ext", "subjectAltName"
    ).decode()
    lines = {line.split("=")[0]: line for line in told.splitlines()}
    ends_at = ssl.cert_time_to_seconds(lines["notAfter"].removeprefix("notAfter=")) * 1000
    names = tuple(it.partition(":")[2] for it in told.splitlines()[-1].strip().split(", "))
    shown = sha256(ssl.PEM_cert_to_DER_cert((folder / AUTHORITY).read_text())).hexdigest().upper()
    return Certificate(names, ends_at, ":".join(shown[at : at + 2] for at in range(0, len(shown), 2)))


def _config(title: str, names: Sequence[str]) -> str:
    networks = [
        f"permitted;IP.{number} = {it.network_address}/{it.netmask}"
        for number, it in enumerate(map(ip_network, _NETWORKS))
    ]
    named = [f"{_kind(name)}.{number} = {name}" for number, name in enumerate(names)]
    safe = "".join(it for it in title if it.isalnum() or it in " -–,.")[:60]
    return _CONFIG.format(title=safe or "Loa xã", networks="\n".join(networks), names="\n".join(named))


def _kind(name: str) -> str:
    try:
        ip_address(name)
    except ValueError:
        return "DNS"
    return "IP"


def _make_key(path: Path) -> None:
    _write(path, _openssl("genpkey", *_KEY_KIND), mode=0o600)


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    write_whole(path, content, mode)


def _openssl(*arguments: str) -> bytes:
    try:
        return subprocess.run(["openssl", *arguments], capture_output=True, check=True, timeout=60).stdout
    except subprocess.CalledProcessError as error:
        raise NotMade(error.stderr.decode(errors="replace").strip()) from error
    except subprocess.TimeoutExpired as error:
        raise NotMade(str(error)) from error
