"""What lies below environments/ and is read by nobody: each file and folder of it is a finding.

Documentation may stand anywhere (Markdown and the like, CODEOWNERS), and so may hidden files and what editors
leave behind.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path as File

from generator.common.finding import Finding, FindingsError, did_you_mean
from generator.common.paths import (
    ENVIRONMENT_FILE,
    ENVIRONMENTS,
    EXTRA,
    SHARED,
    environment_names,
    near_environment_files,
    removals,
)
from generator.documents.source import YAML_SUFFIXES
from generator.intent.layers import Project
from generator.resources.extra import TEMPLATE_SUFFIX

_DOCUMENTATION = (".md", ".rst", ".adoc")
_KNOWN_NAMES = {"CODEOWNERS", "OWNERS", "README", "LICENSE"}
_LEFT_BEHIND = ("~", "#")
"""How the names of editors' own copies end."""
_WRONG_ENDINGS = (
    "json",
    "yaml",
    "yml",
    "txt",
    "bak",
    "old",
    "orig",
    "disabled",
    "off",
    "example",
    "sample",
)
_TEMPLATES = ("j2", "jinja", "jinja2", "tpl", "tmpl", "gotmpl")


def unread(root: File, project: Project, names: Sequence[str], everything: bool) -> list[Finding]:
    """What nobody reads in the layers of the named environments, or, with `everything`, anywhere."""
    layers: set[File] = set()
    whole = True
    for name in names:
        try:
            layers.update(project.folders(name))
        except FindingsError:  # told elsewhere; who inherits what is not known until it is mended
            layers.add(root / ENVIRONMENTS / name)
            whole = False
    found = [each for layer in sorted(layers) for each in _in_layer(layer, root)]
    if everything:
        known = {*environment_names(root), *removals(root)}
        found += _around(root / ENVIRONMENTS, layers, root, known, whole)
    return found


def _in_layer(layer: File, root: File) -> Iterator[Finding]:
    """Files of one layer that are neither intent nor manifests."""
    for here, folders, names in os.walk(layer):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if name.endswith(YAML_SUFFIXES):
                yield _finding(File(here) / name, root, "a folder with the name of a file",
                               "rename it, or make it a file")  # fmt: skip
        extra = File(here, ".").relative_to(layer).parts[:1] == (EXTRA,)
        for name in sorted(names):
            if _may_stand_anywhere(name):
                continue
            if not name.endswith((*YAML_SUFFIXES, TEMPLATE_SUFFIX) if extra else YAML_SUFFIXES):
                yield _finding(File(here) / name, root, "nobody reads it", _mend(name, extra))


def _around(
    folder: File, layers: set[File], root: File, known: set[str], whole: bool
) -> Iterator[Finding]:
    """Files beside the layers, and folders that are none; of these only what is sure unless `whole`."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith(".") or path in layers:
            continue
        if path.is_symlink() or not path.is_dir():
            if not _may_stand_anywhere(path.name):
                fix = f"move it into a layer's folder, such as {ENVIRONMENTS}/base/"
                yield _finding(path, root, "nobody reads it", fix)
        elif any(layer.is_relative_to(path) for layer in layers):
            yield from _around(path, layers, root, known, whole)
        elif path.name not in known and any(_files(path)):
            yield from _of_no_environment(path, root, known, whole)


def _of_no_environment(folder: File, root: File, known: set[str], whole: bool) -> Iterator[Finding]:
    """A folder that is no environment, and that none inherits."""
    near = [path for path in near_environment_files(root) if path.parent == folder]
    if near:
        yield _finding(near[0], root, "nobody reads it, so that there is no such environment",
                       f"did you mean '{ENVIRONMENT_FILE}'?")  # fmt: skip
    elif folder.name == SHARED:
        yield _finding(folder, root, "nobody reads it: what environments share is rendered from argocd: and"
                       " strimzi: in their intent", "move its files into a layer that they inherit")  # fmt: skip
    elif whole:
        hint = did_you_mean(folder.name, known)
        fix = f"name it in an environment's inherits:, or add an {ENVIRONMENT_FILE}"
        if hint.startswith("did"):
            fix += f"; {hint}"
        yield _finding(folder, root, "nobody reads it: no environment, and none inherits it", fix)


def _files(folder: File) -> Iterator[File]:
    """What is there to be read; an empty folder says nothing."""
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (File(here) / name for name in names if not _may_stand_anywhere(name))


def _may_stand_anywhere(name: str) -> bool:
    return (
        name.startswith(".")
        or name in _KNOWN_NAMES
        or name.endswith((*_DOCUMENTATION, *_LEFT_BEHIND))
    )


def _mend(name: str, extra: bool) -> str:
    """The name that would be read."""
    stem, parts = name, name.lower().split(".")[1:]
    template = any(part in _TEMPLATES for part in parts)
    while "." in stem and stem.rpartition(".")[2].lower() in (*_WRONG_ENDINGS, *_TEMPLATES):
        stem = stem.rpartition(".")[0]
    wanted = stem + (TEMPLATE_SUFFIX if template else YAML_SUFFIXES[0])
    if template and not extra:
        wanted = f"{EXTRA}/{wanted}"
    return f"did you mean '{wanted}'? If nobody is to read it, it does not belong here"


def _finding(path: File, root: File, message: str, fix: str) -> Finding:
    return Finding(path.relative_to(root).as_posix(), 0, 0, "unread", message, fix)
