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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import frozen
from playwright.sync_api import Page, sync_playwright

from station.control.client import ask
from station.control.messages import Play, Stop
from tests.bench.studio import Figure, record_until, say
from tests.bench.table import Column, table
from tests.bench.weight import family, proportional, ticks
from tests.browsing import CHROMIUM, RunningPage
from tests.rig.recorder import Recorder
from tests.rig.recording import PER_MS, Recording
from tests.rig.server import SoundServer
from tests.rig.tapes import SILENCE as LEAD
from tests.rig.tapes import read_tape
from tests.rig.waiting import wait_until, wait_until_wall, wall_ms
from tests.running import CONFIG, RunningStation

PHONES = 30
A_SECOND = 20
_ALONE = 20  # s of the tape for which nobody looks
_AROUND = 300  # ms around its place within which a second of the tape is looked for
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
            shown = b""
            while b"event: pulse" not in shown:
                shown += link.recv(65_536)
            assert b"event: picture" in shown
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
            station.add_noise((_ALONE + asked.seconds + 40) * 1000)
            with RunningPage(station.start()) as page:
                phone = Phone(*page.place, page.cookie())
                figures = [
                    *_sizes(phone),
                    *_under_load(station, page, phone, recorder, asked.seconds),
                    *_on_screen(station, page, phone, recorder),
                ]
    print(table([Column("Loa xã", {it.title: it for it in figures}, [])]))


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
    wait_until_wall(begins + _ALONE * 1000)
    programme = _programme(station, "ban")
    with ExitStack() as phones:
        for _ in range(PHONES):
            phones.enter_context(phone.watching())
        opened, resting = _memory(page), _busy(page, 10)
        say(f"{PHONES} pages are open")
        spent = _processor(page)
        begun = wall_ms()
        answers = sorted(_asked_steadily(phone, seconds))
        ended = wall_ms()
        busy = 100 * (_processor(page) - spent) / ((ended - begun) / 1e3)
        loaded = _memory(page)
    heard = record_until(recorder, ended).between(begins - 1_000, ended)
    before = [_whole(heard, programme, begins, it) for it in range(1, _ALONE)]
    under = [_whole(heard, programme, begins, it) for it in range(_ALONE, int((ended - begins) / 1000) - 1)]
    station.command("stop")
    return [
        Figure(f"answer at {A_SECOND} a second, median, ms", statistics.median(answers)),
        Figure("the same, 99th percentile, ms", answers[int(len(answers) * 0.99)]),
        Figure("the same, worst, ms", answers[-1]),
        Figure("memory of the page, alone, MiB", alone),
        Figure(f"memory with {PHONES} pages open, MiB", opened),
        Figure("memory with the load too, MiB", loaded),
        Figure(f"processor with {PHONES} pages open, % of a core", resting),
        Figure("processor with the load too, % of a core", busy),
        Figure("processor time of one answer, ms", 10 * (busy - resting) / A_SECOND),
        Figure(
            f"seconds of the tape not heard whole, of {len(before)} with nobody looking", before.count(False), ".0f"
        ),
        Figure(f"the same, of {len(under)} under that load", under.count(False), ".0f"),
        Figure("load average meanwhile, this measurement's own included", os.getloadavg()[0]),
    ]


def _whole(heard: Recording, programme: Recording, begins: float, second: int) -> bool:
    """Whether that second of a programme was heard sample by sample, wherever it was."""
    at = second * 1000
    place = begins + at
    wanted = programme.between(at, at + 1000).samples
    return heard.between(place - _AROUND, place + 1000 + _AROUND).find(wanted).missing == 0


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
        Figure(
            "first sound heard to “ĐANG PHÁT” on screen (a minus: it is there before), median, ms",
            statistics.median(late_air),
        ),
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
    return Recording(read_tape(tape)[LEAD * PER_MS : -LEAD * PER_MS], 0)


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
