"""Updates from a file: somebody must vouch for it before it is even looked into, and it is unpacked with care."""

import os
import pty
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from station.care.installing import listened_to
from station.control.server import ControlServer
from station.desk.updating import Vetted, alone, install, vet_file
from station.rules.trouble import Refused
from station.stores.release import running_version
from station.stores.update_notes import News, Stage, read_news, request_update
from tests.province.offers import NOW
from tests.rig.tree import Tree
from tests.rig.waiting import wait_until
from tests.updates.conftest import Machine
from tests.updates.releases import NEW, OLD, PROJECT, packed, release, sha256
from tests.updates.test_calm import ON_AIR, Player


def vetted(machine: Machine, file: Path, digest: str | None = None) -> Vetted:
    return vet_file(machine.ground, file, digest, machine.station.clock)


def updated(machine: Machine, content: bytes, digest: str | None = None) -> News:
    """What comes of a file that a person has."""
    file = machine.trace.with_name("release.tar")
    file.write_bytes(content)
    with alone(machine.ground):
        return install(
            machine.ground, vetted(machine, file, digest), listened_to, machine.station.clock, lambda _: None
        )


def is_refused(machine: Machine, content: bytes, digest: str | None, *words: str) -> None:
    with pytest.raises(Refused) as refusal:
        updated(machine, content, digest)
    for word in words:
        assert word in str(refusal.value.trouble)
    assert machine.installed == []
    assert machine.left == set()


def test_a_file_that_nobody_vouches_for_is_refused_with_its_digest(machine: Machine):
    content = release()
    is_refused(machine, content, None, "Chưa ai bảo đảm", sha256(content), f"--sha256 {sha256(content)[:32]}")


@pytest.mark.parametrize("digits", [16, 20, 64])
def test_its_digest_vouches_for_it(machine: Machine, digits: int):
    content = release()
    assert updated(machine, content, f" {sha256(content)[:digits].upper()} ").stage is Stage.UPDATED
    assert machine.installed == [NEW]


def test_another_digest_or_too_little_of_it_does_not(machine: Machine):
    content = release()
    is_refused(machine, content, sha256(b"another"), "khác với mã đã cho", sha256(content))
    is_refused(machine, content, sha256(content)[:15], "từ 16 đến 64")
    is_refused(machine, content, "x" * 20, "từ 16 đến 64")
    is_refused(machine, content + bytes(512), sha256(content), "khác với mã đã cho")


def test_the_province_vouches_for_what_it_offers(machine: Machine, tree: Tree):
    content = release()
    tree.offer("tinh/loa-xa.tar", content, version=NEW, title="Loa xã", published=NOW)
    tree.publish()
    machine.station.synchronise()
    is_refused(machine, release("99.2.0"), None, "Chưa ai bảo đảm")
    assert updated(machine, content).stage is Stage.UPDATED
    machine.ground.pin.unlink()
    machine.trace.unlink()
    is_refused(machine, content, None, "Chưa ai bảo đảm")


def test_what_is_older_takes_a_digest_and_is_told(machine: Machine, tree: Tree):
    content = release(OLD)
    tree.offer("tinh/loa-xa.tar", content, version=OLD, title="Loa xã", published=NOW)
    tree.publish()
    machine.station.synchronise()
    is_refused(machine, content, None, f"bản {OLD}, CŨ hơn bản đang chạy ({running_version()})")
    assert updated(machine, content, sha256(content)).stage is Stage.UPDATED
    assert machine.installed == [OLD]


def test_a_tree_at_the_top_will_do(machine: Machine):
    content = release(top="")
    assert updated(machine, content, sha256(content)).stage is Stage.UPDATED


def odd(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


GOOD = {"loa-xa/pyproject.toml": PROJECT.format(version=NEW).encode(), "loa-xa/install.sh": b"exit 0"}
TRICKS = {
    "above": [odd("../evil")],
    "above from inside": [odd("loa-xa/a/../../../evil")],
    "from the root": [odd("/tmp/evil")],  # noqa: S108
    "a link": [odd("loa-xa/web", tarfile.SYMTYPE, "/etc")],
    "through a link": [odd("loa-xa/web", tarfile.SYMTYPE, "/tmp"), odd("loa-xa/web/evil")],  # noqa: S108
    "a hard link": [odd("loa-xa/passwd", tarfile.LNKTYPE, "/etc/passwd")],
    "a device": [odd("loa-xa/disk", tarfile.BLKTYPE)],
    "a pipe": [odd("loa-xa/pipe", tarfile.FIFOTYPE)],
    "the same again": [odd("loa-xa/install.sh")],
    "a backslash": [odd("loa-xa\\..\\evil")],
    "a file for a folder": [odd("loa-xa/x"), odd("loa-xa/x/y")],
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS.keys())
def test_an_archive_with_a_trick_is_refused_though_it_is_vouched_for(machine: Machine, trick):
    content = packed(GOOD, trick)
    is_refused(machine, content, sha256(content), "không phải là một bản Loa xã")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no archive",
        packed({}),
        packed({"loa-xa/install.sh": b""}),
        packed({"loa-xa/pyproject.toml": PROJECT.format(version=NEW).encode()}),
        packed({"a/b/pyproject.toml": PROJECT.format(version=NEW).encode(), "a/b/install.sh": b""}),
        packed({"pyproject.toml": b'[project]\nname = "other"\nversion = "1.0"', "install.sh": b""}),
        packed({"pyproject.toml": PROJECT.format(version="1.0; rm").encode(), "install.sh": b""}),
        packed({"pyproject.toml": b"\xff", "install.sh": b""}),
        packed({**GOOD, **{name.replace("loa-xa", "other"): it for name, it in GOOD.items()}}),
        release(ballast=2)[:200_000],
    ],
)
def test_what_is_no_release_is_refused(machine: Machine, content: bytes):
    is_refused(machine, content, sha256(content), "không phải là một bản Loa xã")


def test_two_at_once_are_one(machine: Machine):
    with alone(machine.ground):
        beside = subprocess.Popen(
            [
                sys.executable,
                "-c",
                SECOND,
                machine.ground.work,
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        assert "Máy đang cập nhật rồi." in beside.communicate(timeout=120)[1]


SECOND = """\
import sys
from pathlib import Path
from station.desk.updating import Ground, alone
from station.stores.places import places
with alone(Ground(places(), Path(sys.argv[1]), Path(sys.argv[1]) / "none")):
    pass
"""
SLOW = """\
import sys
from pathlib import Path
from station.clock import Clock
from station.care.installing import listened_to
from station.control.server import ControlServer
from station.desk.updating import Ground, alone, install, vet_file
from station.stores.places import places
work, file, digest, home = sys.argv[1:]
ground = Ground(places(Path(home)), Path(work), Path(work) / "none")
with alone(ground):
    vetted = vet_file(ground, Path(file), digest, Clock())
    print("vetted", flush=True)
    install(ground, vetted, listened_to, Clock(), lambda _: None)
"""


def test_killed_before_its_installer_runs_it_leaves_nothing_half_done(machine: Machine, tmp_path: Path):
    content, file = release(ballast=200), tmp_path / "release.tar"
    file.write_bytes(content)
    arguments = [
        sys.executable,
        "-c",
        SLOW,
        machine.ground.work,
        file,
        sha256(content),
        machine.station.home.places.home,
    ]
    tree = machine.ground.work / "tree" / "loa-xa" / "web"
    for files in (0, 1, 70, 140):
        child = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        assert child.stdout
        assert child.stdout.readline() == "vetted\n"
        if files:
            wait_until(lambda some=files: tree.exists() and len([*tree.iterdir()]) >= some, 120)
        child.send_signal(signal.SIGKILL)
        child.communicate(timeout=120)
        assert machine.installed in ([], [NEW])  # its installer checks the whole tree before it says that it ran
    machine.trace.unlink(missing_ok=True)
    assert updated(machine, content, sha256(content)).stage is Stage.UPDATED
    assert (machine.installed, machine.left) == ([NEW], set())


# The command and the service, as processes

AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
STAND_IN = """\
#!/bin/sh
# Runs at once what systemd would run as a unit.
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
"""


def places_of(machine: Machine, path: str = "") -> dict[str, str]:
    where, ground = machine.station.home.places, machine.ground
    return {
        **os.environ,
        "STATION_HOME": str(where.home),
        "RUNTIME_DIRECTORY": str(where.run),
        "STATE_DIRECTORY": str(ground.work),
        "CONFIGURATION_DIRECTORY": str(ground.pin.parent),
        "PATH": f"{path}:{os.environ['PATH']}",
    }


def command(
    machine: Machine, *arguments: str | Path, stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*AS_ROOT, sys.executable, "-m", "station", "update", *arguments],
        env=places_of(machine),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=stdin,
    )


@pytest.mark.parametrize(("status", "ends"), [(0, 0), (3, 3), (1, 1)])
def test_the_command_says_what_it_does_and_ends_as_the_installer_did(
    machine: Machine, tmp_path: Path, status: int, ends: int
):
    content, file = release(status=status), tmp_path / "loa-xa.tar"
    file.write_bytes(content)
    done = command(machine, file, "--sha256", sha256(content)[:20])
    assert done.returncode == ends, done.stderr
    assert done.stdout.startswith(
        f"Đang chạy bản {running_version()}. Sẽ cài bản {NEW}, mã {sha256(content)[:16]}.\n"
    )
    assert "đang cài\n" in done.stdout
    assert machine.installed == [NEW]


def test_the_command_is_refused_in_a_sentence(machine: Machine, tmp_path: Path):
    file = tmp_path / "loa-xa.tar"
    file.write_bytes(release())
    done = command(machine, file)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Chưa ai bảo đảm cho tệp này." in done.stderr
    assert command(machine, tmp_path / "none.tar", "--sha256", "0" * 16).stderr.startswith(
        "Cập nhật: Không đọc được"
    )
    machine.ground.pin.unlink()
    done = command(machine)  # nobody is there to confirm the province
    assert done.returncode == 1
    assert "Dấu vân tay khóa gốc: " in done.stdout
    assert "Chưa xác nhận tỉnh" in done.stderr
    assert not machine.ground.pin.exists()


def begun(machine: Machine, file: Path) -> "subprocess.Popen[str]":
    """The command, going on."""
    digest = sha256(file.read_bytes())
    return subprocess.Popen(
        [*AS_ROOT, sys.executable, "-m", "station", "update", file, "--sha256", digest],
        env=places_of(machine),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_who_waits_may_give_up(machine: Machine, tmp_path: Path):
    file, run = tmp_path / "loa-xa.tar", machine.station.home.places.run
    file.write_bytes(release())
    server = ControlServer(machine.station.home.places.socket, Player(ON_AIR).answer)
    try:
        going = begun(machine, file)
        wait_until(lambda: (news := read_news(run)) is not None and news.stage is Stage.WAITING, 120)
        going.send_signal(signal.SIGINT)
        going.communicate(timeout=120)
    finally:
        server.close()
    news = read_news(run)
    assert going.returncode == 1
    assert news and news.stage is Stage.FAILED
    assert (machine.installed, machine.left) == ([], set())


def test_an_installer_that_has_begun_is_waited_for(machine: Machine, tmp_path: Path):
    file, hold = tmp_path / "loa-xa.tar", machine.trace.with_name("trace.hold")
    file.write_bytes(release(status=3))
    hold.touch()
    going = begun(machine, file)
    wait_until(machine.trace.exists, 120)
    for number in (signal.SIGINT, signal.SIGHUP):
        going.send_signal(number)
    hold.unlink()
    going.communicate(timeout=120)
    assert going.returncode == 3
    news = read_news(machine.station.home.places.run)
    assert news and news.stage is Stage.RETURNED


@pytest.mark.parametrize(("typed", "status"), [(b"n\n", 1), (b"y\n", 0)])
def test_whoever_is_at_the_terminal_confirms_the_province(machine: Machine, tree: Tree, typed: bytes, status: int):
    tree.offer("tinh/loa-xa.tar", release(), version=NEW, title="Loa xã", published=NOW)
    tree.publish()
    machine.station.synchronise()
    machine.ground.pin.unlink()
    terminal, its_other_end = pty.openpty()
    os.write(terminal, typed)
    done = command(machine, stdin=its_other_end)
    os.close(terminal)
    os.close(its_other_end)
    assert done.returncode == status, done.stderr
    assert "mã xã 00001" in done.stdout
    assert machine.ground.pin.exists() == (status == 0)
    assert machine.installed == ([] if status else [NEW])


def test_the_service_takes_a_request_and_tells_what_became_of_it(machine: Machine, tree: Tree, tmp_path: Path):
    content = release(status=3, words="trang không trả lời")
    tree.offer("tinh/loa-xa.tar", content, version=NEW, title="Loa xã", published=NOW)
    tree.publish()
    machine.station.synchronise()
    stand_in = tmp_path / "bin" / "systemd-run"
    stand_in.parent.mkdir()
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    run = machine.station.home.places.run
    request_update(run, sha256(content))
    done = subprocess.run(
        [*AS_ROOT, sys.executable, "-m", "station.updater"],
        env=places_of(machine, str(stand_in.parent)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "đang cài\n" in done.stdout
    news = read_news(run)
    assert news and news.stage is Stage.RETURNED
    assert news.sentence.endswith("trang không trả lời")
