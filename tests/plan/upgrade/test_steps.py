"""Steps of an upgrade: each is valid in its versions, and the last leaves what a direct render would."""

import json
import os
import shutil
from itertools import combinations_with_replacement
from pathlib import Path

import pytest
from support import RULES_OFF, Cli, Project

from generator.common.strimzi.releases import release, releases
from generator.plan.upgrade.notes import after, before, no_return
from generator.plan.upgrade.path import Kind
from generator.plan.upgrade.steps import Upgrade, upgrade, versions_of
from generator.plan.upgrade.write import edited, with_texts, write
from generator.validate.schemas import Schemas, schema_folders

_SCHEMAS = Schemas(schema_folders())
_PAIRS = list(combinations_with_replacement([each.version for each in releases()], 2))
BASE = """\
# For all.
strimzi:
  version: {strimzi}  # pinned
argocd: {{repoURL: "https://git.example.com/kafka.git"}}
cluster:
  name: events
  kafkaVersion: {kafka}
  listeners: {{tls: {{port: 9093, authentication: tls}}}}
topics:
  orders: {{partitions: 3, retention: 7d}}
"""


def a_project(root: Path, strimzi: str, kafka: str, *names: str) -> Project:
    """Environments that inherit what they have, and no rule that is on."""
    project = Project(root)
    project.write("environments/base/all.yaml", BASE.format(strimzi=strimzi, kafka=kafka))
    project.write("environments/base/rules.yaml", RULES_OFF)
    for name in names or ("prod",):
        project.write(
            f"environments/{name}/environment.yaml",
            f"environment: {name}\ninherits: base\nnamespace: kafka-{name}\nsize: dev\n",
        )
    return project


def planned(project: Project, name: str, strimzi: str, kafka: str | None = None) -> Upgrade:
    """The steps, nothing being wrong with any."""
    made = upgrade(project.root, name, _SCHEMAS, strimzi, kafka)
    assert [finding.message for step in made.steps for finding in step.wrong] == []
    return made


def rendered(root: Path) -> dict[str, dict[str, str]]:
    """All files, faultless."""
    everything = Project(root).everything()
    assert [each.message for each in everything.findings] == []
    return everything.files()


@pytest.mark.parametrize(("first", "last"), _PAIRS, ids=["-".join(pair) for pair in _PAIRS])
def test_the_last_step_leaves_what_a_direct_render_would(
    tmp_path: Path, first: str, last: str
) -> None:
    """From the oldest Kafka of any release to the newest of any later one."""
    project = a_project(tmp_path / "old", first, release(first).kafka[0])
    direct = a_project(tmp_path / "new", last, release(last).kafka[-1])
    edits: dict[str, dict[tuple[str, str], str]] = {}
    for step in planned(project, "prod", last, release(last).kafka[-1]).steps:
        for name, wanted in step.edits.items():
            edits.setdefault(name, {}).update(wanted)

    with with_texts(project.root, edited(project.root, edits)) as there:
        assert rendered(there) == rendered(direct.root)


def test_a_step_tells_what_it_takes(tmp_path: Path) -> None:
    """Kubernetes first where it must, what to write, and how to go on."""
    made = planned(a_project(tmp_path, "0.50.1", "4.1.1"), "prod", "1.0.1")

    assert [(str(each.move.kind), list(before(each))) for each in made.steps][:2] == [
        ("stored", []),
        ("operator", ["Kubernetes 1.30 or newer: kubectl version"]),
    ]
    stored = made.steps[0]
    assert stored.edits == {"prod": {("strimzi", "storedVersion"): "v1"}}
    lines = list(after(stored))
    assert lines[0].startswith("for each in $(kubectl get crd -o name | grep -oE ")
    assert "--show-managed-fields | sed 's|strimzi.io/v1beta2|strimzi.io/v1|g'" in lines[0]
    assert [lines[0] in after(each) for each in made.steps] == [
        True,
        True,
        *[False] * (len(made.steps) - 2),
    ]
    assert lines[1] == "strimzi-verify run prod --only stored-versions"
    assert "kubectl patch crd $each --subresource=status" in lines[2]
    assert lines[3] == "strimzi-verify run prod --wait 30m --strict"
    assert [no_return(each) for each in made.steps if no_return(each)] == [
        "from here there is no way back to Strimzi 0.48 or older",
        "from here there is no way back to an older Kafka",
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("", ["Kubernetes 1.30 or newer: kubectl version"]),
        ('kubernetes: {version: "1.30"}\n', []),
        ('kubernetes: {version: "1.34"}\n', []),
    ],
)
def test_a_step_knows_the_kubernetes_that_is_said(
    tmp_path: Path, said: str, expected: list[str]
) -> None:
    """What suffices need not be asked for."""
    project = a_project(tmp_path, "0.50.1", "4.1.1")
    if said:
        project.write("environments/prod/clusters.yaml", said)

    made = planned(project, "prod", "1.0.1")

    assert [list(before(each)) for each in made.steps if str(each.move.kind) == "operator"] == [
        expected
    ]


def test_a_step_that_the_kubernetes_that_is_said_does_not_bear_is_wrong(tmp_path: Path) -> None:
    """Kubernetes comes first, since the operator's merge is refused by `validate`."""
    project = a_project(tmp_path, "0.50.1", "4.1.1")
    project.write("environments/prod/clusters.yaml", 'kubernetes: {version: "1.29"}\n')

    made = upgrade(project.root, "prod", _SCHEMAS, "1.0.1", None)

    assert [
        (str(each.move.kind), finding.message) for each in made.steps for finding in each.wrong
    ] == [("operator", "Strimzi 1.0.1 needs Kubernetes 1.30 or newer, not 1.29")]


def test_who_shares_an_operator_goes_along(tmp_path: Path) -> None:
    """The value stands in what all inherit, and is changed there once; Kafka changes where it is asked for."""
    project = a_project(tmp_path, "1.1.0", "4.2.0", "dev", "prod")
    made = planned(project, "prod", "1.2.0")

    assert made.environments == ("dev", "prod")
    assert [(str(each.move.kind), each.move.environments) for each in made.steps] == [
        ("operator", ("dev", "prod")),
        ("kafka", ("prod",)),
        ("metadata", ("prod",)),
    ]
    texts = edited(project.root, made.steps[0].edits)
    assert texts["environments/base/all.yaml"] == BASE.format(strimzi="1.2.0", kafka="4.2.0")
    for name in made.environments:
        assert texts[f"environments/{name}/environment.yaml"].endswith(
            "\ncluster:\n  metadataVersion: 4.2-IV1\n"
        )
    text = edited(project.root, made.steps[1].edits)["environments/prod/environment.yaml"]
    assert text.endswith("cluster:\n  kafkaVersion: 4.3.1\n  metadataVersion: 4.2-IV1\n")


def test_what_it_was_when_nothing_is_to_do(tmp_path: Path) -> None:
    """No step, and the versions as they are."""
    project = a_project(tmp_path, "1.2.0", "4.3.1")

    assert planned(project, "prod", "1.2.0").steps == []
    assert versions_of(project.everything().environments[0].environment).kafka == "4.3.1"


def test_what_a_version_no_longer_knows_is_mended_in_its_step(tmp_path: Path) -> None:
    """It is told with its place, and with the step that brings it."""
    project = a_project(tmp_path, "0.47.0", "3.9.0")
    project.write("environments/base/rules.yaml", "policy: {severities: {topic-owner: ignore}}\n")
    project.write(
        "environments/prod/config.yaml",
        "cluster:\n  config:\n    log.message.downconversion.enable: false\n",
    )
    made = upgrade(project.root, "prod", _SCHEMAS, "0.47.0", "4.0.0")

    (step,) = (each for each in made.steps if each.wrong)
    assert step.move.kind is Kind.KAFKA
    assert [(each.file, each.line) for each in step.wrong] == [("environments/prod/config.yaml", 3)]
    assert "Kafka 4.0 removed log.message.downconversion.enable" in step.wrong[0].message


def test_screen(project: Project, cli: Cli) -> None:
    """What a person reads."""
    a_project(project.root, "1.2.0", "4.2.1")

    code, out, _ = cli("upgrade", "prod", "--to", "1.2.0")

    assert code == 0
    assert out == (
        "prod: Strimzi 1.2.0, Kafka 4.2.1 (metadata 4.2-IV1) -> Strimzi 1.2.0, Kafka 4.3.1 (metadata 4.3-IV0)\n"
        "2 steps, each a pull request of its own\n"
        "\n"
        "1. Kafka (prod)\n"
        "   write   cluster.kafkaVersion: 4.3.1, cluster.metadataVersion: 4.2-IV1\n"
        "   does    client-visible: an outage: nobody is served until the only broker is back\n"
        "   does    rolling-restart: Kafka 4.2.1 to 4.3.1: every node of combined (1) restarts in turn\n"
        "   after   strimzi-verify run prod --wait 30m --strict\n"
        "\n"
        "2. the metadata version (prod)\n"
        "   write   cluster.metadataVersion: 4.3-IV0\n"
        "   does    irreversible: metadataVersion 4.2-IV1 to 4.3-IV0: after it there is no way back to an older"
        " Kafka\n"
        "   after   strimzi-verify run prod --wait 30m --strict\n"
        "   ------- from here there is no way back to an older Kafka\n"
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--to", "1.3.0"), 64, "Strimzi 1.3.0 is not known; did you mean '1.2.0'?"),
        (("--to", "1.2.0", "--via", "9"), 64, "Strimzi 9 is not known; known here: 0.45.0, "),
        (("--to", "1.1.0"), 1, "Strimzi 1.1.0 is older than 1.2.0: going back is no upgrade"),
        (("--to", "1.2.0", "--kafka", "5.0.0"), 1, "Strimzi 1.2.0 does not run Kafka 5.0.0"),
        (("--to", "1.2.0", "--write", "9"), 64, "there are 2 steps"),
        (("--to", "1.2.0", "--write", "0"), 64, "--write"),
        ((), 64, "Missing option '--to'"),
    ],
)
def test_what_cannot_be(
    project: Project, cli: Cli, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """In words, and without a traceback."""
    a_project(project.root, "1.2.0", "4.2.1")

    done = cli("upgrade", "prod", *arguments)

    assert done[0] == code
    assert said in " ".join((done[1] + done[2]).split())


def test_writing_several_steps_says_what_that_leaves_out(project: Project, cli: Cli) -> None:
    """And what has to be mended, as the next run finds it in the intent already."""
    a_project(project.root, "0.50.1", "4.1.1")
    project.write("environments/prod/clusters.yaml", 'kubernetes: {version: "1.29"}\n')

    code, out, err = cli("upgrade", "prod", "--to", "1.0.1", "--kafka", "4.1.1", "--write", "2")

    assert code == 0
    said = " ".join((out + err).split())
    assert "these are 2 steps, each meant to be a pull request of its own" in said
    assert "to mend: environments/prod/clusters.yaml: Strimzi 1.0.1 needs Kubernetes 1.30" in said
    assert "from here there is no way back to Strimzi 0.48 or older" in said


@pytest.mark.parametrize(
    "via", [("--via", "0.48.0", "--via", "0.51.0"), ("--via", "0.48.0,0.51.0")]
)
def test_via_may_be_said_twice(project: Project, cli: Cli, via: tuple[str, ...]) -> None:
    """None is dropped."""
    a_project(project.root, "0.45.0", "3.9.0")

    out = cli("upgrade", "prod", "--to", "1.0.1", *via, "--format", "json")[1]

    assert [each["after"]["prod"]["strimzi"] for each in json.loads(out)["steps"]
            if each["kind"] == "operator"] == ["0.48.0", "0.51.0", "1.0.1"]  # fmt: skip


@pytest.mark.parametrize("breaks_at", [1, 2])
def test_all_files_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks_at: int) -> None:
    """Ctrl-C between two files, or one that cannot be replaced, leaves everything as it was."""
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("old\n")
    replace, done = Path.replace, []

    def breaks(self: Path, target: Path) -> Path:
        done.append(target)
        if len(done) == breaks_at:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", breaks)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, {"a.yaml": "new\n", "b.yaml": "new\n", "c.yaml": "new\n"})

    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {
        "a.yaml": "old\n",
        "b.yaml": "old\n",
    }


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device", "a.yaml"), "a.yaml: No space left on device"),
        (shutil.Error([("a", "b", "is a named pipe")]), "[('a', 'b', 'is a named pipe')]"),
    ],
)
def test_what_the_disk_refuses_is_named(
    project: Project, cli: Cli, monkeypatch: pytest.MonkeyPatch, error: OSError, said: str
) -> None:
    """With the file, and never with `None`."""
    a_project(project.root, "1.2.0", "4.2.1")

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("generator.plan.upgrade.write.write", fails)
    code, out, err = cli("upgrade", "prod", "--to", "1.2.0", "--write", "1")

    assert (code, (out + err).strip()) == (1, f"cannot go on: {said}")


def test_what_was_there_stays(tmp_path: Path) -> None:
    """Links are followed, and lines end as they did."""
    (tmp_path / "real.yaml").write_bytes(b"a: 1\r\nb: 2\r\n")
    (tmp_path / "link.yaml").symlink_to("real.yaml")

    write(tmp_path, {"link.yaml": "a: 1\nb: 3\n"})

    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "real.yaml").read_bytes() == b"a: 1\r\nb: 3\r\n"


def test_a_pipe_beside_the_intent_is_left_out(tmp_path: Path) -> None:
    """`validate` takes no notice of it, and neither does this."""
    project = a_project(tmp_path, "1.1.0", "4.2.0")
    os.mkfifo(tmp_path / "environments/prod/.pipe")

    assert planned(project, "prod", "1.2.0").steps


def test_write(project: Project, cli: Cli) -> None:
    """The edits are made, comments stay; shown alone with --dry-run."""
    a_project(project.root, "1.2.0", "4.2.1")
    file = project.root / "environments/base/all.yaml"
    before_ = file.read_text()

    shown = cli("upgrade", "prod", "--to", "1.2.0", "--write", "1", "--dry-run")[1]

    assert "-  kafkaVersion: 4.2.1\n+  kafkaVersion: 4.3.1\n" in shown
    assert file.read_text() == before_
    assert cli("upgrade", "prod", "--to", "1.2.0", "--write", "1")[0] == 0
    assert "  version: 1.2.0  # pinned\n" in file.read_text()
    assert "  kafkaVersion: 4.3.1\n" in file.read_text()
    assert "1 step" in cli("upgrade", "prod", "--to", "1.2.0")[1]


def test_an_intent_that_cannot_be_edited(project: Project, cli: Cli) -> None:
    """An anchor would change more than is asked: what to write by hand is told, and nothing is written."""
    a_project(project.root, "1.2.0", "4.2.1")
    file = project.write(
        "environments/prod/versions.yaml",
        "cluster: {kafkaVersion: &kafka 4.2.1, config: {x.y: *kafka}}\n",
    )

    code, out, _ = cli("upgrade", "prod", "--to", "1.2.0", "--write", "1")

    assert (code, file.read_text().count("4.2.1")) == (1, 1)
    assert "write it by hand: cluster: {kafkaVersion: 4.3.1}" in out


def test_an_operator_that_nothing_here_deploys(tmp_path: Path) -> None:
    """What it does is told with the release that the intent says, and its definitions are changed by a command."""
    project = a_project(tmp_path, "0.51.0", "4.1.1")
    text = (tmp_path / "environments/base/all.yaml").read_text()
    project.write(
        "environments/base/all.yaml",
        text.replace('argocd: {repoURL: "https://git.example.com/kafka.git"}\n', ""),
    )
    made = planned(project, "prod", "1.2.0")

    stored, _, operator = made.steps[:3]
    assert next(after(stored)).startswith("for each in $(kubectl get crd -o name | grep -oE ")
    assert '.spec.versions |= map(.storage = (.name == "v1"))' in next(after(stored))
    said = [f"{effect.impact}: {effect.text}" for _, effect in operator.effects]
    assert (
        "rolling-restart: Strimzi 0.51.0 to 1.2.0: every node of every Kafka that it manages restarts"
        in said
    )
    assert not any("storedVersion" in each for each in said)
