"""`strimzi-gitops restore`: everything that a restore by hand takes, as files to apply."""

from pathlib import Path as File

import click

from generator.terminal.console import say
from generator.terminal.options import ENV, by_the_clock, chosen


@click.command("restore")
@click.argument("environment", type=ENV)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=File),
    metavar="DIR",
    help="Where the files go; nothing may be there. [default: restore-NAME]",
)
@click.option(
    "--name",
    callback=by_the_clock,
    metavar="NAME",
    help="What it is called in the cluster and beside the sets. [default: the time, in UTC]",
)
@click.option(
    "--topic",
    "topics",
    multiple=True,
    metavar="TOPIC[=TARGET]",
    help="Only this topic, into TARGET if one is said; can be given several times.",
)
@click.option(
    "--onto",
    type=ENV,
    metavar="ENV",
    help="Into the cluster of another environment; topics that it does not declare are made.",
)
@click.option("--backup", "backups", multiple=True, metavar="NAME", help="Only from this backup.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="RUN=FOLDER",
    help="Of a full backup, the folder of the set, by the run that made it.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="GROUP",
    help="Only this group follows, and where it is now is kept; can be given several times.",
)
@click.option(
    "--no-groups",
    is_flag=True,
    help="No group follows, as where a topic goes into one of another name.",
)
@click.option(
    "--until",
    default="",
    metavar="TIME",
    help="No record that is younger, such as 2026-11-20T14:00:00Z.",
)
@click.pass_obj
def command(root: File, environment: str, out: File | None, name: str, topics: tuple[str, ...],
            onto: str | None, backups: tuple[str, ...], sets: tuple[str, ...], groups: tuple[str, ...],
            no_groups: bool, until: str) -> None:  # fmt: skip
    """Write everything that a restore by hand takes: users, rights, configs, Jobs, and a script that runs them.

    Without --topic everything is restored that is backed up, every group follows, and topics keep their names:
    that rebuilds a cluster whose topics are empty. Each set is looked at before anything is written; whoever is
    stopped goes on where it was. Nothing here asks a cluster, or changes Git.

    \b
    Examples:
      strimzi-gitops restore prod
      strimzi-gitops restore prod --topic orders=orders.restored --until 2026-11-20T14:00:00Z
      strimzi-gitops restore prod --onto standby
      strimzi-gitops restore prod --backup business --group billing --out /tmp/back
    """
    from generator.common.finding import FindingsError
    from generator.contract.restore import ALL_GROUPS
    from generator.intent.layers import Project
    from generator.model.backups.by_hand import Wish, brought, left_out, wish_problems
    from generator.render import model_of
    from generator.resources.backups.by_hand import SCRIPT, files

    if groups and no_groups:
        raise click.UsageError("--group and --no-groups exclude each other")
    targets = _pairs(topics, "topic")
    if len({*targets.values()}) < len(targets):
        raise click.BadParameter("two topics cannot go into one")
    # Beside the topics that applications read, nobody wants to be moved unasked.
    moved = any(source != target for source, target in targets.items())
    followers = () if no_groups or (moved and not groups) else groups or ALL_GROUPS
    wish = Wish(name, targets, backups, _pairs(sets, "set"), followers, _time(until))
    folder = out or File(f"restore-{wish.name}")
    chosen(root, [environment, *([onto] if onto else [])])
    project = Project(root)
    resolved, model = model_of(project, environment)
    target = model_of(project, onto)[1] if onto not in (None, environment) else model
    if found := [resolved.locate(each) for each in wish_problems(model, target, wish)]:
        raise FindingsError(found)
    written = files(model, target, wish)
    _write(folder, written)
    (folder / SCRIPT).chmod(0o755)
    for pattern in left_out(model, wish):
        say(f"not restored: topics that fit {pattern} and that the intent does not name; each by --topic NAME, in a"
            " restore of its own")  # fmt: skip
    for each in brought(model, target, wish):
        say(f"{target.namespace} needs before: {each}")
    say(f"{folder}/: {len(written)} files; look at them, then run {folder / SCRIPT}")


def _pairs(said: tuple[str, ...], what: str) -> dict[str, str]:
    """What stands before and behind the first `=`; a topic alone keeps its name."""
    found: dict[str, str] = {}
    for each in said:
        name, sign, value = each.partition("=")
        if not name or bool(sign) != bool(value) or (not sign and what == "set"):
            raise click.BadParameter(f"'{each}' is no {what} such as {_EXAMPLES[what]}")
        if found.setdefault(name, value or name) != (value or name):
            raise click.BadParameter(f"{what} {name} is said twice")
    return found


_EXAMPLES = {"topic": "orders=orders.restored", "set": "business=backup-business-29401234"}


def _time(said: str) -> str:
    from generator.common.units import UnitError, parse_time_ms

    try:
        if said:
            parse_time_ms(said)
    except UnitError as error:
        raise click.BadParameter(f"'{said}' is not {error}") from None
    return said


def _write(folder: File, files: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except FileExistsError:
        raise click.ClickException(
            f"{folder} is there already: say another folder with --out, or another --name"
        ) from None
    except OSError as error:
        raise click.ClickException(f"{folder}: {(error.strerror or str(error)).lower()}") from None
