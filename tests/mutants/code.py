"""Mutants of our own code: which tests notice them?

A process collects the tests of a room once, and tries each mutant in a copy of itself: the code of the
functions that are there already is exchanged, so nothing is imported anew.
"""

import ast
import gc
import hashlib
import importlib
import os
import pickle
import re
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any

import pytest

_ROOT = Path(__file__).parents[2]
_LONGEST_S = 30
"""Seconds of a processor after which a test does not end any more."""
_ENOUGH_S = 20
"""Seconds of a processor after which a change counts as one that nobody notices."""
ROOMS = {
    "generator/rules": ("tests/rules",),
    "generator/plan": ("tests/plan",),
    "generator/resources": ("tests/resources",),
    "verify/checks": ("tests/checks",),
}
"""Whose code is changed, and who has to notice."""
_ONLY = {"generator/plan": ("impact", "guard", "release", "argocd_order", "upgrades")}
"""What of a room is changed, where it is not all of it."""
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class _Coverage:
    """What a run without changes shows."""

    calls: dict[tuple[str, str, int], list[int]]
    """File, function and line -> the numbers of the tests that call it."""
    seconds: list[float]
    """What each test takes of a processor."""


@dataclass(frozen=True)
class Change:
    """One change of one file: the place of a node in the order of the tree, and which change it is."""

    file: str
    node: int
    line: int
    what: str
    text: str
    """The line without its change."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}: {self.text}"

    @property
    def name(self) -> str:
        """What stays when other lines of the file move."""
        return f"{self.file}: {self.what}: {self.text}"


def changes_of(file: str) -> Iterator[Change]:
    """Every change that can be made in a file, below its functions and in its constants."""
    text = (_ROOT / file).read_text(encoding="utf-8")
    tree, lines = ast.parse(text), text.splitlines()
    within = set(_exchangeable(tree))
    for number, node in enumerate(ast.walk(tree)):
        for what in _kinds(node) if node in within else ():
            place = node.ifs[0] if isinstance(node, ast.comprehension) else node
            line = getattr(place, "lineno", 0)
            yield Change(file, number, line, what, lines[line - 1].strip())


def _exchangeable(tree: ast.Module) -> Iterator[ast.AST]:
    """What stands in bodies of functions, and in the module's own constants."""
    for each in tree.body:
        if isinstance(each, ast.Assign | ast.AnnAssign):
            yield from ast.walk(each)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for statement in node.body:
                yield from ast.walk(statement)


def _kinds(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in _COMPARED:
            yield f"{type(operator).__name__} becomes {_COMPARED[type(operator)].__name__}"
        case ast.BoolOp(op=operator):
            yield "or becomes and" if isinstance(operator, ast.Or) else "and becomes or"
        case ast.Constant(value=bool() as value):
            yield f"{value} becomes {not value}"
        case ast.Constant(value=int() as value):
            yield f"{value} becomes {value + 1}"
        case ast.BinOp(op=operator, left=left, right=right) if type(operator) in _COMPUTED:
            if not any(isinstance(each, ast.JoinedStr) or _is_text(each) for each in (left, right)):
                yield f"{type(operator).__name__} becomes {_COMPUTED[type(operator)].__name__}"
        case ast.If() | ast.IfExp():
            yield "the condition is turned round"
        case ast.comprehension(ifs=[_]):
            yield "the filter is turned round"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def changed_tree(change: Change) -> tuple[ast.Module, ast.stmt | None]:
    """The file with its change, and the statement of the module that it is in, if it is in no function."""
    tree = ast.parse((_ROOT / change.file).read_text(encoding="utf-8"))
    node: Any = list(ast.walk(tree))[change.node]
    match node:
        case ast.Compare():
            node.ops = [_COMPARED[type(node.ops[0])]()]
        case ast.BoolOp():
            node.op = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        case ast.Constant():
            value: Any = node.value
            node.value = not value if isinstance(value, bool) else value + 1
        case ast.BinOp():
            node.op = _COMPUTED[type(node.op)]()
        case ast.comprehension():
            node.ifs = [ast.UnaryOp(ast.Not(), node.ifs[0])]
        case _:
            node.test = ast.UnaryOp(ast.Not(), node.test)
    ast.fix_missing_locations(tree)
    outer = next(
        (each for each in tree.body if any(child is node for child in ast.walk(each))), None
    )
    return tree, outer if isinstance(outer, ast.Assign | ast.AnnAssign) else None


def _functions(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from _functions(each)


def apply(change: Change) -> bool:
    """Make the change in this process; False when nothing here has the code."""
    tree, constant = changed_tree(change)
    path = str(_ROOT / change.file)
    name = change.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    module = importlib.import_module(name)  # some are only imported when they are needed
    if constant is not None:
        before = dict(vars(module))
        exec(compile(ast.Module([constant], []), path, "exec"), vars(module))  # noqa: S102 (our own code)
        _replace(before, vars(module))
        return True
    new = {_key(each): each for each in _functions(compile(tree, path, "exec"))}
    made = False
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == path:
            code = new.get(_key(each.__code__))
            if code is not None and len(code.co_freevars) == len(each.__code__.co_freevars):
                each.__code__ = code
                made = True
    return made


def _replace(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Give a changed constant to the modules that have taken it over."""
    for name, value in after.items():
        old = before.get(name)
        if old is value or name not in before:
            continue
        for module in list(sys.modules.values()):
            if getattr(module, "__name__", "").startswith(("generator.", "verify.")):
                for key, each in list(vars(module).items()):
                    if each is old and key == name:
                        setattr(module, key, value)


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


@dataclass
class Room:
    """A room's tests, as a plugin of pytest: instead of running them it tries mutants."""

    changes: Sequence[Change]
    jobs: int
    survivors: list[Change] = field(default_factory=list)
    tried: int = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests once to learn which functions they call, then try every change."""
        covered = cache(lambda: _learned(session))
        changes: list[Change | None] = [None, *self.changes]
        running: dict[int, Change | None] = {}
        while changes or running:
            while changes and len(running) < self.jobs:
                change = changes.pop(0)
                everything = range(len(session.items))
                reached = everything if change is None else _reached(change, session, covered)
                running[_try(change, reached, session)] = change
            child, status = os.wait()
            self._tell(running.pop(child), is_noticed=os.waitstatus_to_exitcode(status) != 1)
        return True

    def _tell(self, change: Change | None, *, is_noticed: bool) -> None:
        if change is None and is_noticed:
            raise pytest.UsageError("the tests fail without any change")
        if change is not None:
            self.tried += 1
            if not is_noticed:
                self.survivors.append(change)


def _learned(session: pytest.Session) -> _Coverage:
    """What `_covered` finds, from a copy of this process: here no test has run before its mutant."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as out:
            pickle.dump(_covered(session), out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        found: _Coverage = pickle.load(told)  # noqa: S301 (our own words)
    os.waitpid(child, 0)
    return found


def _covered(session: pytest.Session) -> _Coverage:
    calls: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    seconds: list[float] = []
    seen: set[CodeType] = set()
    rooms = tuple(f"{_ROOT}/{room}/" for room in ROOMS)

    def called(frame: FrameType, _event: str, _argument: object) -> None:
        seen.add(frame.f_code)

    for number, item in enumerate(session.items):
        if "rule" in getattr(item, "fixturenames", ()):
            seconds.append(0)
            continue
        seen.clear()
        started = time.process_time()
        sys.settrace(called)
        try:
            following = session.items[number + 1] if number + 1 < len(session.items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        finally:
            sys.settrace(None)
        seconds.append(time.process_time() - started)
        for code in seen:
            if code.co_filename.startswith(rooms):
                calls[code.co_filename, *_key(code)].append(number)
    return _Coverage(dict(calls), seconds)


def _reached(
    change: Change, session: pytest.Session, covered: Callable[[], _Coverage]
) -> list[int]:
    """The tests to ask: a rule's examples, else those that come to the change, quick ones first.

    To a constant come all that come to its file.
    """
    text = (_ROOT / change.file).read_text(encoding="utf-8")
    around = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        and _first_line(node) <= change.line <= (node.end_lineno or 0)
    ]
    lines = text.splitlines()
    bodies = ["\n".join(lines[_first_line(each) - 1 : each.end_lineno]) for each in around]
    for texts in (bodies, [text, *_users_of(change.file)]):
        named = {name for each in texts for name in _NAMED.findall(each)}
        examples = [number for number, item in enumerate(session.items) if _example(item) in named]
        if examples:
            return examples
    path, numbers = str(_ROOT / change.file), set()
    for (file, name, line), tests in covered().calls.items():
        inside = any(
            name.rpartition(".")[2] == node.name and _first_line(node) == line for node in around
        )
        if file == path and (inside or not around):
            numbers.update(tests)
    return sorted(numbers, key=covered().seconds.__getitem__)


_NAMED = re.compile(r'@rule\(\s*"([a-z-]+)"')


def _example(item: pytest.Item) -> str:
    """The rule that a test is an example of; empty for others."""
    case = getattr(item, "callspec", None)
    return str(case.params.get("rule", "")) if case else ""


def _first_line(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _users_of(file: str) -> Iterator[str]:
    """What imports a file that is no rule itself."""
    module = file.removesuffix(".py").replace("/", ".")
    for room in ROOMS:
        for path in (_ROOT / room).rglob("*.py") if file.startswith(room) else ():
            text = path.read_text(encoding="utf-8")
            if f"from {module} import" in text:
                yield text


def _try(change: Change | None, numbers: Sequence[int], session: pytest.Session) -> int:
    """Start a copy of this process that ends with 1 when no test fails with the change."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            is_changed = change is None or apply(change)
            failing = _failing(numbers, session) if is_changed else ""
            code = int(not failing)
            if change is None:
                sys.stderr.write(failing)
        except BaseException:  # noqa: BLE001 (whatever it is, it is noticed)
            code = 0
        os._exit(code)
    return child


def _failing(numbers: Sequence[int], session: pytest.Session) -> str:
    """The first test that fails; empty when none does."""
    failed = session.testsfailed
    items = [session.items[number] for number in numbers]
    for item, following in zip(items, [*items[1:], None], strict=True):
        if time.process_time() > _ENOUGH_S:
            break
        signal.setitimer(signal.ITIMER_VIRTUAL, _LONGEST_S)  # which ends this process
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed > failed:
            return item.nodeid
    return ""


def chosen(seed: int, count: int) -> dict[str, list[Change]]:
    """As many changes as asked for, by room; the same seed gives the same, where code has not changed."""
    found: dict[str, list[tuple[str, Change]]] = {room: [] for room in ROOMS}
    for room in ROOMS:
        only = _ONLY.get(room, "")
        for file in sorted((_ROOT / room).rglob("*.py")):
            inner = file.relative_to(_ROOT / room).as_posix()
            if inner.startswith(only):
                found[room] += _ranked(f"{room}/{inner}", seed)
    ranks = sorted(rank for each in found.values() for rank, _ in each)
    last = ranks[min(count, len(ranks)) - 1]
    return {room: [each for rank, each in ranked if rank <= last] for room, ranked in found.items()}


def _ranked(file: str, seed: int) -> Iterator[tuple[str, Change]]:
    """Changes with their place in the sample, which does not hang on other lines of the code."""
    times: Counter[str] = Counter()
    for each in changes_of(file):
        times[each.name] += 1
        rank = hashlib.sha256(f"{seed} {each.name} {times[each.name]}".encode())
        yield rank.hexdigest(), each


def survivors(room: str, changes: Sequence[Change], jobs: int) -> tuple[list[Change], int]:
    """The changes of a room that no test notices, of how many that were tried."""
    plugin = Room(changes, jobs)
    silent = ["-p", "no:terminal", "-p", "no:cacheprovider", "-o", "addopts="]
    pytest.main([*silent, "-n", "0", "--import-mode=importlib", *ROOMS[room]], plugins=[plugin])
    return plugin.survivors, plugin.tried
