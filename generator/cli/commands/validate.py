"""`strimzi-gitops validate`: prove environments, and write nothing."""

from collections.abc import Sequence
from pathlib import Path as File

import click

from generator.common.exit_codes import ExitCode
from generator.common.finding import has_errors
from generator.common.paths import ENVIRONMENTS, SHARED
from generator.terminal.console import say, track
from generator.terminal.options import chosen, finish, proving, report


@click.command("validate")
@click.option("--kubeconform", "with_kubeconform", is_flag=True,
              help="Also ask kubeconform, which must be installed.")  # fmt: skip
@proving
@click.pass_obj
def command(root: File, environments: tuple[str, ...], with_kubeconform: bool, use_cache: bool,
             folders: tuple[File, ...], form: str, outputs: list[tuple[str, File]],
             today: str) -> None:  # fmt: skip
    """Prove the intent and every manifest it renders to, offline. Writes nothing.

    \b
    Examples:
      strimzi-gitops validate
      strimzi-gitops validate prod --format github --out sarif=findings.sarif
      strimzi-gitops validate --kubeconform
    """
    from generator.common.cache import Cache, digests_of_files

    names = chosen(root, environments)
    scope = names if environments else [*names, SHARED]
    cache = Cache(root if use_cache else None, folders)
    last = None if with_kubeconform else cache.last(scope)
    if last and last.day == today and last.files == digests_of_files(root / ENVIRONMENTS):
        report([], form, outputs)
        finish([], _fine(names, last.manifests))
        return
    from generator.pipeline.project import prove_all
    from generator.validate.schemas import Schemas, schema_folders

    schemas = Schemas(schema_folders(folders))
    proved = prove_all(root, names, not environments, schemas, cache, track, today=today,
                       anew=with_kubeconform)  # fmt: skip
    findings = proved.findings
    cache.save()
    if with_kubeconform and not has_errors(findings):
        from generator.validate.kubeconform import ToolMissingError, check

        try:
            findings = [*findings, *check(proved.folders, schemas, proved.said)]
        except ToolMissingError as error:
            say(str(error))
            raise click.exceptions.Exit(ExitCode.TOOL_MISSING) from error
    report(findings, form, outputs, names)
    finish(findings, _fine(names, proved.count))


def _fine(names: Sequence[str], count: int) -> str:
    """What to say when nothing is wrong."""
    return f"{', '.join(names)}: {count} manifests"
