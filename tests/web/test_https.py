"""HTTPS on the local network: the certificate, nginx before the page, and the page that explains both."""

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from attrs import frozen
from flask.testing import FlaskClient

from station.desk.certificate import check_certificate, make_certificate
from station.rules.now import DAY
from station.rules.trouble import Refused
from station.stores.certificate import is_local
from station.stores.home import Home, open_home, places
from tests.browsing import RunningPage
from tests.rig.ports import free_port, listens
from tests.rig.sites import NGINX, kept_in, site
from tests.rig.waiting import wait_until
from tests.running import RunningStation
from tests.web.states import SEEN


@pytest.fixture
def tls(home: Home) -> Path:
    make_certificate(home, ["truyenthanh.local", "127.0.0.1", "192.168.1.20"], by="Lan", now=SEEN)
    return home.places.tls


def show(file: Path, *what: str) -> str:
    command = ["openssl", "x509", "-in", file, "-noout", *what]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def verify(tls: Path, *name: str) -> bool:
    command = ["openssl", "verify", "-x509_strict", "-CAfile", tls / "authority.crt", *name, tls / "station.crt"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_the_certificate_is_for_its_names_and_phones_take_it(tls: Path):
    assert verify(tls, "-verify_hostname", "truyenthanh.local")
    assert verify(tls, "-verify_ip", "192.168.1.20")
    assert not verify(tls, "-verify_hostname", "khac.local")
    assert "CA:TRUE" in show(tls / "authority.crt", "-ext", "basicConstraints")
    assert "CA:FALSE" in show(tls / "station.crt", "-ext", "basicConstraints")
    assert "TLS Web Server Authentication" in show(tls / "station.crt", "-ext", "extendedKeyUsage")
    assert subprocess.run([*lasts(tls / "station.crt", 825)], check=False, capture_output=True).returncode == 1
    assert subprocess.run([*lasts(tls / "authority.crt", 3649)], check=False, capture_output=True).returncode == 0


def lasts(file: Path, days: int) -> list[str]:
    return ["openssl", "x509", "-in", str(file), "-noout", "-checkend", str(days * 86400)]


def test_keys_are_for_the_station_alone(tls: Path):
    assert {it.name: oct(it.stat().st_mode & 0o777) for it in tls.iterdir()} == {
        "authority.key": "0o600",
        "station.key": "0o600",
        "authority.crt": "0o644",
        "station.crt": "0o644",
    }


def test_signed_anew_it_is_trusted_by_who_trusted_it_before(home: Home, tls: Path):
    kept = {name: (tls / name).read_bytes() for name in ("authority.crt", "authority.key", "station.key")}
    before = (tls / "station.crt").read_bytes()
    made = make_certificate(home, ["192.168.1.99"], by="Lan", now=SEEN)
    assert made.names == ("192.168.1.99",)
    assert (tls / "station.crt").read_bytes() != before
    assert {name: (tls / name).read_bytes() for name in kept} == kept
    assert verify(tls, "-verify_ip", "192.168.1.99")


@pytest.mark.parametrize(
    "name", ["dai.example", "8.8.8.8", "a.local\nDNS.9 = b.example", "local", ".local", "a,b.local", "2001:db8::1"]
)
def test_it_vouches_for_nothing_outside(home: Home, name: str):
    assert not is_local(name)
    with pytest.raises(Refused, match="không phải là tên hay địa chỉ trong mạng nội bộ"):
        make_certificate(home, [name], by="Lan", now=SEEN)


def test_its_end_is_told_in_time(home: Home, tls: Path):
    assert tls
    ends_at = int(ssl.cert_time_to_seconds(show(tls / "station.crt", "-enddate").split("=")[1].strip())) * 1000
    assert check_certificate(home, ends_at - 61 * DAY) == ()
    (trouble,) = check_certificate(home, ends_at - 59 * DAY)
    assert "hết hạn ngày" in trouble.what


def test_a_machine_without_openssl_says_so(home: Home, monkeypatch):
    monkeypatch.setenv("PATH", "/khong-co")
    with pytest.raises(Refused, match="Cài gói openssl"):
        make_certificate(home, [], by="Lan", now=SEEN)


def test_the_page_explains_and_hands_out_what_to_trust(home: Home, stranger: FlaskClient):
    assert "Đài chưa bật HTTPS" in stranger.get("/chung-chi/").text
    assert stranger.get("/chung-chi/loa-xa.crt").status_code == 404
    made = make_certificate(home, ["truyenthanh.local"], by="Lan", now=SEEN)
    page = stranger.get("/chung-chi/").text
    for shown in (made.fingerprint.replace(":", " "), "https://truyenthanh.local/", "Android", "iPhone", "Windows"):
        assert shown in page
    answer = stranger.get("/chung-chi/loa-xa.crt")
    assert answer.mimetype == "application/x-x509-ca-cert"
    told = show_bytes(answer.data)
    assert made.fingerprint in told
    assert "PRIVATE" not in answer.text


def show_bytes(content: bytes) -> str:
    command = ["openssl", "x509", "-noout", "-fingerprint", "-sha256"]
    return subprocess.run(command, check=True, capture_output=True, input=content).stdout.decode()


# nginx before the page


@frozen
class Secure:
    """The page behind nginx: its addresses, and what vouches for it."""

    page: RunningPage
    http: str
    https: str
    authority: Path


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    """The page behind Debian's nginx, with the site that the repository has."""
    if not NGINX:
        pytest.skip("nginx is not installed")
    station = RunningStation(tmp_path, device="none")
    assert station.command("certificate", "127.0.0.1", "localhost.local").returncode == 0
    with RunningPage(station) as page:
        plain, tls = free_port(), free_port()
        put_right = {
            "/var/lib/station/": f"{station.home}/",
            "127.0.0.1:8080": f"127.0.0.1:{page.place[1]}",
            "listen 80;": f"listen 127.0.0.1:{plain};",
            "listen 443": f"listen 127.0.0.1:{tls}",
        }
        log = tmp_path / "nginx.log"
        served = f"access_log off; {kept_in(tmp_path)} {site('nginx.conf', put_right)}"
        whole = f"pid {tmp_path}/pid; error_log {log}; events {{}} http {{ {served} }}"
        (tmp_path / "nginx.conf").write_text(whole)
        command = [NGINX, "-e", log, "-c", tmp_path / "nginx.conf", "-g", "daemon off;"]
        server = subprocess.Popen(command)
        try:
            wait_until(lambda: listens(plain))
            authority = station.home / "tls" / "authority.crt"
            yield Secure(page, f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}", authority)
        finally:
            server.terminate()
            server.wait(10)


def become(browser: requests.Session, address: str, code: str, **headers: str) -> requests.Response:
    ticket = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(f"{address}/thiet-lap", timeout=30).text)[
        1
    ]
    fields = {"csrf_token": ticket, "code": code, "name": "Lan", "password": "mat khau dai"}
    more = {"Referer": f"{address}/thiet-lap", **headers}
    return browser.post(f"{address}/thiet-lap", fields, headers=more, allow_redirects=False, timeout=30)


def test_by_https_cookies_are_secure_and_nobody_lies_about_where_they_are(secure: Secure, tmp_path: Path):
    address = secure.https
    with requests.Session() as browser:
        browser.trust_env, browser.verify = False, str(secure.authority)
        answer = become(
            browser, address, secure.page.code, **{"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http"}
        )
        assert answer.status_code == 302, answer.text
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-phien=")
        assert "Secure" in cookie
        assert {it.secure for it in browser.cookies} == {True}
        assert browser.get(f"{address}/", timeout=30).url == f"{address}/"
    with open_home(places(tmp_path / "home")).engine.connect() as connection:
        origins = set(connection.exec_driver_sql("SELECT origin FROM audit WHERE who = 'Lan'").scalars())
    assert origins == {"127.0.0.1"}


def test_by_http_behind_nginx_one_signs_in_too(secure: Secure):
    address = secure.http
    with requests.Session() as browser:
        answer = become(browser, address, secure.page.code)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Set-Cookie"].startswith("phien=")
        assert "Secure" not in answer.headers["Set-Cookie"]
        assert browser.get(f"{address}/he-thong/", timeout=30).status_code == 200


def test_a_stranger_s_upload_is_refused_through_nginx_too(secure: Secure, tmp_path: Path):
    host, port = secure.http.removeprefix("http://").split(":")
    for address, status in (("/thu-vien/them", b"303"), ("/tai-len/", b"413"), ("/dang-nhap", b"413")):
        with socket.create_connection((host, int(port)), timeout=15) as phone:
            head = f"POST {address} HTTP/1.1\r\nHost: x\r\nContent-Length: 500000000\r\n\r\n"
            phone.sendall(head.encode() + bytes(100_000))
            assert phone.recv(65536).startswith(b"HTTP/1.1 " + status)
    assert not list((tmp_path / "client_body").rglob("*.*")), "and nothing of it was kept"


def test_a_whole_file_of_who_is_signed_in_goes_through(secure: Secure, tmp_path: Path):
    address = secure.http
    with requests.Session() as browser:
        become(browser, address, secure.page.code)
        form = browser.get(f"{address}/thu-vien/them", timeout=30).text
        ticket = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
        fields, files = {"csrf_token": ticket, "kind": "news"}, {"file": ("tin.mp3", bytes(3_000_000))}
        answer = browser.post(f"{address}/thu-vien/them", fields, files=files, allow_redirects=False, timeout=60)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/thu-vien/")
    (segment,) = open_home(places(tmp_path / "home")).library.segments()
    assert segment.author == "Lan"


def test_when_the_page_is_down_nginx_says_what_still_works(secure: Secure):
    secure.page.__exit__()
    answer = requests.get(secure.http, timeout=30)
    answer.encoding = "utf-8"
    assert answer.status_code == 503
    assert "Máy phát vẫn chạy theo lịch" in answer.text
