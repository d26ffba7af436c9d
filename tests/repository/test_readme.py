"""What the books promise is so: their commands, their examples, and what they print."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from books.commands import COMMANDS
from support import REPOSITORY, Cli, Project

from verify.checks.registry import all_checks

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BOOKS = [
    "README.md", ".github/CONTRIBUTING.md",
    *(f"{each}/README.md" for each in (
        "environments", "generator", "generator/plan", "rendered", "schemas", "tests", "verify")),
]  # fmt: skip
"""Those that people write; the others are made."""


class Example(NamedTuple):
    """A command in a book, and what it is said to print."""

    book: str
    command: str
    printed: tuple[str, ...]


def _text(book: str) -> str:
    return (REPOSITORY / book).read_text(encoding="utf-8")


def _blocks(book: str, kinds: str) -> Iterator[list[str]]:
    """The lines of a book's blocks of these kinds, without what indents the block."""
    for indent, inside in re.findall(
        rf"^( *)```(?:{kinds})\n(.*?)^ *```", _text(book), re.MULTILINE | re.DOTALL
    ):
        yield [line.removeprefix(indent) for line in inside.splitlines()]


def _said() -> Iterator[str]:
    """Every line of a block that calls one of our commands, without its comment."""
    for book in BOOKS:
        for block in _blocks(book, "sh|console"):
            for line in block:
                words = line.removeprefix("$ ").partition(" #")[0].strip()
                if words.split(" ")[0] in COMMANDS:
                    yield words


def _examples() -> Iterator[Example]:
    """Every command of a console block with its lines, for what strimzi-gitops prints."""
    for book in BOOKS:
        for block in _blocks(book, "console"):
            for call in "\n".join(block).removeprefix("$ ").split("\n$ "):
                command, *printed = call.splitlines()
                if command.startswith("strimzi-gitops "):
                    yield Example(book, command, tuple(printed))


_TOPICS = "environments/prod/topics.yaml"
_SHIPPED = "  orders.order.shipped: {throughput: 5Ki}\n"
_CHAT = "  chat-events: {throughput: 10Ki}\n"
_STATE = "  orders.order.state: {partitions: 24}\n"
EDITS: dict[tuple[str, str], list[tuple[str, str, str]]] = {
    ("README.md", "strimzi-gitops validate"): [
        (_TOPICS, _SHIPPED, _SHIPPED.replace("}", ", partitons: 6, retention: 7}")),
    ],
    ("README.md", "strimzi-gitops render --check"): [
        (_TOPICS, "  todo-events: {throughput: 10Ki}", "  todo-events: {throughput: 10Ki, retention: 14d}"),
        ("rendered/prod/users/kafkauser-billing.yaml", "", "# by hand\n"),
    ],
    ("README.md", "strimzi-gitops plan --base origin/main"): [
        (_TOPICS, _CHAT, _CHAT.replace("}", ", retention: 1d}")),
    ],
    ("README.md", "strimzi-gitops upgrade prod --to 1.2.0"): [
        ("environments/base/strimzi.yaml", "version: 1.2.0", "version: 0.48.0"),
        ("environments/base/cluster.yaml", "kafkaVersion: 4.3.1", "kafkaVersion: 4.1.0"),
        ("environments/base/cluster.yaml", "metadataVersion: 4.3-IV0", 'metadataVersion: "4.1"'),
    ],
    ("generator/plan/README.md", "strimzi-gitops plan --base origin/main"): [
        (_TOPICS, _CHAT, _CHAT.replace("}", ", retention: 1d}") + _STATE),
    ],
    ("environments/README.md", "strimzi-gitops validate"): [
        (_TOPICS, _SHIPPED, _SHIPPED.replace("}", ", config: {min.insync.replicas: 3}}")),
    ],
}  # fmt: skip
"""What is changed in the shipped environments before an example, where something is."""


def _edit(root: Path, file: str, old: str, new: str) -> None:
    path = root / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} says no longer {old!r}"
    path.write_text(text.replace(old, new) if old else text + new, encoding="utf-8")


def _git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=books", "-c", "user.email=books@example.com")
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


def _in_order(wanted: tuple[str, ...], lines: list[str]) -> str:
    """The first line that is not printed after those before it; empty when all are."""
    rest = iter(lines)
    for line in wanted:
        start = line.rstrip("…").rstrip() if line.endswith("…") else line
        if not start.strip():
            continue
        if not any(each == start or (start != line and each.startswith(start)) for each in rest):
            return line
    return ""


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped environments as a repository of their own, with a branch that is merged."""
    root = tmp_path_factory.mktemp("shipped")
    for name in ("environments", "rendered"):
        shutil.copytree(REPOSITORY / name, root / name)
    _git(root, "init", "--quiet")
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message", "as shipped")
    _git(root, "update-ref", "refs/remotes/origin/main", "HEAD")
    return root


@pytest.mark.parametrize(
    "example", list(_examples()), ids=lambda each: f"{each.book}: {each.command}"
)
def test_books_show_what_is_printed(example: Example, shipped: Path, cli: Cli) -> None:
    """Line by line, but for what `…` leaves out."""
    edits = EDITS.get((example.book, example.command), [])
    for edit in edits:
        _edit(shipped, *edit)
    try:
        _, out, err = cli(*shlex.split(example.command)[1:], root=shipped)
    finally:
        _git(shipped, "checkout", "--quiet", ".")
    missing = _in_order(example.printed, [*out.splitlines(), *err.splitlines()])
    assert missing == "", out + err


def test_readme_stays_short() -> None:
    """It is read by who has ten minutes; the rest stands in the book where it belongs."""
    assert len(README.encode()) <= 8192


def test_tests_are_run_as_ci_runs_them() -> None:
    """The README's command stands in .ci/run to the letter."""
    (command,) = re.findall(r"^python3 -m venv .*pytest$", README, re.MULTILINE)

    assert f"\n{command}\n" in (REPOSITORY / ".ci/run").read_text()


def test_environments_are_as_many_as_it_says(cli: Cli) -> None:
    """What the first command prints."""
    code, _, err = cli("validate", root=REPOSITORY)

    assert code == 0
    assert err in README
    code, _, err = cli("render", "--check", root=REPOSITORY)

    assert code == 0
    (count,) = re.findall(r"\((\d+) files match\)", err)
    assert f"rendered/: 0 written, 0 removed, {count} unchanged\n" in README


@pytest.mark.parametrize("line", sorted(set(_said())))
def test_commands_exist_with_their_options(line: str) -> None:
    """As far as click looks at them."""
    name, *rest = shlex.split(line.partition(" > ")[0])
    command: click.Command = COMMANDS[name]
    context = click.Context(command, info_name=name, **command.context_settings)
    while isinstance(command, click.Group):
        sub, *rest = rest
        found = command.get_command(context, sub)
        assert found is not None, f"{line}: no {sub}"
        command, context = found, click.Context(found, parent=context, info_name=sub)
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    assert {each for each in rest if each.startswith("-")} <= known


@pytest.mark.parametrize("book", ["README.md", "verify/README.md"])
def test_examples_of_verification_are_checks(book: str) -> None:
    """Nothing is shown that is no longer there."""
    blocks = "\n".join(line for block in _blocks(book, "console|text") for line in block)
    shown = re.findall(r"^ *(?:pass|fail|warn|skip|unknown) +([a-z-]+) ", blocks, re.MULTILINE)

    assert len(shown) > 4
    assert set(shown) <= set(all_checks())


@pytest.mark.parametrize(
    ("book", "begins", "more"),
    [
        ("verify/README.md", "verify:", "applications: {billing: {owner: a, consumes: {}}}\n"),
        (
            "environments/README.md",
            "topicProfiles:\n  ledger:",
            "verify: {image: registry.example.com/verify:1.0.0, owner: a}\n",
        ),
        (
            "environments/README.md",
            "restores:",
            "verify: {image: registry.example.com/verify:1.0.0, owner: a}\n",
        ),
        ("environments/README.md", "policy:", ""),
        ("environments/README.md", "# environments/base/topics", ""),
        ("environments/README.md", "# environments/base/applications", ""),
        ("generator/plan/README.md", "approvals:", ""),
    ],
)
def test_intent_in_books_is_valid(project: Project, book: str, begins: str, more: str) -> None:
    """Every example can be copied: its keys are there, and its values are of the right form."""
    (example,) = ("\n".join(block) + "\n" for block in _blocks(book, "yaml")
                  if "\n".join(block).startswith(begins))  # fmt: skip
    project.environment(example + more)

    shape = ("[unknown-key]", "[wrong-type]", "[missing-key]", "[syntax]", "[wrong-value]")
    assert [each for each in project.findings() if any(rule in each for rule in shape)] == []
