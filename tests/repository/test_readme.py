"""What the README promises is so: its commands, its links, its examples of verification."""

import re
import shlex
from pathlib import Path

import click
import pytest
from support import REPOSITORY, Cli, Project

from generator.cli.main import main as gitops
from verify.checks.registry import all_checks
from verify.cli.main import main as verify

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / ".github").rglob("*.md")),
         REPOSITORY / "CHANGELOG.md"]  # fmt: skip
COMMANDS = {"strimzi-gitops": gitops, "strimzi-verify": verify}


def _said() -> list[str]:
    """Every line of the README's blocks that calls one of our commands, without its comment."""
    blocks = re.findall(r"^ *```(?:sh|console)\n(.*?)^ *```", README, re.MULTILINE | re.DOTALL)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines()]
    return [line.partition(" #")[0].strip() for line in lines if line.split(" ")[0] in COMMANDS]


def test_tests_are_run_as_ci_runs_them() -> None:
    """The README's command stands in .ci/run to the letter."""
    (command,) = re.findall(r"^python3 -m venv .*pytest$", README, re.MULTILINE)

    assert f"\n{command}\n" in (REPOSITORY / ".ci/run").read_text()


def test_environments_are_as_many_as_it_says(cli: Cli) -> None:
    """What the first command prints."""
    code, _, err = cli("validate", root=REPOSITORY)

    assert code == 0
    assert err in README
    code, _, err = cli("render", "--check", root=REPOSITORY)

    assert code == 0
    (count,) = re.findall(r"\((\d+) files match\)", err)
    assert f"rendered/: 0 written, 0 removed, {count} unchanged\n" in README


@pytest.mark.parametrize("line", _said())
def test_commands_exist_with_their_options(line: str) -> None:
    """As far as click looks at them."""
    name, *rest = shlex.split(line)
    command: click.Command = COMMANDS[name]
    context = click.Context(command, info_name=name)
    while isinstance(command, click.Group):
        sub, *rest = rest
        found = command.get_command(context, sub)
        assert found is not None, f"{line}: no {sub}"
        command, context = found, click.Context(found, parent=context, info_name=sub)
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    assert {each for each in rest if each.startswith("-")} <= known


def test_examples_of_verification_are_checks() -> None:
    """Nothing is shown that is no longer there."""
    section = README.partition("\n## Verify\n")[2].partition("\n## ")[0]
    shown = re.findall(r"^ *(?:pass|fail|warn|skip|unknown) +([a-z-]+) ", section, re.MULTILINE)

    assert len(shown) > 10
    assert set(shown) <= set(all_checks())
    assert f"asks {len(all_checks())} checks" in (REPOSITORY / "CHANGELOG.md").read_text().replace(
        "\n  ", " "
    )


def test_intent_of_verification_is_valid(project: Project) -> None:
    """The example can be copied."""
    section = README.partition("\n## Verify\n")[2]
    (example,) = re.findall(r"```yaml\n(verify:.*?)```", section, re.DOTALL)
    project.environment(example + "applications: {billing: {owner: a, consumes: {}}}\n")

    assert [
        each for each in project.findings() if "verify" in each or "messageFormats" in each
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Those to files of ours."""
    for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link
