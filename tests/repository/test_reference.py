"""What the reference says that a key renders to is so: without the key, or with another value, just that changes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path as File
from typing import Any

import pytest
from books.keys import ITEM, NAME, Key, Node, Path, documented, keys
from support import REPOSITORY

from generator.intent.layers import Project
from generator.intent.resolved import Resolved
from generator.model import overrides
from generator.model.build import build
from generator.resources import last_renderers, renderers
from generator.resources.argocd import applications
from generator.resources.runbook.runbook import runbooks
from generator.system.build import system_of
from generator.system.set_sizes import expected_sizes

KEYS = {key.path: key for key in keys()}
_TRIES = 3
CASES = sorted((REPOSITORY / "tests/golden").glob("*.intent.yaml"))

Made = dict[tuple[str, str], Any]
Change = tuple[str, str]
"""A kind, and the field that is another one; empty when the whole object came or went."""


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, list[set[Change]]]:
    """What each key was seen changing, wherever the golden cases say it; until it is as it should be."""
    found: dict[Path, list[set[Change]]] = {}
    tries: Counter[Path] = Counter()
    for case in CASES:
        root = tmp_path_factory.mktemp("reference")
        (root / "environments/dev").mkdir(parents=True)
        (root / "environments/dev/environment.yaml").write_bytes(case.read_bytes())
        resolved = Project(root).resolve("dev")
        base = _made(resolved)
        for route, path in _written(resolved.data):
            seen = found.setdefault(path, [])
            if documented(KEYS[path]) and not any(_fits(KEYS[path], each) for each in seen):
                tries[path] += 1
                if tries[path] <= _TRIES:
                    seen += _tried(resolved, route, KEYS[path], base)
    return found


def test_keys_render_to_what_is_said(changes: dict[Path, list[set[Change]]]) -> None:
    """Of all places that a key names, one at least changes; and none where it names none."""
    wrong = {
        KEYS[path].dotted: sorted(set().union(*seen))[:5]
        for path, seen in changes.items()
        if seen and not any(_fits(KEYS[path], each) for each in seen)
    }
    assert wrong == {}
    assert sum(bool(seen) for seen in changes.values()) > len(KEYS) / 2


def _tried(resolved: Resolved, route: tuple[Any, ...], key: Key, base: Made) -> list[set[Change]]:
    """What is another one without the key, and with another value where that says nothing."""
    found = []
    old: Any = resolved.data
    for step in route:
        old = old[step]
    for data in (_without(resolved.data, route), _with(resolved.data, route, _other(old, key))):
        try:
            made = _made(resolved.with_data(data))
        except Exception:  # noqa: BLE001, S112 what cannot do without it says nothing of it
            continue
        if changed := set(_changes(base, made)):
            found.append(changed)
        if changed and _fits(key, changed):
            break
    return found


def _made(resolved: Resolved) -> Made:
    """Everything that is rendered of an intent, by kind and name; unproved."""
    environment, _ = build(resolved)
    manifests = [manifest for render in renderers() for manifest in render(environment)]
    manifests += [each for last in last_renderers() for each in last(environment, manifests)]
    manifests, _ = overrides.apply(environment, manifests)
    shared, _ = applications.render_together([(environment, manifests)])
    every = [*manifests, *(manifest for _, manifest in shared)]
    sizes = expected_sizes(system_of(manifests, environment.policy, environment))
    pages = runbooks(environment, manifests, sizes)
    return {
        **{(each.kind, each.name): each.body for each in every},
        **{(File(name).name, ""): page.content() for name, page in pages.items()},
    }


def _written(data: Any, path: Path = (), route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Path]]:
    """Every key that a resolved intent says, by its route in the data and by its path in the schema."""
    if isinstance(data, Mapping):
        for name, below in data.items():
            step = next((each for each in (name, NAME) if (*path, each) in KEYS), None)
            if step is not None:
                yield (*route, name), (*path, step)
                yield from _written(below, (*path, step), (*route, name))
    elif isinstance(data, list) and (*path, ITEM) in KEYS:
        for number, below in enumerate(data):
            yield from _written(below, (*path, ITEM), (*route, number))


def _changes(before: Made, after: Made) -> Iterator[Change]:
    for kind, name in before.keys() | after.keys():
        old, new = before.get((kind, name)), after.get((kind, name))
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from ((kind, field) for field in _fields(old, new))
        elif old != new:
            yield kind, ""


def _fields(old: Any, new: Any, path: str = "") -> Iterator[str]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in old.keys() | new.keys():
            below = f"{path}.{name}" if path else str(name)
            yield from _fields(old.get(name), new.get(name), below)
    elif old != new:
        yield path


def _fits(key: Key, changed: set[Change]) -> bool:
    """True when one of the places that the key names is among what changed."""
    for place in key.renders:
        kind, _, path = place.partition(" ")
        for other, field in changed:
            if place == "*" or (
                kind == other and (field.startswith(path) or path.startswith(field))
            ):
                return True
    return False


def _other(value: Any, key: Key) -> Any:
    """A value that the schema may take instead."""
    choices: list[Any] = key.said("enum") or []
    match value:
        case _ if choices:
            return next(each for each in [*choices, None] if each != value)
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return f"2{value}" if value[:1].isdigit() else f"{value}x"
    return value


def _without(data: Any, route: tuple[Any, ...]) -> Any:
    copy = data.copy()
    if len(route) == 1:
        del copy[route[0]]
    else:
        copy[route[0]] = _without(copy[route[0]], route[1:])
    return copy


def _with(data: Node, route: tuple[Any, ...], value: Any) -> Any:
    copy = data.copy()
    copy[route[0]] = value if len(route) == 1 else _with(copy[route[0]], route[1:], value)
    return copy
