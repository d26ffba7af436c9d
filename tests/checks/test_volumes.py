"""Claims are bound, and have the size they ask for."""

from typing import Any

import pytest
from checks.kubernetes_objects import Body, body, desired, event, live, said


def claim(phase: str = "Bound", has: str = "10Gi", asked: str = "10Gi", **status: Any) -> Body:
    """A claim of the cluster."""
    return body(
        "PersistentVolumeClaim",
        "data-0-events-brokers-0",
        "v1",
        spec={"resources": {"requests": {"storage": asked}}},
        status={"phase": phase, "capacity": {"storage": has}} | status,
    )


NAME = "persistentvolumeclaim/data-0-events-brokers-0"


def test_volumes_are_bound_and_large_enough() -> None:
    """1024Mi is as much as 1Gi."""
    found = live(claim(has="10Gi", asked="10240Mi"))

    assert said("volumes-bound", desired(), found) == ["pass: 1 bound"]
    assert said("volumes-resized", desired(), found) == []


@pytest.mark.parametrize(
    ("reason", "words", "lacks"),
    [
        ("ProvisioningFailed", 'storageclass "x" not found', " [resources]"),
        ("FailedBinding", "no persistent volumes available", " [resources]"),
        ("Other", "exceeded quota", " [resources]"),
        ("Other", "words", ""),
    ],
)
def test_a_claim_waits_for_its_volume(reason: str, words: str, lacks: str) -> None:
    """With what the provisioner says."""
    pending = claim("Pending")

    assert said("volumes-bound", desired(), live(pending, event(pending, reason, words))) == [
        f"fail {NAME}: is Pending: {words}{lacks}"
    ]


def test_volumes_that_were_never_asked_for() -> None:
    """Each node of a pool has as many as the pool says; ephemeral ones need no claim."""

    def pool(storage: Body) -> Body:
        spec = {"replicas": 2, "roles": ["broker"], "storage": storage}
        return body("KafkaNodePool", "brokers", spec=spec)

    kept = {"type": "persistent-claim", "size": "1Gi"}
    several = pool({"type": "jbod", "volumes": [kept, kept, {"type": "ephemeral"}]})

    assert said("volumes-bound", desired(several), live(claim())) == [
        "fail: the node pools need 4 claims, there are 1"
    ]
    assert said("volumes-bound", desired(pool(kept)), live()) == [
        "fail: the node pools need 2 claims, there are 0"
    ]
    assert said("volumes-bound", desired(pool({"type": "ephemeral"})), live()) == ["pass: 0 bound"]


def test_a_lost_volume() -> None:
    """No room would help."""
    assert said("volumes-bound", desired(), live(claim("Lost"))) == [f"fail {NAME}: is Lost"]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (claim(asked="20Gi"), "warn {}: has 10Gi, is to have 20Gi"),
        (
            claim(asked="20Gi", conditions=[{"type": "FileSystemResizePending", "status": "True"}]),
            "warn {}: FileSystemResizePending: has 10Gi, is to have 20Gi",
        ),
        (
            claim(
                conditions=[{"type": "ControllerResizeError", "status": "True", "message": "no"}]
            ),
            "fail {}: ControllerResizeError: no",
        ),
    ],
)
def test_a_volume_has_not_grown_yet(told: Body, words: str) -> None:
    """Waiting is worth a warning, an error a failure."""
    assert said("volumes-resized", desired(), live(told)) == [words.format(NAME)]
