"""A busy day in minutes: somebody at the page uploads, edits and invites without a pause, while it airs."""

import hashlib
import html
import re
import wave
from collections.abc import Callable
from io import BytesIO
from threading import Event, Thread
from types import TracebackType
from typing import Self

import numpy as np
import requests

from tests.vm.acknowledged import Ledger
from tests.vm.station import HOME, Station
from tests.web.test_schedules import fields

_PATIENCE_S = 120
_RATE = 8_000
_EDITED = "dem"
_DAY = 24 * 60  # minutes
_SEEN = (
    "SELECT 'audit', id, seal FROM audit UNION ALL SELECT 'person', name, '' FROM person"
    " UNION ALL SELECT 'opened', key, '' FROM as_run"
    " UNION ALL SELECT 'record', key, result FROM as_run WHERE result NOT NULL"
)


def prepare(station: Station) -> None:
    """Have it air for a few seconds each minute of the next two hours, and give it a schedule to edit."""
    machine, folder = station.machine, f"{HOME}/schedules"
    hour, minute = machine.run("TZ=Asia/Ho_Chi_Minh date +%H:%M").split(":")
    first = int(hour) * 60 + int(minute) + 2
    minutes = [it % _DAY for it in range(first, first + 120)]
    machine.write(f"{folder}/gio.toml", _schedule("Giờ", minutes))
    if machine.status(f"test -e {folder}/{_EDITED}.toml"):
        machine.write(f"{folder}/{_EDITED}.toml", _schedule("Đêm 0", [180]))
    machine.run(f"chown -R station: {folder} && sync")


def _schedule(title: str, minutes: list[int]) -> str:
    airs = "".join(f'[[air]]\ndays = "daily"\nat = "{it // 60:02}:{it % 60:02}"\n' for it in minutes)
    return f'title = "{title}"\nzones = ["all"]\n{airs}\n[[rundown]]\nsay = "Đài thử xin chào bà con."\n'


class Load:
    """Goes on while entered; whatever is acknowledged is noted, with the position that `position()` gives."""

    def __init__(self, station: Station, ledger: Ledger, position: Callable[[], int]) -> None:
        self._station, self._ledger, self._position = station, ledger, position
        self._over = Event()
        self._threads = [Thread(target=self._work), Thread(target=self._watch)]
        self._trouble: Exception | None = None
        self.done = 0

    def __enter__(self) -> Self:
        self._address = f"http://127.0.0.1:{self._station.machine.way_to(8080)}"
        code = self._station.command("setup-code").split()[-1]
        self._somebody = self._set_up(code, f"Cán bộ {self._first()}")
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """End it; what breaks from now on was broken by who ends it."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def check(self) -> None:
        """Raise what broke it."""
        if self._trouble:
            raise self._trouble

    def _work(self) -> None:
        number = self._first()
        edits = (self._rename_schedule, self._rename_station, self._welcome)
        deeds = [deed for edit in edits for deed in (self._upload, edit)]
        try:
            while not self._over.is_set():
                deeds[number % len(deeds)](number)
                number += 1
                self.done += 1
        except Exception as error:  # noqa: BLE001 - told by `check`, unless the power was cut
            self._trouble = None if self._over.is_set() else error

    def _watch(self) -> None:
        """Whatever another process can read in the database was committed, and counts as told."""
        try:
            while not self._over.wait(0.5):
                done = self._station.machine.result(f'sqlite3 -readonly {HOME}/station.db "{_SEEN}"')
                position = self._position()
                for line in done.stdout.decode().splitlines() if done.returncode == 0 else ():
                    kind, name, value = line.split("|")
                    self._ledger.note(kind, name, value, position)
        except Exception as error:  # noqa: BLE001 - as above
            self._trouble = None if self._over.is_set() else error

    def _first(self) -> int:
        """A higher number than anything had yet, since whatever is done is noted."""
        return 10 * len(self._ledger.told) + 10

    def _upload(self, number: int) -> None:
        content = _recording(number)
        form = self._somebody.get(f"{self._address}/thu-vien/them", timeout=_PATIENCE_S).text
        answer = self._somebody.post(
            f"{self._address}/thu-vien/them",
            data={"csrf_token": _token(form), "title": f"Tin {number}", "kind": "news"},
            files={"file": (f"tin-{number}.wav", content)},
            allow_redirects=False,
            timeout=_PATIENCE_S,
        )
        _expect(answer)
        sha256 = hashlib.sha256(content).hexdigest()
        self._ledger.note("upload", sha256[:12], sha256, self._position())

    def _rename_schedule(self, number: int) -> None:
        address = f"{self._address}/lich/{_EDITED}/sua"
        page = self._somebody.get(address, timeout=_PATIENCE_S).text
        sent = {**fields(page), "title": [f"Đêm {number}"], "do": "save", "csrf_token": _token(page)}
        _expect(self._somebody.post(address, sent, allow_redirects=False, timeout=_PATIENCE_S))
        self._ledger.note("edit", f"schedules/{_EDITED}.toml", str(number), self._position())

    def _rename_station(self, number: int) -> None:
        address = f"{self._address}/he-thong/cai-dat/dai"
        sent = _plain_fields(self._somebody.get(address, timeout=_PATIENCE_S).text) | {"name": f"Đài thử {number}"}
        _expect(self._somebody.post(address, sent, allow_redirects=False, timeout=_PATIENCE_S))
        self._ledger.note("edit", "station.toml", str(number), self._position())

    def _welcome(self, number: int) -> None:
        address = f"{self._address}/he-thong/nguoi-dung"
        sent = {"csrf_token": _token(self._somebody.get(address, timeout=_PATIENCE_S).text), "roles": "operator"}
        page = self._somebody.post(f"{address}/moi", sent, timeout=_PATIENCE_S).text
        code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\b", page)
        assert code, page
        self._set_up(code[0], f"Người {number}")
        self._ledger.note("person", f"Người {number}", "", self._position())

    def _set_up(self, code: str, name: str) -> requests.Session:
        """Become a person, or that person again, by a one-time code."""
        session = requests.Session()
        session.trust_env = False
        address = f"{self._address}/thiet-lap"
        token = _token(session.get(address, timeout=_PATIENCE_S).text)
        sent = {"csrf_token": token, "code": code, "name": name, "password": "mat khau thu nghiem"}
        _expect(session.post(address, sent, allow_redirects=False, timeout=_PATIENCE_S))
        return session


def _recording(number: int) -> bytes:
    """Three seconds that nobody sent before."""
    noise = np.random.default_rng(number).integers(-6_000, 6_000, 3 * _RATE).astype("<i2")
    file = BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(_RATE)
        written.writeframes(noise.tobytes())
    return file.getvalue()


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]


def _plain_fields(page: str) -> dict[str, str]:
    """What the form of a page sends when nobody touches it."""
    form = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', page))
    form |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)<', page))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        form[name] = chosen[1] if chosen else ""
    return {name: html.unescape(value) for name, value in form.items()}


def _expect(answer: requests.Response) -> None:
    """A form that was taken leads on; one that was not is shown again."""
    note = re.search(r'role="alert">(.*?)</div>', answer.text, re.DOTALL)
    assert answer.status_code == requests.codes.found, (answer.url, answer.status_code, note and note[1])
