"""Plans between two intents, for tests of what plan says."""

from pathlib import Path

from support import Project

from generator.common.cache import Cache
from generator.plan.change import Change
from generator.plan.guard import Guard
from generator.plan.plan import Plan, plan
from generator.plan.sides import of_project

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
