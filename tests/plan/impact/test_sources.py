"""Every sentence of a plan carries its source: the file and version, or the test, that shows it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import REPOSITORY

PLAN = REPOSITORY / "generator/plan"
MODULES = sorted([*(PLAN / "impact").rglob("*.py"), PLAN / "argocd_order.py", PLAN / "upgrade/judge.py",
                  PLAN / "same_object.py"])  # fmt: skip
SAID = re.compile(r"Source: .*(?:[0-9]|\.(?:py|java|rs|md|adoc))", re.DOTALL)


def sentences(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What makes an effect or a wave, with the text that stands for its docstring."""
    bodies = [tree.body, *(node.body for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    for body in bodies:
        for node, after in zip(body, [*body[1:], None], strict=True):
            if isinstance(node, ast.FunctionDef) and _makes(node):
                yield node.name, ast.get_docstring(node) or ""
            elif isinstance(node, ast.Assign) and _makes(node):
                follows = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                yield ast.unparse(node.targets[0]), str(after.value.value) if follows else ""  # type: ignore[union-attr]


def _makes(node: ast.AST) -> bool:
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "Effect"
        for each in ast.walk(node)
    )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PLAN).as_posix())
def test_sentences_have_a_source(path: Path) -> None:
    """Who makes an effect says behind `Source:` where that is written."""
    tree = ast.parse(path.read_text())

    assert [name for name, text in sentences(tree) if not SAID.search(text)] == []


def test_order_has_a_source() -> None:
    """The order of a sync is one sentence, whose source stands on top of its module."""
    assert SAID.search(ast.get_docstring(ast.parse((PLAN / "argocd_order.py").read_text())) or "")


def test_a_sentence_without_one_is_found() -> None:
    """The walk sees functions, methods and constants; a year alone is no source."""
    text = '''
def told(x):
    """What it does."""
    yield Effect(Impact.DYNAMIC, "x")
NOTHING = Effect(Impact.NO_EFFECT, "y")
"""Source: tests/live/test_flow.py."""
BARE = Effect(Impact.NO_EFFECT, "z")
'''

    found = list(sentences(ast.parse(text)))
    assert [name for name, said in found if not SAID.search(said)] == ["told", "BARE"]


def test_sources_in_the_repository_are_there() -> None:
    """A test or module that is named as a source exists."""
    named = {
        each
        for path in MODULES
        for each in re.findall(r"(?:tests|generator|schemas)/[\w/]+\.py", path.read_text())
    }

    assert named
    assert [each for each in sorted(named) if not (REPOSITORY / each).is_file()] == []
