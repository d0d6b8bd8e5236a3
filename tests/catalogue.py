"""The page's catalogues: `python -m tests.catalogue` gathers every text, and keeps what was translated.

Templates mark theirs by `_()` and scripts by `say()`, for Babel's own extractors. Of Python every Vietnamese text
is taken, with `{}` where an f-string has a value: the station's sentences are written where they arise, unmarked.
"""

import ast
import io
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
ENGLISH = ROOT / "web/translations/en/LC_MESSAGES"
VIETNAMESE = re.compile("[à-ỹđÀ-ỸĐ]")
# What is never on the page: the command line's own words, what is read aloud, and the province's own computer.
_ELSEWHERE = (
    "station/cli",
    "station/printed.py",
    "station/centre/",
    "station/rules/alerting/spoken.py",
    "station/rules/board.py",
    "station/rules/reading/",
    "station/desk/practice.py",
    "station/rules/letters.py",
    "station/stores/slug.py",
)
# Words of the page that have no mark.
_UNMARKED = {"Tin", "tin", "mai", "loa"}
_NAMED_HOLE = re.compile(r"\{\w+\}")


Texts = Iterator[tuple[Path, Iterator[str]]]


def gathered(texts: Texts) -> Catalog:
    """Every text, with the files that say it."""
    catalog = Catalog(project="Loa xã", charset="utf-8", fuzzy=False)
    for file, said in texts:
        for text in said:
            catalog.add(text, locations=[(str(file.relative_to(ROOT)), 0)])
    return catalog


def kept(domain: str) -> Catalog:
    """A catalogue as it is kept, with its translations."""
    with (ENGLISH / f"{domain}.po").open("rb") as file:
        return read_po(file, locale="en", domain=domain)


def compiled(catalog: Catalog) -> bytes:
    """What the page reads of a catalogue."""
    into = io.BytesIO()
    write_mo(into, catalog)
    return into.getvalue()


def _messages() -> Texts:
    for file in sorted((ROOT / "web/templates").glob("**/*.html")):
        yield file, _marked("jinja2.ext:babel_extract", file, ("_", "gettext", "ngettext"))
    for folder in ("station", "web"):
        for file in sorted((ROOT / folder).glob("**/*.py")):
            if not str(file.relative_to(ROOT)).startswith(_ELSEWHERE):
                yield file, filter(_read_by_a_person, sentences(file.read_text()))


def _scripts() -> Texts:
    for file in sorted((ROOT / "web/static").glob("*.js")):
        yield file, _marked("javascript", file, ("say",))


def _marked(method: str, file: Path, keywords: tuple[str, ...]) -> Iterator[str]:
    with file.open("rb") as source:
        found = extract(method, source, keywords=dict.fromkeys(keywords), options={"trimmed": "true"})
        for _, message, *_ in found:
            yield message if isinstance(message, str) else message[0]


def _read_by_a_person(text: str) -> bool:
    return bool(VIETNAMESE.search(text)) or text in _UNMARKED


def sentences(source: str) -> Iterator[str]:
    """Every string of a Python source that a person may read, but for docstrings."""
    tree = ast.parse(source)
    passed = {id(part) for node in ast.walk(tree) for part in _no_sentence(node)}
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield _NAMED_HOLE.sub("{}", node.value)


def _no_sentence(node: ast.AST) -> Iterator[ast.AST]:
    """What is part of a sentence that is taken whole, or a docstring."""
    if isinstance(node, ast.JoinedStr):
        yield from (part for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node, clean=False):
        assert isinstance(node.body[0], ast.Expr)
        yield node.body[0].value


DOMAINS: Mapping[str, Callable[[], Texts]] = {"messages": _messages, "scripts": _scripts}


def main() -> None:
    """Gather anew, keep what is translated, and tell what is not."""
    ENGLISH.mkdir(parents=True, exist_ok=True)
    for domain, texts in DOMAINS.items():
        known = (ENGLISH / f"{domain}.po").exists()
        catalog = kept(domain) if known else Catalog(locale="en", charset="utf-8", fuzzy=False)
        catalog.update(gathered(texts()), no_fuzzy_matching=True)
        catalog.obsolete.clear()
        with (ENGLISH / f"{domain}.po").open("wb") as file:
            write_po(file, catalog, width=116, sort_output=True, include_lineno=False)
        (ENGLISH / f"{domain}.mo").write_bytes(compiled(catalog))
        for message in catalog:
            if message.id and not message.string:
                print(message.id)


if __name__ == "__main__":
    main()
