"""Pictures of each page from the running program: `python -m tests.screenshots FOLDER` makes the README's.

Those of the handbook are made by `tests/handbook_pictures.py`.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import evolve
from playwright.sync_api import Browser, Page, sync_playwright

from station.alerts.inbox import Inbox
from station.clock import Clock
from station.rules.alerting.alert import Alert, MessageType, Severity, Status
from station.rules.enrolment import Enrolment, to_line
from station.stores.home import open_home, places
from tests.alerts.province import Office
from tests.browsing import CHROMIUM, RunningPage
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wait_until
from tests.running import RunningStation, speech

_NEWS = """
title = "Thời sự tỉnh"
[[air]]
days = "daily"
at = "17:45"
[[rundown]]
play = "thoi-su"
"""

_PAGES = {
    "hom-nay": "/",
    "thu-vien": "/thu-vien/",
    "them": "/thu-vien/them",
    "soan": "/thu-vien/soan",
    "muc": "/thu-vien/giu-gin-ve-sinh-chung",
    "sua": "/thu-vien/giu-gin-ve-sinh-chung/sua",
    "mau": "/chuong-trinh/",
    "chuong-trinh": "/chuong-trinh/ban-tin-hang-ngay",
    "lich": "/lich/",
    "lich-thang": "/lich/?thang=",
    "cac-lich": "/cac-lich",
    "sua-lich": "/lich/phat-thu/sua",
    "dien-tap": "/lich/dien-tap",
    "nhat-ky": "/nhat-ky",
    "bao-cao": "/nhat-ky/bao-cao",
    "he-thong": "/he-thong/",
    "tinh": "/he-thong/tinh/",
    "nguoi-dung": "/he-thong/nguoi-dung",
    "phat-ngay": "/phat-ngay/nhac-hieu",
    "so-tay": "/so-tay/",
    "so-tay-khan-cap": "/so-tay/khan-cap",
    "dung-phat": "/dung-phat",
    "khan-cap": "/khan-cap",
    "truc-tiep": "/truc-tiep/",
}
_ALERTED = {"canh-bao": "/canh-bao/", "hom-nay-canh-bao": "/"}
SIZES = {"360": (360, 740), "1280": (1280, 800)}


def take(folder: Path) -> None:
    """Make a practice station, put something on air, and photograph each page at both sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as place,
        practice_station(Path(place)) as station,
        RunningPage(station) as page,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(**CHROMIUM)
        cookies = sign_in(browser, page)
        wait_until(station.on_air, 60)
        draft = speech(Path(place) / "nhap.mp3", "Đề nghị bà con giữ gìn vệ sinh chung.")
        assert station.command("add", str(draft), "--title", "Giữ gìn vệ sinh chung").returncode == 0
        _at_all_sizes(browser, cookies, page.address, folder, _PAGES)
        take_alerts(station)
        _at_all_sizes(browser, cookies, page.address, folder, _ALERTED)
        browser.close()


def _at_all_sizes(browser: Browser, cookies: Any, address: str, folder: Path, pages: Mapping[str, str]) -> None:
    for size, (width, height) in SIZES.items():
        for scheme in ("light", "dark") if size == "360" else ("light",):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                storage_state=cookies,
                locale="vi-VN",
            )
            suffix = f"{size}{'-toi' if scheme == 'dark' else ''}"
            _photograph(context.new_page(), address, pages, folder, suffix)


@contextmanager
def practice_station(place: Path, more: Callable[[str], str] = str) -> Iterator[RunningStation]:
    """A practice station of a province that has something to say, on air; `more` makes another of its file."""
    with RunningStation(place) as station:
        (station.home / "station.toml").unlink()
        subprocess.run([sys.executable, "-m", "station", "practice", station.home], check=True, capture_output=True)
        with _province(place) as enrolment:
            assert station.command("enrol", "-", given=to_line(enrolment)).returncode == 0
            assert station.command("sync").returncode == 0
        config = station.home / "station.toml"
        config.write_text(more(config.read_text()))
        yield station.start()


@contextmanager
def _province(place: Path) -> Iterator[Enrolment]:
    """A province that has something to say."""
    office = Office(place / "province")
    tree = office.tree
    for name, title in {
        "thoi-su": "Thời sự tỉnh",
        "mua-lu": "Phòng chống mưa lũ",
        "tiem-phong": "Lịch tiêm",
    }.items():
        tree.offer(f"tinh/{name}.txt", f"{title}. Mời bà con theo dõi.".encode(), title=title)
    tree.offer("tinh/thoi-su-tinh.toml", _NEWS.encode())
    tree.publish()
    for number, alert in enumerate(_alerts(office)):
        (place / f"tin-{number}.json").write_bytes(office.seal(alert))
    with ProvinceServer(tree.folder.parent, place / "nginx") as server:
        yield evolve(tree.enrolment(server.plain_tree), province="Tỉnh Hà Tĩnh")


def _alerts(office: Office) -> Iterator[Alert]:
    """What the province has to warn of, later."""
    gone = office.message(headline="Thủy điện xả lũ lúc 18 giờ", severity=Severity.MODERATE)
    yield office.message(headline="Thử đường truyền hằng ngày", status=Status.TEST)
    yield gone
    yield office.after(MessageType.CANCEL, gone, headline="Hoãn xả lũ", severity=Severity.MODERATE)
    yield office.message(headline="Mưa to trong đêm, đề phòng lũ ống", severity=Severity.MODERATE)


def take_alerts(station: RunningStation) -> None:
    """Have the station take what its province warns of."""
    inbox = Inbox(open_home(places(station.home)), Clock(always_trusted=True))
    for envelope in sorted(station.home.parent.glob("tin-*.json")):
        inbox.take(envelope.read_bytes(), "push")
    inbox.close()


def sign_in(browser: Browser, page: RunningPage) -> dict[str, object]:
    """Set up the first person; gives what their browser keeps."""
    context = browser.new_context()
    page.set_up(context.new_page())
    return dict(context.storage_state())


def _photograph(page: Page, address: str, pages: Mapping[str, str], folder: Path, suffix: str) -> None:
    for name, path in pages.items():
        page.goto(address + path)
        page.screenshot(path=folder / f"{name}-{suffix}.png", full_page=False)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
