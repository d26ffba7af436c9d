"""`strimzi-gitops upgrade`: the steps from one Strimzi and Kafka to others."""

from pathlib import Path as File
from typing import TYPE_CHECKING

import click

from generator.common.finding import Finding, FindingsError, did_you_mean
from generator.terminal.console import say
from generator.terminal.options import ENV, chosen

if TYPE_CHECKING:
    from generator.plan.upgrade.steps import Upgrade


@click.command("upgrade")
@click.argument("environment", type=ENV)
@click.option(
    "--to", "strimzi", metavar="STRIMZI", required=True, help="The version of Strimzi to get to."
)
@click.option(
    "--kafka", metavar="KAFKA", help="The version of Kafka to get to. [default: that Strimzi's own]"
)
@click.option("--via", metavar="STRIMZI,...",
              help="Go over these releases and no others. [default: as few as possible]")  # fmt: skip
@click.option("--write", "last", type=click.IntRange(min=1), metavar="N",
              help="Edit the intent to what it says after step N; comments stay.")  # fmt: skip
@click.option(
    "--dry-run", is_flag=True, help="With --write, print the edits as a diff, and write nothing."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.pass_obj
def command(root: File, environment: str, strimzi: str, kafka: str | None, via: str | None,
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
    between = None if via is None else [each.strip() for each in via.split(",") if each.strip()]
    for option, version in (("--to", strimzi), *(("--via", each) for each in between or ())):
        _known(version, option)
    try:
        made = upgrade(root, environment, Schemas(schema_folders()), strimzi, kafka, between)
    except NoPathError as error:
        raise FindingsError([Finding(environment, 0, 0, "no-upgrade", str(error), "")]) from error
    if last is None:
        click.echo(_shown(made, form), nl=False)
        return
    if last > len(made.steps):
        raise click.BadParameter(f"there are {len(made.steps)} steps", param_hint="--write")
    _edit(root, made, last, dry_run)


def _known(version: str, option: str) -> None:
    from generator.common.strimzi import known, releases

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
    say("now: strimzi-gitops render, and a pull request; strimzi-gitops plan says what it does")
