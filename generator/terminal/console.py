"""The terminal: tables, colour and progress; plain text when nobody is watching."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import click

Item = TypeVar("Item")
_LONG = 5_000
"""From so many items on, work takes long enough for a progress bar."""


def say(text: str) -> None:
    """Prose for people, on stderr, so that stdout stays data."""
    click.echo(text, err=True)


def track(items: Sequence[Item], title: str) -> Iterable[Item]:
    """The items themselves; with a progress bar when there are many and a person watches."""
    if len(items) < _LONG or not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track as rich_track

    return rich_track(items, title, console=Console(stderr=True), transient=True)


def table(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Rows in aligned columns under a heading; numbers to the right."""
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    numeric = [
        all(type(row.get(column)) in (int, float) for row in rows) and bool(rows)
        for column in columns
    ]
    widths = [
        max([len(column), *(len(line[index]) for line in cells)])
        for index, column in enumerate(columns)
    ]

    def line(texts: Sequence[str]) -> str:
        padded = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(texts, widths, numeric, strict=True)
        )
        return "  ".join(padded).rstrip()

    head = click.style(line([column.upper().replace("_", " ") for column in columns]), bold=True)
    return "\n".join([head, *(line(texts) for texts in cells)]) + "\n"


def _cell(value: object) -> str:
    if value is None or value in ([], ""):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value)


def show(
    data: Sequence[Mapping[str, object]] | Mapping[str, object],
    form: str,
    columns: Sequence[str] = (),
) -> str:
    """Data as a table, JSON or YAML; a single mapping's table is its YAML."""
    if form == "json":
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    from generator.documents.manifest import emit

    if isinstance(data, Mapping):
        return emit(data)
    if form == "table" and columns:
        return table(data, columns)
    rows = ("- " + emit(row).replace("\n", "\n  ").rstrip() + "\n" for row in data)
    return "".join(rows) or "[]\n"


def no_html(text: str) -> str:
    """Text of a Markdown page in which `<` and `>` are no HTML."""
    return text.replace("<", "\\<").replace(">", "\\>")
