"""Whose guard holds: what people write, in whatever layer; weakened by words alone, and never unseen."""

from pathlib import Path

import pytest
from plans import CLUSTER
from support import Project

from generator.common.cache import Cache
from generator.plan.guard import Guard
from generator.plan.plan import Plan, plan
from generator.plan.sides import Side, of_project

_TOPIC = "inherits: base\ntopics: {orders: {retention: %s}}\n"
_DEV = "environment: dev\nnamespace: kafka-dev\nsize: dev\n" + CLUSTER


def _side(root: Path, base: str, own: str) -> Side:
    project = Project(root)
    project.write("environments/base/policy.yaml", base)
    project.environment(own, text=_DEV)
    return of_project(root, None, Cache())


def _between(before: Side, after: Side) -> Plan:
    return plan(before.states, after.states, Guard.between(before.rules, after.rules, "2026-11-21"))


@pytest.mark.parametrize(
    ("base", "blocked"),
    [
        ("policy: {guard: [data-loss]}\n", True),
        ("policy: {deletions: {any: 0}}\n", False),  # size dev guards no loss of data
    ],
)
def test_guard_of_base_holds_above_any_size(tmp_path: Path, base: str, blocked: bool) -> None:
    """The size's own guard is only for those who say nothing."""
    before = _side(tmp_path / "before", base, _TOPIC % "7d")
    after = _side(tmp_path / "after", base, _TOPIC % "1d")

    assert bool(_between(before, after).blocked) is blocked


def test_budget_of_base_holds_above_any_size(tmp_path: Path) -> None:
    """Size dev lets 25 objects go; who says none, means none."""
    base = "policy: {deletions: {any: 0}, guard: [data-loss]}\n"
    before = _side(tmp_path / "before", base, _TOPIC % "7d")
    after = _side(tmp_path / "after", base, "inherits: base\ntopics: {}\n")

    assert [change.what for change in _between(before, after).blocked] == ["delete"]


def test_own_words_weaken_it_and_show(tmp_path: Path) -> None:
    """An environment may say less than base; the change that says so has to be approved."""
    base = "policy: {guard: [data-loss]}\n"
    before = _side(tmp_path / "before", base, _TOPIC % "7d")
    after = _side(tmp_path / "after", base, _TOPIC % "7d" + "policy: {guard: []}\n")

    (change,) = _between(before, after).blocked
    assert change.what == "policy.guard"
    assert "data-loss is no longer guarded" in change.effects[0].text
    assert _between(after, after).blocked == []


def test_another_size_weakens_it_and_shows(tmp_path: Path) -> None:
    """Size small guards what size dev does not, and so do its deletions."""
    before, after = Project(tmp_path / "before"), Project(tmp_path / "after")
    before.environment("topics: {orders: {}}\n", text=_DEV.replace("size: dev", "size: small"))
    after.environment("topics: {orders: {}}\n", text=_DEV)
    sides = [of_project(each.root, None, Cache()) for each in (before, after)]

    told = {change.what for change in _between(*sides).blocked if change.kind == "Policy"}
    assert told == {"policy.guard", "policy.deletions"}


def test_a_policy_of_others_is_an_object_like_any_other(tmp_path: Path) -> None:
    """Kyverno calls its rules so; what changes of one is no change of the guard, and Argo CD applies it."""
    policy = (
        "apiVersion: kyverno.io/v1\nkind: Policy\nmetadata: {name: guard}\nspec: {admission: %s}\n"
    )
    sides = []
    for name, value in (("before", "true"), ("after", "false")):
        Project(tmp_path / name).write("environments/dev/extra/policy.yaml", policy % value)
        sides.append(_side(tmp_path / name, "policy: {}\n", "inherits: base\n"))

    made = _between(*sides)
    assert made.blocked == []
    assert [step.objects for step in made.environments[0].steps] == [("Policy/guard",)]


_OWN = """\
policy:
  severities: {topic-min-insync-replicas: %s}
  rules:
    lab:
      expression: topic.partitions <= 3
      message: The lab has one broker.
      severity: %s
      tests: {passes: [{topic: {partitions: 3}}], fails: [{topic: {partitions: 4}}]}
"""


def test_a_milder_rule_shows(tmp_path: Path) -> None:
    """What was an error and passes from now on, built in or our own; a stricter one is nobody's loss."""
    sides = []
    for severity in ("error", "info"):
        project = Project(tmp_path / severity)
        project.environment(_OWN % (severity, severity), text=_DEV, rules=True)
        sides.append(of_project(project.root, None, Cache()))
    strict, mild = sides

    assert {change.what for change in _between(strict, mild).blocked} == {
        "policy.severities.lab", "policy.severities.topic-min-insync-replicas",
    }  # fmt: skip
    assert _between(mild, strict).changes == []
