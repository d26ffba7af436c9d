"""What commands share: environments by name, reports of findings, the project's folder."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path as File
from typing import TYPE_CHECKING, TypeVar

import click

from generator.common.exit_codes import ExitCode
from generator.common.finding import Finding, FindingsError, Severity, did_you_mean, has_errors
from generator.common.paths import (
    ENVIRONMENTS,
    environment_names,
    near_environment_files,
    removals,
)
from generator.terminal.console import say
from generator.terminal.reports import FORMATS
from generator.terminal.reports import report as report_in

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Decorated = TypeVar("Decorated", bound=Callable[..., object] | click.Command)


class _Environment(click.ParamType[str]):
    """The name of an environment; the shell completes it."""

    name = "environment"

    def shell_complete(
        self, ctx: click.Context, _param: click.Parameter, incomplete: str
    ) -> list["CompletionItem"]:
        root = find_root((ctx.find_root().params or {}).get("root"))
        from click.shell_completion import CompletionItem

        return [CompletionItem(n) for n in environment_names(root) if n.startswith(incomplete)]


ENV = _Environment()
_INFOS = "strimzi-gitops.infos"


def find_root(root: File | None, holds: str = ENVIRONMENTS) -> File:
    """The given project folder, else the nearest folder upwards that holds environments/."""
    if root is not None:
        return root
    here = File.cwd()
    return next((p for p in (here, *here.parents) if (p / holds).is_dir()), here)


def chosen(root: File, names: Sequence[str]) -> list[str]:
    """The environments asked for, or all; an unknown or missing one is wrong usage."""
    known = environment_names(root)
    if not known and (names or not removals(root)):
        raise click.UsageError(
            f"no environments/*/environment.yaml under {root}; write one, or give --root{_near(root)}\n\n{_LEAST}"
        )
    for name in names:
        if name not in known:
            raise no_such("environment", name, known, _near(root, name))
    return sorted(set(names)) or known


_LEAST = """\
The least that environments/dev/environment.yaml holds:

  environment: dev
  namespace: kafka-dev
  size: dev
  cluster:
    name: events
    listeners: {tls: {port: 9093, authentication: tls}}
  topics:
    hello: {partitions: 3, retention: 7d}"""


def _near(root: File, name: str = "*") -> str:
    """What was probably meant to be the file of an environment."""
    near = [path for path in near_environment_files(root) if name in ("*", path.parent.name)]
    return f"; {near[0].relative_to(root).as_posix()} is not read" if near else ""


def no_such(thing: str, name: str, known: Iterable[str], where: str = "") -> click.UsageError:
    """The error for a name that nothing has, with the nearest one that something has."""
    hint = did_you_mean(name, known)
    return click.UsageError(f"there is no {thing} '{name}'{where}" + (f"; {hint}" if hint else ""))


def reporting(command: Decorated) -> Decorated:
    """The options that say how findings are reported."""
    command = output_option(FORMATS)(command)
    command = click.option(
        "--info", is_flag=True, callback=_with_infos, expose_value=False,
        help="Also print infos, which the text leaves out.",
    )(command)  # fmt: skip
    return click.option(
        "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True,
        help="How findings are printed.",
    )(command)  # fmt: skip


def _with_infos(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[_INFOS] = value


def output_option(forms: Iterable[str]) -> Callable[[Decorated], Decorated]:
    """The option that writes a report to files as well, in any of these formats."""
    known = sorted(forms)

    def parse(
        _: click.Context, __: click.Parameter, values: tuple[str, ...]
    ) -> list[tuple[str, File]]:
        outputs = []
        for value in values:
            form, separator, file = value.partition("=")
            if form not in known or not separator or not file:
                raise click.BadParameter(
                    f"'{value}' is not FORMAT=FILE; formats: {', '.join(known)}"
                )
            outputs.append((form, File(file)))
        return outputs

    return click.option(
        "--out", "outputs", multiple=True, metavar="FORMAT=FILE", callback=parse,
        help=f"Also write the report to a file ({', '.join(known)}); repeatable.",
    )  # fmt: skip


def write_outputs(outputs: Sequence[tuple[str, File]], text_of: Callable[[str], str]) -> None:
    """Write every file that was asked for.

    Raises:
        FindingsError: when one cannot be written.
    """
    for form, file in outputs:
        try:
            file.write_text(text_of(form), encoding="utf-8")
        except OSError as error:
            raise FindingsError(
                [Finding(str(file), 0, 0, "unwritable", f"cannot be written: {error.strerror}",
                         "give another file to --out")]
            ) from error  # fmt: skip


def proving(command: Decorated) -> Decorated:
    """The options of commands that render and prove."""
    command = click.option(
        "--cache/--no-cache", "use_cache", default=True, show_default=True,
        help="Use what earlier runs found out about unchanged parts.",
    )(command)  # fmt: skip
    command = click.option(
        "--schemas", "folders", multiple=True, metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=File),
        help="More JSON Schemas for kinds under extra/; repeatable.",
    )(command)  # fmt: skip
    command = day_option(command)
    return click.argument("environments", nargs=-1, type=ENV)(reporting(command))


def day_option(command: Decorated) -> Decorated:
    """The option that says on which day expiry is judged."""
    return click.option(
        "--today", callback=_day, metavar="DATE",
        help="Judge what expires as of this day. [default: today, UTC]",
    )(command)  # fmt: skip


def now_option(command: Decorated) -> Decorated:
    """The option that says as of which moment ages are judged, in seconds since 1970."""
    return click.option(
        "--now", "now_s", callback=_moment, metavar="TIME",
        help="Judge how old a report is as of this time, such as 2026-11-21T14:00:00Z. [default: now]",
    )(command)  # fmt: skip


def a_month_after(day: str) -> str:
    """The day thirty days later."""
    from datetime import date, timedelta

    return (date.fromisoformat(day) + timedelta(days=30)).isoformat()


def by_the_clock(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """A name that nothing else has, where none is said: the time to the second, in UTC."""
    from datetime import UTC, datetime

    return value or datetime.now(UTC).strftime("%Y%m%d-%H%M%S")


def _day(_: click.Context, __: click.Parameter, value: str | None) -> str:
    """The day by which expiry is judged; the clock is read nowhere else, besides in `_moment` and `by_the_clock`."""
    from datetime import UTC, date, datetime

    try:
        return (date.fromisoformat(value) if value else datetime.now(UTC).date()).isoformat()
    except ValueError:
        raise click.BadParameter(f"'{value}' is no date such as 2027-03-31") from None


def _moment(_: click.Context, __: click.Parameter, value: str | None) -> float:
    from datetime import UTC, datetime

    if value is None:
        return datetime.now(UTC).timestamp()
    try:
        said = datetime.fromisoformat(value)
    except ValueError:
        said = None
    if said is None or said.tzinfo is None:
        raise click.BadParameter(
            f"'{value}' is no time with its zone, such as 2026-11-21T14:00:00Z"
        )
    return said.timestamp()


def report(
    findings: Sequence[Finding],
    form: str,
    outputs: Sequence[tuple[str, File]],
    asked: Sequence[str] = (),
) -> None:
    """Print findings of the environments `asked`, and write them to every file asked for."""
    context = click.get_current_context(silent=True)
    shown: Sequence[Finding] = findings
    if form == "text" and not (context and context.meta.get(_INFOS)):
        shown = [finding for finding in findings if finding.severity is not Severity.INFO]
    text = report_in(form, shown, asked)
    if form == "text":
        text = _coloured(text)
    click.echo(text, nl=False)
    write_outputs(outputs, lambda other: report_in(other, findings, asked))


def _coloured(text: str) -> str:
    for word, color in ((": error: ", "red"), (": warning: ", "yellow"), (": info: ", "blue")):
        text = text.replace(word, ": " + click.style(word[2:-2], fg=color, bold=True) + ": ")
    return text


def finish(findings: Sequence[Finding], good: str) -> None:
    """Say how it went; findings that are errors end the command."""
    counts = Counter(finding.severity for finding in findings)
    said = [
        f"{counts[severity]} {severity}{'s' * (counts[severity] != 1)}"
        for severity in Severity
        if counts[severity]
    ]
    if has_errors(findings):
        say(", ".join(said))
        raise click.exceptions.Exit(ExitCode.FINDINGS)
    say(", ".join([good, *(said or ["all fine"])]))
