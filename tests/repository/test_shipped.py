"""What ships: the intent schema for editors, the sizes, the three topic catalogues."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import GOLDEN, REPOSITORY
from support import Project as Scratch

from generator.common.paths import environment_names
from generator.intent.layers import Project
from generator.intent.schema import intent_schema_text
from generator.model.build import build
from generator.model.environment import Environment
from generator.render import model_of
from generator.resources import renderers

SCHEMA = json.loads(intent_schema_text())
SIZES = yaml.safe_load((REPOSITORY / "generator/intent/sizes.yaml").read_text())


def _properties(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property of the intent's schema with its path."""
    if isinstance(node, dict):
        for key, value in node.get("properties", {}).items():
            yield f"{path}.{key}", value
        for key, value in node.items():
            yield from _properties(value, f"{path}.{key}")
    elif isinstance(node, list):
        for value in node:
            yield from _properties(value, path)


@pytest.mark.parametrize(("path", "node"), list(_properties(SCHEMA)), ids=lambda v: str(v)[:60])
def test_every_intent_key_tells_what_is_expected(path: str, node: dict[str, Any]) -> None:
    """Editors and error messages find a title, and a description or a definition that has one."""
    reference = node.get("$ref") or (node.get("allOf") or [{}])[0].get("$ref")
    target = SCHEMA["definitions"][reference.rpartition("/")[2]] if reference else {}

    assert node.get("title") or target.get("title") or node.get("description"), path


def test_no_object_of_the_intent_is_open_by_accident() -> None:
    """Every mapping with named keys refuses unknown ones."""

    def walk(node: Any, path: str) -> Iterator[str]:
        if isinstance(node, dict):
            if "properties" in node and node.get("additionalProperties") is not False:
                yield path
            for key, value in node.items():
                yield from walk(value, f"{path}.{key}")
        elif isinstance(node, list):
            for value in node:
                yield from walk(value, path)

    assert list(walk(SCHEMA, "")) == []


def test_schema_defaults_are_the_real_ones() -> None:
    """A default that the schema promises is what an environment gets."""
    defaults = SIZES["defaults"]
    definitions = SCHEMA["definitions"]
    for section, path in (
        ("strimzi", "strimzi"),
        ("connection", "connection"),
        ("argocd", "argocd"),
    ):
        for key, value in definitions[path]["properties"].items():
            if "default" in value:
                assert defaults[section][key] == value["default"], f"{section}.{key}"
    assert defaults["cluster"]["storage"]["size"] == "10Gi"
    assert defaults["cluster"]["podDisruption"]["maxUnavailable"] == 1


@pytest.mark.parametrize(
    "path",
    sorted(p for p in (REPOSITORY / "environments").rglob("*.yaml") if "extra" not in p.parts),
    ids=lambda path: path.relative_to(REPOSITORY).as_posix(),
)
def test_every_shipped_file_names_its_schema(path: Any) -> None:
    """Editors complete keys because the first line leads to the schema."""
    first = path.read_text().splitlines()[0]
    prefix = "# yaml-language-server: $schema="

    assert first.startswith(prefix)
    assert (path.parent / first.removeprefix(prefix)).resolve() == (
        REPOSITORY / "schemas/intent.schema.json"
    )


@pytest.mark.parametrize(
    ("size", "pools", "factor", "min_isr"),
    [
        ("dev", {"combined": 1}, 1, 1),
        ("small", {"combined": 3}, 3, 2),
        ("medium", {"controllers": 3, "brokers": 3}, 3, 2),
        ("large", {"controllers": 3, "brokers": 6}, 3, 2),
    ],
)
def test_sizes(size: str, pools: dict[str, int], factor: int, min_isr: int) -> None:
    """Nodes, factors and minimal replicas of each size, and all that must survive a failure."""
    cluster = SIZES[size]["cluster"]
    config = cluster["config"]

    assert {name: pool["replicas"] for name, pool in cluster["nodePools"].items()} == pools
    assert config["default.replication.factor"] == factor
    assert config["min.insync.replicas"] == min_isr
    assert config["offsets.topic.replication.factor"] == factor
    assert config["transaction.state.log.min.isr"] == min_isr
    assert ("rack" in cluster, "cruiseControl" in cluster) == (size == "large", size == "large")
    for pool in cluster["nodePools"].values():
        assert {"requests", "limits"} == set(pool["resources"])
        assert "heap" in pool["jvm"]


def _environment(name: str) -> Environment:
    environment, problems = build(Project(REPOSITORY).resolve(name))
    assert problems == []
    return environment


LEARNFLOW = {
    "learning.requests": 3, "learning.responses": 3, "code.submissions": 3, "code.reviews": 3,
    "exercise.generated": 1, "exercise.attempts": 1, "struggle.detected": 1, "struggle.resolved": 1,
}  # fmt: skip
LLM = {
    "llm-events": 32, "llm-metrics": 32, "llm-analytics": 16, "llm-traces": 32, "llm-errors": 16,
    "llm-audit": 8, "llm-aggregated-metrics": 16, "llm-alerts": 8, "llm-usage-stats": 16,
    "llm-model-performance": 16, "llm-cost-tracking": 8, "llm-session-events": 16,
    "llm-user-feedback": 8, "llm-system-health": 8,
}  # fmt: skip
TODO = {
    "todo-events": 6, "chat-events": 6, "user-events": 3, "dlq": 3, "analytics-events": 4,
    "system-events": 2,
}  # fmt: skip


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_catalogues_are_exact(name: str) -> None:
    """Partition counts and factors of the three catalogues; dev is bounded by its size."""
    topics = _environment(name).topics
    for catalogue, factor in ((LEARNFLOW, 1), (LLM, 3), (TODO, 3)):
        assert {topic: topics[topic].partitions for topic in catalogue} == catalogue
        replicas = {topics[topic].replicas for topic in catalogue}
        assert replicas == {1 if name == "dev" else factor}
    for topic in LLM:
        config = topics[topic].config
        assert config["compression.type"] == "lz4"
        assert config["min.insync.replicas"] == (1 if name == "dev" else 2)
    assert topics["llm-audit"].config["cleanup.policy"] == "compact"


def test_environments_are_shipped() -> None:
    """dev, staging and prod, over several teams."""
    assert environment_names(REPOSITORY) == ["dev", "prod", "staging"]
    owners = {topic.owner for topic in _environment("prod").topics.values()}
    assert len(owners) >= 4
    assert None not in owners


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_every_topic_has_producer_and_consumer(name: str) -> None:
    """The shipped intent is whole: nobody reads what nobody writes."""
    environment = _environment(name)
    writes = {topic for each in environment.applications for topic in each.produces}
    reads = {topic for each in environment.applications for topic, _ in each.consumes}
    for application in environment.applications:
        streams = application.settings.get("streams", {})
        reads |= set(streams.get("inputs", ()))
        writes |= set(streams.get("outputs", ()))
    for topic in environment.topics.values():
        if topic.retry_of is None and topic.dead_letter_of is None:
            assert topic.name in writes, topic.name
            assert topic.name in reads, topic.name


def test_every_kind_module_renders_something(tmp_path: Path) -> None:
    """No module under resources/ is dead weight: some golden shows what it renders."""
    idle = {render.__module__ for render in renderers()}
    for golden in sorted(GOLDEN.glob("*.intent.yaml")):
        project = Scratch(tmp_path / golden.name)
        project.write("environments/dev/environment.yaml", golden.read_text())
        environment = model_of(Project(project.root), "dev")[1]
        idle -= {render.__module__ for render in renderers() if list(render(environment))}

    assert idle == set()
