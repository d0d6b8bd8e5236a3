"""The mobile network: as slow and as far as it says, and TCP comes through its losses."""

import subprocess
from pathlib import Path

import pytest

from tests.rig.mobile import G2, Figures, Mobile, why_not
from tests.rig.province_server import ProvinceServer
from tests.rig.waiting import wall_ms

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not() or "-")


def test_what_is_fetched_takes_as_long_as_the_figures_say(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "tin.opus").write_bytes(bytes(50_000))
    figures = Figures(rate=400_000, delay=100, loss=0)
    with Mobile(figures) as network, ProvinceServer(tmp_path, tmp_path / "tree", host=network.there) as server:
        begun = wall_ms()
        assert len(fetched(network, f"{server.plain_tree}tin.opus")) == 50_000
        took = (wall_ms() - begun) / 1e3
        assert 50_000 < network.sent()[1] < 55_000
    assert 1.0 + 0.4 < took < 2.5, "50 kB at 50 kB/s, and twice there and back"


def test_what_is_lost_is_sent_again(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "tin.opus").write_bytes(bytes(50_000))
    figures = Figures(rate=4_000_000, delay=1, loss=G2.loss)
    with Mobile(figures) as network, ProvinceServer(tmp_path, tmp_path / "tree", host=network.there) as server:
        assert len(fetched(network, f"{server.plain_tree}tin.opus")) == 50_000
        assert network.sent()[1] > 53_000


def fetched(network: Mobile, address: str) -> bytes:
    program = "import sys, urllib.request as it; sys.stdout.buffer.write(it.urlopen(sys.argv[1]).read())"
    command = [*network.here.inside, "/usr/bin/python3", "-c", program, address]
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
