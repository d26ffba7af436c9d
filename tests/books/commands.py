"""The reference of the two commands: every `--help`, the exit codes, the kinds that are rendered."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from books.keys import keys
from support import REPOSITORY

from generator.cli.main import main as gitops
from generator.common.exit_codes import MEANINGS
from generator.common.kinds import KINDS
from generator.intent.layers import Project
from generator.render import model_of
from generator.resources import last_renderers, renderers
from generator.resources.argocd import applications
from verify.cli.main import main as verify

COMMANDS = {"strimzi-gitops": gitops, "strimzi-verify": verify}
_WIDTH = 100


def of_generator(made: str) -> str:
    """generator/REFERENCE.md."""
    return (
        f"# Reference of strimzi-gitops\n\n{made}\n\n[Exit codes](#exit-codes),"
        f" [kinds](#kinds), and every command's `--help`: {_links('strimzi-gitops')}.\n"
        f"\n## Exit codes\n\nBoth programs end with the same ones.\n\n{_exit_codes()}\n"
        "Ctrl-C ends with 130; what was written is whole, and the next run completes it.\n"
        f"\n## Kinds\n\n{_kinds()}{_helps('strimzi-gitops')}"
    )


def of_verify(made: str) -> str:
    """verify/REFERENCE.md."""
    return (
        f"# Reference of strimzi-verify\n\n{made}\n\nEvery command's `--help`:"
        f" {_links('strimzi-verify')}. Its exit codes are those of"
        f" [strimzi-gitops](../generator/REFERENCE.md#exit-codes).\n{_helps('strimzi-verify')}"
    )


def _commands(name: str) -> Iterator[tuple[str, click.Context]]:
    """A program and all of its commands, with the words that call them."""

    def below(words: str, context: click.Context) -> Iterator[tuple[str, click.Context]]:
        yield words, context
        if isinstance(context.command, click.Group):
            for each in context.command.list_commands(context):
                found = context.command.get_command(context, each)
                assert found is not None
                inner = click.Context(found, parent=context, info_name=each, terminal_width=_WIDTH)
                yield from below(f"{words} {each}", inner)

    top = click.Context(
        COMMANDS[name], info_name=name, terminal_width=_WIDTH, **COMMANDS[name].context_settings
    )
    return below(name, top)


def _links(name: str) -> str:
    return ", ".join(
        f"[{words.removeprefix(f'{name} ')}](#{words.replace(' ', '-')})"
        for words, _ in _commands(name)
    )


def _helps(name: str) -> str:
    return "".join(
        f"\n## {words}\n\n```text\n{context.get_help()}\n```\n"
        for words, context in _commands(name)
    )


def _exit_codes() -> str:
    rows = [f"| {code.value} | {meaning} |\n" for code, meaning in MEANINGS.items()]
    return "| code | meaning |\n|--:|---|\n" + "".join(rows)


def _kinds() -> str:
    """What is rendered, and what else has a row in kinds.py."""
    places = _rendered_by()
    sections: dict[str, list[str]] = {}
    for key in keys():
        for place in key.renders:
            found = sections.setdefault(place.partition(" ")[0], [])
            if key.path[0] not in found:
                found.append(key.path[0])
    text = (
        "What is rendered, from which sections of the intent, and by which module. A protected object"
        " is removed only\nwhen Argo CD has asked somebody. Argo CD applies lower sync waves first.\n\n"
        "| kind | API | from | rendered by | sync wave | protected | restarts when it changes |\n"
        "|---|---|---|---|--:|---|---|\n"
    )
    rendered = [kind for kind in sorted(KINDS, key=lambda each: each.name) if kind.name in places]
    for kind in rendered:
        origin = ", ".join(f"`{each}`" for each in sections.get(kind.name, ["namespace"]))
        modules = ", ".join(f"`{each}`" for each in places[kind.name])
        text += (
            f"| {kind.name} | {kind.api_version} | {origin} | {modules} | {'' if kind.wave is None else kind.wave} |"
            f" {'yes' if kind.protected else ''} | {kind.restarts or ''} |\n"
        )
    text += (
        "\nKnown besides, for what stands under `extra/`:\n\n| kind | API | restarts when it changes |"
        "\n|---|---|---|\n"
    )
    for kind in sorted(KINDS, key=lambda each: each.name):
        if kind.name not in places:
            text += f"| {kind.name} | {kind.api_version} | {kind.restarts or 'not known'} |\n"
    return text


def _rendered_by() -> dict[str, list[str]]:
    """The modules of generator/resources that render each kind, as the golden cases show."""
    found: dict[str, set[str]] = {}
    for case in sorted((REPOSITORY / "tests/golden").glob("*.intent.yaml")):
        with TemporaryDirectory() as folder:
            file = Path(folder) / "environments/dev/environment.yaml"
            file.parent.mkdir(parents=True)
            file.write_bytes(case.read_bytes())
            _, environment = model_of(Project(Path(folder)), "dev")
        manifests = []
        for render in renderers():
            for manifest in render(environment):
                manifests.append(manifest)
                found.setdefault(manifest.kind, set()).add(render.__module__)
        for last in last_renderers():
            for manifest in last(environment, manifests):
                found.setdefault(manifest.kind, set()).add(last.__module__)
        for _, manifest in applications.render_together([(environment, manifests)])[0]:
            found.setdefault(manifest.kind, set()).add(applications.__name__)
    root = "generator.resources."
    return {
        kind: sorted(each.removeprefix(root).replace(".", "/") + ".py" for each in modules)
        for kind, modules in found.items()
    }
