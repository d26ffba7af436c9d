"""What the sets of a backup are expected to hold."""

import pytest
from support import Project

from generator.contract.recovery import Expected
from generator.system.capacity import held_bytes, stored_bytes
from generator.system.set_sizes import expected_sizes
from generator.system.system import System

DAY_S = 86_400
GIB = 2**30
BACKUP = "image: 'kafka-backup:v0.25.2', schedule: 0 2 * * *, storage: {pvc: {size: 1Gi}}"
TOPICS = (
    "topics:\n"
    "  timed: {throughput: 1Ki, retention: 7d, partitions: 3}\n"
    "  sized: {retentionSize: 1Gi, partitions: 3}\n"
    "  both: {throughput: 1Mi, retention: 7d, retentionSize: 1Gi, partitions: 2}\n"
    "  endless: {throughput: 1Ki, retention: unlimited}\n"
    "  keyed: {throughput: 1Ki, cleanup: compact}\n"
    "  unsaid: {retention: 7d}\n"
)
TIMED, SIZED, BOTH = 1024 * 7 * DAY_S, 3 * GIB, 2 * GIB


def _system(project: Project, backup: str) -> System:
    # Whether all that is wise is not the question here.
    project.environment(f"{TOPICS}backups: {{x: {{{BACKUP}, {backup}}}}}\n")
    system = project.everything("dev").environments[0].system
    assert system is not None
    return system


@pytest.mark.parametrize(
    ("backup", "expected"),
    [
        ("topics: {include: [timed]}", Expected(TIMED, grows=True)),
        ("topics: {include: [sized]}", Expected(SIZED, grows=True)),
        ("topics: {include: [both]}", Expected(BOTH, grows=True)),
        ("topics: {include: ['*']}, shards: 2",
         Expected(TIMED + SIZED + BOTH, ("endless", "keyed", "unsaid"), grows=True)),
        ("topics: {include: ['t*'], undeclared: true}", Expected(TIMED, is_open=True, grows=True)),
        # full sets hold what their topics do
        ("topics: {include: [timed, keyed]}, mode: full", Expected(TIMED, ("keyed",))),
        # by age what producers write in it, however long the topic keeps it
        ("topics: {include: [timed, both, endless, keyed]}, retention: {age: 30d}",
         Expected((1024 * 3 + 2**20) * 30 * DAY_S)),
        ("topics: {include: [timed]}, retention: {age: 1d}", Expected(1024 * DAY_S)),
        # a topic that keeps less than the set does says nothing of the set
        ("topics: {include: [sized, unsaid]}, retention: {age: 30d}", Expected(0, ("sized", "unsaid"))),
        ("topics: {include: [sized]}, retention: {age: 1d}", Expected(SIZED)),
        # packed bytes bound nothing
        ("topics: {include: [timed]}, retention: {size: 1Mi}", Expected(TIMED, grows=True)),
    ],
)  # fmt: skip
def test_what_a_backup_holds(project: Project, backup: str, expected: Expected) -> None:
    """As far as somebody says it; the rest is named."""
    found = expected_sizes(_system(project, backup))["x"]

    assert found._replace(unsaid=tuple(sorted(found.unsaid))) == expected


def test_nothing_is_known_without_a_system() -> None:
    """As where the Kafka resource is wrong."""
    assert expected_sizes(None) == {}


def test_what_brokers_store_is_what_is_held_on_each_replica(project: Project) -> None:
    """Nothing here is tiered."""
    system = _system(project, "topics: {include: ['*']}")
    for topic in system.topics:
        held = held_bytes(topic.settings)
        assert stored_bytes(topic.settings) == (
            None if held is None else held * topic.settings.replicas
        )


def test_what_has_moved_to_the_object_store_is_held_all_the_same(project: Project) -> None:
    """Brokers keep a day of it, a backup all."""
    project.environment(
        "topics: {far: {throughput: 1Ki, retention: 30d, tiered: true, localRetention: 1d, replicas: 3}}\n"
    )
    system = project.everything("dev").environments[0].system
    assert system is not None
    (topic,) = system.topics

    assert held_bytes(topic.settings) == 30 * DAY_S * 1024
    assert stored_bytes(topic.settings) == 3 * DAY_S * 1024
