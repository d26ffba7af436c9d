"""Both sides of a plan as they really are, however a repository hides them."""

import json
import random
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plans import CLUSTER, ENVIRONMENT, make
from support import Cli, Project

from generator.common.cache import Cache
from generator.model.policy import policy_of
from generator.plan.change import Change, FieldChange
from generator.plan.field_diff import apply, differences
from generator.plan.guard import Guard
from generator.plan.plan import State, plan
from generator.plan.sides import of_project
from generator.system.build import systems_of


def _git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True)


@pytest.fixture
def committed(project: Project) -> Project:
    """A repository whose environment has a topic in a file of its own."""
    project.environment()
    project.write("environments/dev/topics.yaml", "topics: {orders: {partitions: 6}}\n")
    _git(project.root, "init", "-q")
    _git(project.root, "add", "-A")
    _git(project.root, "commit", "-qm", "first")
    return project


def test_attributes_hide_nothing_of_the_base(committed: Project, cli: Cli) -> None:
    """export-ignore and filters are for archives, not for a guard."""
    committed.write(".gitattributes", "environments/dev/topics.yaml export-ignore filter=x\n")
    _git(committed.root, "add", "-A")
    _git(committed.root, "commit", "-qm", "hide")
    (committed.root / "environments/dev/topics.yaml").unlink()

    code, out, _ = cli("plan")

    assert code == 8
    assert "- KafkaTopic orders" in out


def test_submodule_in_the_base_is_refused(committed: Project, cli: Cli) -> None:
    """What cannot be read is not 'new'."""
    _git(committed.root, "update-index", "--add", "--cacheinfo",
         f"160000,{'1' * 40},environments/prod")  # fmt: skip
    _git(committed.root, "commit", "-qm", "submodule")

    code, out, _ = cli("plan")

    assert code == 1
    assert "environments/prod is a submodule" in out


@pytest.mark.parametrize("target", ["/etc/passwd", "nowhere", "../../../etc"])
def test_links_in_the_base_are_only_links(committed: Project, cli: Cli, target: str) -> None:
    """Nobody follows them out, and one that is no intent disturbs nobody."""
    (committed.root / "environments/README.link").symlink_to(target)
    _git(committed.root, "add", "-A")
    _git(committed.root, "commit", "-qm", "link")

    assert cli("plan")[:2] == (0, "nothing changes\n")


def test_base_that_does_not_render_is_told(committed: Project, cli: Cli) -> None:
    """The commit that mends it can still be planned, against what was rendered."""
    assert cli("render")[0] == 0
    good = (committed.root / "environments/dev/topics.yaml").read_text()
    committed.write("environments/dev/topics.yaml", "topics: {orders: {partitons: 6}}\n")
    _git(committed.root, "add", "-A")
    _git(committed.root, "commit", "-qm", "break")
    committed.write("environments/dev/topics.yaml", good.replace("6", "5"))

    code, out, err = cli("plan", "--base", "HEAD")

    assert code == 8
    assert "the intent at HEAD does not render (environments/dev/topics.yaml: unknown key" in err
    assert "partitions 6 to 5" in out


def test_wrong_manifests_here_are_findings(committed: Project, cli: Cli) -> None:
    """A plan of what the API server would refuse means nothing."""
    committed.environment("overrides: {KafkaTopic: {orders: {spec: {partitions: '12'}}}}\n")

    code, out, err = cli("plan")

    assert code == 1
    assert "[manifest-schema]" in out
    assert "bug" not in err


def test_empty_base_is_wrong_usage(committed: Project, cli: Cli) -> None:
    """An empty variable in a pipeline must not mean 'no change'."""
    del committed
    assert cli("plan", "--base", "")[0] == 64


def test_other_clusters_are_planned_by_their_own_topics(tmp_path: Path, cli: Cli) -> None:
    """A second Kafka through extra/ is judged, and its topics are not the first one's."""
    second = (
        "apiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {name: second}\n"
        "spec: {kafka: {version: 4.3.1, metadataVersion: 4.3-IV0, config: {broker.id: 7},"
        " listeners: [{name: tls, port: 9093, type: internal, tls: true}]}}\n---\n"
        "apiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\n"
        "metadata: {name: other, labels: {strimzi.io/cluster: second}}\n"
        "spec: {topicName: orders, partitions: 3, replicas: 3, config: {retention.ms: %d}}\n"
    )
    text = f"{CLUSTER}topics: {{orders: {{retention: 7d}}}}\n"
    for side, retention in (("before", 604800000), ("after", 86400000)):
        Project(tmp_path / side).write("environments/dev/extra/second.yaml", second % retention)

    made = make(tmp_path, text, text)

    (change,) = made.changes
    assert change.impact == "data-loss"
    assert "about 6d of orders" in change.effects[0].text
    project = Project(tmp_path / "after")
    (project.root / "environments/dev/rules.yaml").unlink()
    assert "broker-config-forbidden" in cli("validate", root=project.root)[1]


def test_application_that_goes_takes_the_environment_along(tmp_path: Path) -> None:
    """Dropping argocd: deletes what Argo CD manages, unless its finalizer is off."""
    argo = "argocd: {repoURL: 'https://example.com/x.git'}\n"
    text = f"{CLUSTER}topics: {{orders: {{}}}}\n"

    made = make(tmp_path, text + argo, text)

    gone = [each for each in made.changes if each.kind == "Application"]
    assert [each.impact for each in gone if each.name == "kafka-dev"] == ["data-loss"]
    assert all(each.blocked for each in gone if each.name == "kafka-dev")


def test_last_environment_leaves_with_a_tombstone(project: Project, cli: Cli) -> None:
    """Then nothing is rendered any more."""
    project.environment()
    assert cli("render")[0] == 0
    project.write("environments/dev/tombstone.yaml", "reason: Not needed.\nowner: team-a\n")

    assert cli("render")[0] == 0
    assert project.rendered() == {}
    assert cli("validate")[0] == 0


def test_capacity_tells_what_a_change_asks_for(committed: Project, cli: Cli) -> None:
    """Used, limit, and how much more than at the base."""
    committed.write("environments/dev/topics.yaml",
                    "topics: {orders: {partitions: 8, owner: team-a, throughput: 1Ki}}\n"
                    "policy: {budgets: {teams: {team-a: {partitions: 20}}}}\n")  # fmt: skip
    (committed.root / "environments/dev/rules.yaml").unlink()

    code, out, _ = cli("capacity", "dev", "--base", "HEAD")

    assert code == 6
    assert "24 of 3,000, asked +6" in out
    assert "24 of 20 (over by 4), asked +24" in out


_topics = st.dictionaries(
    st.sampled_from(["a", "b", "c.d", "Odd_1"]),
    st.fixed_dictionaries(
        {"partitions": st.integers(1, 9)},
        optional={
            "retention": st.sampled_from(["1d", "7d"]),
            "replicas": st.integers(1, 3),
            "deadLetter": st.booleans(),
            "labels": st.just({"x": "y1"}),
        },
    ),
)


@settings(max_examples=25, deadline=None)
@given(_topics, _topics, st.randoms())
def test_plan_leads_from_one_state_to_the_other(
    before: dict[str, Any], after: dict[str, Any], pick: random.Random
) -> None:
    """Its changes, made to the old objects, give the new ones; from a state to itself it is empty."""
    with tempfile.TemporaryDirectory() as name:
        one, two = (f"{CLUSTER}topics: {json.dumps(topics)}\n" for topics in (before, after))
        sides = []
        for side, text in (("one", one), ("two", two)):
            project = Project(Path(name) / side)
            project.environment(text, text=ENVIRONMENT)
            sides.append(of_project(project.root, None, Cache()).states)
        made = plan(sides[0], sides[1], Guard({}, ""))
        shuffled = {}
        for environment, state in sides[0].items():
            manifests = list(state.manifests)
            pick.shuffle(manifests)
            shuffled[environment] = State(
                tuple(manifests), tuple(systems_of(manifests, policy_of({})))
            )
        again = plan(shuffled, sides[1], Guard({}, ""))

    assert plan(sides[0], sides[0], Guard({}, "")).environments == []
    assert [(each.name, each.what, each.impact) for each in again.changes] == [
        (each.name, each.what, each.impact) for each in made.changes
    ]
    old, new = ({each.identity: each.body for each in side["dev"].manifests} for side in sides)
    result = _changed(old, new, made.changes)
    assert result.keys() == new.keys()
    for identity, body in new.items():
        assert list(differences(result[identity], body)) == []


def _changed(old: dict[Any, Any], new: dict[Any, Any], changes: list[Change]) -> dict[Any, Any]:
    """The old objects with the changes made."""
    result = dict(old)

    def key(objects: dict[Any, Any], kind: str, name: str) -> Any:
        return next(
            each for each, body in objects.items()
            if each[1] == kind and name in (each[3], body.get("spec", {}).get("topicName"))
        )  # fmt: skip

    for change in changes:
        if change.action == "create":
            result[key(new, change.kind, change.name)] = change.after
        elif change.action == "rename":
            del result[key(old, change.kind, change.name)]
            there = key(new, change.kind, str(change.after))
            result[there] = new[there]
        elif change.action == "delete":
            del result[key(old, change.kind, change.name)]
        else:
            identity = key(result, change.kind, change.name)
            path = change.path
            result[identity] = apply(
                result[identity], [FieldChange(path, change.before, change.after)]
            )
    return result
