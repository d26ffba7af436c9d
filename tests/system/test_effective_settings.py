"""Where an effective setting of a topic comes from, as data and for people."""

import pytest
from support import Project

from generator.system.effective_settings import TopicSettings

INTENT = """
environment: dev
namespace: kafka-dev
size: small
cluster:
  name: events
  listeners: {tls: {port: 9093, authentication: tls}}
  config: {log.retention.hours: 48}
"""


@pytest.mark.parametrize(
    ("key", "broker_key", "aside"),
    [
        ("cleanup.policy", "", ""),
        ("retention.ms", "log.retention.hours", " (the cluster's log.retention.hours)"),
        ("segment.ms", "", " (Kafka 4.3.1's default)"),
        ("no.such.key", "", ""),
    ],
)
def test_origin_of_a_setting(project: Project, key: str, broker_key: str, aside: str) -> None:
    """The topic itself, the cluster for all topics, or Kafka."""
    project.environment("", text=INTENT)
    system = project.everything("dev").environments[0].system
    assert system is not None
    settings = TopicSettings(system, {"config": {"cleanup.policy": "delete"}}, None)

    assert (settings.origin(key).broker_key, settings.origin(key).aside) == (broker_key, aside)
