"""The lines that a plan proposes work where it says: for every blocked environment, and for what they share."""

import json

import pytest
from plans import DAY, approve, commit
from support import Cli, Project

_ARGOCD = """\
argocd: {repoURL: "https://example.com/r.git"}
policy: {guard: [data-loss, protection-loss, irreversible, refused, ignored, rolling-restart]}
"""


@pytest.fixture
def three(project: Project) -> Project:
    """Three environments, of which two inherit base; all are deployed by Argo CD."""
    project.write("environments/base/argocd.yaml", _ARGOCD + "topics: {orders: {partitions: 6}}\n")
    for name in ("dev", "prod"):
        project.environment("inherits: base\n", name=name)
    project.environment(_ARGOCD + "topics: {orders: {partitions: 6}}\n", name="lab")
    commit(project)
    return project


def test_every_blocked_environment_has_its_place(three: Project, cli: Cli) -> None:
    """Each is told, and all of them together let the change through."""
    for name in ("dev", "prod"):
        three.write(f"environments/{name}/topics.yaml", "topics: {orders: {partitions: 12}}\n")
    code, _, err = cli("plan", *DAY)
    assert code == 8

    assert approve(three, err) == ["environments/dev/", "environments/prod/"]
    assert cli("plan", *DAY)[0] == 0
    assert cli("validate", *DAY)[0] == 0


def test_what_all_share_is_approved_in_a_layer_that_all_have(project: Project, cli: Cli) -> None:
    """And nowhere else; certainly not in environments/argocd/, which nobody reads."""
    project.write("environments/base/argocd.yaml", _ARGOCD)
    for name in ("dev", "prod"):
        project.environment("inherits: base\n", name=name)
    commit(project)
    project.write("environments/base/strimzi.yaml", "strimzi: {namespace: operators}\n")

    code, out, err = cli("plan", *DAY)
    assert code == 8
    assert "Application strimzi-operator" in out
    assert approve(project, err) == ["environments/base/"]
    assert cli("plan", *DAY)[0] == 0


def test_what_some_share_is_approved_by_each(three: Project, cli: Cli) -> None:
    """Where no layer is common, one approval for each environment that guards it; one is not enough."""
    for folder in ("base", "lab"):
        three.write(f"environments/{folder}/strimzi.yaml", "strimzi: {namespace: operators}\n")
    code, _, err = cli("plan", *DAY)
    assert code == 8
    folders = approve(three, err)
    assert folders == ["environments/dev/", "environments/lab/", "environments/prod/"]
    assert cli("plan", *DAY)[0] == 0

    (three.root / "environments/dev/approvals.yaml").unlink()
    code, _, err = cli("plan", *DAY)
    assert code == 8
    assert approve(three, err) == ["environments/dev/"]


def test_machines_learn_the_place_too(three: Project, cli: Cli) -> None:
    """In JSON beside the lines, and on the page."""
    three.write("environments/dev/topics.yaml", "topics: {orders: {partitions: 12}}\n")
    body = json.loads(cli("plan", *DAY, "--format", "json")[1])
    (change,) = body["environments"][0]["changes"]

    assert change["approval_in"] == ["environments/dev/"]
    assert "Add to a file in environments/dev/:" in cli("plan", *DAY, "--format", "html")[1]


def test_names_are_free(three: Project, cli: Cli) -> None:
    """An approval never takes the name of another one, so that the files add up."""
    three.write("environments/dev/topics.yaml", "topics: {orders: {partitions: 12}}\n")
    _, _, err = cli("plan", *DAY)
    approve(three, err, "first.yaml")
    assert cli("plan", *DAY)[0] == 0
    commit(three)
    three.write("environments/dev/topics.yaml", "topics: {orders: {partitions: 24}}\n")

    code, _, err = cli("plan", *DAY)
    assert code == 8
    assert "  orders-partitions-2:\n" in err
    approve(three, err, "second.yaml")
    assert cli("plan", *DAY)[0] == 0


def test_a_proposed_day_is_no_later_than_allowed(project: Project, cli: Cli) -> None:
    """Else the lines would let nothing through."""
    more = "policy: {approvals: {maxDays: 3}}\ntopics: {orders: {partitions: %d}}\n"
    project.environment(more % 6)
    commit(project)
    project.environment(more % 12)

    code, _, err = cli("plan", *DAY)
    assert (code, 'expires: "2026-11-24"' in err) == (8, True)
    approve(project, err)
    assert cli("plan", *DAY)[0] == 0


def test_very_many_are_counted(project: Project, cli: Cli) -> None:
    """A screen is for people; machines have them all."""
    topics = "topics: {%s}\n"
    project.environment(topics % ", ".join(f"t{n}: {{partitions: 6}}" for n in range(25)))
    commit(project)
    project.environment(topics % ", ".join(f"t{n}: {{partitions: 9}}" for n in range(25)))

    _, _, err = cli("plan", *DAY)
    assert err.count("    object: KafkaTopic/") == 20
    assert "  # and 5 more; --format json has them all\n" in err
