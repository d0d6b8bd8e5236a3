"""`python -m tests.bench.province`: the link to the province beside rsync and rclone, over the same bad links.

All goes to the loopback address or between two network namespaces of its own.
"""

import argparse
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from tests.bench.contenders import Unable
from tests.bench.couriers import Courier, Province, Station, province
from tests.bench.depot import bulletins
from tests.bench.many import many, memory
from tests.bench.measured import Cost
from tests.bench.studio import Figure, say
from tests.bench.table import Column, table
from tests.rig.link import Link
from tests.rig.mobile import G2, G3, Mobile, why_not
from tests.rig.waiting import wait_until

BULLETIN = 540_000  # bytes: three minutes at 24 kbit/s
SMALL = 2_000  # bytes of what is there already while it counts
CUTS = (200_000, 400_000, 600_000, 800_000)  # bytes
_CUT_FILE = 1_000_000  # bytes
_CUT_RATE = 500_000  # bytes a second
_TRIES = 20  # of who was cut off
_KB = 1_000


def main() -> None:
    """Measure, and print tables."""
    asked = _asked()
    with tempfile.TemporaryDirectory() as folder:
        for part in asked.parts:
            say(f"{part} …")
            print(_PARTS[part](Path(folder) / part, asked), end="\n\n", flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.province", description=__doc__)
    parser.add_argument("--parts", type=lambda it: it.split(","), default=_PARTS, help=", ".join(_PARTS))
    many = [100, 10_000]
    parser.add_argument("--targets", type=int, nargs="*", default=many, help="how many files there are (100 10000)")
    parser.add_argument("--only", type=lambda it: it.split(","), help="Loa xã, rsync, rclone (all)")
    parser.add_argument("--stations", type=int, default=500, help="stations of one server (500)")
    parser.add_argument("--at-once", type=int, default=4, help="how many of them are at it at once (4)")
    return parser.parse_args()


def _changes(folder: Path, asked: argparse.Namespace) -> str:
    """Nothing new, and one in a hundred new."""
    figures: dict[str, list[Figure]] = {}
    for targets in asked.targets:
        with province(folder / str(targets), bulletins(range(targets), SMALL)) as its:
            for courier in _chosen(its, asked):
                with _carried(its, courier) as carried:
                    carried.bring()
                    figures.setdefault(courier.name, []).extend(_nothing_new(carried, targets))
            new = bulletins(range(0, targets, 100), BULLETIN)
            its.depot.publish(new)
            for courier in _chosen(its, asked):
                with _carried(its, courier) as carried:
                    figures[courier.name].extend(_one_in_a_hundred(carried, targets, sum(map(len, new.values()))))
    return _told(figures)


@frozen
class _Carried:
    """A courier, the place that it brings to, and the link by which."""

    its: Province
    courier: Courier
    link: Link
    place: Path

    def bring(self) -> Cost:
        """Once, without an end that is not good."""
        cost = self.its.begin(self.courier, self.place, self.link.port).finish()
        assert cost.status == 0, (self.its.folder / f"{self.courier.name}.log").read_text()
        return cost

    def requests(self) -> int:
        """How many its server has answered so far; rsync asks once a connection."""
        return self.link.connections if self.courier.name == "rsync" else len(self.its.server.log())


@contextmanager
def _carried(its: Province, courier: Courier, rate: float = 0) -> Iterator[_Carried]:
    with Link(courier.port, rate=rate) as link:
        yield _Carried(its, courier, link, its.folder / courier.name)


def _nothing_new(carried: _Carried, targets: int) -> list[Figure]:
    link, title = carried.link, f"{targets:,} files, nothing new"
    before, asked = link.down + link.up, carried.requests()
    cost = carried.bring()
    return [
        Figure(f"{title}: requests", carried.requests() - asked, ".0f"),
        Figure(f"{title}: on the wire, kB", (link.down + link.up - before) / _KB),
        Figure(f"{title}: s", cost.wall, ".2f"),
        Figure(f"{title}: processor, s", cost.cpu, ".2f"),
        Figure(f"{title}: memory, peak, MiB", cost.peak, ".0f"),
    ]


def _one_in_a_hundred(carried: _Carried, targets: int, new: int) -> list[Figure]:
    link, title = carried.link, f"{targets:,} files, 1 % new ({new / 1e6:.1f} MB)"
    cost = carried.bring()
    return [
        Figure(f"{title}: on the wire ÷ new", (link.down + link.up) / new, ".3f"),
        Figure(f"{title}: s", cost.wall, ".1f"),
    ]


def _breaks(folder: Path, asked: argparse.Namespace) -> str:
    """What a connection that is cut, and a process that is killed, costs once more."""
    columns = []
    with province(folder, bulletins([0], _CUT_FILE)) as its:
        for courier in _chosen(its, asked):
            columns.append(Column(courier.name))
            whole = _fetched(its, courier, "whole")
            for how, title in (("cut", "a cut"), ("killed", "a kill")):
                try:
                    again = (_fetched(its, courier, how) - whole) / len(CUTS) / _KB
                except Unable as reason:
                    columns[-1].unable.append(f"{title}: {reason}")
                else:
                    figure = Figure(f"{title}: sent again, kB", again)
                    columns[-1].figures[figure.title] = figure
    return table(columns)


def _fetched(its: Province, courier: Courier, how: str) -> int:
    """The bytes on the wire until it had a file, cut off or killed so many times."""
    place = its.folder / courier.name / how
    with Link(courier.port, rate=_CUT_RATE) as link:
        link.cuts = list(CUTS) if how == "cut" else []
        for kill in CUTS if how == "killed" else ():
            begun = its.begin(courier, place, link.port)
            wait_until(lambda kill=kill, begun=begun: link.down >= kill or begun.ended, 60)
            begun.kill()
        for _ in range(_TRIES):
            if its.begin(courier, place, link.port).finish().status == 0:
                sizes = {it.stat().st_size for it in place.rglob("*.opus")}
                if _CUT_FILE in sizes or courier.name == Station.name:
                    return link.down + link.up
                raise Unable(f"takes {max(sizes)} of {_CUT_FILE} bytes for the file")
    raise Unable("never has it all")


def _mobile(folder: Path, asked: argparse.Namespace) -> str:
    """A bulletin of three minutes, and nothing new, by mobile networks."""
    if why_not():
        return f"No mobile network here: {why_not()}."
    figures: dict[str, list[Figure]] = {}
    for name, network in (("2G", G2), ("3G", G3)):
        with Mobile(network) as mobile, province(folder / name, bulletins([0], SMALL), mobile.there) as its:
            for courier in _chosen(its, asked):
                _until_all(its, courier, mobile)
            its.depot.publish(bulletins([0], BULLETIN))
            for courier in _chosen(its, asked):
                bulletin, nothing = (_until_all(its, courier, mobile) for _ in range(2))
                figures.setdefault(courier.name, []).extend(
                    [
                        Figure(f"{name}, a bulletin of {BULLETIN / 1e6:.2f} MB: s", bulletin[0]),
                        Figure(f"{name}, a bulletin: packets of both, kB", bulletin[1] / _KB, ".0f"),
                        Figure(f"{name}, nothing new: s", nothing[0]),
                        Figure(f"{name}, nothing new: packets of both, kB", nothing[1] / _KB),
                    ]
                )
    return _told(figures)


def _until_all(its: Province, courier: Courier, mobile: Mobile) -> tuple[float, int]:
    """How long it took until it had all, and how many bytes of packets were sent for it."""
    before, took = sum(mobile.sent()), 0.0
    for _ in range(_TRIES):
        cost = its.begin(courier, its.folder / courier.name, station=mobile.here).finish()
        took += cost.wall
        if cost.status == 0:
            return took, sum(mobile.sent()) - before
    raise AssertionError(f"{courier.name} never had it all")


def _chosen(its: Province, asked: argparse.Namespace) -> list[Courier]:
    return [it for it in its.couriers if not asked.only or it.name in asked.only]


def _told(figures: Mapping[str, Sequence[Figure]]) -> str:
    return table([Column(name, {it.title: it for it in its}) for name, its in figures.items()])


_PARTS = {"changes": _changes, "breaks": _breaks, "mobile": _mobile, "many": many, "memory": memory}

if __name__ == "__main__":
    main()
