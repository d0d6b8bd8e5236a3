"""The handbook: what explains each page, and what its Markdown files become.

They are the files of `docs/so-tay/`, also read in the repository: links and pictures are written for that, and an
address without its ending is the same page here.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from attrs import frozen
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "so-tay"
CONTENTS = "README"

# What explains a page: by its endpoint and the kind of thing that it shows, by its endpoint, or by its room.
EXPLAINED_BY: Mapping[str, str] = {
    "today": "moi-ngay",
    "library": "duyet",
    "library.add": "tai-len",
    "segment": "duyet",
    "segment.compose": "go-chu",
    "editing": "nghe-sua-cat",
    "programme": "soan-theo-mau",
    "timetable": "lich-phat",
    "schedules": "lich-phat",
    "arranging": "sua-lich",
    "orders.ask_play": "phat-ngay",
    "orders.play": "phat-ngay",
    "orders": "dung-phat",
    "emergency": "khan-cap",
    "alerts": "tin-khan-tinh",
    "live": "truc-tiep",
    "log": "nhat-ky",
    "report": "nhat-ky",
    "replay": "nghe-lai",
    "system": "den-va-loi",
    "clock": "dong-ho",
    "system.ask_trial": "cum-loa",
    "system.try_zone": "cum-loa",
    "settings": "cai-dat",
    "settings.ask_one cum-loa": "cum-loa",
    "settings.save_one cum-loa": "cum-loa",
    "settings.ask_one tiep-song": "tiep-am",
    "settings.save_one tiep-song": "tiep-am",
    "settings.ask_one micro": "truc-tiep",
    "settings.save_one micro": "truc-tiep",
    "commissioning": "lan-dau",
    "province": "tinh",
    "vault": "sao-luu",
    "people": "ngay-dau",
    "users": "nguoi-dung",
    "audit": "nguoi-dung",
    "certificate": "https",
}


@frozen
class HandbookPage:
    """A page as it is shown: its heading, and all of it as HTML."""

    title: str
    html: Markup


def explained_by(endpoint: str, kind: str = "") -> str:
    """The name of the page that explains an endpoint; the table of contents where nothing is known of it."""
    wanted = (f"{endpoint} {kind}", endpoint, endpoint.partition(".")[0])
    return next((EXPLAINED_BY[it] for it in wanted if it in EXPLAINED_BY), CONTENTS)


@cache
def names() -> frozenset[str]:
    """What pages there are, by their names; the table of contents is not one of them."""
    return frozenset(it.stem for it in FOLDER.glob("*.md")) - {CONTENTS}


@cache
def pictures() -> Mapping[str, Path]:
    """The pictures by their files' names: of pages, and drawings."""
    return {it.name: it for kind in ("*.png", "*.svg") for it in (FOLDER / "hinh").glob(kind)}


@cache
def read(name: str) -> HandbookPage:
    """One of `names`, or the table of contents."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    for token in _all(tokens):
        if token.type == "link_open":
            token.attrSet("href", _here(str(token.attrGet("href"))))
        elif token.type == "image":
            token.attrSet("loading", "lazy")
    html = markdown.renderer.render(tokens, markdown.options, {})
    return HandbookPage(_heading(tokens), Markup(html))  # noqa: S704 - our own files, whose HTML is escaped


def _all(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _here(address: str) -> str:
    """Where a link between files leads on the page."""
    page, ending, place = address.partition(".md")
    if not ending:
        return address
    return ("./" if page == CONTENTS else page) + place


def _heading(tokens: list[Token]) -> str:
    at = next(number for number, it in enumerate(tokens) if it.type == "heading_open")
    return tokens[at + 1].content
