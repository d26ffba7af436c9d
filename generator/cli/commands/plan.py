"""`strimzi-gitops plan`: what a change will do to running clusters."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path as File
from typing import TYPE_CHECKING

import click

from generator.common.exit_codes import ExitCode
from generator.common.finding import FindingsError
from generator.terminal.console import say, show
from generator.terminal.options import (
    ENV,
    a_month_after,
    chosen,
    day_option,
    no_such,
    now_option,
    output_option,
    write_outputs,
)

if TYPE_CHECKING:
    from generator.plan.backup_gate import BackupGate
    from generator.plan.backup_report import BackupReport
    from generator.plan.plan import Plan

_FORMS = ("text", "json", "markdown", "html")
_FILE = click.Path(exists=True, dir_okay=False, path_type=File)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=File)


@click.command("plan")
@click.argument("environments", nargs=-1, type=ENV)
@click.option(
    "--base", metavar="REF", help="A branch, tag or commit to compare with. [default: HEAD]"
)
@click.option("--from", "before", type=_FOLDER, help="Compare rendered folders: the old one.")
@click.option("--to", "after", type=_FOLDER, help="Compare rendered folders: the new one.")
@click.option("--against", type=ENV, metavar="ENVIRONMENT",
              help="What it would do to the one named environment to become like this one.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(_FORMS), default="text", show_default=True)
@click.option("--fail-on-changes", is_flag=True, help="Exit 7 when anything changes.")
@click.option("--backup-proof", "reports", type=_FILE, multiple=True, metavar="FILE",
              help="A report of strimzi-verify that proves backups, for policy.backupGate; one for each"
                   " environment.")  # fmt: skip
@click.option("--backup-live", is_flag=True,
              help="Have strimzi-verify prove backups now, where policy.backupGate asks.")  # fmt: skip
@output_option(_FORMS)
@now_option
@day_option
@click.pass_obj
def command(root: File, environments: tuple[str, ...], base: str | None, before: File | None,
         after: File | None, against: str | None, form: str, fail_on_changes: bool,
         reports: tuple[File, ...], backup_live: bool, outputs: list[tuple[str, File]],
         now_s: float, today: str) -> None:  # fmt: skip
    """Tell what a change will do to running clusters. Exit 8 when something has to be approved.

    Compares the intent here with the intent at a Git ref; both are rendered in memory, and neither
    the work tree nor the index is touched.

    \b
    Examples:
      strimzi-gitops plan                        what do my edits do?
      strimzi-gitops plan --base origin/main     what does this branch do?
      strimzi-gitops plan prod --base v1.4.0 --format markdown
      strimzi-gitops plan --from /tmp/old/rendered --to rendered
      strimzi-gitops plan prod --against staging
      strimzi-gitops plan prod --base origin/main --backup-proof report.json
    """
    from generator.plan.approval_text import help_for
    from generator.plan.guard import Guard
    from generator.plan.plan import plan as make

    _one_way(base, before, after, against, environments)
    gate = _gate(reports, backup_live, now_s, folders=before is not None)
    if before is not None and after is not None:
        from generator.plan.sides import of_folders

        old, new = of_folders(before, after)
        made = make(old, new, Guard({}, today))
    elif against is not None:
        made = _against(root, environments[0], against, today, gate)
    else:
        made = _since(root, environments, "HEAD" if base is None else base, today, gate)
    forms = _reporters(made, a_month_after(today))
    click.echo(forms[form](), nl=False)
    write_outputs(outputs, lambda name: forms[name]())
    if made.blocked:
        count = len(made.blocked)
        if advice := help_for(made.blocked, a_month_after(today)):
            say(advice)
        say(f"{count} change{'s' * (count != 1)} blocked")
        raise click.exceptions.Exit(ExitCode.BLOCKED)
    if fail_on_changes and made.changes:
        raise click.exceptions.Exit(ExitCode.DIFFERENT)


def _one_way(base: str | None, before: File | None, after: File | None, against: str | None,
             environments: Sequence[str]) -> None:  # fmt: skip
    if base == "":
        raise click.UsageError("--base is empty: give a branch, tag or commit")
    if (before is None) != (after is None):
        raise click.UsageError("--from and --to go together")
    if sum(each is not None for each in (base, before, against)) > 1:
        raise click.UsageError("give one of --base, --from/--to and --against")
    if against is not None and len(environments) != 1:
        raise click.UsageError("--against needs the one environment that would change")
    if before is not None and environments:
        raise click.UsageError("--from/--to compare all environments in the folders")


def _gate(
    reports: Sequence[File], live: bool, now_s: float, folders: bool
) -> Callable[[File], "BackupGate"]:
    """What makes the gate of backups, given the project whose rendered/ is live."""
    from generator.plan.backup_gate import BackupGate
    from generator.plan.backup_report import of_file

    if (reports or live) and folders:
        raise click.UsageError("--from/--to know no policy, so they ask for no backup")
    if reports and live:
        raise click.UsageError("give one of --backup-proof and --backup-live")
    found = [of_file(file) for file in reports]
    proofs = {proof.environment: proof for proof in found}
    if len(proofs) < len(found):
        raise click.UsageError("give one --backup-proof for each environment")
    return lambda root: BackupGate(proofs, now_s, partial(_live_proof, root) if live else None)


def _live_proof(root: File, environment: str) -> "BackupReport":
    """What strimzi-verify says now; where it is missing, the command ends."""
    from generator.cli.backup_live import ask
    from generator.validate.kubeconform import ToolMissingError

    try:
        return ask(root, environment)
    except ToolMissingError as error:
        say(str(error))
        raise click.exceptions.Exit(ExitCode.TOOL_MISSING) from error


def _since(root: File, environments: Sequence[str], base: str, today: str,
           gate: Callable[[File], "BackupGate"]) -> "Plan":  # fmt: skip
    """The plan from a Git ref to what is here."""
    from generator.common.cache import Cache
    from generator.plan.guard import Guard
    from generator.plan.plan import plan as make
    from generator.plan.sides import at_ref, of_project, of_rendered

    cache = Cache(root)
    with at_ref(root, base) as folder:
        from generator.common.paths import environment_names

        known = {*environment_names(root), *environment_names(folder)}
        for name in environments:
            if name not in known:
                raise no_such("environment", name, known)
        new = of_project(root, environments or None, cache)
        try:
            old = of_project(folder, environments or None, Cache())
        except FindingsError as error:
            first = error.findings[0]
            say(f"the intent at {base} does not render ({first.file}: {first.message}); this is the"
                " change of rendered/ instead")  # fmt: skip
            old = of_rendered(folder, environments)
        guard = Guard.between(old.rules, new.rules, today, gate(folder))
        guard.concerned = {**old.concerned, **new.concerned}
        guard.partial = bool(environments)
        made = make(old.states, new.states, guard)
    cache.save()
    return made


def _against(root: File, environment: str, other: str, today: str,
             gate: Callable[[File], "BackupGate"]) -> "Plan":  # fmt: skip
    """The plan that would make one environment like another."""
    from generator.common.cache import Cache
    from generator.plan.guard import Guard
    from generator.plan.plan import plan as make
    from generator.plan.sides import in_place_of

    chosen(root, [environment, other])
    wanted, side = in_place_of(root, other, environment, Cache(root))
    now = {environment: side.states[environment]}
    return make(now, {environment: wanted}, Guard(side.rules, today, gate=gate(root)))


def _reporters(made: "Plan", day: str) -> dict[str, Callable[[], str]]:
    from generator.plan.formats.data import as_data
    from generator.plan.formats.text import as_markdown, as_text

    def page() -> str:
        from generator.plan.formats.html import as_html

        return as_html(as_data(made, day))

    return {
        "text": lambda: as_text(made),
        "json": lambda: show(as_data(made, day), "json"),
        "markdown": lambda: as_markdown(made),
        "html": page,
    }
