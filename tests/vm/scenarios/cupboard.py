"""What happens to a Pi in a cupboard: it hangs, loses power, dies; its memory and its card are small."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.rig.waiting import mono_ns, wait_until, wall_ms
from tests.vm import stages
from tests.vm.image import kept, run
from tests.vm.machine import Machine
from tests.vm.pins import Pins
from tests.vm.sound import Listening
from tests.vm.station import HIGH, Station

_MEMORY_MIB = 150
_WRITES_MIB = 1.0
_SETTLE_S, _MEASURE_S = 300, 900
_RESTORE_S = 600
_DAY_S = 86_400


def watchdog() -> str:
    """A kernel that crashed: the watchdog starts the machine anew, and it airs."""
    with stages.station() as station:
        pins = Pins(station.machine)
        station.air_soon(late="join", times=5)
        wait_until(lambda: pins.level(HIGH) == 1, 400, every=1)
        boot = station.machine.fetch("/proc/sys/kernel/random/boot_id")
        station.machine.start("sleep 1; echo c >/proc/sysrq-trigger").wait(60)
        crashed = mono_ns()
        station.machine.hang_up()
        wait_until(lambda: station.machine.answers() and _boot_id(station.machine) != boot, 400, every=1)
        back = mono_ns()
        wait_until(lambda: pins.level(HIGH) == 1, 400, every=1)
        on = mono_ns()
    return f"ssh again {(back - crashed) / 1e9:.0f} s after the crash, amplifiers on {(on - crashed) / 1e9:.0f} s"


def power() -> str:
    """Power goes and comes in the middle of a programme: how long until it is heard again."""
    with stages.station() as station:
        machine, pins = station.machine, Pins(station.machine)
        station.air_soon(late="join", times=5)
        wait_until(lambda: pins.level(HIGH) == 1, 400, every=1)
        machine.power_cut()
        begun = wall_ms()
        machine.boot()
        with Listening(machine) as listening:
            wait_until(lambda: pins.level(HIGH) == 1, 400, every=1)
            wait_until(listening.hears, 300, every=1)
            heard = listening.end().intervals()[0].start
        edges = pins.edges(HIGH)
    on = next(it.at for it in edges if it.level == 1)
    assert heard - on > 4_900
    return f"heard {(heard - begun) / 1000:.0f} s after power came, amplifiers {(on - begun) / 1000:.0f} s after"


def restore() -> str:
    """A dead Pi: a backup, a fresh card, install.sh, `station restore`; all is there, and it airs."""
    with stages.ready() as station, TemporaryDirectory() as folder:
        station.command("backup /run/station/dai.tar", timeout=300)
        backup = Path(folder) / "dai.tar"
        backup.write_bytes(station.machine.fetch("/run/station/dai.tar"))
        before, size = station.command("segments --json"), backup.stat().st_size
        with stages.machine(stages.stocked()) as machine:
            station.machine.power_cut()
            machine.boot()
            new = Station(machine)
            new.bring()
            begun = mono_ns()
            done = new.install()
            assert done.status == 0, done.said[-3000:]
            machine.copy(backup, "/root/dai.tar")
            restoring = mono_ns()
            machine.run("station restore /root/dai.tar", timeout=600)
            new.wait_until_ready()
            ended = mono_ns()
            assert new.command("segments --json") == before
            new.air_soon(late="join")
            assert new.wait_for_record(timeout=600)["result"] == "aired"
    installed, restored = (restoring - begun) / 60e9, (ended - restoring) / 1e9
    assert restored < _RESTORE_S, restored  # a Pi has these for the installation, too
    return (
        f"install.sh {installed:.1f} min under emulation, the restore of {size / 2**20:.1f} MiB"
        f" to a station that answers {restored:.0f} s; aired"
    )


def stick() -> str:
    """A FAT stick plugged into a running Pi: mounted, made the station's own, and backed up to by the player."""
    with _stick() as file:
        plug = ("-device", "qemu-xhci", "-drive", f"if=none,id=stick,format=raw,file={file}")
        with stages.station(extra=plug) as station:
            machine = station.machine
            machine.monitor("device_add usb-storage,drive=stick,id=plugged,removable=on")
            wait_until(lambda: machine.run("ls /run/media/loa-xa 2>/dev/null", check=False).strip(), 60, every=1)
            place = f"/run/media/loa-xa/{machine.run('ls /run/media/loa-xa').strip()}"
            wait_until(lambda: machine.status(f"mountpoint -q {place}") == 0, 60, every=1)
            station.command(f"stick prepare {place}")
            wait_until(lambda: machine.status(f"ls {place}/loa-xa-sao-luu/*.tar") == 0, 600, every=5)
            machine.run("sync")
            told = machine.run(f"tar -tf {place}/loa-xa-sao-luu/*.tar | wc -l").strip()
            shown = station.command("stick show")
    return f"{told} files in the backup, made by the player by itself ({shown.splitlines()[0]})"


def memory() -> str:
    """All of the station together on a Pi with 512 MiB, idle and on air (proportional set size)."""
    with stages.station(memory=512) as station:
        machine = station.machine
        machine.run("python3 -c 'import urllib.request as it; it.urlopen(\"http://127.0.0.1:8080/\")'")
        idle = _together(machine)
        station.air_soon(late="join")
        with Listening(machine) as listening:
            wait_until(listening.hears, 400, every=1)
        on_air = _together(machine)
        free = machine.run("free -m | awk '/^Mem/ {print $7}'").strip()
        killed = machine.run("journalctl -k --no-pager -q -g 'Out of memory' | wc -l").strip()
    assert killed == "0"
    assert sum(idle.values()) <= _MEMORY_MIB, idle
    told = ", ".join(f"{unit} {value:.0f}" for unit, value in idle.items())
    return (
        f"{sum(idle.values()):.0f} MiB idle ({told}), {sum(on_air.values()):.0f} on air;"
        f" {free} MiB of 512 available then"
    )


def idle_writes() -> str:
    """What is written to the card while nothing happens, a day of it."""
    with stages.ready() as station:
        machine = station.machine
        _wait(machine, _SETTLE_S)
        machine.run("sync; touch /run/before")
        before = _written(machine)
        _wait(machine, _MEASURE_S)
        machine.run("sync")
        written = _written(machine) - before
        files = machine.run("find / -xdev -newer /run/before -type f -printf '%s %p\\n'").splitlines()
    day = written * _DAY_S / _MEASURE_S / 2**20
    told = "; ".join(files) or "none"
    assert day <= _WRITES_MIB, (day, told)
    return f"{written / 1024:.0f} KiB in {_MEASURE_S // 60} min, {day:.2f} MiB a day; files: {told}"


def _wait(machine: Machine, seconds: float) -> None:
    """Let a machine be for a while; what is measured is that nothing happens."""
    machine.run(f"sleep {seconds}", timeout=seconds * 2 + 60)


@contextmanager
def _stick() -> Iterator[Path]:
    """A USB stick of 256 MiB as shops sell them: one partition of FAT32."""
    with TemporaryDirectory(dir=kept()) as folder:
        file = Path(folder) / "stick.img"
        run("truncate", "-s", "256M", file)
        run("mkfs.vfat", "-F", "32", "-n", "USB", file)
        yield file


def _boot_id(machine: Machine) -> bytes:
    return machine.result("cat /proc/sys/kernel/random/boot_id").stdout


def _together(machine: Machine) -> dict[str, float]:
    """MiB of each unit of the station with all its processes: proportional set sizes (proc(5))."""
    script = (
        "running='systemctl list-units --plain --no-legend --state=running'; "
        "for unit in $($running 'station*.service' | cut -d' ' -f1); do"
        " group=$(systemctl show -P ControlGroup $unit); total=0;"
        " for pid in $(find /sys/fs/cgroup$group -name cgroup.procs -exec cat {} +); do"
        " total=$((total + $(awk '/^Pss:/ {print $2}' /proc/$pid/smaps_rollup))); done; echo $unit $total; done"
    )
    rows = (line.split() for line in machine.run(script).splitlines())
    return {unit.removesuffix(".service"): int(kib) / 1024 for unit, kib in rows}


def _written(machine: Machine) -> int:
    """Bytes written to the card since it was switched on (Documentation/block/stat.rst: sectors of 512 bytes)."""
    return int(machine.run("cat /sys/block/vda/stat").split()[6]) * 512
