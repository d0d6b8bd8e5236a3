"""Power cuts under load: replayed from the log of what was written, and real ones."""

import json
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tests.rig.waiting import mono_ns, wait_until
from tests.vm import stages
from tests.vm.acknowledged import Ledger, Told, complaints
from tests.vm.image import kept, run
from tests.vm.load import Load, prepare
from tests.vm.machine import Machine, grow
from tests.vm.station import HOME, Station
from tests.vm.write_log import Request, before, read_log, replay, replay_torn, settled

_REPLAYED, _REAL = 300, 20
_LOAD_S = 300
_CUT_S = (0, 60)  # from a broadcast's record to a real cut: they air each minute


def replayed() -> str:
    """Cut at 300 random writes under load, half of what no flush had made sure of lost: nothing told is lost."""
    place = _place("replayed")
    log, told_file = place / "writes.log", place / "told.jsonl"
    if not (place / "loaded").exists():
        told_file.unlink(missing_ok=True)  # of a load that was broken off
        _load_logged(place, log, Ledger(told_file))
        (place / "loaded").touch()
    requests, ledger = read_log(log), Ledger(told_file)
    results = _Results(place / "results.jsonl")
    begun = before(requests, min(it.position for it in ledger.told))
    chance = random.Random(len(requests))
    cuts = sorted(chance.sample(range(begun, len(requests) + 1), _REPLAYED))
    card, done = place / "settled.qcow2", 0
    grow(stages.installed().disk, card)
    for cut in cuts:
        if cut in results.known:
            continue
        safe = settled(requests, cut)
        with _exported(card) as raw, log.open("rb") as written, raw.open("r+b") as whole:
            replay(requests[done:safe], written, whole)
        done = max(done, safe)
        end = requests[cut - 1].end
        told = [it for it in ledger.told if it.position <= end]
        found = _judged(card, requests[safe:cut], log, cut, told)
        results.note(cut, found, len(told))
    mebibytes = sum(it.length for it in requests) >> 20
    return f"{results.summary()}; {len(requests)} writes and flushes of {mebibytes} MiB"


def real() -> str:
    """qemu killed at a random instant under load, twenty times: all told is there, and it airs again."""
    place = _place("real")
    ledger, results = Ledger(place / "told.jsonl"), _Results(place / "results.jsonl")
    chance, backs = random.Random(), []
    with Machine(stages.installed(), place) as machine:
        station = Station(machine)
        machine.boot()
        station.wait_until_ready()
        while True:
            since = machine.wall_ms()
            prepare(station)
            with Load(station, ledger, lambda: 0) as load:
                _meanwhile(load, partial(_aired_since, station, since), 900, every=3)
                if len(results.known) >= _REAL:
                    break
                _go_on(load, chance.uniform(*_CUT_S))
                machine.power_cut()
                load.end()
            begun = mono_ns()
            machine.boot()
            station.wait_until_ready()
            backs.append((mono_ns() - begun) / 1e9)
            results.note(len(results.known), _complaints_there(station, ledger), len(ledger.told))
    back = f"; ready again after {median(backs):.0f} s" if backs else ""
    return f"{results.summary()}, each aired again{back}"


class _Results:
    """What was found at each cut, in a file: a campaign that was broken off goes on."""

    def __init__(self, place: Path) -> None:
        self._place = place
        lines = place.read_text().splitlines() if place.exists() else []
        self._all = [json.loads(line) for line in lines]

    @property
    def known(self) -> set[int]:
        return {it["cut"] for it in self._all}

    def note(self, cut: int, found: list[str], told: int) -> None:
        self._all.append(result := {"cut": cut, "told": told, "found": found})
        with self._place.open("a") as file:
            file.write(json.dumps(result, ensure_ascii=False) + "\n")

    def summary(self) -> str:
        """Its figures; fails if anything was lost or broken."""
        bad = [it for it in self._all if it["found"]]
        assert not bad, (len(bad), bad[:5])
        return f"{len(self._all)} cuts, {max(it['told'] for it in self._all)} things told, none lost"


def _place(name: str) -> Path:
    """Where a campaign is kept: it begins anew with another version."""
    place = kept() / f"power-cuts-{name}-{stages.installed().disk.parent.name}"
    place.mkdir(exist_ok=True)
    return place


def _load_logged(place: Path, log: Path, ledger: Ledger) -> None:
    """Some minutes of load on a card whose writes are logged; at the end its power is cut."""
    image, card = stages.installed(), place / "card.qcow2"
    grow(image.disk, card)
    log.write_bytes(b"")
    drive = (
        *("-blockdev", f"driver=qcow2,node-name=card,file.driver=file,file.filename={card}"),
        *("-blockdev", f"driver=file,node-name=log,filename={log}"),
        *("-blockdev", "driver=blklogwrites,node-name=logged,file=card,log=log"),
        *("-device", "virtio-blk-pci,drive=logged"),
    )
    with Machine(image, place, drive=drive) as machine:
        machine.boot()
        station = Station(machine)
        station.wait_until_ready()
        prepare(station)
        with Load(station, ledger, lambda: log.stat().st_size) as load:
            _go_on(load, _LOAD_S)
            machine.power_cut()


def _go_on(load: Load, seconds: float) -> None:
    """Let the load go on for so long."""
    end = mono_ns() + seconds * 1e9
    _meanwhile(load, lambda: mono_ns() > end, seconds + 60, every=0.2)


def _meanwhile(load: Load, condition: Callable[[], bool], timeout: float, *, every: float) -> None:
    """Wait for something under the load; fails as soon as the load is broken."""

    def is_so() -> bool:
        load.check()
        return condition()

    wait_until(is_so, timeout, every=every)


def _judged(card: Path, rest: list[Request], log: Path, cut: int, told: list[Told]) -> list[str]:
    """What is wrong on a copy of a card that a random half of `rest` came to before the cut."""
    with TemporaryDirectory(dir=card.parent) as folder:
        torn = Path(folder) / "torn.qcow2"
        grow(card, torn)
        with _exported(torn) as raw:
            with log.open("rb") as written, raw.open("r+b") as whole:
                replay_torn(rest, written, whole, random.Random(cut))
            checked = subprocess.run(["e2fsck", "-p", raw], capture_output=True, text=True, check=False)
            if checked.returncode & ~1:  # 1: mended by itself, as at a boot
                return [f"e2fsck ended with {checked.returncode}: {checked.stdout[-500:]}"]
            with _mounted(raw) as root:
                return complaints(root / HOME.lstrip("/"), told)


def _aired_since(station: Station, since: float) -> bool:
    query = "SELECT max(opened_at) FROM as_run WHERE result = 'aired'"
    newest = station.machine.run(f'sqlite3 -readonly {HOME}/station.db "{query}"', check=False).strip()
    return bool(newest) and int(newest) > since


def _complaints_there(station: Station, ledger: Ledger) -> list[str]:
    """What a machine that runs lacks; nobody writes to its database while its folder is packed."""
    pack = f".shell tar -C {HOME} --exclude=./tapes -cf - ."
    hold = f"sqlite3 -cmd '.timeout 30000' {HOME}/station.db 'BEGIN IMMEDIATE' '{pack}'"
    done = station.machine.result(hold, timeout=300)
    with TemporaryDirectory() as folder:
        subprocess.run(["tar", "-C", folder, "-xf", "-"], input=done.stdout, check=True)
        return complaints(Path(folder), ledger.told)


@contextmanager
def _exported(card: Path) -> Iterator[Path]:
    """A card as one raw file, by qemu's own FUSE export."""
    with TemporaryDirectory(dir=card.parent) as folder:
        raw = Path(folder) / "raw"
        raw.touch()
        node = f"driver=qcow2,node-name=card,file.driver=file,file.filename={card}"
        export = f"type=fuse,id=raw,node-name=card,mountpoint={raw},writable=on"
        with subprocess.Popen(["qemu-storage-daemon", "--blockdev", node, "--export", export]) as daemon:
            try:
                wait_until(lambda: raw.stat().st_size, 30)
                yield raw
            finally:
                daemon.terminate()  # it writes what it holds, and unmounts


@contextmanager
def _mounted(raw: Path) -> Iterator[Path]:
    root = raw.with_name("root")
    root.mkdir()
    run("mount", "-o", "loop,ro,noload", raw, root)
    try:
        yield root
    finally:
        run("umount", root)
        root.rmdir()
