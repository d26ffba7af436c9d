"""The options that say how backups are read."""

from collections.abc import Mapping, Sequence
from pathlib import Path as File
from typing import TYPE_CHECKING

import click

from generator.terminal.options import Decorated

if TYPE_CHECKING:
    from verify.collect.backups.look import Look

_ALL = "all"


def _paths(_: click.Context, __: click.Parameter, values: Sequence[str]) -> dict[str, File]:
    """Folders by run."""
    found: dict[str, File] = {}
    for value in values:
        name, equals, folder = value.partition("=")
        if not (name and equals and folder):
            raise click.BadParameter(f"'{value}' is not NAME=DIR, such as business=/mnt/backups")
        if not File(folder).is_dir():
            raise click.BadParameter(f"there is no folder {folder}")
        found[name] = File(folder)
    return found


def _sample(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    if value is None or value.isdecimal():
        return None if value is None else int(value)
    from verify.collect.backups.look import ALL

    if value != _ALL:
        raise click.BadParameter(f"'{value}' is neither a number nor {_ALL}")
    return ALL


_OPTIONS = (
    click.option("--backup-path", multiple=True, metavar="NAME=DIR", callback=_paths,
                 help="A folder to read instead of a backup's storage: a mounted claim, or a copy."
                      " It holds the folder of the set; NAME is the backup, or one of its shards."),
    click.option("--backup-sample", metavar="N|all", callback=_sample,
                 help="Segments of each set that are read record by record."
                      " [default: 16, up to 64 MiB]"),
)  # fmt: skip


def backups(command: Decorated) -> Decorated:
    """The options --backup-path and --backup-sample."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def look_of(paths: Mapping[str, File], sample: int | None, known: Sequence[str]) -> "Look":
    """What the options say.

    Raises:
        click.UsageError: when a folder is given for a backup that is not known.
    """
    from verify.collect.backups.look import Look

    for name in paths:
        if name not in known:
            others = ", ".join(known) or "none"
            raise click.UsageError(f"--backup-path: there is no backup '{name}', but {others}")
    return Look(paths, sample)
