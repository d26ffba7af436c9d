"""`strimzi-verify restored`: whether all came back that a restore by hand was to bring."""

from pathlib import Path as File

import click

from generator.terminal.options import ENV
from verify.cli.commands.run import command as run

_ASKED = "restored-records,restored-groups,topics,users"


@click.command("restored", context_settings={"ignore_unknown_options": True})
@click.argument("environment", type=ENV)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=File))
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def command(root: File | None, environment: str, folder: File, options: tuple[str, ...]) -> None:
    """Compare what was restored by hand with its sets, and topics, users and quotas with Git.

    FOLDER is what `strimzi-gitops restore` wrote; options are those of `run`. Records are counted partition by
    partition, groups have to stand at the record that they were to read next; the time until which records are there
    is told of each topic.

    \b
    Examples:
      strimzi-verify restored prod rebuild
      strimzi-verify restored prod back --context prod --out html=restored.html
    """
    code = run.main(
        [environment, "--restored", str(folder), "--only", _ASKED, *options],
        prog_name="strimzi-verify restored", obj=root, standalone_mode=False,
    )  # fmt: skip
    # Who is called so returns what it would have exited with.
    raise click.exceptions.Exit(code or 0)
