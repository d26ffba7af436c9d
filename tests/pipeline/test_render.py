"""The recipe as a whole: the same intent gives the same bytes, and the shipped goods are fresh."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import ENVIRONMENT, REPOSITORY, Cli, Project

from generator.common.cache import Cache
from generator.common.paths import environment_names
from generator.render import render_all
from generator.resources._metadata import dns_name, is_dns_name
from generator.validate.schemas import Schemas, schema_folders


def texts(root: Path) -> dict[str, dict[str, str]]:
    """Everything that a project renders to."""
    everything = render_all(root, environment_names(root), Schemas(schema_folders()), True, Cache())
    assert everything.findings == []
    return everything.files()


def test_shipped_rendered_is_fresh(cli: Cli) -> None:
    """The repository's own environments/ give exactly its rendered/."""
    code, out, err = cli("render", "--check", root=REPOSITORY)

    assert (code, out) == (0, "")
    assert err.startswith("rendered/: up to date")


def test_shuffled_files_and_keys_give_the_same_bytes(project: Project) -> None:
    """Other file names, other order of keys, other split into files: not one byte changes."""
    shipped = REPOSITORY / "environments"
    expected = texts(REPOSITORY)
    shuffle = random.Random(7).shuffle
    for layer in sorted(path for path in shipped.iterdir() if path.is_dir()):
        for number, (name, section, value) in enumerate(_pieces(layer)):
            document = yaml.safe_dump({section: _shuffled(value, shuffle)}, sort_keys=False)
            file = name if section == "environment" else f"z{997 * number % 1000:03d}.yaml"
            project.write(f"environments/{layer.name}/{file}", document)
        for path in (layer / "extra").glob("*"):
            project.write(f"environments/{layer.name}/extra/{path.name}", path.read_text())

    assert texts(project.root) == expected


def _pieces(layer: Path) -> Iterator[tuple[str, str, Any]]:
    """Each section of a layer on its own; sections keyed by name split in two."""
    for path in sorted(layer.rglob("*.yaml")):
        if "extra" in path.parts:
            continue
        for section, value in yaml.load(path.read_text(), _Dateless).items():  # noqa: S506
            if isinstance(value, dict) and len(value) > 1:
                keys = list(value)
                yield path.name, section, {key: value[key] for key in keys[::2]}
                yield path.name, section, {key: value[key] for key in keys[1::2]}
            else:
                yield path.name, section, value


class _Dateless(yaml.SafeLoader):
    """PyYAML's safe loader without its dates."""


_Dateless.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _shuffled(value: Any, shuffle: Any) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        shuffle(keys)
        return {key: _shuffled(value[key], shuffle) for key in keys}
    return value


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_any_topics_render_and_are_proved(project: Project, data: st.DataObject) -> None:
    """Whatever topics the schema accepts, their manifests are valid and apart from each other."""
    names = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,30}", fullmatch=True)
    settings_of = st.fixed_dictionaries(
        {},
        optional={
            "partitions": st.integers(1, 1000),
            "replicas": st.integers(1, 5),
            "retention": st.sampled_from(["1h", "7d", "unlimited"]),
            "cleanup": st.sampled_from(["delete", "compact"]),
        },
    )
    topics = data.draw(st.dictionaries(names, settings_of, max_size=6))
    project.environment(f"topics: {json.dumps(topics)}\n")

    everything = project.everything("dev")

    assert everything.findings == []
    rendered = [m for m in everything.environments[0].manifests if m.kind == "KafkaTopic"]
    assert {m.body["spec"].get("topicName", m.name) for m in rendered} == set(topics)


@given(st.lists(st.text(min_size=1, max_size=60), unique=True, max_size=20))
def test_derived_names_are_valid_and_unique(names: list[str]) -> None:
    """Every name becomes one that Kubernetes takes, and no two become the same."""
    derived = [dns_name(name) for name in names]

    assert all(is_dns_name(name) for name in derived)
    assert len(set(derived)) == len(names)


def test_one_environment_leaves_the_shared_alone(project: Project) -> None:
    """Rendering one environment by name renders nothing that all share."""
    project.environment('argocd: {repoURL: "https://example.com/x.git"}\n')

    assert set(project.everything("dev").files()) == {"dev"}
    assert set(project.everything().files()) == {"dev", "argocd"}


def test_wrong_environment_does_not_hide_another(project: Project) -> None:
    """Findings of all environments come together."""
    project.environment("topics: {a: {profile: x}}\n")
    project.environment("topics: {a: {profile: y}}\n", name="prod")

    everything = render_all(project.root, ["dev", "prod"], Schemas(schema_folders()), True, Cache())

    assert [finding.file for finding in everything.findings] == [
        "environments/dev/environment.yaml",
        "environments/prod/environment.yaml",
    ]


def test_two_environments_in_one_namespace_are_refused(project: Project) -> None:
    """They would overwrite each other's objects."""
    project.environment(text=ENVIRONMENT.replace("kafka-dev", "kafka"))
    project.environment(name="prod", text=ENVIRONMENT.replace("kafka-dev", "kafka"))

    everything = render_all(project.root, ["dev", "prod"], Schemas(schema_folders()), True, Cache())

    (finding,) = everything.findings
    assert (finding.file, finding.line, finding.rule) == (
        "environments/prod/environment.yaml", 2, "shared-namespace",
    )  # fmt: skip


def test_two_versions_of_one_operator_are_refused(project: Project) -> None:
    """Environments of one Kubernetes cluster must agree on its operator."""
    argocd = 'argocd: {repoURL: "https://example.com/x.git"}\n'
    project.environment(argocd + "strimzi: {namespace: one}\n")
    project.environment(argocd + "strimzi: {namespace: two}\n", name="prod")

    everything = render_all(project.root, ["dev", "prod"], Schemas(schema_folders()), True, Cache())

    (finding,) = everything.findings
    assert (finding.file, finding.line, finding.rule) == (
        "environments/prod/environment.yaml", 8, "operator-conflict",
    )  # fmt: skip


@pytest.mark.parametrize("size", ["dev", "small", "medium", "large"])
def test_every_size_is_proved(project: Project, size: str) -> None:
    """Each size alone gives a complete and valid cluster."""
    text = f"environment: dev\nnamespace: kafka-dev\nsize: {size}\n"
    project.environment(
        text=text + "cluster: {name: events, listeners: {tls: {port: 9093, authentication: tls}}}\n"
    )

    assert project.findings() == []
