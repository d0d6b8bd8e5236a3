"""What `./install.sh` is to do on a real system, one scenario a function, each failing when it does not."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.install.box import Box
from tests.install.trees import break_bundle
from tests.rig.waiting import mono_ns, wait_until

BUNDLE = "loa-xa.tar"

_INSTALL = "/given/one/install.sh"
_UPGRADE = "/given/two/install.sh"
_BROKEN = "/given/broken/install.sh"
_WELL_WITHIN_S = 60
_RETURNS_WITHIN_S = 400  # what hangs is given up after two minutes, on slow machines too
_CONFIG = '[station]\nname = "Đài thử cài"'
_ASK_PAGE = "import urllib.request as it; it.urlopen('http://127.0.0.1:8080/', timeout=10)"
_ASK_NGINX = """
import ssl, urllib.request as it
trusting = ssl._create_unverified_context()
print(it.urlopen("http://127.0.0.1/").status, it.urlopen("https://127.0.0.1/", context=trusting).status)
"""
_SYSTEM = ("/etc", "/usr/local/bin", "/usr/lib/systemd")


def install(box: Box) -> None:
    """A machine with nothing on it; the second time changes nothing and interrupts nothing."""
    before = _used(box)
    with _timed("first install"):
        said = box.does(_INSTALL).stdout
    _tell(
        f"{_used(box) - before} MB more on disk, a version of them {box.says('du', '-sm', _folder(box)).split()[0]}"
    )
    for words in ("http://truyenthanh.local/", "Mã thiết lập: ", "█"):
        assert words in said, said
    assert is_well(box)
    assert box.says("python3", "-c", _ASK_NGINX) == "200 200"
    box.does("bash", "-c", f"echo '{_CONFIG}' >/var/lib/station/station.toml")
    processes, name = _processes(box), version(box)
    with _timed("the same again"):
        box.does(_INSTALL)
    assert (_processes(box), version(box)) == (processes, name)


def start_anew(box: Box) -> None:
    """After a power cut it is there by itself."""
    box.power_off()
    box.boot()
    wait_until(lambda: is_well(box), _WELL_WITHIN_S, every=1)


def upgrade(box: Box) -> None:
    """Another version, and the way back is kept."""
    before = version(box)
    with _timed("upgrade"):
        box.does(_UPGRADE)
    assert version(box) != before
    assert version(box, "previous") == before
    assert is_well(box)


def fail_an_upgrade(box: Box) -> None:
    """A version whose player cannot start: the one before runs again by itself, and 3 is said."""
    before = version(box)
    with _timed("failed upgrade, back again"):
        told = box.does(_BROKEN, status=3)
    assert "broken on purpose" in told.stderr
    assert before in told.stderr
    _runs(box, before)


def cut_power_in_a_failed_upgrade(box: Box) -> None:
    """Nobody is there to run anything: the next start of the machine brings back what was well."""
    before = version(box)
    run = box.begins(_BROKEN)
    wait_until(lambda: version(box) not in {before, ""}, _RETURNS_WITHIN_S, every=0.2)
    box.power_off()
    run.wait()
    box.boot()
    with _timed("back again after the start"):
        wait_until(
            lambda: version(box) == before and not _exists(box, "/opt/station/trial"), _RETURNS_WITHIN_S, every=1
        )
    _runs(box, before)


def kill_upgrades(box: Box, times: int) -> None:
    """However an upgrade ends, a station runs within a minute; the next run goes on and finishes."""
    for number in range(times):
        command, after = (_INSTALL, _UPGRADE)[number % 2], random.uniform(0.5, 60)
        killed = _kill(box, command, after)
        wait_until(lambda: is_well(box), _WELL_WITHIN_S, every=1)
        with _timed(f"{'killed' if killed else 'ended'} after {after:.1f} s, {version(box)} ran; the next run"):
            box.does(command)
        assert is_well(box)
        assert len(box.says("ls", "/opt/station/versions").split()) <= 2


def kill_first_installs(box: Box, times: int) -> None:
    """A machine with nothing on it: killed with packages half installed and all, and then finished."""
    for _ in range(times):
        after = random.uniform(2, 60)
        _kill(box, _INSTALL, after)
        _tell(f"killed after {after:.1f} s")
    with _timed("the last run"):
        box.does(_INSTALL)
    assert is_well(box)


def make_bundle(box: Box, given: Path) -> None:
    """One command on a machine with a link."""
    with _timed("bundle"):
        box.does(_INSTALL, "--bundle", f"/root/{BUNDLE}")
    box.file(f"/root/{BUNDLE}").rename(given / BUNDLE)
    _tell(f"{(given / BUNDLE).stat().st_size // 1_000_000} MB")
    break_bundle(given / BUNDLE, given)


def install_offline(box: Box) -> None:
    """Unpacked by hand, as a technician does; then from the file; and nothing of what is not for this machine."""
    assert box.says("ls", "/sys/class/net") == "lo"
    with _timed("install from a bundle"):
        box.does("bash", "-c", f"cd /root && tar -xf /given/{BUNDLE} && ./loa-xa/install.sh")
    assert is_well(box)
    name = version(box)
    with _timed("from the file"):
        box.does(_UPGRADE, "--offline", f"/given/{BUNDLE}")
    for wrong, reason in (
        ("damaged.tar", "gói bị hỏng"),
        ("other.tar", "làm cho máy loại"),
        ("one/README.md", "hỏng hoặc"),
    ):
        assert reason in box.does(_UPGRADE, "--offline", f"/given/{wrong}", status=1).stderr
    _runs(box, name)


def uninstall(box: Box) -> None:
    """All of it goes but what the station keeps, and no file of the system speaks of it."""
    box.does(_INSTALL, "--uninstall")
    assert not _exists(box, "/opt/station")
    assert box.says("systemctl", "list-unit-files", "--no-legend", "station*") == ""
    assert ":8080 " not in box.says("ss", "-ltn")
    assert (
        box.says("grep", "--recursive", "--files-with-matches", "-e", "/opt/station", "-e", "truyenthanh", *_SYSTEM)
        == ""
    )
    assert box.says("find", *_SYSTEM, "-lname", "/opt/station*") == ""
    assert _exists(box, "/etc/nginx/sites-enabled/default")
    box.does(_INSTALL)
    assert is_well(box)


def is_well(box: Box) -> bool:
    """Whether player and page answer."""
    asked = (["station", "status"], ["python3", "-c", _ASK_PAGE])
    return all(box.does(*it, status=None).returncode == 0 for it in asked)


def version(box: Box, link: str = "current") -> str:
    """The version that a link names; "" for none."""
    return box.says("readlink", f"/opt/station/{link}").removeprefix("versions/")


def keeps_all(box: Box) -> None:
    """What a person wrote into the station's home is as it was."""
    assert box.says("cat", "/var/lib/station/station.toml") == _CONFIG


def _runs(box: Box, name: str) -> None:
    assert version(box) == name
    assert not _exists(box, "/opt/station/trial")
    wait_until(lambda: is_well(box), _WELL_WITHIN_S, every=1)


def _kill(box: Box, command: str, after: float) -> bool:
    """Kill a command and all its children after so many seconds; gives whether it still ran."""
    run, ends = box.begins(command), mono_ns() + after * 1e9
    wait_until(lambda: mono_ns() > ends or run.poll() is not None, after + 10, every=0.05)
    return box.kills(run)


def _processes(box: Box) -> str:
    return box.says("systemctl", "show", "-P", "MainPID", "station.service", "station-web.service")


def _folder(box: Box) -> str:
    return f"/opt/station/versions/{version(box)}"


def _exists(box: Box, file: str) -> bool:
    return box.does("test", "-e", file, status=None).returncode == 0


def _used(box: Box) -> int:
    """MB on its disk."""
    return int(box.says("du", "-smx", "--exclude=/given", "/").split()[0])


@contextmanager
def _timed(what: str) -> Iterator[None]:
    begun = mono_ns()
    yield
    _tell(f"{what}: {(mono_ns() - begun) / 1e9:.0f} s")


def _tell(words: str) -> None:
    print(f"   {words}", flush=True)
