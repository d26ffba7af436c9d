"""Every problem that tells of Kafka, an operator or the engine carries its source, as rules and a plan's effects do."""

import ast
import re
from pathlib import Path

import pytest
from support import REPOSITORY

GENERATOR = REPOSITORY / "generator"
MODULES = [each for each in sorted(GENERATOR.rglob("*.py")) if "Problem(" in each.read_text()]
TELLS = re.compile(
    r"\bKafka\b|\bStrimzi\b|\bArgo CD\b|\bbrokers?\b|\b(?:an?|the|no) (?:engine|operator)\b|\.group\b"
)
SAID = re.compile(r"Source: .*[0-9]", re.DOTALL)


def _problems(function: ast.FunctionDef) -> list[str]:
    """What a function has to say, word for word."""
    return [
        ast.unparse(each)
        for each in ast.walk(function)
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
        and each.func.id == "Problem"
    ]  # fmt: skip


def without_source(text: str) -> list[str]:
    """The functions of a module that tell of somebody else, and not whence they know."""
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        and any(TELLS.search(each) for each in _problems(node))
        and not SAID.search(ast.get_docstring(node) or "")
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(GENERATOR).as_posix())
def test_problems_have_a_source(path: Path) -> None:
    """Whoever tells what others do says behind `Source:` where that is written."""
    assert without_source(path.read_text()) == []


def test_a_problem_without_one_is_found() -> None:
    """What is ours alone needs none."""
    text = '''
def ours():
    """Names."""
    yield Problem(path, "it is there twice")
def told():
    """Source: kafka-backup-core 0.25.2, config.rs."""
    yield Problem(path, "the engine ignores it")
def untold():
    """What it does."""
    yield Problem(path, f"{self.group} ignores it")
'''

    assert without_source(text) == ["untold"]
