"""Plans between two intents, for tests of what plan says."""

import re
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

from support import Project

from generator.common.cache import Cache
from generator.documents.manifest import Manifest
from generator.model.policy import policy_of
from generator.plan.change import Change, Effect, Impact
from generator.plan.guard import Guard
from generator.plan.plan import Plan, State, plan
from generator.plan.sides import of_project
from generator.system.build import systems_of

ENVIRONMENT = """\
environment: dev
namespace: kafka-dev
size: small
"""
CLUSTER = "cluster:\n  name: events\n  listeners: {tls: {port: 9093, authentication: tls}}\n"


def make(root: Path, before: str, after: str, **more: str) -> Plan:
    """The plan between two intents of an environment dev; `more` is environment.yaml's own lines."""
    sides = []
    for name, text in (("before", before), ("after", after)):
        project = Project(root / name)
        if text != "gone":
            project.environment(text, text=ENVIRONMENT.replace("small", more.get("size", "small")))
        sides.append(of_project(project.root, None, Cache()))
    return plan(
        sides[0].states,
        sides[1].states,
        Guard.between(sides[0].rules, sides[1].rules, "2026-11-21"),
    )


def told(changes: list[Change]) -> list[str]:
    """Every consequence of every change, one a line."""
    return [
        f"{change.kind} {change.name} {change.what} {effect.impact}: {effect.text}"
        for change in changes
        for effect in change.effects
    ]


Bodies = dict[str, dict[str, Any]]
"""The objects of an environment by `Kind/name`."""


def edited(
    root: Path,
    text: str,
    after: Callable[[Bodies], object],
    before: Callable[[Bodies], object] = lambda _: None,
    **more: str,
) -> list[str]:
    """What a plan tells of objects that are edited after they are rendered: `impact: text`, worst first."""
    state = _state(root, text, more.get("size", "small"))
    environment = state.system.environment if state.system else None
    policy = state.system.policy if state.system else policy_of({})
    sides = []
    for edit in (before, after):
        bodies = {f"{each.kind}/{each.name}": deepcopy(each.body) for each in state.manifests}
        edit(bodies)
        manifests = tuple(Manifest("", body, ()) for body in bodies.values())
        sides.append(State(manifests, tuple(systems_of(manifests, policy, environment))))
    made = plan({"dev": sides[0]}, {"dev": sides[1]}, Guard({}, ""))
    assert [
        each for change in made.changes for each in change.effects if _looks_reversible(each)
    ] == []
    return [f"{each.impact}: {each.text}" for change in made.changes for each in change.effects]


def _looks_reversible(effect: Effect) -> bool:
    """True for what a revert is said to bring back although it does not."""
    comes_back = "go at once" in effect.text or "from now on" in effect.text
    for_good = effect.impact is Impact.IRREVERSIBLE or (
        effect.impact is Impact.DATA_LOSS and not comes_back
    )
    return for_good and effect.reversible


_STATES: dict[tuple[str, str], State] = {}
"""What intents are rendered to: many a test edits the same."""


def _state(root: Path, text: str, size: str) -> State:
    if (text, size) not in _STATES:
        project = Project(root)
        project.environment(text, text=ENVIRONMENT.replace("small", size))
        _STATES[text, size] = of_project(project.root, None, Cache()).states["dev"]
    return _STATES[text, size]


def put(label: str, path: str, value: Any) -> Callable[[Bodies], None]:
    """An edit that sets one field of one object; `None` takes it away. Keys are joined by spaces."""

    def edit(bodies: Bodies) -> None:
        *inner, last = path.split(" ")
        body: Any = bodies[label]
        for key in inner:
            body = body[int(key)] if isinstance(body, list) else body.setdefault(key, {})
        if value is None:
            body.pop(last, None)
        else:
            body[last] = deepcopy(value)

    return edit


def all_of(*edits: Callable[[Bodies], object]) -> Callable[[Bodies], None]:
    """Several edits, one after the other."""

    def edit(bodies: Bodies) -> None:
        for each in edits:
            each(bodies)

    return edit


def add(
    kind: str, spec: Any = None, api: str = "kafka.strimzi.io/v1", **metadata: Any
) -> Callable[[Bodies], None]:
    """An edit that adds an object, or writes it anew, named as its kind in lower case."""

    def edit(bodies: Bodies) -> None:
        own = {"name": kind.lower(), "namespace": "kafka-dev", **metadata}
        body = {"apiVersion": api, "kind": kind, "metadata": own, "spec": deepcopy(spec or {})}
        bodies[f"{kind}/{kind.lower()}"] = body

    return edit


def drop(label: str) -> Callable[[Bodies], None]:
    """An edit that takes an object away."""

    def edit(bodies: Bodies) -> None:
        del bodies[label]

    return edit


def nothing(_: Bodies) -> None:
    """No edit."""


def make_sides(root: Path) -> Plan:
    """The plan from the project before to the project after."""
    old, new = (of_project(root / side, None, Cache()) for side in ("before", "after"))
    return plan(old.states, new.states, Guard.between(old.rules, new.rules, "2026-11-21"))


DAY = ("--today", "2026-11-21")


def commit(project: Project) -> None:
    """Make what is there the base."""
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments],
            cwd=project.root, check=True,
        )  # fmt: skip


def approve(project: Project, err: str, file: str = "approvals.yaml") -> list[str]:
    """Write down what the plan proposes, where it proposes it; returns the folders."""
    found = re.findall(r"^to approve, in a file in (\S+):\n\n((?:.+\n)+)", err, re.MULTILINE)
    for folder, lines in found:
        project.write(folder + file, lines.replace("<team>", "team-a"))
    return [folder for folder, _ in found]
