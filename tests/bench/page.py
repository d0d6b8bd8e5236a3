"""`python -m tests.bench.page`: the home page while a tape is on air: its size, its answers, and what is heard."""

import argparse
import gzip
import http.client
import os
import re
import socket
import statistics
import tempfile
import threading
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from attrs import frozen
from playwright.sync_api import Page, sync_playwright

from station.control.client import ask
from station.control.messages import Play, Stop
from tests.bench.studio import Figure, record_until, say
from tests.bench.table import Column, table
from tests.bench.weight import family, proportional, ticks
from tests.browsing import CHROMIUM, PASSWORD, RunningPage
from tests.rig.recorder import Recorder
from tests.rig.recording import PER_MS, Recording
from tests.rig.server import SoundServer
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms
from tests.running import CONFIG, RunningStation

PHONES = 30
A_SECOND = 20
_LENGTH = 120  # s of the tape that is on air
_ORDERS = 10
_TICKS = os.sysconf("SC_CLK_TCK")
_FILES = re.compile(r'(?:href|src)="([^"]+\.(?:css|js|svg)[^"]*)"')
# What a person sees, and when: told by the page itself, after it was painted.
_WATCH = """() => {
  window.seen = [];
  const note = () => {
    const shown = document.querySelector(".badge-air") ? document.querySelector(".badge-air").textContent : "";
    if (seen.length && seen[seen.length - 1][0] === shown) return;
    seen.push([shown, 0]);
    const it = seen[seen.length - 1];
    requestAnimationFrame(() => (it[1] = Date.now()));
  };
  new MutationObserver(note).observe(document.body, {childList: true, subtree: true, characterData: true});
  note();
}"""


@frozen
class Phone:
    """Somebody who is signed in at the page."""

    host: str
    port: int
    cookie: str

    def get(self, path: str) -> tuple[http.client.HTTPResponse, bytes]:
        """One answer, as a phone gets it that has just come."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        connection.request("GET", path, headers={"Cookie": self.cookie, "Accept-Encoding": "gzip"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, body

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Keep the home page open."""
        with socket.create_connection((self.host, self.port)) as link:
            request = f"GET /tinh-hinh/lien-tuc HTTP/1.1\r\nHost: x\r\nCookie: {self.cookie}\r\n\r\n"
            link.sendall(request.encode())
            assert b"event: picture" in link.recv(65_536) + link.recv(65_536)
            threading.Thread(target=_drain, args=(link,), daemon=True).start()
            yield


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.page", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for how long the page is asked (60)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, SoundServer(Path(place)) as server, Recorder(server) as recorder:
        os.environ.update(server.environment)
        with RunningStation(Path(place), CONFIG, "pulse:rig") as station:
            station.add_noise(_LENGTH * 1000)
            with RunningPage(station.start()) as page:
                phone = _signed_in(page)
                figures = [
                    *_sizes(phone),
                    *_under_load(station, page, phone, recorder, asked.seconds),
                    *_on_screen(station, page, phone, recorder),
                ]
    print(table([Column("Loa xã", {it.title: it for it in figures}, [])]))


def _signed_in(page: RunningPage) -> Phone:
    host, port = page.place
    connection = http.client.HTTPConnection(host, port)
    connection.request("GET", "/thiet-lap")
    first = connection.getresponse()
    token = re.search(r'name="csrf_token" value="([^"]+)"', first.read().decode())[1]  # type: ignore[index]
    form = {"csrf_token": token, "code": page.code, "name": "Lan", "password": PASSWORD}
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": str(first.headers["Set-Cookie"]).partition(";")[0],
    }
    connection.request("POST", "/thiet-lap", urllib.parse.urlencode(form), headers)
    answer = connection.getresponse()
    answer.read()
    return Phone(host, port, str(answer.headers["Set-Cookie"]).partition(";")[0])


def _sizes(phone: Phone) -> list[Figure]:
    response, body = phone.get("/")
    assert response.status == 200
    files = set(_FILES.findall(gzip.decompress(body).decode()))
    sent = {path: len(phone.get(path.replace("&amp;", "&"))[1]) for path in files}
    whole = len(body) + sum(sent.values())
    return [
        Figure("home page, HTML, compressed, KiB", len(body) / 1024),
        Figure("home page with its style, script and mark, KiB", whole / 1024),
        Figure("requests until it is shown, the first time", 1 + len(files), ".0f"),
        Figure("requests until it is shown, afterwards", 1, ".0f"),
    ]


def _under_load(
    station: RunningStation, page: RunningPage, phone: Phone, recorder: Recorder, seconds: int
) -> list[Figure]:
    """Twenty home pages a second and thirty that stay open, while a tape is on air."""
    for name, ahead in {"sau": 6, "nua": 8, "cuoi": 10}.items():
        station.schedule(name, ahead * 3600, 'play = "nen"')
    begins = station.schedule("ban", 20, 'play = "nen"')
    alone = _memory(page)
    wait_until_wall(begins + 2_000)
    programme = _programme(station, "ban")
    with ExitStack() as phones:
        for _ in range(PHONES):
            phones.enter_context(phone.watching())
        wait_until_wall(wall_ms() + 3_000)
        opened, resting = _memory(page), _busy(page, 10)
        say(f"{PHONES} pages are open")
        spent = _processor(page)
        begun = wall_ms()
        answers = sorted(_asked_steadily(phone, seconds))
        busy = 100 * (_processor(page) - spent) / ((wall_ms() - begun) / 1e3)
        loaded = _memory(page)
    station.aired("ban", timeout=_LENGTH + 30)
    heard = record_until(recorder, wall_ms() + 200).between(begins - 1_000, wall_ms())
    found = heard.find(programme.samples)
    return [
        Figure(f"answer at {A_SECOND} a second, median, ms", statistics.median(answers)),
        Figure("the same, 99th percentile, ms", answers[int(len(answers) * 0.99)]),
        Figure("the same, worst, ms", answers[-1]),
        Figure("memory of the page, alone, MiB", alone),
        Figure(f"memory with {PHONES} pages open, MiB", opened),
        Figure("memory with the load too, MiB", loaded),
        Figure(f"processor with {PHONES} pages open, % of a core", resting),
        Figure("processor with the load too, % of a core", busy),
        Figure("start of that broadcast late by, ms", found.start - begins),
        Figure("missing of what it was to sound like, ms", found.missing, ".2f"),
    ]


def _asked_steadily(phone: Phone, seconds: int) -> Iterator[float]:
    """How long each answer took, from the instant at which it was to be asked for."""
    begins = wall_ms() + 500

    def one(number: int) -> float:
        due = begins + number * 1000 / A_SECOND
        wait_until_wall(due)
        response, _ = phone.get("/")
        assert response.status == 200
        return wall_ms() - due

    with ThreadPoolExecutor(8) as pool:
        yield from pool.map(one, range(seconds * A_SECOND))


def _on_screen(station: RunningStation, page: RunningPage, phone: Phone, recorder: Recorder) -> list[Figure]:
    """How long after it is heard, and after it is silent, a person sees it."""
    late_air, late_silence = [], []
    name, _, value = phone.cookie.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        context = browser.new_context(viewport={"width": 360, "height": 740})
        context.add_cookies([{"name": name, "value": value, "url": page.address}])
        shown = context.new_page()
        shown.goto(page.address)
        shown.evaluate(_WATCH)
        for number in range(_ORDERS):
            say(f"on screen: {number + 1} of {_ORDERS}")
            ordered = wall_ms()
            assert ask(station.home / "run" / "station.sock", Play("nen", "bench"), 60).done
            seen_air = _seen(shown, "ĐANG PHÁT", ordered)
            wait_until_wall(wall_ms() + 1_500)
            stopped = wall_ms()
            assert ask(station.home / "run" / "station.sock", Stop("bench"), 60).done
            seen_silence = _seen(shown, "", stopped)
            heard = record_until(recorder, wall_ms() + 300).between(ordered, wall_ms())
            (sound,) = heard.intervals()
            late_air.append(seen_air - sound.start)
            late_silence.append(seen_silence - sound.end)
            wait_until(lambda: not any(it["on"] for it in station.status()["zones"]), 20)
        browser.close()
    return [
        Figure("first sample heard to “ĐANG PHÁT” on screen, median, ms", statistics.median(late_air)),
        Figure("of these, worst, ms", max(late_air)),
        Figure("silence to “Loa đang im” on screen, median, ms", statistics.median(late_silence)),
        Figure("of those, worst, ms", max(late_silence)),
    ]


def _seen(page: Page, what: str, since: float) -> float:
    """When that was on screen first after `since`."""
    found: list[float] = []

    def look() -> bool:
        found[:] = [at for shown, at in page.evaluate("seen") if at > since and shown == what]
        return bool(found)

    wait_until(look, 20)
    return found[0]


def _programme(station: RunningStation, schedule: str) -> Recording:
    (tape,) = (station.home / "tapes").glob(f"{schedule}-*.wav")
    return Recording(np.fromfile(tape, "<i2", offset=44)[500 * PER_MS : -500 * PER_MS], 0)


def _memory(page: RunningPage) -> float:
    return sum(map(proportional, family([page.pid])))


def _processor(page: RunningPage) -> float:
    return ticks(page.pid) / _TICKS


def _busy(page: RunningPage, seconds: int) -> float:
    spent = _processor(page)
    wait_until_wall(wall_ms() + seconds * 1000)
    return 100 * (_processor(page) - spent) / seconds


def _drain(link: socket.socket) -> None:
    try:
        while link.recv(65_536):
            pass
    except OSError:
        pass


if __name__ == "__main__":
    main()
