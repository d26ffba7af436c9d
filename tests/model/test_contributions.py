"""What subjects bring without being listed anywhere, and what is derived once."""

import inspect
import sys
from types import FrameType
from typing import Any

from support import Project

from generator.intent.layers import Project as Intent
from generator.model import applications, contributions
from generator.model.backups import backup_topics, backups, drills, offset_resets, restores
from generator.model.environment import Environment, once
from generator.model.verification import verification
from generator.render import model_of

BACKUP = """
backups: {all: {image: "b:1", schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}}}
verify: {image: "v:1"}
topics: {a: {partitions: 1, backup: required}}
"""
WHOLE = """
backups: {all: {image: "b:1", schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}, drill: {schedule: 0 6 * * 1}}}
restores: {back: {backup: all, topics: {a: b}}}
offsetResets: {ahead: {groups: [reads], to: earliest}}
applications: {reads: {consumes: [a]}}
verify: {image: "v:1", owner: team}
topics: {a: {partitions: 1, backup: required}, b: {partitions: 1}}
"""


def _environment(project: Project) -> Environment:
    project.environment(BACKUP)
    return model_of(Intent(project.root), "dev")[1]


def test_guests_come_from_who_sends_pods(project: Project) -> None:
    """Backups and verification each say their own; nobody else lists them."""
    peers = contributions.all_guests(_environment(project))["tls"]

    assert [peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for peer in peers] == [
        "kafka-backup",
        "strimzi-verify",
    ]


def test_every_subject_tells_its_own(project: Project) -> None:
    """What strimzi-verify is told is put together from all who have something to tell."""
    told = contributions.all_told(_environment(project))

    assert set(told) == {"backups", "consumes", "dead_letters", "formats", "ignore_topics"}
    assert list(told["backups"]) == ["all"]


def test_claims_of_backups_are_never_healthy(project: Project) -> None:
    """A claim waits for its first pod, so that nothing may come after it."""
    assert contributions.has_never_healthy(_environment(project))


DERIVED = (backups._backup, backup_topics.selected, backup_topics.shards, drills.drill,
           restores.restore_of, offset_resets.offset_reset, applications.consumes,
           verification.check_settings, contributions.all_told)  # fmt: skip


def test_what_is_derived_is_made_once(project: Project) -> None:
    """However many ask for what one environment asks for, it is made one time per model."""
    codes = {inspect.unwrap(each).__code__: each.__name__ for each in DERIVED}
    made: list[str] = []

    def count(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in codes:
            made.append(codes[frame.f_code])

    project.environment(WHOLE)
    sys.setprofile(count)
    try:
        findings = project.everything("dev").findings
    finally:
        sys.setprofile(None)

    assert findings == []
    assert sorted(made) == sorted(codes.values())


def test_once_is_per_environment(project: Project) -> None:
    """Another environment gets its own."""
    names = once(lambda environment: [environment.name])
    one, other = _environment(project), _environment(project)

    assert names(one) is names(one)
    assert names(one) is not names(other)
