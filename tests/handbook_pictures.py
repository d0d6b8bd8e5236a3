"""The handbook's pictures, from the running program: `python -m tests.handbook_pictures` makes them all anew.

The station is a practice station that was told to be a real one, with a sound server of ours for its loudspeaker.
"""

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from station.clock import Clock
from station.desk.replay import share_replays
from station.desk.segments import add_segment, look_again
from station.rules.header import RELAYS
from station.rules.offer import Offer
from station.rules.rundown import Kind
from station.stores import offered_release
from station.stores.home import Home, open_home, places
from tests.browsing import CHROMIUM, RunningPage
from tests.rig.server import SoundServer
from tests.rig.waiting import wait_until
from tests.running import RunningStation, speech
from tests.screenshots import practice_station, sign_in, take_alerts
from tests.updates.releases import release, sha256
from web.handbook import FOLDER

_PICTURES = FOLDER / "hinh"
_PHONE = ViewportSize(width=360, height=640)
_SHARP = 2  # a phone's pixels for one of the page's
_COLOURS = 48  # the page has few; fewer make the file small
_ARGUMENTS = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--lang=vi"]
_AUTHOR = "Trần Văn Hùng"
_MORE = """
[public]
page = true

[streams.vov1]
title   = "VOV1"
address = "https://dai.example/vov1"

[microphones.phong-thu]
title  = "Micro phòng thu"
device = "pulse"
"""

Prepare = Callable[[Page], object]


def _as_it_comes(_: Page) -> None:
    """Nothing to do."""


def _at(text: str) -> Prepare:
    """Have the card on top whose heading is that."""

    def scroll(page: Page) -> None:
        page.get_by_role("heading", name=text, exact=True).evaluate(
            "it => { it.closest('section').scrollIntoView(); window.scrollBy(0, -16) }"
        )

    return scroll


def _middle(text: str) -> Prepare:
    """Have that heading in the middle, where its card is longer than the picture."""

    def scroll(page: Page) -> None:
        heading = page.get_by_role("heading", name=text, exact=True)
        heading.evaluate("it => it.scrollIntoView({ block: 'center' })")

    return scroll


def _today(page: Page) -> None:
    page.locator("#hom-nay").evaluate("it => { it.scrollIntoView(); window.scrollBy(0, -16) }")


def _when_it_can_be_pressed(page: Page) -> None:
    expect(page.locator("main").get_by_role("button", name="Dừng phát")).to_be_enabled()


def _record(page: Page) -> None:
    page.get_by_role("button", name="Ghi âm bằng máy này").click()
    expect(page.locator("[data-elapsed]")).to_have_text("00:03")
    page.locator("#recorder").evaluate("it => { it.scrollIntoView(); window.scrollBy(0, -200) }")


def _zones(page: Page) -> None:
    page.locator(".zones-kept").evaluate(
        "it => { it.closest('section').scrollIntoView(); window.scrollBy(0, -16) }"
    )


_WHILE_ON_AIR: Mapping[str, tuple[str, Prepare]] = {
    "hom-nay": ("/", _as_it_comes),
    "dung-phat": ("/dung-phat", _when_it_can_be_pressed),
}
_ONCE_AIRED: Mapping[str, tuple[str, Prepare]] = {
    "tai-len": ("/thu-vien/them", _as_it_comes),
    "ghi-am": ("/thu-vien/them", _record),
    "go-chu": ("/thu-vien/soan", _as_it_comes),
    "nghe-sua-cat": ("/thu-vien/giu-gin-ve-sinh-chung/sua", _as_it_comes),
    "duyet": ("/thu-vien/", _as_it_comes),
    "soan-theo-mau": ("/chuong-trinh/ban-tin-hang-ngay", _as_it_comes),
    "lich-phat": ("/lich/", _today),
    "sua-lich": ("/lich/phat-thu/sua", _as_it_comes),
    "phat-ngay": ("/phat-ngay/lich-tiem-phong-cho-tre-em", _as_it_comes),
    "khan-cap": ("/khan-cap", _as_it_comes),
    "truc-tiep": ("/truc-tiep/", _as_it_comes),
    "tiep-am": ("/he-thong/cai-dat/tiep-song/vov1", _as_it_comes),
    "cai-dat": ("/he-thong/cai-dat/dai", _as_it_comes),
    "cum-loa": ("/he-thong/cai-dat/cum-loa/thon-bac", _as_it_comes),
    "dong-ho": ("/he-thong/dong-ho/", _as_it_comes),
    "den-va-loi": ("/", _at("Máy")),
    "sao-luu": ("/he-thong/", _middle("Mỗi đêm, vào USB")),
    "cap-nhat": ("/he-thong/", _at("Cập nhật")),
    "nguoi-dung": ("/he-thong/nguoi-dung", _at("Mời người mới")),
    "https": ("/chung-chi/", _as_it_comes),
    "tinh": ("/he-thong/tinh/", _as_it_comes),
    "nhat-ky": ("/nhat-ky", _as_it_comes),
    "nghe-lai": ("/nghe-lai/", _as_it_comes),
}
_ALERTED: Mapping[str, tuple[str, Prepare]] = {"tin-khan-tinh": ("/canh-bao/", _as_it_comes)}
_WIRED: Mapping[str, tuple[str, Prepare]] = {"lan-dau": ("/he-thong/thiet-lap/cum-loa", _zones)}
_PRACTISING: Mapping[str, tuple[str, Prepare]] = {"tap-duot": ("/", _at("Ngày đầu tiên của bạn"))}


def make() -> None:
    """Make a station, live through its first programme, and photograph what each page of the handbook is about."""
    with (
        tempfile.TemporaryDirectory() as folder,
        SoundServer(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        os.environ |= server.environment | {"LANGUAGE": "vi"}  # of the browser's own words
        browser = playwright.chromium.launch(**{**CHROMIUM, "args": [*CHROMIUM["args"], *_ARGUMENTS]})
        with practice_station(Path(folder), _as_a_real_one) as station:
            with RunningPage(station) as page:
                cookies = _photograph_a_day(browser, station, page)
            _make_it_practice(station)
            with RunningPage(station) as page:
                _photograph(_phone(browser, cookies), page, _PRACTISING)
        browser.close()


def _as_a_real_one(config: str) -> str:
    return config.replace("practice      = true", "practice      = false") + _MORE


def _make_it_practice(station: RunningStation) -> None:
    station.terminate()
    config = station.home / "station.toml"
    config.write_text(config.read_text().replace("practice      = false", "practice      = true"))
    station.start()


def _photograph_a_day(browser: Browser, station: RunningStation, page: RunningPage) -> dict[str, object]:
    """All that a real station shows; gives what the browser of its first person keeps."""
    _photograph(_phone(browser), page, {"ngay-dau": ("/", _as_it_comes)})
    cookies = sign_in(browser, page)
    phone = _phone(browser, cookies)
    assert station.command("certificate", "loa-xa.local").returncode == 0
    home = open_home(places(station.home))
    with speech(station.home.parent / "nhap.mp3", "Đề nghị bà con giữ gìn vệ sinh chung.").open("rb") as draft:
        add_segment(home, draft, title="Giữ gìn vệ sinh chung", kind=Kind.NEWS, by=_AUTHOR, now=_now())
    look_again(home)
    offer_release(home, _now())
    wait_until(station.on_air, 60)
    _photograph(phone, page, _WHILE_ON_AIR)
    station.aired("phat-thu", timeout=180)
    share_replays(home, _now())
    _photograph(phone, page, _ONCE_AIRED)
    take_alerts(station)
    _photograph(phone, page, _ALERTED)
    _wire(station)
    _photograph(phone, page, _WIRED)
    return cookies


def _wire(station: RunningStation) -> None:
    """Give each zone its pin, in the file alone: the player goes on without."""
    config = station.home / "station.toml"
    written = config.read_text()
    for title, pin in zip(("Thôn Bắc", "Thôn Đông", "Chợ"), RELAYS, strict=False):
        written = written.replace(f'"{title}"', f'"{title}"\npin     = {pin}')
    config.write_text(written)


def offer_release(home: Home, now: int) -> None:
    """A newer release that the province offers, as if it had come."""
    content = release("0.9.0", ballast=100)
    part = home.places.home / "part"
    part.write_bytes(content)
    offer = Offer("tinh/loa-xa.tar", len(content), sha256(content), now, "Loa xã 0.9.0", version="0.9.0")
    offered_release.write(home.places.release, offer, part)


def _phone(browser: Browser, cookies: Any = None) -> Page:
    context = browser.new_context(
        viewport=_PHONE, device_scale_factor=_SHARP, reduced_motion="reduce", storage_state=cookies
    )
    return context.new_page()


def _now() -> int:
    return Clock().now().wall


def _photograph(phone: Page, page: RunningPage, wanted: Mapping[str, tuple[str, Prepare]]) -> None:
    for name, (path, prepare) in wanted.items():
        phone.goto(page.address + path)
        prepare(phone)
        _keep_small(phone.screenshot(), _PICTURES / f"{name}.png")


def _keep_small(picture: bytes, file: Path) -> None:
    """Write a picture in the few colours that it needs."""
    few = f"split[a][b];[a]palettegen=max_colors={_COLOURS}:reserve_transparent=0[p];[b][p]paletteuse=dither=none"
    command = ["ffmpeg", "-loglevel", "error", "-y", "-i", "-", "-vf", few, "-pred", "none", str(file)]
    subprocess.run(command, input=picture, check=True)


if __name__ == "__main__":
    make()
