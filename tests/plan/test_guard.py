"""What may not happen unapproved, and in which order Argo CD does the rest; the commands plan and diff."""

import dataclasses
import json
import subprocess
from pathlib import Path

import click
import pytest
from plans import CLUSTER, make
from support import Cli, Project

from generator.plan.formats.text import MARKER, as_markdown, as_text
from generator.plan.plan import Plan

TOPIC = f"{CLUSTER}topics: {{orders: {{retention: 7d}}}}\n"
SHORTER = f"{CLUSTER}topics: {{orders: {{retention: 1d}}}}\n"
GONE = f"{CLUSTER}topics: {{}}\n"


def _approval(**more: str) -> str:
    said = {
        "object": "KafkaTopic/orders", "change": "spec.config.retention.ms", "to": "86400000",
        "reason": "Nobody reads what is older.", "owner": "team-a", "expires": "2026-12-31", **more,
    }  # fmt: skip
    return "approvals:\n  shorter:\n" + "".join(
        f"    {key}: {said[key]}\n" for key in said if said[key]
    )


def _blocked(made: Plan) -> list[str]:
    return [f"{change.what}: {change.blocked}" for change in made.blocked]


def test_data_loss_is_blocked(tmp_path: Path) -> None:
    """Without an approval."""
    made = make(tmp_path, TOPIC, SHORTER)

    assert _blocked(made) == ["spec.config.retention.ms: data-loss: approve it, or take it back"]


@pytest.mark.parametrize(
    ("more", "let_through"),
    [
        ({}, True),
        ({"to": "3600000"}, False),
        ({"to": ""}, False),
        ({"object": "KafkaTopic/*"}, False),
        ({"object": "KafkaTopic/invoices"}, False),
        ({"object": "KafkaUser/orders"}, False),
        ({"change": "spec.*"}, False),
        ({"change": "delete"}, False),
        ({"expires": "2026-11-21"}, True),
        ({"expires": "2026-11-20"}, False),
        ({"expires": "2027-01-05"}, True),
        ({"expires": "2027-01-06"}, False),
    ],
)
def test_approval_names_object_change_and_day(
    tmp_path: Path, more: dict[str, str], let_through: bool
) -> None:
    """It covers what it names, until its last day, and nothing else."""
    made = make(tmp_path, TOPIC, SHORTER + _approval(**more))

    assert (_blocked(made) == []) is let_through
    (environment,) = made.environments
    assert environment.unused_approvals == ([] if let_through else ["shorter"])
    assert [change.approved_by for change in made.changes if change.kind == "KafkaTopic"] == [
        "shorter" if let_through else ""
    ]
    told = [change.blocked for change in made.changes if change.what == "approvals.shorter"]
    assert [each.endswith(": take the approval out") for each in told] == [True] * (not let_through)


def test_milder_changes_need_nobody(tmp_path: Path) -> None:
    """A longer retention is nobody's loss."""
    assert make(tmp_path, SHORTER, TOPIC).blocked == []


def test_policy_decides_what_is_guarded(tmp_path: Path) -> None:
    """policy.guard lists the classes."""
    text = "policy: {guard: [client-visible], deletions: {any: 9}}\n"
    users = "applications: {a: {consumes: [orders]%s}}\n"

    assert make(tmp_path / "1", TOPIC + text, SHORTER + text).blocked == []
    one, two = users % "", users % ", authentication: scram-sha-512"
    assert len(make(tmp_path / "2", TOPIC + one + text, TOPIC + two + text).blocked) == 1


def test_no_change_loosens_its_own_guard(tmp_path: Path) -> None:
    """The guard of the base counts as well, so that switching it off takes a merge of its own."""
    off = "policy: {guard: [], deletions: {any: 9}}\n"

    made = make(tmp_path / "1", TOPIC, SHORTER + off)
    assert {change.what for change in made.blocked} == {
        "spec.config.retention.ms", "policy.guard", "policy.deletions",
    }  # fmt: skip
    assert "delete" in {change.what for change in make(tmp_path / "2", TOPIC, GONE + off).blocked}
    assert make(tmp_path / "3", TOPIC + off, GONE + off).blocked == []


def test_weaker_guard_must_be_approved(tmp_path: Path) -> None:
    """It is a change like any other, though no manifest shows it."""
    off = "policy: {guard: [data-loss]}\n"
    approval = _approval(object="Policy/guard", change="policy.guard", to="'[\"data-loss\"]'")

    made = make(tmp_path / "1", TOPIC, TOPIC + off)
    assert [effect.text for change in made.changes for effect in change.effects] == [
        "from the next merge on, ignored is no longer guarded",
        "from the next merge on, irreversible is no longer guarded",
        "from the next merge on, protection-loss is no longer guarded",
        "from the next merge on, refused is no longer guarded",
    ]
    assert len(made.blocked) == 4
    assert make(tmp_path / "2", TOPIC, TOPIC + off + approval).blocked == []
    assert make(tmp_path / "3", TOPIC + off, TOPIC).changes == []


def test_deletions_have_a_budget(tmp_path: Path) -> None:
    """Within it they pass; beyond it all of the kind must be approved."""
    budget = "policy: {deletions: {KafkaTopic: %d}}\n"
    three = f"{CLUSTER}topics: {{a: {{}}, b: {{partitions: 4}}, c: {{partitions: 5}}}}\n{budget}"
    one = f"{CLUSTER}topics: {{a: {{}}}}\n{budget}"

    assert len(make(tmp_path / "1", three % 2, one % 2).blocked) == 0
    assert len(make(tmp_path / "2", three % 1, one % 1).blocked) == 2


def test_protected_topic_leaves_in_two_steps(tmp_path: Path) -> None:
    """First released, then removed; the data stays."""
    kept = "protect: true\n" + TOPIC
    released = "protect: true\n" + f"{CLUSTER}topics: {{orders: {{retention: 7d, retire: true}}}}\n"
    gone = "protect: true\n" + GONE

    at_once = make(tmp_path / "1", kept, gone)
    assert "it is protected: release it first" in at_once.blocked[0].blocked

    first = make(tmp_path / "2", kept, released)
    assert first.blocked == []
    assert sorted(effect.text for change in first.changes for effect in change.effects) == [
        "labels and annotations only",
        "only what Argo CD asks before it removes the object",
        "the Topic Operator lets go of it: the topic and its data stay, and nothing said here changes"
        " it any more",
    ]

    second = make(tmp_path / "3", released, gone)
    assert second.blocked == []
    assert [change.impact for change in second.changes] == ["no-effect"]


def test_retired_data_is_deleted_only_when_said(tmp_path: Path) -> None:
    """retire: {data: delete} releases the object and keeps it managed; removing it loses the data."""
    released = (
        f"protect: true\n{CLUSTER}topics: {{orders: {{retention: 7d, retire: {{data: delete}}}}}}\n"
    )
    gone = "protect: true\n" + GONE

    (deletion,) = make(tmp_path, released, gone).changes
    assert deletion.impact == "data-loss"
    assert deletion.blocked == ("data-loss, 1 deletion where 0 may be: approve it, or take it back")


def test_dead_letter_topic_is_released_by_itself(tmp_path: Path) -> None:
    """The topic that it belongs to stays managed."""
    text = f"protect: true\n{CLUSTER}topics: {{orders: {{deadLetter: %s, retries: %s}}}}\n"
    both = text % ("true", "1")
    released = text % ("{retire: true}", "{count: 1, retire: {data: keep}}")

    assert len(make(tmp_path / "1", both, text % ("false", "0")).blocked) == 2
    assert make(tmp_path / "2", both, released).blocked == []
    last = make(tmp_path / "3", released, text % ("false", "0"))
    assert [(change.name, change.impact) for change in last.changes] == [
        ("orders.dlq", "no-effect"), ("orders.retry-1", "no-effect"),
    ]  # fmt: skip
    assert last.blocked == []


def test_rename_of_a_protected_topic_is_blocked(tmp_path: Path) -> None:
    """A rename deletes."""
    text = "protect: true\n" + CLUSTER
    made = make(tmp_path, text + "topics: {orders: {}}\n", text + "topics: {orders.v2: {}}\n")

    assert [change.action for change in made.blocked] == ["rename"]


def test_whole_environment_needs_a_tombstone(tmp_path: Path) -> None:
    """A folder that vanishes by accident takes nothing with it."""
    made = make(tmp_path / "1", TOPIC, "gone")
    assert made.environments == [] or all("tombstone" in each.blocked for each in made.blocked)
    other = Project(tmp_path / "2" / "after")
    other.environment(name="prod")
    Project(tmp_path / "2" / "before").environment(name="prod")
    made = make(tmp_path / "2", TOPIC, "gone")
    assert made.blocked
    assert {change.blocked for change in made.blocked} == {
        "the whole environment goes: say so in environments/dev/tombstone.yaml with reason: and"
        " owner:"
    }

    other.write("environments/dev/tombstone.yaml", "reason: Not needed.\nowner: team-a\n")
    made = make(tmp_path / "2", TOPIC, "gone")
    assert made.blocked == []
    assert {change.action for change in made.changes if change.environment == "dev"} == {"delete"}


def test_protected_environment_leaves_in_two_steps(tmp_path: Path) -> None:
    """retire: on the environment releases everything, and keeps the data; then the tombstone."""
    text = "protect: true\n" + TOPIC
    after = Project(tmp_path / "1/after")
    for side in ("before", "after"):
        Project(tmp_path / "1" / side).environment(name="prod")
    after.write("environments/dev/tombstone.yaml", "reason: Not needed.\nowner: team-a\n")

    at_once = make(tmp_path / "1", text, "gone")
    assert {change.kind for change in at_once.blocked} == {"Kafka", "KafkaNodePool", "KafkaTopic"}

    first = make(tmp_path / "2", text, "retire: true\n" + text)
    assert first.blocked == []
    (topic,) = first.environments[0].steps[-1:]
    assert (topic.wave, topic.objects) == (90, ("KafkaTopic/orders",))

    for side in ("before", "after"):
        Project(tmp_path / "3" / side).environment(name="prod")
    Project(tmp_path / "3/after").write(
        "environments/dev/tombstone.yaml", "reason: Not needed.\nowner: team-a\n"
    )
    second = make(tmp_path / "3", "retire: true\n" + text, "gone")
    assert second.blocked == []
    assert [each.impact for each in second.changes if each.kind == "KafkaTopic"] == ["no-effect"]


def test_pool_is_released_by_itself(tmp_path: Path) -> None:
    """The other objects stay protected."""
    text = (
        f"protect: true\n{CLUSTER}  nodePools: {{spare: {{roles: [broker], replicas: 3, %sstorage:"
    )
    text += " {volumes: {data-0: {}}}}}\n"
    (change,) = make(tmp_path, text % "", text % "retire: true, ").changes

    assert (change.kind, change.name) == ("KafkaNodePool", "spare")
    assert change.effects[0].text == "only what Argo CD asks before it removes the object"


def test_tombstone_says_why_and_who(project: Project, cli: Cli) -> None:
    """Nothing of the environment is rendered any more, and what was rendered goes."""
    project.environment()
    project.environment(name="prod")
    assert cli("render")[0] == 0
    project.write("environments/dev/tombstone.yaml", "reason: Not needed.\nwhen: now\n")

    code, out, _ = cli("render")
    assert code == 1
    assert "[tombstone] 'owner' is missing" not in out
    assert "'owner' is missing or no text [tombstone]" in out
    assert "2:1: error: unknown key 'when' [unknown-key]" in out

    project.write("environments/dev/tombstone.yaml", "reason: Not needed.\nowner: team-a\n")
    assert cli("render")[0] == 0
    assert not any(name.startswith("dev/") for name in project.rendered())


def test_argocd_order_is_told(tmp_path: Path) -> None:
    """Each wave prunes first, in waves that are mirrored; pools never gate; paused hangs."""
    before = (
        f"{CLUSTER}topics: {{a: {{}}, b: {{partitions: 5}}}}\n"
        "applications: {app: {consumes: [a]}, old: {consumes: [a]}}\n"
    )
    after = (
        f"{CLUSTER}  config: {{log.cleaner.threads: 2}}\n  storage: {{size: 20Gi}}\n"
        "topics:\n  a: {annotations: {strimzi.io/pause-reconciliation: 'true'}}\n  c: {}\n"
        "applications: {app: {consumes: [a, c]}}\n"
    )

    (environment,) = make(tmp_path, before, after).environments
    told = [(step.phase, step.wave, step.objects, step.gates) for step in environment.steps]
    assert told == [
        ("Sync", -1, ("ConfigMap/kafka-connection",), False),
        ("Sync", 0, ("KafkaNodePool/combined",), False),
        ("Sync", 1, ("Kafka/events",), False),
        ("Prune", 10, ("KafkaUser/old",), True),
        ("Sync", 10, ("KafkaTopic/a", "KafkaTopic/c"), True),
        ("Prune", 11, ("KafkaTopic/b",), False),
        ("Sync", 11, ("KafkaUser/app",), False),
    ]
    assert environment.steps[4].hangs == (
        "KafkaTopic/a: paused, so Argo CD waits for it until the annotation goes",
    )


def test_screen_of_a_plan(tmp_path: Path) -> None:
    """Worst first, one line of consequence each, then Argo CD's order."""
    assert click.unstyle(as_text(make(tmp_path, TOPIC, SHORTER))) == (
        "dev: 1 data-loss\n\n"
        "data-loss: data is deleted\n"
        "  ~ KafkaTopic orders spec.config.retention.ms: 7d -> 1d\n"
        "      environments/dev/environment.yaml:7:19\n"
        "      retention.ms 7d to 1d: about 6d of orders on 3 replicas is deleted (a revert does not"
        " bring it back)\n"
        "      blocked: data-loss: approve it, or take it back\n\n"
        "Argo CD's order:\n"
        "  Sync wave 10: KafkaTopic/orders\n"
    )


def test_markdown_fits_into_a_comment(tmp_path: Path) -> None:
    """The worst of a thousand changes is there, the rest is counted; nothing is nothing."""
    before = ", ".join(f"t{number}: {{partitions: 6}}" for number in range(1000))
    after = before.replace(": 6}", ": 7}").replace("t500: {partitions: 7}", "t500: {partitions: 3}")
    text = f"{CLUSTER}topics: {{%s}}\n"
    made = make(tmp_path, text % before, text % after)

    comment = as_markdown(made)

    assert comment.startswith(
        f"{MARKER}\n## Plan\n\n| environment | refused | irreversible | blocked |"
    )
    assert 50_000 < len(comment.encode()) < 65_536
    assert "`t500`" in comment
    assert "milder changes do not fit here" in comment
    assert as_markdown(Plan([])) == ""


def test_content_of_a_secret_is_never_told(tmp_path: Path, cli: Cli) -> None:
    """Not even when somebody compares folders that hold one."""
    for name, value in (("old", "aHVudGVyMg=="), ("new", "c2VjcmV0")):
        folder = tmp_path / name / "prod"
        folder.mkdir(parents=True)
        (folder / "secret.yaml").write_text(
            f"apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\ndata: {{password: {value}}}\n"
        )

    for form in ("text", "json", "markdown", "html"):
        out = cli("plan", "--from", f"{tmp_path}/old", "--to", f"{tmp_path}/new", "--format", form)[
            1
        ]
        assert "Secret" in out
        assert "aHVudGVyMg" not in out
        assert "c2VjcmV0" not in out


def test_names_in_a_comment_are_only_names(tmp_path: Path) -> None:
    """Nobody is mentioned, nothing is linked, no HTML gets through."""
    made = make(tmp_path, TOPIC, SHORTER)
    made.changes[0].name = "`x` <b> | @all"
    made.changes[0].effects = (made.changes[0].effects[0]._replace(text="see @all <img> [a](b)"),)

    comment = as_markdown(made)

    assert "@all" not in comment.replace("`'x' <b> \\| @all`", "")
    assert "<img>" not in comment
    assert "\\[a\\](b)" in comment


def test_fields_and_orders_stay_inside_their_quotes(tmp_path: Path) -> None:
    """A key or a name with a fence or a line break in it ends neither the code nor the fold."""
    made = make(tmp_path, TOPIC, SHORTER)
    made.changes[0].field = "metadata.annotations.a` @everyone <b>hi</b> `\n\n## heading"
    step = made.environments[0].steps[0]
    hostile = "KafkaTopic/x\n```\n</details>\n# APPROVED"
    made.environments[0].steps[0] = dataclasses.replace(step, objects=(hostile,))

    comment = as_markdown(made)

    assert "\n## heading" not in comment
    assert comment.count("```") == 2
    assert comment.count("\n</details>") == 1


def test_comment_fits_whatever_the_number_of_environments(tmp_path: Path) -> None:
    """Forty environments with long orders, too."""
    made = make(tmp_path, TOPIC, SHORTER)
    step = dataclasses.replace(
        made.environments[0].steps[0], objects=tuple(f"KafkaTopic/{'x' * 200}{n}" for n in range(9))
    )
    made.environments[0].steps = [step] * 60
    many = Plan([made.environments[0]] * 40)

    assert len(as_markdown(many).encode()) < 65_536


@pytest.fixture
def repository(project: Project) -> Project:
    """A Git repository with one committed environment."""
    project.environment("topics: {orders: {partitions: 6}}\n")
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments],
            cwd=project.root, check=True,
        )  # fmt: skip
    return project


def test_plan_since_a_commit(repository: Project, cli: Cli) -> None:
    """The work tree against a ref; 8 when blocked, and how to approve it on stderr."""
    assert cli("plan") == (0, "nothing changes\n", "")
    repository.environment("topics: {orders: {partitions: 12}}\n")

    code, out, err = cli("plan", "--base", "HEAD", "--today", "2026-11-21")

    assert code == 8
    assert "KafkaTopic orders spec.partitions: 6 -> 12" in out
    assert err == (
        "to approve, in a file in environments/dev/:\n\n"
        "approvals:\n  orders-partitions:\n    object: KafkaTopic/orders\n"
        "    change: spec.partitions\n    to: 12\n"
        '    reason: "<why it is acceptable>"\n    owner: "<team>"\n'
        '    expires: "2026-12-21"\n\n1 change blocked\n'
    )


def test_plan_touches_neither_work_tree_nor_index(repository: Project, cli: Cli) -> None:
    """Git's state is as before."""

    def state() -> tuple[str, bytes]:
        status = subprocess.run(
            ["git", "status", "--porcelain=v2", "--branch"], cwd=repository.root,
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        return status, (repository.root / ".git/index").read_bytes()

    repository.environment("topics: {orders: {partitions: 7}}\n")
    before = state()
    cli("plan", "--base", "HEAD")

    assert state() == before


@pytest.mark.parametrize("ref", ["nowhere", "--help", "HEAD:environments", "HEAD~5", "$(id)"])
def test_unknown_ref_is_told(repository: Project, cli: Cli, ref: str) -> None:
    """No option gets through to git, and no traceback comes back."""
    del repository
    code, out, err = cli("plan", f"--base={ref}")

    assert code == 1
    assert "git" in out
    assert "bug" not in err


def test_plan_outside_git_is_told(project: Project, cli: Cli) -> None:
    """With what to do instead."""
    project.environment()

    code, out, _ = cli("plan")

    assert code == 1
    assert "is in no Git repository, so that there is nothing to compare with" in out


def test_plan_in_a_subfolder_of_the_repository(tmp_path: Path, cli: Cli) -> None:
    """A monorepo keeps its Kafka somewhere inside."""
    inner = Project(tmp_path / "repo/platform/kafka")
    inner.environment("topics: {orders: {partitions: 6}}\n")
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *arguments],
            cwd=tmp_path / "repo", check=True,
        )  # fmt: skip
    inner.environment("topics: {orders: {partitions: 5}}\n")

    code, out, _ = cli("plan", root=inner.root)

    assert code == 8
    assert "partitions 6 to 5" in out


def test_plan_between_folders(repository: Project, cli: Cli, tmp_path: Path) -> None:
    """Two rendered states, wherever they come from."""
    cli("render")
    (repository.root / "rendered").rename(tmp_path / "old")
    repository.environment("topics: {orders: {partitions: 3}, new: {}}\n")
    cli("render")

    code, out, _ = cli("plan", "--from", str(tmp_path / "old"), "--to",
                       str(repository.root / "rendered"))  # fmt: skip

    assert code == 0
    assert "partitions 6 to 3: the Topic Operator answers NotSupported" in out
    assert "+ KafkaTopic new" in out
    code, out, _ = cli(
        "plan", "--from", str(repository.root / "rendered"), "--to", str(tmp_path / "old")
    )
    assert (code, "- KafkaTopic new" in out) == (
        0,
        True,
    )  # folders know no policy, and no approvals
    assert cli("plan", "--from", str(tmp_path / "old"), "--to", str(tmp_path / "old")) == (
        0, "nothing changes\n", "",
    )  # fmt: skip


def test_reports_of_a_plan(repository: Project, cli: Cli, tmp_path: Path) -> None:
    """JSON on stdout, others into files."""
    repository.environment("topics: {orders: {partitions: 6, description: words}}\n")

    code, out, _ = cli("plan", "--format", "json", "--out", f"markdown={tmp_path}/plan.md",
                       "--out", f"html={tmp_path}/plan.html", "--fail-on-changes")  # fmt: skip

    assert code == 7
    data = json.loads(out)
    assert (data["version"], data["blocked"], data["summary"]) == (1, 0, {"no-effect": 1})
    assert (tmp_path / "plan.md").read_text().startswith(MARKER)
    assert (tmp_path / "plan.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--from", "."], "--from and --to go together"),
        (["--base", "HEAD", "--against", "dev"], "give one of"),
        (["--against", "dev"], "needs the one environment"),
        (["nowhere"], "there is no environment 'nowhere'"),
    ],
)
def test_wrong_ways_to_plan(
    repository: Project, cli: Cli, arguments: list[str], expected: str
) -> None:
    """Usage, 64."""
    del repository
    code, _, err = cli("plan", *arguments)

    assert code == 64
    assert expected in err


def test_environments_side_by_side(project: Project, cli: Cli) -> None:
    """Diff leaves out what is meant; plan --against tells what promotion would do."""
    project.write("environments/base/x.yaml",
                  "topics: {a: {retention: 7d}, b: {}}\npolicy: {differences: [KafkaTopic/b]}\n")  # fmt: skip
    project.environment("inherits: base\ntopics: {a: {partitions: 6}}\n", name="staging")
    project.environment("inherits: base\ntopics: {b: {partitions: 9}}\n", name="prod")

    code, out, err = cli("diff", "staging", "prod")
    assert (code, err) == (7, "1 differences, 1 more that are meant\n")
    assert out == (
        "OBJECT        FIELD            STAGING  PROD\n"
        "KafkaTopic/a  spec.partitions        6     3\n"
    )

    code, out, _ = cli("plan", "prod", "--against", "staging")
    assert code == 8
    assert "KafkaTopic a spec.partitions: 3 -> 6" in out
    assert cli("diff", "prod", "prod")[0] == 0
