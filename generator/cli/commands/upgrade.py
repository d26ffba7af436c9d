"""`strimzi-gitops upgrade`: the steps from one Strimzi and Kafka to others."""

from pathlib import Path as File
from typing import TYPE_CHECKING

import click

from generator.common.finding import Finding, FindingsError, did_you_mean
from generator.terminal.console import say
from generator.terminal.options import ENV, chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.plan.upgrade.steps import Step, Upgrade


@click.command("upgrade")
@click.argument("environment", type=ENV)
@click.option(
    "--to", "strimzi", metavar="STRIMZI", required=True, help="The version of Strimzi to get to."
)
@click.option(
    "--kafka", metavar="KAFKA", help="The version of Kafka to get to. [default: that Strimzi's own]"
)
@click.option("--via", metavar="STRIMZI,...", multiple=True,
              help="Go over these releases and no others; repeatable. [default: as few as possible]")  # fmt: skip
@click.option("--write", "last", type=click.IntRange(min=1), metavar="N",
              help="Edit the intent to what it says after step N; comments stay.")  # fmt: skip
@click.option(
    "--dry-run", is_flag=True, help="With --write, print the edits as a diff, and write nothing."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def command(root: File, environment: str, strimzi: str, kafka: str | None, via: tuple[str, ...],
            last: int | None, dry_run: bool, form: str) -> None:  # fmt: skip
    """Tell the steps of an upgrade of Strimzi and Kafka; each is a pull request of its own.

    The operator takes along every environment that Argo CD brings to the same Kubernetes cluster. After a
    step is merged and verified, the same command tells what is left, so that the next one is step 1.

    \b
    Examples:
      strimzi-gitops upgrade prod --to 1.2.0
      strimzi-gitops upgrade prod --to 1.2.0 --kafka 4.3.1 --format json
      strimzi-gitops upgrade prod --to 1.2.0 --write 1
      strimzi-gitops upgrade prod --to 1.2.0 --write 1 --dry-run
    """
    from generator.plan.upgrade.path import NoPathError
    from generator.plan.upgrade.steps import upgrade
    from generator.validate.schemas import Schemas, schema_folders

    chosen(root, [environment])
    named = [each.strip() for said in via for each in said.split(",") if each.strip()]
    between = named if via else None
    for option, version in (("--to", strimzi), *(("--via", each) for each in between or ())):
        _known(version, option)
    try:
        made = upgrade(root, environment, Schemas(schema_folders()), strimzi, kafka, between)
    except NoPathError as error:
        raise FindingsError([Finding(environment, 0, 0, "no-upgrade", str(error), "")]) from error
    if last is None or not made.steps:
        click.echo(_shown(made, form), nl=False)
        return
    if last > len(made.steps):
        raise click.BadParameter(f"there are {len(made.steps)} steps", param_hint="--write")
    _edit(root, made, last, dry_run)


def _known(version: str, option: str) -> None:
    from generator.common.strimzi.releases import known, releases

    if not known(version):
        names = [each.version for each in releases()]
        hint = did_you_mean(version, names)
        raise click.BadParameter(f"Strimzi {version} is not known; {hint}", param_hint=option)


def _shown(made: "Upgrade", form: str) -> str:
    from generator.plan.upgrade.data import as_json
    from generator.plan.upgrade.text import as_text

    return as_json(made) if form == "json" else as_text(made)


def _edit(root: File, made: "Upgrade", last: int, dry_run: bool) -> None:
    """Every edit up to a step; the last word on a value counts."""
    import difflib

    from generator.plan.upgrade.write import edited, write

    edits: dict[str, dict[tuple[str, str], str]] = {}
    for step in made.steps[:last]:
        for name, wanted in step.edits.items():
            edits.setdefault(name, {}).update(wanted)
    texts = edited(root, edits)
    if dry_run:
        for name, text in sorted(texts.items()):
            old = (root / name).read_text(encoding="utf-8") if (root / name).exists() else ""
            lines = difflib.unified_diff(old.splitlines(True), text.splitlines(True), name, name)
            click.echo("".join(lines), nl=False)
        return
    write(root, texts)
    for name in sorted(texts):
        say(f"wrote {name}")
    _tell(made, made.steps[:last])
    say("now: strimzi-gitops render, and a pull request; strimzi-gitops plan says what it does")


def _tell(made: "Upgrade", steps: "Sequence[Step]") -> None:
    """What is to be seen to, as nobody reads it again once the intent says what these steps write."""
    from generator.plan.upgrade.notes import before, first, no_return

    for line in first(made):
        say(line)
    if len(steps) > 1:
        say(f"these are {len(steps)} steps, each meant to be a pull request of its own; together they leave out"
            " what has to be done and seen between them, and plan may refuse them")  # fmt: skip
    for step in steps:
        for line in before(step):
            say(f"before the merge: {line}")
        for finding in step.wrong:
            say(f"to mend: {finding.file}: {finding.message}")
            if finding.fix:
                say(f"  fix: {finding.fix}")
        if text := no_return(step):
            say(text)
