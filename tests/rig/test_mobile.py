"""The mobile network: as slow and as far as it says, and TCP comes through its losses."""

import subprocess
from pathlib import Path

import pytest

from tests.rig.mobile import G2, Figures, Mobile, why_not
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wall_ms

SOUND = f"targets/tinh/{'a' * 64}.thoi-su.opus"
pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")


def test_what_is_fetched_takes_as_long_as_the_figures_say(tmp_path: Path) -> None:
    figures = Figures(rate=400_000, delay=100, loss=0)
    with Mobile(figures) as network, served(tmp_path, network) as server:
        begun = wall_ms()
        assert len(fetched(network, f"{server.plain_tree}{SOUND}")) == 50_000
        took = (wall_ms() - begun) / 1e3
        assert 50_000 < network.sent()[1] < 55_000
    assert 1.0 + 0.4 < took < 2.5, "50 kB at 50 kB/s, and twice there and back"


def test_what_is_lost_is_sent_again(tmp_path: Path) -> None:
    figures = Figures(rate=4_000_000, delay=1, loss=G2.loss)
    with Mobile(figures) as network, served(tmp_path, network) as server:
        assert len(fetched(network, f"{server.plain_tree}{SOUND}")) == 50_000
        assert network.sent()[1] > 53_000


def served(folder: Path, network: Mobile) -> ProvinceServer:
    sound = folder / "work/tree" / SOUND
    sound.parent.mkdir(parents=True)
    sound.write_bytes(bytes(50_000))
    return ProvinceServer(folder / "work", folder / "nginx", host=network.there)


def fetched(network: Mobile, address: str) -> bytes:
    program = "import sys, urllib.request as it; sys.stdout.buffer.write(it.urlopen(sys.argv[1]).read())"
    command = [*network.here.inside, "/usr/bin/python3", "-c", program, address]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
