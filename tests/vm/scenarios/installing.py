"""Installed, started, upgraded, and back from an upgrade that does not run."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.rig.waiting import mono_ns
from tests.vm import stages
from tests.vm.image import CHECKOUT, run
from tests.vm.machine import Machine
from tests.vm.station import TREE, UNITS, Station

_CURRENT = "/opt/station/current"
_EXPOSURE = 3.0  # at most, of what always runs
_MENDED = "/root/moi"


def install() -> str:
    """`sudo ./install.sh` on a fresh card, twice; then out again."""
    with stages.machine(stages.fresh()) as machine:
        machine.boot()
        station = Station(machine)
        station.bring()
        came, used = _came(machine), _used(machine)
        done = station.install()
        assert done.status == 0, done.said[-3000:]
        came, used = _came(machine) - came, _used(machine) - used
        station.wait_until_ready()
        again = station.install()
        assert again.status == 0, again.said[-3000:]
        gone = station.install(TREE, "--uninstall")
        assert gone.status == 0, gone.said[-3000:]
        assert machine.status("test -e /opt/station") != 0
        assert machine.status("test -e /var/lib/station/station.db") == 0
    return (
        f"{done.seconds / 60:.1f} min under emulation, {came:.0f} MiB came, {used:.0f} MiB on the card;"
        f" again {again.seconds:.0f} s; uninstalled {gone.seconds:.0f} s"
    )


def boot() -> str:
    """From power on to a station that answers, and how exposed its units are."""
    with stages.machine(stages.installed()) as machine:
        begun = mono_ns()
        ssh = machine.boot()
        station = Station(machine)
        station.wait_until_ready()
        took = (mono_ns() - begun) / 1e9
        kernel_and_units = machine.run("systemd-analyze time | head -1").strip()
        exposed = exposures(machine)
        failed = machine.run("systemctl --failed --no-legend --plain").strip()
    assert not failed, failed
    assert max(exposed[unit] for unit in UNITS) < _EXPOSURE, exposed
    told = ", ".join(f"{unit} {value}" for unit, value in exposed.items())
    return f"ssh after {ssh:.0f} s, ready after {took:.0f} s ({kernel_and_units}); exposure: {told}"


def exposures(machine: Machine) -> dict[str, float]:
    """systemd's own exposure level of each unit of the station that is loaded; 0 is safest."""
    told = machine.run("systemd-analyze security --no-pager 'station*' 2>/dev/null || true")
    units = machine.run("systemctl list-units --all --plain --no-legend 'station*.service' | cut -d' ' -f1").split()
    found = {}
    for unit in units:
        told = machine.run(f"systemd-analyze security --no-pager {unit} | tail -1", check=False)
        if value := re.search(r": (\d+\.\d) ", told):
            found[unit.removesuffix(".service")] = float(value[1])
    assert set(UNITS) <= set(found), found
    return found


def upgrade() -> str:
    """Another version beside the one that runs; the link switches, what is kept stays."""
    with stages.ready() as station, _changed("CHANGELOG.md", "\n- Thử nâng cấp.\n") as tree:
        before = station.machine.run(f"readlink {_CURRENT}").strip()
        station.bring(tree, _MENDED)
        done = station.install(_MENDED)
        assert done.status == 0, done.said[-3000:]
        after, back = station.machine.run(f"readlink {_CURRENT} /opt/station/previous").split()
        assert (after.endswith(stages.version(tree)), back) == (True, before), (after, back)
        station.wait_until_ready()
        assert "Tin thử" in station.command("segments")
    return f"{done.seconds / 60:.1f} min under emulation, from {Path(before).name} to {Path(after).name}"


def failed_upgrade() -> str:
    """A version whose player ends at once: the one before runs again, and install.sh says 3."""
    broken = '\nimport sys\nif "run" in sys.argv:\n    sys.exit("broken on purpose")\n'
    with stages.ready() as station, _changed("station/service.py", broken) as tree:
        before = station.machine.run(f"readlink {_CURRENT}").strip()
        station.bring(tree, _MENDED)
        done = station.install(_MENDED)
        assert done.status == 3, (done.status, done.said[-3000:])
        assert station.machine.run(f"readlink {_CURRENT}").strip() == before
        station.wait_until_ready()
        assert "Tin thử" in station.command("segments")
    return f"exit status 3 and the version before, {done.seconds / 60:.1f} min under emulation"


class _changed:  # noqa: N801 - a context manager that reads as a verb
    """This source tree with something at the end of one file, as another version of it."""

    def __init__(self, file: str, end: str) -> None:
        self._file, self._end = file, end
        self._folder = TemporaryDirectory()

    def __enter__(self) -> Path:
        tree = Path(self._folder.name)
        files = run("git", "-C", CHECKOUT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
        for name in files:
            if (CHECKOUT / name).is_file() and not name.startswith(("docs/pictures", "tests/")):
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                run("cp", "-p", CHECKOUT / name, tree / name)
        with (tree / self._file).open("a") as file:
            file.write(self._end)
        return tree

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def _came(machine: Machine) -> float:
    """MiB that came by the network since it was switched on."""
    return int(machine.run("cat /sys/class/net/en*/statistics/rx_bytes")) / 2**20


def _used(machine: Machine) -> float:
    """MiB of the card that are taken."""
    return int(machine.run("df --output=used -B1 / | tail -1")) / 2**20
