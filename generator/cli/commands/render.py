"""`strimzi-gitops render`: prove environments, then write rendered/."""

from pathlib import Path as File

import click

from generator.common.exit_codes import ExitCode
from generator.common.finding import has_errors
from generator.terminal.console import say, track
from generator.terminal.options import chosen, finish, proving, report


@click.command("render")
@click.option("--check", is_flag=True, help="Write nothing; exit 7 and list what differs.")
@click.option("-v", "--verbose", is_flag=True, help="List every file written or removed.")
@proving
@click.pass_obj
def command(root: File, environments: tuple[str, ...], check: bool, verbose: bool, use_cache: bool,
           folders: tuple[File, ...], form: str, outputs: list[tuple[str, File]],
           today: str) -> None:  # fmt: skip
    """Render environments into rendered/, once they are proved.

    Without names all environments are rendered, and rendered/argocd/ with what they share; what
    belonged to environments that are gone is removed. Bad intent changes nothing on disk.

    \b
    Examples:
      strimzi-gitops render
      strimzi-gitops render prod -v
      strimzi-gitops render --check
    """
    from generator.common.cache import Cache
    from generator.pipeline.project import render_to_disk
    from generator.validate.schemas import Schemas, schema_folders

    names = chosen(root, environments)
    cache = Cache(root if use_cache else None, folders)
    schemas = Schemas(schema_folders(folders))
    outcome = render_to_disk(root, names, not environments, check, schemas, cache, track,
                             today=today)  # fmt: skip
    report(outcome.findings, form, outputs, names)
    if has_errors(outcome.findings):
        finish(outcome.findings, "")
    for line in outcome.lines(verbose or check):
        click.echo(line)
    say(outcome.summary())
    if check and outcome.differs:
        raise click.exceptions.Exit(ExitCode.DIFFERENT)
