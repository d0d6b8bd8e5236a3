"""A station of the tests: its home, its clock, and what it has of its province."""

import json
from pathlib import Path

from attrs import frozen
from sqlalchemy import func, select

from station.province import shelf
from station.province.source import Source
from station.province.stick import Stick
from station.province.sync import synchronise
from station.rules.now import Now
from station.stores.contact import Contact
from station.stores.database import segments
from station.stores.enrolment import keep_enrolment
from station.stores.home import open_home
from station.stores.places import places
from tests.rig.tree import Tree
from tests.rig.waiting import wall_ms


@frozen
class Hands:
    """A clock that is `off` by so many ms, and `trusted` or not."""

    off: int = 0
    trusted: bool = True

    def now(self) -> Now:
        return Now(round(wall_ms()) + self.off, round(wall_ms()), self.trusted)


class Folder(Stick):
    """A server that is a folder: what is old there is no old stick. `date` is what it says that it is."""

    carried = False
    date: int | None = None


class Station:
    """The station of commune 00001; `synchronise` asks the tree unless other places are named."""

    def __init__(self, folder: Path, tree: Tree, code: str = "00001", trees: tuple[str, ...] = ()) -> None:
        self.home = open_home(places(folder))
        self.clock = Hands()
        self.tree = tree
        self.root = (tree.metadata / "1.root.json").read_bytes()
        keep_enrolment(self.province, tree.enrolment(*trees, code=code), self.root)

    @property
    def province(self) -> Path:
        return self.home.places.province

    @property
    def parts(self) -> dict[str, int]:
        """What is still arriving, by size."""
        return {it.name: it.stat().st_size for it in (self.province / "parts").iterdir()}

    @property
    def has(self) -> dict[str, bytes]:
        """What it has of the province, by its path in the tree; what still waits to be levelled counts."""
        return {path: self._content(path) for path in shelf.present(self.home)}

    def _content(self, path: str) -> bytes:
        if path.endswith(".toml"):
            written = self.home.places.schedules / "province" / Path(path).name
            return written.read_bytes().partition(b"\n")[2]  # behind the line that says where it is from
        newest = (
            select(segments.c.original).where(segments.c.offered == path).order_by(func.length(segments.c.name))
        )
        with self.home.engine.connect() as connection:
            *_, original = connection.scalars(newest)
        return self.home.library.original_path(original).read_bytes()

    def synchronise(self, *sources: Source) -> Contact:
        """What came of it; whatever that is, it is what the page will be told."""
        contact = synchronise(self.home, self.clock, sources=sources or [Folder(self.tree.folder)])
        noted = json.loads((self.home.places.run / "contact.json").read_text())
        assert noted["good_at"] == contact.good_at
        return contact

    def is_told(self, contact: Contact, *words: str) -> None:
        """Fail unless the trouble says these words."""
        assert contact.trouble, "no trouble"
        for word in words:
            assert word in str(contact.trouble)
        assert contact.trouble.still and contact.trouble.mend
