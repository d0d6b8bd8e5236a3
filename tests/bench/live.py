"""`python -m tests.bench.live`: what following a province's stations costs at the centre.

The last words of all stations lie retained at a real broker, as they do after any restart; the process is begun,
and looked at while stations go on saying how they are, each once in a quarter of an hour.
"""

import argparse
import gzip
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from urllib.request import urlopen

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import sync_playwright

from station.centre.board_page import draw_board
from station.centre.broker_accounts import PROVINCE
from station.rules.alerting.ways import ON, link_topic, status_topic, verdict_topic
from station.rules.board import Commune, draw_up
from tests.bench.measured import processor
from tests.browsing import CHROMIUM
from tests.centre.live_office import Office
from tests.centre.simulated import status
from tests.rig.broker import PASSWORD, Broker
from tests.rig.waiting import wait_until, wall_ms

QUARTER_HOUR, LOOKED_AT = 900, 20  # s
_SHOW = (
    "it => { const now = performance.now(); told = JSON.parse(it); show(false); return performance.now() - now; }"
)
_FAULT = {"where": "Âm thanh", "what": "Không thấy card âm thanh.", "still": "", "mend": "Kiểm tra dây."}
_AIRED = b'{"at": 1, "decision": "air", "reason": "", "result": "aired", "proof": "heard"}'
_NEXT = {"title": "Bản tin chiều", "start": "2026-11-26T17:00:00+07:00", "zones": ["bac", "dong"]}


def main() -> None:
    """Measure for each number of stations, and print."""
    asked = argparse.ArgumentParser(prog="python -m tests.bench.live", description=__doc__)
    asked.add_argument("--stations", type=int, nargs="+", default=[124, 10_000])
    numbers: list[int] = asked.parse_args().stations
    columns = [dict(_measured(number)) for number in numbers]
    print(f"| stations | {' | '.join(f'{it:,}' for it in numbers)} |")
    print(f"| --- |{' ---: |' * len(numbers)}")
    for title in columns[0]:
        print(f"| {title} | {' | '.join(column[title] for column in columns)} |")


def _measured(number: int) -> Iterator[tuple[str, str]]:
    codes = tuple(f"{20_000 + it}" for it in range(number))
    with tempfile.TemporaryDirectory() as place, Broker(Path(place, "work"), Path(place, "own")) as broker:
        office = Office(Path(place, "work"), broker, codes)
        alert = office.send("Lũ về", "tinh")
        with _client(broker) as client:
            for code in codes:
                _tell(client, code)
                client.publish(verdict_topic(code, alert.id), _AIRED, 1, retain=True)
            client.publish(link_topic(codes[-1]), ON, 1, retain=True).wait_for_publish(120)

            def whole() -> bool:
                told = office.told()
                aired = bool(told) and told["alerts"][0]["counts"] == {"aired": number}
                return aired and all(it["up"] for it in told["stations"].values())

            yield "start to the first whole picture, s", f"{_seconds(lambda: _begin(office, whole)):.1f}"
            yield "memory, resident, MiB", f"{_resident(_pid(office)):.0f}"
            yield "memory of the broker, resident, MiB", f"{_resident(broker.pid):.0f}"
            told = (office.board / "live.json").read_bytes()
            yield "`live.json`, kB", f"{len(told) / 1e3:.0f}"
            yield "the same compressed, kB", f"{len(gzip.compress(told, 6)) / 1e3:.1f}"
            yield "`/metrics`, kB", f"{len(_scraped(office)) / 1e3:.0f}"
            yield "`/metrics`, s", f"{_seconds(lambda: _scraped(office)):.2f}"
            yield "put into the open board, in Chromium, ms", f"{_shown(told, codes):.0f}"
            used = processor([_pid(office)])
            lasted = _seconds(lambda: _go_on(client, codes))
            used = processor([_pid(office)]) - used
            yield (
                "processor, each station saying how it is every 15 minutes, % of a core",
                f"{100 * used / lasted:.1f}",
            )
        broker.stop()
        wait_until(lambda: not whole(), 60)
        broker.start()
        again = _seconds(lambda: wait_until(whole, 120, every=0.5))
        yield "broker back to the whole picture, s", f"{again:.1f}"
        office.stop()


@contextmanager
def _client(broker: Broker) -> Iterator[mqtt.Client]:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(PROVINCE, PASSWORD)
    client.connect("127.0.0.1", broker.plain_port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def _tell(client: mqtt.Client, code: str) -> None:
    client.publish(link_topic(code), ON, 1, retain=True)
    told = status(on_air={**_NEXT, "title": "Bản tin sáng"}, next=_NEXT, faults=[_FAULT] * (int(code) % 10 == 0))
    client.publish(status_topic(code), json.dumps(told), 1, retain=True)


def _begin(office: Office, whole: Callable[[], bool]) -> None:
    office.start()
    wait_until(whole, 120, every=0.5)  # looking takes time too


def _go_on(client: mqtt.Client, codes: tuple[str, ...]) -> None:
    """Have each station say how it is in its turn."""
    for number in range(1 + LOOKED_AT * len(codes) // QUARTER_HOUR):
        _tell(client, codes[number % len(codes)])
        Event().wait(QUARTER_HOUR / len(codes))


def _scraped(office: Office) -> bytes:
    with urlopen(f"http://127.0.0.1:{office.port}/metrics") as answer:
        return bytes(answer.read())


def _shown(told: bytes, codes: tuple[str, ...]) -> float:
    """How many ms Chromium takes for one change of all, on the board of all these stations."""
    board = draw_up({}, {code: Commune(f"Xã {code}") for code in codes}, int(wall_ms()))
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        page_file = Path(place, "bang.html")
        page_file.write_text(draw_board(board, "Tỉnh thử"))
        browser = playwright.chromium.launch(**CHROMIUM)
        page = browser.new_page()
        page.goto(page_file.as_uri())
        took = float(page.evaluate(_SHOW, told.decode()))
        browser.close()
    return took


def _pid(office: Office) -> int:
    assert office.process
    return office.process.pid


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(it for it in lines if it.startswith("VmRSS")).split()[1]) / 1024


def _seconds(deed: Callable[[], object]) -> float:
    begun = time.monotonic()  # noqa: TID251 - a benchmark measures
    deed()
    return time.monotonic() - begun  # noqa: TID251 - the same


if __name__ == "__main__":
    main()
