"""Upgrades of the operator: what they do to every Kafka that it has, and to one that is upgraded with it."""

from pathlib import Path

import pytest
from plans import CLUSTER, ENVIRONMENT
from support import Project

from generator.common.cache import Cache
from generator.common.changes import Action
from generator.plan.change import Change
from generator.plan.sides import of_project
from generator.plan.upgrades import judge
from generator.system.system import System

ROLLS = "rolling-restart: %s: every node of every Kafka that it manages restarts"
BACK = (
    "irreversible: %s: going back by more than one minor version may fail, and the resources be"
    " stored in a newer form"
)
LACKS = "refused: %s: it has no Kafka 4.3.1, which dev runs; it has "


def _operator(
    before: str,
    after: str,
    name: str = "strimzi-operator",
    field: str = "spec.source.targetRevision",
) -> Change:
    return Change(
        "shared", "Application", name, Action.UPDATE, (), field, before=before, after=after,
        names=(name,),
    )  # fmt: skip


def _kafka(version: str) -> Change:
    return Change("dev", "Kafka", "events", Action.UPDATE, (), "spec.kafka.version", after=version)


def _told(changes: list[Change], running: dict[str, System]) -> list[list[str]]:
    judge(changes, running)
    return [[f"{each.impact}: {each.text}" for each in change.effects] for change in changes]


@pytest.fixture
def systems(tmp_path: Path) -> dict[str, System]:
    """A Kafka 4.3.1 of three nodes."""
    project = Project(tmp_path)
    project.environment(CLUSTER, text=ENVIRONMENT)
    system = of_project(project.root, None, Cache()).states["dev"].system
    assert system is not None
    return {"dev": system}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("1.1.0", "1.2.0", []),
        ("1.2.1", "1.2.0", []),
        ("1.3.0", "1.2.0", []),
        ("1.4.0", "1.2.0", [BACK]),
        ("1.2.0", "1.1.0", [LACKS + "4.2.0, 4.2.1, 4.3.0"]),
        ("1.2.0", "1.0.0", [LACKS + "4.1.0, 4.1.1, 4.1.2, 4.2.0", BACK]),
        ("1.2.0", "0.45.0", [LACKS + "3.8.0, 3.8.1, 3.9.0", BACK]),
        # a later patch release may have more
        ("1.2.0", "0.45.2", [BACK]),
        # from one major version to another, by those that are known
        ("1.0.0", "0.51.0", [LACKS + "4.1.0, 4.1.1, 4.2.0"]),
        ("1.0.0", "0.50.0", [LACKS + "4.0.0, 4.0.1, 4.1.0, 4.1.1", BACK]),
        # of what nobody knows nothing is said
        ("1.2.0", "1.9.0", []),
        ("1", "1.2", []),
    ],
)  # fmt: skip
def test_another_operator(
    systems: dict[str, System], before: str, after: str, expected: list[str]
) -> None:
    """Forward it only restarts; back it may lack a version that runs."""
    (told,) = _told([_operator(before, after)], systems)

    assert told == [
        each.replace("%s", f"Strimzi {before} to {after}") for each in (*expected, ROLLS)
    ]


@pytest.mark.parametrize(
    ("version", "operator", "expected"),
    [
        ("4.3.0", {}, ["rolling-restart: the operator is upgraded in the same merge: upgrade it first, and"
                       " Kafka once it runs, or nodes may restart twice"]),
        ("4.3.1", {}, ["refused: the operator is upgraded in the same merge: upgrade it first, and Kafka once"
                       " it runs; until then the old one refuses Kafka 4.3.1"]),
        ("4.3.1", {"name": "kafka-dev"}, []),
        ("4.3.1", {"field": "spec.source.path"}, []),
    ],
)  # fmt: skip
def test_operator_and_kafka_in_one_merge(
    version: str, operator: dict[str, str], expected: list[str]
) -> None:
    """What the old operator knows may restart twice; another Application is no operator."""
    changes = [_operator("1.1.0", "1.2.0", **operator), _kafka(version)]

    assert _told(changes, {})[1] == expected
    assert bool(_told(changes, {})[0]) is bool(expected)
