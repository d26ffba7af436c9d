"""What subjects bring without being listed anywhere, and what is derived once."""

import pytest
from support import Project

from generator.intent.layers import Project as Intent
from generator.model import contributions
from generator.model.backups import backups
from generator.model.environment import Environment, once
from generator.render import model_of

BACKUP = """
backups: {all: {image: "b:1", schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}}}
verify: {image: "v:1"}
topics: {a: {partitions: 1, backup: required}}
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


def test_what_is_derived_is_made_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask for the backups of an environment, each is made one time per model."""
    made: list[str] = []
    real = backups._backup

    def counted(environment: Environment, name: str) -> backups.Backup | None:
        made.append(name)
        return real(environment, name)

    monkeypatch.setattr(backups, "_backup", counted)
    project.environment(BACKUP)
    assert project.everything("dev").findings == []

    assert made == ["all"]


def test_once_is_per_environment(project: Project) -> None:
    """Another environment gets its own."""
    names = once(lambda environment: [environment.name])
    one, other = _environment(project), _environment(project)

    assert names(one) is names(one)
    assert names(one) is not names(other)
