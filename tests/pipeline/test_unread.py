"""Files and folders that nobody reads are found, wherever below environments/ they are."""

from pathlib import Path

import pytest
from support import Cli, Project


@pytest.fixture
def usual(project: Project) -> Project:
    """Two environments on one base."""
    project.write("environments/base/topics.yaml", "topics: {orders: {}}\n")
    for name in ("dev", "prod"):
        project.environment("inherits: base\n", name=name)
    return project


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("environments/topics.yaml", "environments/topics.yaml: error: nobody reads it [unread]"),
        ("environments/qa/env.yaml",
         "environments/qa/env.yaml: error: nobody reads it, so that there is no such environment"),
        ("environments/qa/environment.yml", "did you mean 'environment.yaml'?"),
        ("environments/qa/Environment.yaml", "did you mean 'environment.yaml'?"),
        ("environments/qa/environment.yaml.txt", "did you mean 'environment.yaml'?"),
        ("environments/qa/environment.yaml/topics.yaml", "no such environment"),
        ("environments/qa/topics.yaml",
         "environments/qa: error: nobody reads it: no environment, and none inherits it [unread]"),
        ("environments/bas/topics.yaml", "add an environment.yaml"),
        ("environments/prods/topics.yaml", "did you mean 'prod'?"),
        ("environments/argocd/approvals.yaml", "environments/argocd: error: nobody reads it: what"),
        ("environments/extra/quota.yaml", "environments/extra: error: nobody reads it"),
        ("environments/dev/topics.json", "did you mean 'topics.yaml'?"),
        ("environments/dev/topics.yaml.bak", "did you mean 'topics.yaml'?"),
        ("environments/dev/deep/er/orders.v1.YAML", "did you mean 'orders.v1.yaml'?"),
        ("environments/dev/quota.yaml.j2", "did you mean 'extra/quota.yaml.j2'?"),
        ("environments/dev/x.yaml/topics.yaml", "x.yaml: error: a folder with the name of a file"),
        ("environments/base/extra/quota.json", "did you mean 'quota.yaml'?"),
        ("environments/base/extra/quota.yml.j2", "did you mean 'quota.yaml.j2'?"),
        ("environments/base/extra/a/quota.tpl", "did you mean 'quota.yaml.j2'?"),
        ("environments/base/notes", "did you mean 'notes.yaml'?"),
    ],
)  # fmt: skip
def test_what_nobody_reads_is_found(usual: Project, cli: Cli, file: str, said: str) -> None:
    """With what was probably meant; an environment never vanishes without a word."""
    usual.write(file, "policy: {}\n")

    code, out, _ = cli("validate")
    assert code == 1
    assert said in out
    assert out.count("[unread]") == 1


@pytest.mark.parametrize(
    "file",
    [
        "environments/README.md", "environments/CODEOWNERS", "environments/.gitkeep",
        "environments/dev/README.md", "environments/dev/.#topics.yaml", "environments/dev/topics.yaml~",
        "environments/dev/#topics.yaml#", "environments/dev/.idea/x.json",
        "environments/base/extra/NOTES.md", "environments/.cache/x.yaml", "environments/empty/.gitkeep",
    ],
)  # fmt: skip
def test_documentation_and_hidden_files_may_stand_anywhere(
    usual: Project, cli: Cli, file: str
) -> None:
    """Nobody takes them for intent."""
    usual.write(file, "Read me.\n")

    assert cli("validate")[0] == 0


def test_it_is_found_after_a_faultless_run(usual: Project, cli: Cli) -> None:
    """What was remembered says nothing of a file that has come since."""
    assert cli("validate")[0] == 0
    assert cli("render")[0] == 0
    usual.write("environments/topics.yaml", "topics: {}\n")
    assert cli("validate")[0] == 1
    assert cli("render")[0] == 1


def test_one_environment_answers_for_its_own_layers(usual: Project, cli: Cli) -> None:
    """What lies in others is not its matter."""
    usual.write("environments/prod/topics.json", "{}\n")
    assert cli("validate", "dev")[0] == 0
    assert cli("validate", "prod")[0] == 1
    usual.write("environments/base/topics.json", "{}\n")
    assert cli("validate", "dev")[0] == 1


def test_a_layer_below_a_folder_is_read(usual: Project, cli: Cli) -> None:
    """And what lies beside it is not."""
    usual.write("environments/teams/blue/topics.yaml", "topics: {blue: {}}\n")
    usual.write("environments/base/up.yaml", "inherits: teams/blue\n")
    assert cli("validate")[0] == 0
    usual.write("environments/teams/notes.yaml", "topics: {}\n")
    assert "environments/teams/notes.yaml: error: nobody reads it" in cli("validate")[1]


@pytest.mark.parametrize("inside", [True, False])
def test_a_linked_folder_is_not_read(
    usual: Project, cli: Cli, tmp_path: Path, inside: bool
) -> None:
    """Neither as an environment nor as a layer, wherever it leads."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "environment.yaml").write_text(
        "environment: linked\nnamespace: k\nsize: dev\ncluster: {name: e}\n"
    )
    target = usual.root / "environments/base" if inside else outside
    (usual.root / "environments/linked").symlink_to(target)

    code, out, _ = cli("validate")
    assert code == 1
    assert "environments/linked: error:" in out

    (usual.root / "environments/linked").rename(usual.root / "environments/base/linked")
    assert "environments/base/linked: error: a symbolic link" in cli("validate")[1]


def test_a_tombstone_covers_what_lies_beside_it(usual: Project, cli: Cli) -> None:
    """The record of why an environment went may keep what it was."""
    usual.write("environments/dev/tombstone.yaml", "reason: Not needed.\nowner: team-a\n")
    usual.write("environments/dev/topics.json", "{}\n")

    assert cli("validate")[0] == 0


def test_no_environment_at_all_says_what_was_meant(project: Project, cli: Cli) -> None:
    """The only environment has a file of the wrong name."""
    project.write("environments/dev/environment.yml", "environment: dev\n")

    code, _, err = cli("validate")
    assert code == 64
    assert "environments/dev/environment.yml is not read" in err
    project.environment(name="prod")
    code, _, err = cli("validate", "dev")
    assert "there is no environment 'dev'; environments/dev/environment.yml is not read" in err
