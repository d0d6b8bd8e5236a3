"""What The Update Framework fetches its metadata by: any source, going on where it was cut, and little at rest."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface

from station.clock import Clock
from station.durable import write_whole
from station.province import told
from station.province.source import Source, Wanted, bring, gather, read

METADATA = "metadata"  # the folder of a tree, and at the station the one of what is believed of it
NEWEST = "timestamp.json"
_ROOT = "root"
_NONE = 404


class Fetcher(FetcherInterface):
    """Fetches a tree's metadata from `source`, for an updater that keeps what it believes in `work`.

    What is cut off waits in `parts`. The tag of the newest timestamp is noted in the file `tag`.
    """

    def __init__(self, source: Source, work: Path, parts: Path, tag: Path, clock: Clock) -> None:
        self._source, self._newest, self._parts, self._tag, self._clock = source, work / NEWEST, parts, tag, clock
        self.file = ""  # what was asked for last
        self.content = b""  # and what came

    @property
    def where(self) -> str:
        """What people know the source by."""
        return self._source.name

    @property
    def role(self) -> str:
        """Whose metadata was asked for last."""
        return unquote(self.file.removesuffix(".json").rpartition(".")[2])

    @property
    def version(self) -> int | None:
        """Which version of it was asked for, if any."""
        number = self.file.partition(".")[0]
        return int(number) if number.isdecimal() else None

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """A file of metadata. Raises `Broken`, and `DownloadHTTPError` caused by it when there is no such file."""
        self.file = url.removeprefix(f"{METADATA}/")
        try:
            self.content = self._have(url, max_length)
        except told.Broken as broken:
            if broken.missing:
                raise DownloadHTTPError(str(broken), _NONE) from broken
            raise
        return self.content

    def _have(self, path: str, most: int) -> bytes:
        if self.file == NEWEST:
            return self._have_newest(path, most)
        if self.role == _ROOT or self.version is None:
            return read(self._source, path, most)
        part = self._parts / self.file
        bring(self._source, Wanted(path, most, exact=False), part, self._clock)
        content = part.read_bytes()
        part.unlink()  # whether or not it will be believed: if not, it is asked for anew
        return content

    def _have_newest(self, path: str, most: int) -> bytes:
        """The timestamp; of one that is still the same only its head travels."""
        with self._source.flow(path, packed=True, known=self._known_tag()) as flow:
            if flow.same:
                return self._newest.read_bytes()
            content = gather(self._source, Wanted(path, most, exact=False), flow)
        if flow.tag:
            self._note_tag(flow.tag, content)
        return content

    def _known_tag(self) -> str:
        """The tag that the source gave the very timestamp that is believed."""
        try:
            noted = json.loads(self._tag.read_text())
            same = noted["where"] == self._source.name and noted["sha256"] == _sha256(self._newest.read_bytes())
            return str(noted["tag"]) if same else ""
        except (OSError, ValueError, KeyError, TypeError):
            return ""

    def _note_tag(self, tag: str, content: bytes) -> None:
        noted = {"where": self._source.name, "tag": tag, "sha256": _sha256(content)}
        write_whole(self._tag, json.dumps(noted).encode())

    def _fetch(self, url: str) -> Iterator[bytes]:
        # `download_bytes` is all that an updater asks for, as targets come otherwise.
        raise NotImplementedError(url)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
