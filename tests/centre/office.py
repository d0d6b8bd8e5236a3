"""A province's office in tests: its folder, its command line, and python-tuf's own client as its station."""

import datetime as dt
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import attrs
from attrs import field, frozen
from click.testing import CliRunner, Result
from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater

from station.centre.published_tree import PublishedTree
from station.cli import main
from station.rules.now import SECOND

PASSPHRASE = "mot hai ba bon nam"  # noqa: S105 - of keys that no one trusts
BEGIN = 1_795_000_000_000  # wall ms
PROVINCE = """\
name = "Tỉnh Thử"
trees = ["https://loa.example/"]
reports = "https://loa.example/bao-cao/"
[communes.24169]
name = "Xã Hương Sơn"
areas = ["mien-nui"]
[communes.24172]
name = "Xã Đồng Bằng"
"""
SCHEDULE = """\
title = "Sáng"
[[air]]
days = "daily"
at = "05:00"
[[rundown]]
play = "{play}"
"""


class Office:
    """A province in `work`, and its `content`; each command takes place a second after the last, from `now` on."""

    def __init__(self, work: Path, content: Path, now: int = BEGIN) -> None:
        self.work, self.content, self.now = work, content, now

    def prepare(self, *options: str) -> None:
        """Make keys and a province of two communes, of which one is in an area."""
        self.work.mkdir()
        (self.work / "province.toml").write_text(PROVINCE)
        self.does("init", *options)

    def says(self, *arguments: str, typed: str | None = None, keys: Path | None = None) -> Result:
        """What `station province …` says."""
        self.now += SECOND
        more = ["--keys", str(keys)] if keys else []
        command = ["province", "--at", str(self.work), *more, *arguments]
        env = {"STATION_PROVINCE_PASSPHRASE": PASSPHRASE if typed is None else None}
        with patch("station.cli_province.now", lambda: self.now), patch("station.cli_alerts.now", lambda: self.now):
            return CliRunner().invoke(main, command, input=typed, env=env)

    def does(self, *arguments: str, **more: Any) -> Result:
        """The same for what must succeed."""
        result = self.says(*arguments, **more)
        assert result.exit_code == 0, (result.output, result.exception)
        return result

    def publish(self) -> dict[str, Any]:
        """Publish the content; what that says."""
        return json.loads(self.does("publish", str(self.content), "--json").stdout)

    def refuses(self, *arguments: str, **more: Any) -> str:
        """What is said of what must be refused."""
        result = self.says(*arguments, **more)
        assert (result.exit_code, result.stdout) == (1, ""), (result.output, result.exception)
        return result.stderr

    def write(self, name: str, text: str) -> Path:
        """Put a text into the content."""
        file = self.content / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    @property
    def tree(self) -> PublishedTree:
        """Its tree."""
        return PublishedTree(self.work / "tree")

    def files(self) -> dict[str, bytes]:
        """All files of the tree."""
        folder = self.tree.folder
        return {str(it.relative_to(folder)): it.read_bytes() for it in folder.rglob("*") if it.is_file()}

    def key(self, called: str) -> Path:
        """The file of the key of that name."""
        (file,) = (self.work / "keys").glob(f"{called}-????????.pem")
        return file


@frozen
class Seen:
    """A file as a station has it: its content, what is said of it, and for which communes (None: all) it is."""

    content: bytes = field(repr=False)
    custom: Mapping[str, Any]
    communes: tuple[str, ...] | None


class Client:
    """python-tuf's own client of an office's tree, which remembers in `folder` what it trusts.

    It begins with `root`, or the newest one, and its clock is the office's.
    """

    def __init__(self, folder: Path, office: Office, root: bytes | None = None) -> None:
        self.folder, self._office, self._root = folder, office, root or office.tree.root_content()
        folder.mkdir(parents=True, exist_ok=True)

    def sees(self, fetcher: FetcherInterface | None = None, address: str = "tree:") -> dict[str, Seen]:
        """All files, each fetched and verified. Raises python-tuf's errors."""
        updater = Updater(
            str(self.folder),
            f"{address}/metadata",
            str(self.folder),
            f"{address}/targets",
            fetcher or _Files(self._office.tree.folder),
            bootstrap=self._root,
        )
        updater._trusted_set.reference_time = dt.datetime.fromtimestamp(self._office.now / 1000, dt.UTC)
        updater.refresh()
        delegations = updater._trusted_set.targets.delegations
        found = {}
        for name, role in (delegations.roles or {}).items():
            communes = role.unrecognized_fields.get("x-loa-xa-communes")
            for path, target in updater._load_targets(name, "targets").targets.items():
                assert updater.get_targetinfo(path) == target
                content = Path(updater.download_target(target, str(self.folder / "target"))).read_bytes()
                found[path] = Seen(content, target.custom, None if communes is None else tuple(communes))
        return found


class _Files(FetcherInterface):
    """Fetches from a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _fetch(self, url: str) -> Iterator[bytes]:
        try:
            yield (self._folder / url.removeprefix("tree:/")).read_bytes()
        except FileNotFoundError:
            raise DownloadHTTPError("not there", 404) from None


def killed_at(write: int, deed: Callable[[], object]) -> bool:
    """Run `deed` in a process that dies at its n-th `write`; whether it came to that.

    A write is what takes a whole file to its place: what is there after one is what is there before the next.
    """
    child = os.fork()
    if child == 0:
        _die_at(write)
        deed()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in {0, 9}
    return os.waitstatus_to_exitcode(status) == 9


def _die_at(write: int) -> None:
    replace, count = Path.replace, iter(range(1, 10_000))

    def dying(self: Path, target: Path) -> Path:
        if next(count) == write:
            os._exit(9)
        return replace(self, target)

    Path.replace = dying  # type: ignore[method-assign]


def copied(office: Office, place: Path) -> Office:
    """The same office at another place; the content is shared."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(office.work, place)
    return Office(place, office.content, office.now)


def sound(file: Path, tone: str = "sine=440:d=3", volume: str = "-12dB") -> Path:
    """A recording of a tone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    source = ["-f", "lavfi", "-i", f"{tone},volume={volume}"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, file], check=True)
    return file


def plain(seen: Mapping[str, Seen]) -> dict[str, tuple[Any, ...]]:
    """Something to compare."""
    return {path: attrs.astuple(it, recurse=False) for path, it in seen.items()}
