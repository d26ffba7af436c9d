"""Argo CD's Application is at the expected commit, healthy and done."""

from typing import Any

import pytest
from checks.kubernetes_objects import body, desired, live, said

from verify.live.live import Cause, Gap, Live

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CHECKS = ["synced", "healthy", "operation", "conditions"]


def application(expected: str = "", **status: Any) -> Live:
    """What was collected, with an Application."""
    good = {
        "sync": {"status": "Synced", "revision": COMMIT},
        "health": {"status": "Healthy"},
        "operationState": {"phase": "Succeeded", "message": "successfully synced"},
    }
    found = body("Application", "kafka-dev", "argoproj.io/v1alpha1", status=good | status)
    return live(application=found | ({"expectedRevision": expected} if expected else {}))


def judged(what: str, found: Live) -> list[str]:
    """What a check of the Application says."""
    return said(f"application-{what}", desired(), found)


def test_all_is_well() -> None:
    """At the commit that is expected, said in full or short."""
    for expected in ("", COMMIT, COMMIT[:7]):
        found = application(expected)
        assert [judged(what, found) for what in CHECKS] == [[f"pass: at {COMMIT}"], [], [], []]


@pytest.mark.parametrize("what", CHECKS)
def test_without_an_application_nothing_is_judged(what: str) -> None:
    """Skipped, with the reason where there is one."""
    gaps = {"kubernetes.application": Gap(Cause.NOT_ASKED, "none is rendered")}

    assert judged(what, live()) == ["skip: no Application was found"]
    assert judged(what, live(gaps=gaps)) == ["skip: none is rendered"]


def test_what_is_out_of_sync_is_named() -> None:
    """And another commit is told, even when that one is synced."""
    resources = [
        {"kind": "KafkaTopic", "name": "a", "status": "OutOfSync"},
        {"kind": "KafkaTopic", "name": "b", "status": "Synced"},
    ]
    sync = {"status": "OutOfSync", "revision": COMMIT}

    assert judged("synced", application(sync=sync, resources=resources)) == [
        "fail: is OutOfSync: kafkatopic/a"
    ]
    assert judged("synced", application(expected="fedcba9")) == [
        f"fail: is at {COMMIT} instead of fedcba9"
    ]
    several = {"status": "Synced", "revisions": ["1111111", COMMIT]}
    assert judged("synced", application(COMMIT, sync=several)) == ["pass: at 1111111"]


def test_what_argo_cd_does_not_know_is_unknown() -> None:
    """Never fine."""
    assert judged("synced", application(sync={})) == [
        "unknown: Argo CD does not know: it could not compare"
    ]
    assert judged("healthy", application(health={})) == ["unknown: is Unknown"]


def test_health() -> None:
    """Whatever is not healthy is named."""
    resources = [
        {"kind": "Kafka", "name": "events", "health": {"status": "Degraded"}},
        {"kind": "ConfigMap", "name": "a"},
    ]
    degraded = application(health={"status": "Degraded"}, resources=resources)

    assert judged("healthy", degraded) == ["fail: is Degraded: kafka/events"]
    assert judged("healthy", application(health={"status": "Suspended"})) == ["warn: is Suspended"]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"phase": "Failed", "message": "one\nfailed"}, "fail: the last sync: Failed (one failed)"),
        (
            {"phase": "Running", "startedAt": "2026-11-21T11:00:00Z"},
            "warn: the last sync: Running, since 2026-11-21T11:00:00Z",
        ),
        (None, "warn: was never synced"),
    ],
)
def test_the_last_sync(state: Any, words: str) -> None:
    """It failed, it is not over, or there was none."""
    assert judged("operation", application(operationState=state)) == [words]


def test_conditions() -> None:
    """Errors fail, the rest warns."""
    conditions = [
        {"type": "ComparisonError", "message": "no such path"},
        {"type": "RepeatedResourceWarning", "message": "twice"},
    ]

    assert judged("conditions", application(conditions=conditions)) == [
        "fail: ComparisonError: no such path",
        "warn: RepeatedResourceWarning: twice",
    ]
