"""`strimzi-verify run`: ask everything, and judge it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path as File
from typing import TYPE_CHECKING, Unpack

import click
from click.core import ParameterSource

from generator.common.finding import FindingsError
from generator.terminal.options import Decorated
from verify.cli.backup_options import backups
from verify.cli.options import Options
from verify.cli.report_options import format_option, print_report, push_to, writable
from verify.cli.target_options import (
    credentials,
    git_says,
    known_checks,
    needs_a_way,
    plan_of,
    redis_addresses,
    seconds,
    selection,
    where,
)

if TYPE_CHECKING:
    from verify.desired import Desired
    from verify.live.live import Live


def _patience(command: Decorated) -> Decorated:
    for option in reversed(
        (
            click.option("--wait", default="0s", callback=seconds, metavar="DURATION",
                         help="Ask again until all is well, for so long. [default: ask once]"),
            click.option("--stable", default="0s", callback=seconds, metavar="DURATION",
                         help="With --wait: how long it has to stay well."),
            click.option("--round-timeout", default="2m", show_default=True, callback=seconds,
                         metavar="DURATION", help="For all questions of one round."),
            click.option("--strict", is_flag=True, help="Warnings fail."),
            click.option("--group-window", default="75s", show_default=True, callback=seconds,
                         metavar="DURATION", help="How long groups that lag are watched."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.command("run")
@where
@backups
@click.option("--only", multiple=True, metavar="NAME",
              help="Only these checks or groups; repeatable, or with commas.")  # fmt: skip
@click.option("--skip", "leave_out", multiple=True, metavar="NAME",
              help="Not these; repeatable, or with commas.")  # fmt: skip
@_patience
@format_option
@click.option("--from-dump", type=click.Path(exists=True, dir_okay=False, path_type=File),
              metavar="FILE", help="Judge what `dump` wrote; nobody is asked.")  # fmt: skip
@click.option("--since", type=click.Path(exists=True, dir_okay=False, path_type=File),
              metavar="FILE", help="An earlier dump: topics must still be the same ones.")  # fmt: skip
@click.option("--mid-sync", is_flag=True,
              help="In a hook before the last wave: claims of backups may still be missing.")  # fmt: skip
@credentials
@click.option("--redis", multiple=True, metavar="URL", callback=redis_addresses,
              help="A Redis beside Kafka.")  # fmt: skip
@click.option("--restored", type=click.Path(exists=True, file_okay=False, path_type=File), metavar="DIR",
              help="What `strimzi-gitops restore` wrote: its records and groups are compared.")  # fmt: skip
@click.option("--push", default="", metavar="URL", help="A Pushgateway for metrics.")
@click.pass_context
def command(context: click.Context, /, environment: str, only: Sequence[str], leave_out: Sequence[str],
         form: str, outputs: list[tuple[str, File]], from_dump: File | None, since: File | None,
         redis: Sequence[str], restored: File | None, push: str, **options: Unpack[Options]) -> None:  # fmt: skip
    """Ask a live environment everything, and judge it.

    \b
    Examples:
      strimzi-verify run prod --wait 10m --stable 60s
      strimzi-verify run prod --only topics --only users
      strimzi-verify run dev --no-kubernetes --bootstrap localhost:9092 --skip probe,flow
      strimzi-verify run prod --out html=report.html --out junit=report.xml
    """
    from verify.cli.restore_orders import orders_in
    from verify.live import dump
    from verify.live.gap import Cause, Gap
    from verify.report.watch import watching
    from verify.run import IDENTITY, Patience, offline, parts_of, verify, watches_groups

    writable(outputs)
    # Who says --wait 0s, as the rendered Job may, knows what it does.
    if options["stable"] and context.get_parameter_source("wait") is ParameterSource.DEFAULT:
        raise click.UsageError("--stable needs --wait")
    if from_dump is not None:
        if redis or restored:
            who = "--redis" if redis else "--restored"
            raise click.UsageError(f"{who} asks somebody, and --from-dump nobody")
        desired, live = _dumped(context.obj, environment, from_dump)
        live.before = dump.topic_ids(since) if since else live.before
        checks = selection(only, leave_out)
        for part in live.untold(parts_of(checks) - dump.HELD):
            live.gaps[part] = Gap(Cause.NOT_ASKED, f"a dump holds no {part}")
        report = offline(live, desired, checks, strict=options["strict"])
    else:
        patience = Patience(
            options["round_timeout"], options["wait"], options["stable"], options["strict"]
        )
        with watching(f"verifying {environment}") as observer:
            plan = plan_of(context.obj, environment, options, frozenset())
            skipped = known_checks(plan.settings.skip if plan.settings else ())
            checks = selection(only, [*leave_out, *skipped])
            if options["kubeconfig"] or options["kube_context"]:
                # Who says where Kubernetes is wants to hear that it is not there.
                checks = [
                    *(each for each in selection([IDENTITY], ()) if each not in checks),
                    *checks,
                ]
            before = dump.topic_ids(since) if since else {}
            plan = replace(plan, parts=parts_of(checks), redis=tuple(redis), before=before,
                           restores=orders_in(restored) if restored else (),
                           window_s=options["group_window"] if watches_groups(checks) else 0)  # fmt: skip
            needs_a_way(plan)
            report = verify(plan, checks, patience, observer)
    print_report(report, form, outputs)
    if push:
        push_to(push, report)
    raise click.exceptions.Exit(report.exit_code)


def _dumped(root: File | None, environment: str, file: File) -> tuple["Desired", "Live"]:
    """What Git says and what a dump holds; without rendered/ the dump's own resources are Git."""
    from generator.contract.settings import VerifySettings
    from verify.desired import of_cluster
    from verify.live import dump

    live = dump.read(file)
    if live.environment != environment:
        raise click.UsageError(f"{file} is a dump of environment {live.environment}")
    try:
        desired = git_says(root, environment)
    except FindingsError:
        if live.kubernetes is None:
            raise
        desired = of_cluster(environment, live.kubernetes, VerifySettings(environment=environment))
    return desired, live
