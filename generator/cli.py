"""The command `strimzi-gitops`: parse options, call one function, choose the exit code."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path as File
from typing import Any

import click

from generator import __version__
from generator.console import say, show, track
from generator.exit_code import MEANINGS, ExitCode
from generator.finding import Finding, FindingsError, did_you_mean, has_errors
from generator.layout import ENVIRONMENTS, SHARED, environment_names
from generator.report import FORMATS

INTERRUPTED = 130
"""What a shell reports for a command that Ctrl-C ended."""

_EPILOG = "Exit codes:\n\n\b\n" + "\n".join(
    f"  {code.value:>2}  {meaning}" for code, meaning in MEANINGS.items()
)


class _Environment(click.ParamType[str]):
    """The name of an environment; the shell completes it."""

    name = "environment"

    def shell_complete(
        self, ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list[Any]:
        root = find_root((ctx.find_root().params or {}).get("root"))
        from click.shell_completion import CompletionItem

        return [CompletionItem(n) for n in environment_names(root) if n.startswith(incomplete)]


ENV = _Environment()


@click.group(
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "STRIMZI_GITOPS",
    },
    epilog=_EPILOG,
)
@click.version_option(__version__, prog_name="strimzi-gitops", message="%(prog)s %(version)s")
@click.option("--root", type=click.Path(file_okay=False, path_type=File), metavar="DIR",
              help="The project: the folder that holds environments/. [default: the nearest one"
                   " above the current folder]")  # fmt: skip
@click.option("--color/--no-color", default=None, help="Colour or none. [default: on a terminal]")
@click.option("--debug", is_flag=True, help="Show the traceback of a bug.")
@click.pass_context
def main(context: click.Context, root: File | None, color: bool | None, debug: bool) -> None:  # noqa: ARG001 (run looks for it)
    """Kafka on Kubernetes from a few lines of intent: rendered, proved, explained. No cluster needed.

    \b
    The daily round:
      strimzi-gitops validate                 is what I wrote right?
      strimzi-gitops render                   write rendered/, for Argo CD to sync
      strimzi-gitops render --check           does rendered/ match? (pull requests)
      strimzi-gitops explain prod topics.orders.order.created.retention
    """
    context.obj = find_root(root)
    if color is None:
        color = None if not os.environ.get("NO_COLOR") else False
    context.color = color


def find_root(root: File | None) -> File:
    """The given project folder, else the nearest folder upwards that holds environments/."""
    if root is not None:
        return root
    here = File.cwd()
    return next((p for p in (here, *here.parents) if (p / ENVIRONMENTS).is_dir()), here)


def chosen(root: File, names: Sequence[str]) -> list[str]:
    """The environments asked for, or all; an unknown or missing one is wrong usage."""
    known = environment_names(root)
    if not known:
        raise click.UsageError(
            f"no environments/*/environment.yaml under {root}; write one, or give --root"
        )
    for name in names:
        if name not in known:
            raise no_such("environment", name, known)
    return sorted(set(names)) or known


def no_such(thing: str, name: str, known: Iterable[str], where: str = "") -> click.UsageError:
    """The error for a name that nothing has, with the nearest one that something has."""
    hint = did_you_mean(name, known)
    return click.UsageError(f"there is no {thing} '{name}'{where}" + (f"; {hint}" if hint else ""))


def reporting(command: Any) -> Any:
    """The options that say how findings are reported."""
    command = click.option(
        "--out", "outputs", multiple=True, metavar="FORMAT=FILE", callback=_outputs,
        help="Also write findings to a file, for instance sarif=findings.sarif; repeatable.",
    )(command)  # fmt: skip
    return click.option(
        "--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True,
        help="How findings are printed.",
    )(command)  # fmt: skip


def _outputs(
    _: click.Context, __: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, File]]:
    outputs = []
    for value in values:
        form, separator, file = value.partition("=")
        if form not in FORMATS or not separator or not file:
            raise click.BadParameter(f"'{value}' is not FORMAT=FILE; formats: {', '.join(FORMATS)}")
        outputs.append((form, File(file)))
    return outputs


def report(findings: Sequence[Finding], form: str, outputs: Sequence[tuple[str, File]]) -> None:
    """Print findings, and write them to every file asked for."""
    text = FORMATS[form](findings)
    if form == "text":
        text = _coloured(text)
    click.echo(text, nl=False)
    for other, file in outputs:
        try:
            file.write_text(FORMATS[other](findings), encoding="utf-8")
        except OSError as error:
            raise FindingsError(
                [Finding(str(file), 0, 0, "unwritable", f"cannot be written: {error.strerror}",
                         "give another file to --out")]
            ) from error  # fmt: skip


def _coloured(text: str) -> str:
    for word, color in ((": error: ", "red"), (": warning: ", "yellow"), (": info: ", "blue")):
        text = text.replace(word, ": " + click.style(word[2:-2], fg=color, bold=True) + ": ")
    return text


def finish(findings: Sequence[Finding], good: str) -> None:
    """Say how it went; findings that are errors end the command."""
    if has_errors(findings):
        errors = sum(finding.severity == "error" for finding in findings)
        say(f"{errors} error{'s' * (errors != 1)}")
        raise click.exceptions.Exit(ExitCode.FINDINGS)
    say(good)


@main.command()
@click.argument("environments", nargs=-1, type=ENV)
@click.option("--check", is_flag=True, help="Write nothing; exit 7 and list what differs.")
@click.option("-v", "--verbose", is_flag=True, help="List every file written or removed.")
@click.option("--schemas", "folders", multiple=True, metavar="DIR",
              type=click.Path(exists=True, file_okay=False, path_type=File),
              help="More JSON Schemas for kinds under extra/; repeatable.")  # fmt: skip
@click.option("--cache/--no-cache", "use_cache", default=True, show_default=True,
              help="Use what earlier runs found out about unchanged parts.")  # fmt: skip
@reporting
@click.pass_obj
def render(root: File, environments: tuple[str, ...], check: bool, verbose: bool, use_cache: bool,
           folders: tuple[File, ...], form: str, outputs: list[tuple[str, File]]) -> None:  # fmt: skip
    """Render environments into rendered/, once they are proved.

    Without names all environments are rendered, and rendered/argocd/ with what they share; what
    belonged to environments that are gone is removed. Bad intent changes nothing on disk.

    \b
    Examples:
      strimzi-gitops render
      strimzi-gitops render prod -v
      strimzi-gitops render --check
    """
    from generator.apply import render_to_disk
    from generator.cache import Cache
    from generator.schema import Schemas, schema_folders

    names = chosen(root, environments)
    cache = Cache(root if use_cache else None, folders)
    schemas = Schemas(schema_folders(folders))
    outcome = render_to_disk(root, names, not environments, check, schemas, cache, track)
    report(outcome.findings, form, outputs)
    if has_errors(outcome.findings):
        finish(outcome.findings, "")
    for line in outcome.lines(verbose or check):
        click.echo(line)
    say(outcome.summary())
    if check and outcome.differs:
        raise click.exceptions.Exit(ExitCode.DIFFERENT)


@main.command()
@click.argument("environments", nargs=-1, type=ENV)
@click.option("--kubeconform", "with_kubeconform", is_flag=True,
              help="Also ask kubeconform, which must be installed.")  # fmt: skip
@click.option("--schemas", "folders", multiple=True, metavar="DIR",
              type=click.Path(exists=True, file_okay=False, path_type=File),
              help="More JSON Schemas for kinds under extra/; repeatable.")  # fmt: skip
@click.option("--cache/--no-cache", "use_cache", default=True, show_default=True,
              help="Use what earlier runs found out about unchanged parts.")  # fmt: skip
@reporting
@click.pass_obj
def validate(root: File, environments: tuple[str, ...], with_kubeconform: bool, use_cache: bool,
             folders: tuple[File, ...], form: str, outputs: list[tuple[str, File]]) -> None:  # fmt: skip
    """Prove the intent and every manifest it renders to, offline. Writes nothing.

    \b
    Examples:
      strimzi-gitops validate
      strimzi-gitops validate prod --format github --out sarif=findings.sarif
      strimzi-gitops validate --kubeconform
    """
    from generator.cache import Cache, digests_of_files

    names = chosen(root, environments)
    scope = names if environments else [*names, SHARED]
    cache = Cache(root if use_cache else None, folders)
    last = None if with_kubeconform else cache.last(scope)
    if last is not None and last.files == digests_of_files(root / ENVIRONMENTS):
        report([], form, outputs)
        finish([], fine(names, last.manifests))
        return
    from generator.apply import prove_all
    from generator.schema import Schemas, schema_folders

    schemas = Schemas(schema_folders(folders))
    proved = prove_all(root, names, not environments, schemas, cache, track, anew=with_kubeconform)
    findings = proved.findings
    cache.save()
    if with_kubeconform and not has_errors(findings):
        from generator.kubeconform import ToolMissingError, check

        try:
            findings = [*findings, *check(proved.folders, schemas.folders)]
        except ToolMissingError as error:
            say(str(error))
            raise click.exceptions.Exit(ExitCode.TOOL_MISSING) from error
    report(findings, form, outputs)
    finish(findings, fine(names, proved.count))


def fine(names: Sequence[str], count: int) -> str:
    """What to say when nothing is wrong."""
    return f"{', '.join(names)}: {count} manifests, all fine"


@main.command()
@click.argument("environment", type=ENV)
@click.argument("path")
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text",
              show_default=True)  # fmt: skip
@click.pass_obj
def explain(root: File, environment: str, path: str, form: str) -> None:
    """Tell where a value comes from: every layer that says it, and which one wins.

    \b
    Examples:
      strimzi-gitops explain prod cluster.kafkaVersion
      strimzi-gitops explain prod topics.orders.order.created.retention
      strimzi-gitops explain dev cluster.config.min.insync.replicas
    """
    from generator.explain import UnknownPathError
    from generator.explain import explain as tell
    from generator.explain_text import as_data, as_text
    from generator.inherit import Project

    chosen(root, [environment])
    resolved = Project(root).resolve(environment)
    try:
        explanation = tell(resolved, path)
    except UnknownPathError as error:
        raise click.UsageError(str(error)) from error
    click.echo(show(as_data(explanation), "json") if form == "json" else as_text(explanation),
               nl=False)  # fmt: skip


OUTPUT = click.option("-o", "--output", "form", type=click.Choice(["table", "json", "yaml"]),
                      default="table", show_default=True)  # fmt: skip


@main.command("list")
@click.argument("thing", type=click.Choice(["environments", "clusters", "topics", "applications"]))
@click.argument("environments", nargs=-1, type=ENV)
@click.option("--match", metavar="GLOB", help="Only names that fit, for instance 'llm-*'.")
@click.option("--owner", metavar="TEAM", help="Only what this team owns.")
@OUTPUT
@click.pass_obj
def list_(root: File, thing: str, environments: tuple[str, ...], match: str | None,
          owner: str | None, form: str) -> None:  # fmt: skip
    """List environments, clusters, topics or applications as they will be deployed.

    \b
    Examples:
      strimzi-gitops list environments
      strimzi-gitops list topics prod --match 'llm-*'
      strimzi-gitops list applications --owner team-billing -o json
    """
    from generator.inventory import LISTS, filtered

    rows_of, columns = LISTS[thing]
    rows = [row for model in models(root, environments) for row in rows_of(model)]
    click.echo(show(filtered(rows, thing, match, owner), form, columns), nl=False)


def models(root: File, environments: Sequence[str]) -> Iterator[Any]:
    """The models of the environments asked for, or of all; wrong intent ends the command."""
    from generator.inherit import Project
    from generator.render import model_of

    project = Project(root)
    for name in chosen(root, environments):
        yield model_of(project, name)[1]


@main.command("show")
@click.argument("thing", type=click.Choice(["environment", "cluster", "topic", "application"]))
@click.argument("environment", type=ENV)
@click.argument("name", required=False)
@OUTPUT
@click.pass_obj
def show_(root: File, thing: str, environment: str, name: str | None, form: str) -> None:
    """Show one thing in full: a topic with who uses it, an application with its ACLs.

    \b
    Examples:
      strimzi-gitops show topic prod orders.order.created
      strimzi-gitops show application prod billing -o json
      strimzi-gitops show cluster dev
    """
    from generator import inventory

    (model,) = models(root, [environment])
    if thing in ("environment", "cluster"):
        (row,) = (inventory.environments if thing == "environment" else inventory.clusters)(model)
        click.echo(show(row, form), nl=False)
        return
    things = model.topics if thing == "topic" else {each.name: each for each in model.applications}
    if name not in things:
        if not name:
            raise click.UsageError(f"give the {thing}'s name; 'list {thing}s' prints them")
        raise no_such(thing, name, things, f" in {environment}")
    details = inventory.topic_details if thing == "topic" else inventory.application_details
    click.echo(show(details(model, things[name]), form), nl=False)


@main.command()
@click.argument("environment", type=ENV)
@click.option("--application", metavar="NAME", help="For this application: its user and settings.")
@click.option("-o", "--output", "form", default="table", show_default=True,
              type=click.Choice(["table", "json", "yaml", "env"]))  # fmt: skip
@click.pass_obj
def connection(root: File, environment: str, application: str | None, form: str) -> None:
    """Print how to connect: addresses, protocols, names of the Secrets. No secret itself.

    \b
    Examples:
      strimzi-gitops connection prod
      strimzi-gitops connection prod --application billing -o env
    """
    from generator.connection import advice, listener_rows

    (model,) = models(root, [environment])
    if application is None and form == "table":
        columns = ("listener", "bootstrap", "protocol", "authentication", "reach")
        click.echo(show(listener_rows(model), form, columns), nl=False)
        return
    names = {each.name: each for each in model.applications}
    if application is not None and application not in names:
        raise no_such("application", application, names)
    data = advice(model, names.get(application or ""))
    if form == "env":
        click.echo("".join(f"{key}={value}\n" for key, value in sorted(data.items())
                           if key.isupper()), nl=False)  # fmt: skip
    else:
        click.echo(show(data, form), nl=False)


@main.command()
@click.argument("environment", type=ENV)
@OUTPUT
@click.pass_obj
def capacity(root: File, environment: str, form: str) -> None:
    """Tell how much of the cluster the topics use. Exit 6 when it is more than there is.

    \b
    Examples:
      strimzi-gitops capacity prod
      strimzi-gitops capacity prod -o json
    """
    from generator.capacity import capacity as measure
    from generator.capacity_text import as_data, as_text

    (model,) = models(root, [environment])
    measured = measure(model)
    click.echo(as_text(measured) if form == "table" else show(as_data(measured), form), nl=False)
    if any(use.share > 1 for use in measured.uses):
        say("more is asked than there is: add brokers or disks, or ask for less")
        raise click.exceptions.Exit(ExitCode.NOT_ENOUGH_RESOURCES)


@main.command()
def schema() -> None:
    """Print the intent's JSON Schema, for completion and checks in editors.

    \b
    Example:
      strimzi-gitops schema > intent.schema.json
      and as a file's first line: # yaml-language-server: $schema=../../intent.schema.json
    """
    from generator.intent_schema import intent_schema_text

    click.echo(intent_schema_text(), nl=False)


@main.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a completion script for a shell.

    \b
    Example:
      strimzi-gitops completion bash > ~/.local/share/bash-completion/completions/strimzi-gitops
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is not None:
        variable = "_STRIMZI_GITOPS_COMPLETE"
        click.echo(kind(main, {}, "strimzi-gitops", variable).source())


@contextmanager
def _mended() -> Iterator[None]:
    """Turn what users can mend into a report instead of a traceback."""
    try:
        yield
    except FindingsError as error:
        report(error.findings, "text", [])
        errors = len(error.findings)
        say(f"{errors} error{'s' * (errors != 1)}")
        raise click.exceptions.Exit(ExitCode.FINDINGS) from error


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises."""
    try:
        with _mended():
            # click hands back the code of an Exit that a command raised.
            code = main.main(arguments, prog_name="strimzi-gitops", standalone_mode=False)
    except click.exceptions.Exit as exit_:
        return int(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        return int(ExitCode.USAGE)
    except (KeyboardInterrupt, click.Abort):
        say("interrupted; whatever was written is whole, and the next run completes it")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; without this Python complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.FINE)
    except Exception as error:
        if "--debug" in (arguments or sys.argv):
            raise
        say(f"this is a bug in strimzi-gitops: {type(error).__name__}: {error}")
        say("please report it with what --debug prints: strimzi-gitops --debug ...")
        return int(ExitCode.BUG)
    return int(code or ExitCode.FINE)
