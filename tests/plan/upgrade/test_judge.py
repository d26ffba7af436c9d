"""Upgrades of the operator: what they do to every Kafka that it has, and to one that is upgraded with it."""

from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, ENVIRONMENT
from support import Project

from generator.common.cache import Cache
from generator.common.changes import Action
from generator.documents.manifest import Manifest
from generator.plan.change import Change
from generator.plan.sides import of_project
from generator.plan.upgrade.judge import judge
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


def _application(version: str, *, stored: str = "", namespaces: tuple[str, ...] = ()) -> Manifest:
    """The operator's, on its chart, and with definitions of its own where they store something else."""
    chart = {
        "chart": "strimzi-kafka-operator",
        "targetRevision": version,
        "helm": {"valuesObject": {"watchNamespaces": list(namespaces)}},
    }
    spec: dict[str, Any] = {"source": chart}
    if stored:
        spec = {"sources": [chart, {"path": "rendered/argocd/strimzi-crds-0.51.0"}]}
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "strimzi-operator"},
        "spec": spec,
    }
    return Manifest("", body, ())


def _told(
    changes: list[Change],
    running: dict[str, System],
    application: Manifest | None = None,
    coming: dict[str, System] | None = None,
) -> list[list[str]]:
    app = application or _application(str(changes[0].before))
    judge(changes, running, running if coming is None else coming, [app])
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
    systems: dict[str, System], version: str, operator: dict[str, str], expected: list[str]
) -> None:
    """What the old operator knows may restart twice; another Application is no operator."""
    changes = [_operator("1.1.0", "1.2.0", **operator), _kafka(version)]

    told = _told(changes, systems, _application("1.1.0"))

    assert told[1] == expected
    assert bool(told[0]) is bool(expected)


TO_V1 = (
    "refused: %s: from 1.0 on its definitions know v1 alone, and Kubernetes refuses them as long as it stores"
    " v1beta2: say strimzi.storedVersion: v1 first, unless status.storedVersions of all of them is v1 already"
)
STOP = (
    "refused: %s: from 1.0 on it knows v1 alone, and nothing before 0.49 has it: go to 0.51.0 first, write"
    " manifests as v1, and have them stored as v1"
)


@pytest.mark.parametrize(
    ("before", "after", "stored", "expected"),
    [
        ("0.48.0", "1.2.0", "", [STOP]),
        ("0.45.0", "1.0.1", "", [STOP]),
        ("0.48.0", "0.51.0", "", []),
        ("0.51.0", "1.2.0", "", [TO_V1]),
        ("0.51.0", "1.2.0", "v1", []),
        ("1.0.1", "1.2.0", "", []),
        ("0.51.0", "0.48.0", "v1", ["refused: %s: its definitions do not know v1, in which resources are stored:"
                                    " there is no way back to it"]),
        ("1.0.1", "0.48.0", "", ["refused: %s: its definitions do not know v1, in which resources are stored:"
                                 " there is no way back to it"]),
    ],
)  # fmt: skip
def test_a_jump_that_skips_a_step(
    before: str, after: str, stored: str, expected: list[str]
) -> None:
    """It is refused, with the step that is missing."""
    (told,) = _told([_operator(before, after)], {}, _application(before, stored=stored))

    refused = [each for each in told if each.startswith("refused")]
    assert refused == [each.replace("%s", f"Strimzi {before} to {after}") for each in expected]


@pytest.mark.parametrize("last", [False, True])
def test_an_application_has_a_namesake(systems: dict[str, System], last: bool) -> None:
    """Its AppProject: of whichever comes first, the operator's change is judged."""
    project = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject",
               "metadata": {"name": "strimzi-operator"}, "spec": {}}  # fmt: skip
    shared = [_application("1.1.0"), Manifest("", project, ())]
    change = _operator("1.1.0", "1.2.0")

    judge([change], systems, systems, shared[:: -1 if last else 1])

    assert [str(each.impact) for each in change.effects] == ["rolling-restart"]


def test_kafka_changes_in_the_same_merge(systems: dict[str, System], tmp_path: Path) -> None:
    """What the new operator does not run is no refusal where it is told what to run instead."""
    project = Project(tmp_path / "next")
    project.environment(CLUSTER + "  kafkaVersion: 4.2.0\n", text=ENVIRONMENT)
    coming = of_project(project.root, None, Cache()).states["dev"].system
    assert coming is not None

    (told,) = _told([_operator("1.2.0", "1.0.1")], systems, coming={"dev": coming})

    assert [each for each in told if each.startswith("refused")] == []


def test_whom_an_operator_has(systems: dict[str, System]) -> None:
    """Environments of another one are not told of."""
    app = _application("1.1.0", namespaces=("elsewhere",))

    (told,) = _told([_operator("1.1.0", "1.2.0")], systems, app)

    assert told == [ROLLS % "Strimzi 1.1.0 to 1.2.0"]


def test_another_kubernetes_is_needed() -> None:
    """With the step that needs it."""
    (told,) = _told([_operator("0.50.1", "0.51.0")], {})

    assert told == [ROLLS % "Strimzi 0.50.1 to 0.51.0" + "; it needs Kubernetes 1.30 or newer"]
