"""`station province enrol`: the line that a commune is given, and the token that nginx takes from then on."""

from pathlib import Path

import requests

from station.rules.enrolment import Enrolment, fingerprint, from_line
from tests.centre.office import Office
from tests.rig.province_server import ProvinceServer


def enrolled(office: Office, *more: str) -> Enrolment:
    return from_line(office.does("enrol", "24169", *more).stdout)


def test_a_line_says_whom_to_believe_and_where(office: Office) -> None:
    first = enrolled(office)
    assert (first.province, first.code, first.root_version) == ("Tỉnh Thử", "24169", 1)
    assert (first.trees, first.reports) == (("https://loa.example/",), "https://loa.example/bao-cao/")
    office.does("renew", "--root")
    told = office.does("enrol", "24169")
    second = from_line(told.stdout)
    assert (second.root_version, second.root == first.root, second.token == first.token) == (2, False, False)
    assert f"Xã Hương Sơn. Dấu vân tay để so qua điện thoại: {fingerprint(second.root)}" in told.stderr


def test_no_token_is_kept(office: Office) -> None:
    token = enrolled(office).token
    assert len(token) >= 43
    assert [it for it in office.work.rglob("*") if it.is_file() and token.encode() in it.read_bytes()] == []


def test_the_server_takes_the_last_token_and_no_other(office: Office, tmp_path: Path) -> None:
    old, other = enrolled(office), from_line(office.does("enrol", "24172").stdout)
    new = enrolled(office)
    with ProvinceServer(office.work, tmp_path / "nginx") as server, requests.Session() as link:
        link.trust_env, link.verify = False, str(server.authority)
        address = f"{server.reports}24169/2026-11-26.json"
        answers = [
            link.put(address, b"{}", auth=(it.code, it.token), timeout=10).status_code for it in (old, other, new)
        ]
    assert answers == [401, 403, 201]


def test_a_commune_that_is_not_there_or_a_province_without_address_is_refused(office: Office) -> None:
    assert "Trong province.toml không có xã nào mã “999”." in office.refuses("enrol", "999")
    file = office.work / "province.toml"
    file.write_text(file.read_text().replace('trees = ["https://loa.example/"]', "trees = []"))
    assert "Chưa có địa chỉ nào" in office.refuses("enrol", "24169")
    assert not (office.work / "htpasswd").exists()


def test_the_code_and_the_sheet_are_for_their_owner_alone(office: Office, tmp_path: Path) -> None:
    picture, page = tmp_path / "ma.svg", tmp_path / "to.html"
    line = office.does("enrol", "24169", "--qr", str(picture), "--sheet", str(page)).stdout.strip()
    assert picture.read_text().startswith("<svg")
    sheet = page.read_text()
    for shown in (line, picture.read_text(), "Xã Hương Sơn", fingerprint(from_line(line).root)):
        assert shown in sheet
    assert {oct(it.stat().st_mode & 0o777) for it in (picture, page)} == {"0o600"}
