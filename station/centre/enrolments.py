"""Enrolling communes: each gets a token, of which only hashes are kept: one for nginx, one for the broker."""

import hashlib
import secrets
from base64 import b64encode
from pathlib import Path

from station.centre.broker_accounts import ensure_own_account, set_account
from station.centre.province_files import Commune, Province, read_province
from station.centre.published_tree import PublishedTree
from station.durable import write_whole
from station.rules.enrolment import Enrolment
from station.rules.trouble import Refused, Trouble

FILE = "htpasswd"

_TOKEN, _SALT = 32, 8  # bytes


def enrol(tree: PublishedTree, work: Path, code: str) -> Enrolment:
    """What a commune's station is to be given; what it was given before is void. Raises `Refused`."""
    province = read_province(work)
    _commune(province, code)
    if not province.trees:
        what = "Chưa có địa chỉ nào để các đài lấy chương trình."
        raise Refused(Trouble("province.toml, trees", what, "Chưa ghi danh.", "Thêm địa chỉ rồi làm lại."))
    root, content, token = tree.root(), tree.root_content(), secrets.token_urlsafe(_TOKEN)
    _keep_hash(work / FILE, code, token)
    set_account(work, code, token)
    ensure_own_account(work)
    return Enrolment(
        province=province.name,
        code=code,
        root=hashlib.sha256(content).hexdigest(),
        root_version=root.signed.version,
        trees=province.trees,
        reports=province.reports,
        token=token,
        backups=province.backups,
    )


def commune_name(work: Path, code: str) -> str:
    """What people call a commune. Raises `Refused`."""
    return _commune(read_province(work), code).name


def _commune(province: Province, code: str) -> Commune:
    if code not in province.communes:
        what = f"Trong province.toml không có xã nào mã “{code}”."
        raise Refused(Trouble("", what, "Chưa ghi danh.", f"Thêm mục [communes.{code}] rồi làm lại."))
    return province.communes[code]


def _keep_hash(file: Path, code: str, token: str) -> None:
    """Let `token` be the one of `code` from now on.

    nginx reads the file at each request. A token is random throughout, so that a quick hash hides it as well as a
    slow one would.
    """
    others = [it for it in _lines(file) if it.partition(":")[0] != code]
    salt = secrets.token_bytes(_SALT)
    hashed = b64encode(hashlib.sha1(token.encode() + salt, usedforsecurity=False).digest() + salt).decode()
    lines = sorted([*others, f"{code}:{{SSHA}}{hashed}"])
    write_whole(file, "".join(f"{it}\n" for it in lines).encode(), 0o644)  # nginx is somebody else


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []
