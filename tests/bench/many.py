"""Many stations of one server, and a station of many files: processor and memory."""

import argparse
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.couriers import Province, province
from tests.bench.depot import bulletins
from tests.bench.measured import Cost, processor
from tests.bench.studio import say
from tests.rig.link import Link

FILES = 100  # that each of many stations has
NEW = 540_000  # bytes of the one that is new
SMALL = 2_000  # bytes of the others
COMMUNES = 500
GROWING = (10, 100, 1_000, 10_000)


def many(folder: Path, asked: argparse.Namespace) -> str:
    """So many stations ask one nginx with two workers, as many at once as was asked."""
    lines = [
        f"| {asked.stations} stations, {asked.at_once} at once | nothing new | a bulletin of {NEW / 1e6:.2f} MB |",
        "| --- | ---: | ---: |",
    ]
    with province(folder, bulletins(range(FILES), SMALL), workers=2) as its:
        homes = _enrolled(its, asked.stations)
        nothing = _round(its, homes, asked.at_once)
        its.depot.publish(bulletins([FILES], NEW))
        something = _round(its, homes, asked.at_once)
    rows = zip(nothing, something, strict=True)
    return "\n".join(
        [*lines, *(f"| {title} | {one:{form}} | {other:{form}} |" for (title, one, form), (_, other, _) in rows)]
    )


def _enrolled(its: Province, stations: int) -> list[Path]:
    """Stations that have all that there is: the first one has it from the server, the others from the first one."""
    first = its.folder / "stations" / "0"
    assert its.begin(its.couriers[0], first).finish().status == 0
    for number in range(1, stations):
        shutil.copytree(first, first.with_name(str(number)), copy_function=shutil.copy2)
    return [first.with_name(str(number)) for number in range(stations)]


def _round(its: Province, homes: Sequence[Path], at_once: int) -> list[tuple[str, float, str]]:
    """All of them once: titles, figures and their forms."""
    server, begun = its.server.processes(), len(its.server.log())
    used, sent = processor(server), sum(it.sent for it in its.server.log())

    def bring(home: Path) -> Cost:
        return its.begin(its.couriers[0], home).finish()

    with ThreadPoolExecutor(at_once) as pool:
        costs = list(pool.map(bring, homes))
    assert {it.status for it in costs} == {0}, (its.folder / f"{its.couriers[0].name}.log").read_text()[-2_000:]
    asked = its.server.log()
    return [
        ("requests of a station", (len(asked) - begun) / len(homes), ".1f"),
        ("answered to a station, kB", (sum(it.sent for it in asked) - sent) / len(homes) / 1e3, ".1f"),
        ("a station's own time, median, s", sorted(it.wall for it in costs)[len(costs) // 2], ".2f"),
        ("a station's own time, worst, s", max(it.wall for it in costs), ".2f"),
        ("processor at the station, s", sum(it.cpu for it in costs) / len(costs), ".2f"),
        ("processor at the server for a station, ms", (processor(server) - used) / len(costs) * 1e3, ".2f"),
    ]


def memory(folder: Path, _: argparse.Namespace) -> str:
    """The peak of the child that synchronises, the more files there are: all its own, or dealt out to communes."""
    lines = [
        f"| files | for everyone: first / nothing new, MiB | for {COMMUNES} communes, MiB | requests, kB |",
        "| ---: | ---: | ---: | ---: |",
    ]
    for files in GROWING:
        everyone, _ = _peaks(folder / f"{files}", files, 1)
        dealt_out, wire = _peaks(folder / f"{files}-dealt-out", files, COMMUNES)
        lines.append(f"| {files:,} | {everyone} | {dealt_out} | {wire} |")
        say(lines[-1])
    return "\n".join(lines)


def _peaks(folder: Path, files: int, groups: int) -> tuple[str, str]:
    with province(folder, bulletins(range(files), SMALL, groups)) as its, Link(its.couriers[0].port) as link:
        costs = []
        for _ in range(2):
            before, asked = link.down + link.up, len(its.server.log())
            costs.append(its.begin(its.couriers[0], folder / "home", link.port).finish())
            assert costs[-1].status == 0
        wire = f"{len(its.server.log()) - asked}, {(link.down + link.up - before) / 1e3:.1f}"
        return " / ".join(f"{it.peak:.0f}" for it in costs), wire
