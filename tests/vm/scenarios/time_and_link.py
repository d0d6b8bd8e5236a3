"""A clock that nobody vouches for, and a link as communes in the hills have it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from station.centre.opus import compress
from station.rules.enrolment import to_line
from station.rules.now import SECOND
from tests.rig.province_server import ProvinceServer
from tests.rig.tree import Tree
from tests.rig.waiting import mono_ns, wait_until
from tests.vm import stages
from tests.vm.image import run
from tests.vm.machine import Machine
from tests.vm.pins import Pins
from tests.vm.station import HIGH, LOW
from tests.vm.time_server import TimeServer

_WRONG = ("-rtc", "base=2020-01-01T00:00:00")  # as a Pi without a battery wakes up
_HOST = "10.0.2.2"  # this machine, as the emulated one sees it
_SILENT_S = 150
_LENGTH_S, _RATE = 300, 48_000  # of what is sent; bits a second
_NETEM = "delay 100ms loss 3% rate 512kbit"  # each way


def clock() -> str:
    """A wrong clock: what is due by it does not sound; synchronised by a server of time, the station airs."""
    with stages.station(extra=_WRONG) as station:
        machine, pins = station.machine, Pins(station.machine)
        pins.watch()
        told = station.status()
        assert not told["clock"]["trusted"], told["clock"]
        assert any(it["where"] == "Đồng hồ" for it in told["faults"]), told["faults"]
        due = station.air_soon(late="join")
        wait_until(lambda: machine.wall_ms() > due + _SILENT_S * 1000, 600, every=5)
        assert {it.level for it in pins.edges(HIGH)} <= {0}
        assert {it.level for it in pins.edges(LOW)} <= {1}
        assert not station.log()
        with TimeServer():
            machine.write("/etc/systemd/timesyncd.conf.d/z.conf", f"[Time]\nNTP={_HOST}\n")
            machine.run("systemctl restart systemd-timesyncd")
            begun = mono_ns()
            wait_until(lambda: station.status()["clock"]["trusted"], 120, every=1)
            trusted = (mono_ns() - begun) / 1e9
            station.air_soon(late="join")
            wait_until(lambda: [it for it in station.log() if it["result"] == "aired"], 600, every=3)
    return f"silent through a broadcast of 2020; trusted {trusted:.0f} s after time could be had, then aired"


def bad_link() -> str:
    """The province's tree over 200 ms there and back, 3 % lost each way, 512 kbit/s."""
    with TemporaryDirectory() as folder, stages.ready() as station:
        work = Path(folder)
        tree = Tree(work / "tree")
        tree.offer("tinh/ban-tin.opus", _recording(work), title="Bản tin tỉnh", kind="news")
        tree.publish()
        with ProvinceServer(work, work / "nginx") as server:
            _worsen(station.machine)
            address = server.plain_tree.replace("127.0.0.1", _HOST)
            line = to_line(tree.enrolment(address))
            station.machine.run("station enrol -", stdin=line.encode(), timeout=300)
            begun = mono_ns()
            wait_until(lambda: "Bản tin tỉnh" in station.command("segments"), 600, every=5)
            took = (mono_ns() - begun) / 1e9
            asked = [it for it in server.log() if it.path.endswith(".opus")]
    return f"{sum(it.body for it in asked) / 1e6:.2f} MB in {took:.0f} s, {len(asked)} requests"


def _worsen(machine: Machine) -> None:
    """Delay, loss and a narrow pipe in both directions; what comes in goes through a device of its own for that."""
    machine.run(
        "modprobe ifb numifbs=1 && ip link set ifb0 up && card=$(basename /sys/class/net/en*)"
        f" && tc qdisc add dev $card root netem {_NETEM} && tc qdisc add dev $card handle ffff: ingress"
        " && tc filter add dev $card parent ffff: matchall action mirred egress redirect dev ifb0"
        f" && tc qdisc add dev ifb0 root netem {_NETEM}"
    )


def _recording(folder: Path) -> bytes:
    """Five minutes as a province sends them, some 2 MB."""
    wave, sent = folder / "noise.wav", folder / "noise.opus"
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"anoisesrc=d={_LENGTH_S}:c=pink:a=0.3:r=48000", wave)
    compress(wave, sent, _LENGTH_S * SECOND, _RATE, wave.name)
    return sent.read_bytes()
