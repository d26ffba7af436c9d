"""What a release brings is told to whom it concerns, on the way over its border and on no other."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import Project

from generator.common.cache import Cache
from generator.common.strimzi.releases import numbers
from generator.documents.manifest import Manifest
from generator.plan.sides import of_project
from generator.plan.upgrade.crossings import CROSSINGS, Crossing, crossed
from generator.system.build import systems_of
from generator.system.system import System

Change = Callable[[dict[str, Any]], None]


def _kafka(**parts: Any) -> Change:
    """Set parts of spec.kafka."""

    def change(bodies: dict[str, Any]) -> None:
        bodies["Kafka"]["spec"]["kafka"] |= parts

    return change


def _spec(**parts: Any) -> Change:
    def change(bodies: dict[str, Any]) -> None:
        bodies["Kafka"]["spec"] |= parts

    return change


def _with(kind: str, **spec: Any) -> Change:
    def change(bodies: dict[str, Any]) -> None:
        bodies[kind] = {"apiVersion": "kafka.strimzi.io/v1beta2", "kind": kind,
                        "metadata": {"name": "it", "namespace": "kafka-dev"}, "spec": spec}  # fmt: skip

    return change


def _pool_template(bodies: dict[str, Any]) -> None:
    bodies["Kafka"]["spec"]["kafka"]["template"] = {"kafkaContainer": {"env": []}}
    bodies["KafkaNodePool"]["spec"]["template"] = {"pod": {"affinity": {}}}


CONCERNED: list[tuple[str, str, Change]] = [
    ("0.47.0", "ssl.truststore.location", _with("KafkaConnector", config={"db.ssl.truststore.location": "/a"})),
    ("0.48.0", "ACLs of `*`", _kafka(authorization={"type": "simple"})),
    ("0.48.0", "RoleBinding", _with("KafkaMirrorMaker2")),
    ("0.49.0", "rack no longer spreads", _kafka(rack={"topologyKey": "zone"})),
    ("0.49.0", "template begins to count", _pool_template),
    ("0.51.0", "an own CA", _spec(clientsCa={"generateCertificateAuthority": False})),
    ("1.0.0", "metrics and health of bridges", _with("KafkaBridge")),
    ("1.0.0", "port 8081 becomes", _with("KafkaBridge", http={"port": 8081})),
    ("1.0.1", "watchedNamespace", _spec(entityOperator={"userOperator": {"watchedNamespace": "elsewhere"}})),
    ("1.1.0", "healthcheck-to", _with("PodMonitor")),
]  # fmt: skip
"""A border, a word of what is told, and whom it concerns."""


def _system(tmp_path: Path, *changes: Change) -> System:
    project = Project(tmp_path)
    project.environment("strimzi: {version: 0.45.0}\n")
    manifests = of_project(project.root, None, Cache()).states["dev"].manifests
    bodies = {each.kind: each.body for each in manifests}
    bodies["Kafka"]["spec"]["kafka"].pop("authorization", None)
    bodies["KafkaNodePool"]["spec"].pop("template", None)
    for change in changes:
        change(bodies)
    known = next(iter(of_project(project.root, None, Cache()).states["dev"].systems))
    return systems_of([Manifest("", body, ()) for body in bodies.values()], known.policy)[0]


def _told(system: System, before: str, after: str) -> list[str]:
    return [effect.text for effect in crossed(before, after, system)]


@pytest.mark.parametrize(
    ("border", "word", "change"), CONCERNED, ids=[each[1] for each in CONCERNED]
)
def test_whom_it_concerns(tmp_path: Path, border: str, word: str, change: Change) -> None:
    """Only over the border, and only who has it."""
    plain, concerned = _system(tmp_path / "a"), _system(tmp_path / "b", change)

    assert any(word in each for each in _told(concerned, "0.45.0", "1.2.0"))
    assert not any(word in each for each in _told(plain, "0.45.0", "1.2.0"))
    assert not any(word in each for each in _told(concerned, border, "1.2.0"))
    assert any(word in each for each in _told(concerned, "0.45.0", border))
    assert not any(word in each for each in _told(concerned, "1.2.0", "0.45.0"))


def test_everybody_is_told_of_certificates_and_of_what_server_side_apply_refuses(
    tmp_path: Path,
) -> None:
    """Whoever comes over these borders."""
    told = _told(_system(tmp_path), "0.48.0", "1.0.1")

    assert [each.partition(",")[0] for each in told] == [
        "brokers get new certificates",
        "server-side apply",
    ]


def test_rows_are_in_order_and_each_is_tried() -> None:
    """As people read them; a new row needs an example here, or concerns everybody."""
    borders = [numbers(each.border) for each in CROSSINGS]
    assert borders == sorted(borders)
    everybody = [each for each in CROSSINGS if each.concerns.__name__ == "_always"]
    assert len(CROSSINGS) == len(CONCERNED) + len(everybody)
    assert all(isinstance(each, Crossing) and each.source for each in CROSSINGS)
