"""Where a plan says that a change comes from: the line of intent that somebody edits to take it back."""

from pathlib import Path

import pytest
from plans import commit, make_sides
from support import Cli, Project

ENVIRONMENT = """\
environment: dev
namespace: kafka-dev
size: small
cluster:
  name: events
  listeners: {tls: {port: 9093, authentication: tls}}
"""
PROFILE = "topicProfiles:\n  events:\n    retention: 7d\n"
TOPICS = "topics:\n  orders: {profile: events}\n  counts: {partitions: 3}\n"
APPLICATIONS = "applications:\n  app:\n    consumes: [orders]\n"
EXTRA = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: mine
data:
  a: "1"
"""
ARGOCD = "argocd:\n  repoURL: https://example.com/a.git\n  targetRevision: main\n"
BEFORE = {
    "base/profiles.yaml": PROFILE,
    "dev/environment.yaml": f"{ENVIRONMENT}inherits: base\n",
    "dev/topics.yaml": TOPICS,
    "dev/applications.yaml": APPLICATIONS,
    "dev/argocd.yaml": ARGOCD,
    "dev/extra/mine.yaml": EXTRA,
}
TOPIC, GONE = "KafkaTopic orders spec.config.retention.ms", "KafkaTopic counts delete"


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        Project(root).write(f"environments/{name}", text)


@pytest.mark.parametrize(
    ("files", "change", "place"),
    [
        ({"base/profiles.yaml": PROFILE.replace("7d", "1d")}, TOPIC, "base/profiles.yaml:3:5"),
        ({"dev/topics.yaml": TOPICS.replace("events", "events, retention: 1d")}, TOPIC,
         "dev/topics.yaml:2:29"),
        ({"dev/topics.yaml": TOPICS.replace("profile: events", "partitions: 3")}, TOPIC,
         "dev/topics.yaml:2:3"),
        ({"dev/topics.yaml": TOPICS.replace("partitions: 3", "config: {retention.ms: 5d}")},
         "KafkaTopic counts spec.config.retention.ms", "dev/topics.yaml:3:21"),
        ({"dev/topics.yaml": TOPICS + "  more: {}\n"}, "KafkaTopic more create", "dev/topics.yaml:4:3"),
        ({"dev/topics.yaml": "topics:\n  orders: {profile: events}\n"}, GONE, "dev/topics.yaml:3:3"),
        ({"dev/topics.yaml": TOPICS.replace("counts", "count")}, "KafkaTopic counts rename",
         "dev/topics.yaml:3:3"),
        ({"dev/applications.yaml": APPLICATIONS.replace("orders", "counts")},
         "KafkaUser app spec.authorization.acls", "dev/applications.yaml:2:3"),
        ({"dev/environment.yaml": BEFORE["dev/environment.yaml"].replace("small", "medium")},
         "KafkaNodePool combined delete", "dev/environment.yaml:3:1"),
        ({"dev/environment.yaml": BEFORE["dev/environment.yaml"].replace("small", "medium")},
         "KafkaNodePool brokers create", "dev/environment.yaml:3:1"),
        ({"dev/environment.yaml": BEFORE["dev/environment.yaml"].replace("small", "medium")},
         "Kafka events spec.kafka.config.num.network.threads", "dev/environment.yaml:3:1"),
        ({"dev/environment.yaml": BEFORE["dev/environment.yaml"].replace("small", "medium")
          + "topicDefaults: {retention: 3d}\n"},
         "KafkaTopic counts spec.config.retention.ms", "dev/environment.yaml:8:17"),
        ({"dev/more.yaml": "overrides: {KafkaTopic: {counts: {spec: {config: {retention.ms: 5}}}}}\n"},
         "KafkaTopic counts spec.config.retention.ms", "dev/more.yaml:1:51"),
        ({"dev/extra/mine.yaml": EXTRA.replace('"1"', '"2"')}, "ConfigMap mine data.a",
         "dev/extra/mine.yaml:6:3"),
        ({"dev/argocd.yaml": ARGOCD.replace("main", "other")},
         "Application kafka-dev spec.source.targetRevision", "dev/argocd.yaml:3:3"),
        ({"dev/policy.yaml": "policy:\n  deletions: {KafkaTopic: 5}\n"}, "Policy guard policy.deletions",
         "dev/policy.yaml:2:3"),
        ({"dev/policy.yaml": "approvals:\n  idle: {object: KafkaTopic/x, change: delete, reason: Nobody reads it., owner: me,"
                             ' expires: "2026-12-01"}\n'},
         "Policy approvals approvals.idle", "dev/policy.yaml:2:3"),
    ],
)  # fmt: skip
def test_a_change_is_said_where_the_intent_says_it(
    tmp_path: Path, files: dict[str, str], change: str, place: str
) -> None:
    """In the layer that wins, a profile, an override, a manifest of one's own.

    What goes has the place where it was, what another size brings that of the size, and what is built in
    otherwise the place where one would speak against it.
    """
    _write(tmp_path / "before", BEFORE)
    _write(tmp_path / "after", BEFORE | files)

    found = {
        f"{each.kind} {each.name} {each.field or each.action}": each.place
        for each in make_sides(tmp_path).changes
    }

    at = found.get(change)
    assert at is not None, found
    assert f"{at.file}:{at.line}:{at.column}".removeprefix("environments/") == place


def test_every_format_says_where(project: Project, cli: Cli) -> None:
    """The text, JSON, the comment on a pull request, and the page."""
    _write(project.root, BEFORE)
    commit(project)
    project.write("environments/dev/topics.yaml", TOPICS.replace("events", "events, retention: 1d"))

    for form in ("text", "json", "markdown", "html"):
        assert "environments/dev/topics.yaml:2:29" in cli("plan", "--format", form)[1]


def test_where_only_manifests_are_known_no_place_is_said(tmp_path: Path, cli: Cli) -> None:
    """Two folders say nothing of intent."""
    for side in ("old", "new"):
        Project(tmp_path).write(
            f"{side}/dev/x.yaml",
            f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata: {{a: {side}}}\n",
        )
    sides = ("--from", f"{tmp_path}/old", "--to", f"{tmp_path}/new")

    assert '"place": ""' in cli("plan", *sides, "--format", "json")[1]
    assert "~ ConfigMap x data.a: old -> new\n      applied as it is" in cli("plan", *sides)[1]
