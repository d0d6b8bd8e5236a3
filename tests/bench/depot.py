"""A province with many files, as the benchmark needs it: its signed tree, and the same files under plain names."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from station.rules.enrolment import Enrolment
from tests.rig.tree import Tree

_PUBLISHED = 1_793_000_000_000  # wall ms


class Depot:
    """`work` is what the server serves. Files are called `GROUP/NAME.opus`; in `plain` they are by these names."""

    def __init__(self, folder: Path, groups: Iterable[str]) -> None:
        self.work, self.plain = folder / "work", folder / "plain"
        codes = {it: None if it == "tinh" else (it.removeprefix("xa-"),) for it in groups}
        self._tree = Tree(self.work / "tree", codes)
        self._kept: dict[str, Path] = {}

    @property
    def signed(self) -> Path:
        """The files by names that hold their hash."""
        return self._tree.folder / "targets"

    @property
    def root(self) -> bytes:
        """The metadata that all trust begins with."""
        return (self._tree.metadata / "1.root.json").read_bytes()

    def enrolment(self, address: str) -> Enrolment:
        """What the station of commune 00001 is told, for a tree at that address."""
        return self._tree.enrolment(address)

    def publish(self, contents: Mapping[str, bytes]) -> None:
        """Put these files in place of what they are called, and sign all anew."""
        for path, content in contents.items():
            plain = self.plain / path
            plain.parent.mkdir(parents=True, exist_ok=True)
            if path in self._kept:
                self._kept[path].unlink()
                plain.unlink()
            told = {"title": f"Bản tin {Path(path).stem}", "published": _PUBLISHED + len(self._kept)}
            self._tree.offer(path, content, **told)
            self._kept[path] = self._tree.place(path, content)
            os.link(self._kept[path], plain)
        self._tree.publish()


def bulletins(numbers: Iterable[int], length: int, groups: int = 1) -> dict[str, bytes]:
    """Files that are like nothing else, `length` bytes each, for everyone or dealt out to so many groups."""
    return {f"{_group(it % groups)}/ban-tin-{it:05}.opus": os.urandom(length) for it in numbers}


def _group(number: int) -> str:
    return f"xa-{number:05}" if number else "tinh"
