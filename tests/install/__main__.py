"""`python -m tests.install [PART…] [--system TREE]`: installs in a box, as root, and prints what it took.

Parts: `usual` (install, upgrade, return, uninstall), `kills`, `fresh` (kills of a first install), `offline`; all of
them if none is named. TREE is a Debian tree to boot; without it one is made by mmdebstrap, once, in var/.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from tests.install import in_a_box as it
from tests.install.box import Box
from tests.install.trees import ROOT, make_system, make_trees

_KILLS, _FRESH_KILLS = 8, 4


def main() -> None:
    """Do what is asked; the first thing that is not as it should be ends it."""
    parser = argparse.ArgumentParser(prog="python -m tests.install", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--system", type=Path, default=ROOT / "var" / "install-system")
    asked = parser.parse_args()
    make_system(asked.system)
    given = Path(tempfile.mkdtemp(prefix="loa-xa-given."))
    make_trees(given)
    for name in asked.parts or PARTS:
        print(f"{name}", flush=True)
        PARTS[name](asked.system, given)
    shutil.rmtree(given)


def usual(system: Path, given: Path) -> None:
    """A life of a station: installed, upgraded, an upgrade that fails, taken away."""
    with Box(system, given) as box:
        it.install(box)
        for scenario in (
            it.start_anew,
            it.upgrade,
            it.fail_an_upgrade,
            it.cut_power_in_a_failed_upgrade,
            it.uninstall,
        ):
            scenario(box)
            it.keeps_all(box)


def kills(system: Path, given: Path) -> None:
    """Upgrades that are killed at random instants."""
    with Box(system, given) as box:
        it.install(box)
        it.kill_upgrades(box, _KILLS)
        it.keeps_all(box)


def fresh(system: Path, given: Path) -> None:
    """First installs that are killed at random instants."""
    with Box(system, given) as box:
        it.kill_first_installs(box, _FRESH_KILLS)


def offline(system: Path, given: Path) -> None:
    """A bundle, made where there is a network and used where there is none."""
    with Box(system, given) as box:
        it.make_bundle(box, given)
    with Box(system, given, network=False) as box:
        it.install_offline(box)


PARTS = {"usual": usual, "kills": kills, "fresh": fresh, "offline": offline}

main()
