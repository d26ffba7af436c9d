"""The books that are made are fresh and true, and links between all books lead somewhere."""

import json
import re
import shutil
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from books.intent import layers
from books.keys import documented, keys
from make_books import COMMAND, books, old
from support import REPOSITORY, Cli, Project

from generator import __version__
from generator.validate.schemas import schema_folders

KEYS = keys()
PAGES = sorted(
    path for path in REPOSITORY.rglob("*.md")
    if not {".venv", ".git", "node_modules"} & {*path.relative_to(REPOSITORY).parts}
)  # fmt: skip


def _locked_click() -> bool:
    return f"click=={version('click')} " in (REPOSITORY / "requirements.txt").read_text()


def test_made_books_are_fresh() -> None:
    """Every generated page is what the command that makes them writes."""
    made = books()
    if not _locked_click():  # another version of click may lay out --help in another way
        made = {name: text for name, text in made.items() if not name.endswith("/REFERENCE.md")}
    stale = [name for name, text in made.items() if not _is(name, text)]
    gone = sorted(old() - books().keys())

    assert (stale, gone) == ([], []), f"run {COMMAND}"


def _is(name: str, text: str) -> bool:
    path = REPOSITORY / name
    return path.exists() and path.read_text(encoding="utf-8") == text


def test_every_key_is_described() -> None:
    """No key of the intent without a meaning that is a sentence, a place and a version."""
    assert [key.dotted for key in KEYS if documented(key) and not key.said("description")] == []
    bare = [key.dotted for key in KEYS if documented(key)
            and not str(key.said("description")).rstrip("'\"`").endswith((".", ")"))]  # fmt: skip
    assert bare == []


def test_since_is_a_version_that_is_there() -> None:
    """Nothing is older or newer than what is released or about to be."""

    def numbers(text: str) -> tuple[int, ...]:
        return tuple(map(int, re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", text).groups()))  # type: ignore[union-attr]

    newest = numbers(__version__)
    assert [key.dotted for key in KEYS if numbers(key.since) > newest] == []


@pytest.mark.parametrize("place", sorted({place for key in KEYS for place in key.renders}))
def test_places_exist(place: str) -> None:
    """What a key renders to is a field of that kind."""
    kind, _, path = place.partition(" ")
    if place in ("*", "RUNBOOK.md"):
        return
    found = list(_schemas(kind))
    assert found, f"no schema of {kind}"
    assert any(_has(schema, path.split(".") if path else []) for schema in found), place


def test_every_section_says_where_it_goes() -> None:
    """Nobody forgets it, so that `—` means that nothing is rendered."""
    sections = [key for key in KEYS if len(key.path) == 1]
    assert [key.dotted for key in sections if "x-renders" not in key.whole] == []


@cache
def _schemas(kind: str) -> tuple[dict[str, Any], ...]:
    return tuple(
        json.loads(path.read_text(encoding="utf-8"))
        for folder in schema_folders()
        for path in sorted(folder.glob(f"{kind.lower()}-*.json"))
    )


def _has(schema: dict[str, Any], steps: list[str]) -> bool:
    """True when a path leads somewhere, as far as the schema knows its own fields."""
    while "items" in schema:
        schema = schema["items"]
    if not steps or not schema.get("properties"):
        return True
    below = schema["properties"].get(steps[0])
    return isinstance(below, dict) and _has(below, steps[1:])


def test_defaults_are_told_alike() -> None:
    """What the schema says is a default is one in every size, where the sizes say something."""
    differ = []
    for key in KEYS:
        said = key.said("default")
        for size in ("dev", "small", "medium", "large"):
            found: Any = layers(size)
            for step in key.path:
                found = found.get(step) if isinstance(found, dict) else None
            if said is not None and found is not None and found != said:
                differ.append((key.dotted, size, said, found))
    assert differ == []


@cache
def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(
        r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    found: set[str] = set()
    for heading in re.findall(r"^#{1,6} (.*)$", text, re.MULTILINE):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        number = 0
        while (name := f"{slug}-{number}" if number else slug) in found:
            number += 1
        found.add(name)
    return found


def _links(page: Path) -> Iterator[tuple[str, str]]:
    """Files and anchors that a page links to, but for addresses."""
    text = re.sub(
        r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match("[a-z]+:", link):
            file, _, anchor = link.partition("#")
            yield file, anchor


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Every file is there, and every heading."""
    broken = []
    for file, anchor in _links(page):
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (
            anchor and target.suffix == ".md" and anchor not in _anchors(target)
        ):
            broken.append(f"{file}#{anchor}")
    assert broken == []


def test_modules_that_are_named_are_there() -> None:
    """Texts of books and of modules, which stay behind when files move."""
    folders = ("generator", "verify", "schemas", ".github", "tests/books")
    modules = [path for each in folders for path in (REPOSITORY / each).rglob("*.py")]
    everything = {f"/{path.relative_to(REPOSITORY).as_posix()}" for path in REPOSITORY.rglob("*.py")
                  if ".venv" not in path.parts}  # fmt: skip
    gone = {
        (name, text.relative_to(REPOSITORY).as_posix())
        for text in (*PAGES, *modules)
        for name in re.findall(r"(?<![\w/.*<-])((?:[\w-]+/)*\w+\.py)\b", text.read_text("utf-8"))
        if not any(each.endswith(f"/{name}") for each in everything)
    }
    assert gone == set()


def test_a_book_beside_what_is_rendered_stays(project: Project, cli: Cli) -> None:
    """`render` neither compares nor removes it, also when an environment goes."""
    book = project.write("rendered/README.md", "# What is rendered\n")
    for name in ("dev", "lab"):
        project.environment(name=name)
    assert cli("render")[0] == 0
    shutil.rmtree(project.root / "environments/lab")

    assert cli("render")[0] == 0
    assert cli("render", "--check")[0] == 0
    assert book.read_text() == "# What is rendered\n"


def test_argo_cd_never_looks_at_it() -> None:
    """Every Application has a folder below rendered/ as its path, or none at all."""
    applications = [
        yaml.safe_load(path.read_text())["spec"]["source"].get("path", "rendered/-")
        for path in (REPOSITORY / "rendered/argocd").glob("application-*.yaml")
    ]
    assert applications
    assert all(re.fullmatch("rendered/[^/]+", path) for path in applications)
