"""Where the two sides of a plan come from: the intent here, the intent at a Git ref, or folders."""

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

import ryaml

from generator import argocd
from generator.build_system import systems_of
from generator.cache import Cache
from generator.finding import Finding, FindingsError
from generator.guard import Rules, worst_classes
from generator.inherit import Project
from generator.layout import ENVIRONMENTS, SHARED, environment_names, tombstones
from generator.manifest import Manifest, is_edited, is_rendered
from generator.plan import State
from generator.render import Assembled, assemble
from generator.source import MAX_FILE_BYTES, YAML_SUFFIXES, Source


@dataclass(frozen=True, slots=True)
class Side:
    """All environments at one time, and what their guards demand."""

    states: Mapping[str, State]
    rules: Mapping[str, Rules]


def of_project(root: File, names: Sequence[str] | None, cache: Cache) -> Side:
    """The environments of a project (None: all, and what they share) as their intent renders now.

    Raises:
        FindingsError: when an intent is wrong.
    """
    project = Project(root, cache)
    known = environment_names(root)
    made = {name: assemble(project, name) for name in known if names is None or name in names}
    wrong = [each.locate(problem) for each in made.values() for problem in each.problems]
    if wrong:
        raise FindingsError(wrong)
    states = {name: State(tuple(each.manifests), tuple(each.systems())) for name, each in made.items()}
    if names is None and made:
        shared, _ = argocd.render([(each.environment, each.manifests) for each in made.values()])
        states[SHARED] = State(tuple(manifest for _, manifest in shared))
    rules = {name: _rules(each) for name, each in made.items()}
    rules[SHARED] = _shared_rules(list(rules.values()))
    rules |= {name: Rules(tombstone=True) for name in tombstones(root)}
    return Side(states, rules)


def _shared_rules(rules: list[Rules]) -> Rules:
    """What guards the things that all environments share: whatever guards one of them."""
    classes = frozenset(impact for each in rules for impact in each.classes)
    approvals = {name: said for each in rules for name, said in each.approvals.items()}
    return Rules(classes, {}, approvals)


def in_place_of(root: File, other: str, environment: str, cache: Cache) -> tuple[State, Side]:
    """What another environment asks for, rendered into the place of one; and both as they are.

    Raises:
        FindingsError: when an intent is wrong.
    """
    side = of_project(root, [environment, other], cache)
    project = Project(root, cache)
    mine = project.resolve(environment).data
    made = assemble(project, other, {"namespace": mine["namespace"]})
    return State(tuple(made.manifests), tuple(made.systems())), side


def _rules(made: Assembled) -> Rules:
    policy = made.environment.section("policy")
    return Rules(
        worst_classes(policy.get("guard", ())),
        policy.get("deletions", {}),
        made.environment.section("approvals"),
    )


@contextmanager
def at_ref(root: File, ref: str) -> Iterator[File]:
    """A temporary project folder with environments/ as it is at a Git ref.

    Reads Git's objects only: neither the work tree nor the index is touched.

    Raises:
        FindingsError: when Git does not know the ref, or this is no repository.
    """
    prefix = _git(root, "rev-parse", "--show-prefix").decode().strip()
    # From the top: in a subfolder git reads paths as relative to it.
    top = File(_git(root, "rev-parse", "--show-toplevel").decode().strip())
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    tree = f"{commit.decode().strip()}:{prefix}".removesuffix("/")
    with tempfile.TemporaryDirectory(prefix="strimzi-gitops-") as name:
        folder = File(name)
        (folder / ENVIRONMENTS).mkdir()
        if _git(top, "ls-tree", "--name-only", tree, ENVIRONMENTS):
            content = _git(top, "archive", "--format=tar", tree, ENVIRONMENTS)
            with tarfile.open(fileobj=io.BytesIO(content)) as archive:
                archive.extractall(folder, filter="data")
        yield folder


def _git(root: File, *arguments: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],  # noqa: S607 (the user's own git)
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise _failed("git is not installed", "install git, or compare two folders") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        what = (
            said[-1] if said else f"git has no commit '{arguments[-1].removesuffix('^{commit}')}'"
        )
        raise _failed(what, "give a branch, tag or commit that is here; fetch it first in CI")
    return done.stdout


def _failed(message: str, fix: str) -> FindingsError:
    return FindingsError([Finding("git", 0, 0, "git", message, fix)])


def of_folders(before: File, after: File) -> tuple[dict[str, State], dict[str, State]]:
    """Two folders like rendered/, each with one folder per environment.

    A file that is the same in both is parsed once, and topics that do not change are not parsed at all
    unless something else changes.

    Raises:
        FindingsError: when a file cannot be read or is no Kubernetes object.
    """
    sides: tuple[dict[str, State], dict[str, State]] = ({}, {})
    for name in sorted({*_folders(before), *_folders(after)}):
        contents = [_contents(folder / name) for folder in (before, after)]
        old, new = contents
        differ = {file for file in {*old, *new} if old.get(file) != new.get(file)}
        if not differ:
            continue
        only_topics = all(file.startswith(_TOPICS) for file in differ)
        needed = [
            file
            for file in sorted({*old, *new})
            if file in differ or not (only_topics and file.startswith(_TOPICS))
        ]
        parsed: dict[bytes, Manifest] = {}
        for side, content in zip(sides, contents, strict=True):
            manifests = []
            for file in needed:
                raw = content.get(file)
                if raw is None:
                    continue
                if raw not in parsed:
                    parsed[raw] = _manifest(f"{name}/{file}", raw)
                manifests.append(parsed[raw])
            if content:
                side[name] = State(tuple(manifests), tuple(systems_of(manifests, {})))
    return sides


_TOPICS = "topics/"


def _folders(folder: File) -> Iterable[str]:
    return [path.name for path in folder.iterdir() if path.is_dir() and path.name[0] != "."]


def _contents(folder: File) -> dict[str, bytes]:
    """Every YAML file below a folder with its bytes; links are not followed."""
    found: dict[str, bytes] = {}
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = os.path.relpath(here, folder).replace(os.sep, "/")
        prefix = "" if inside == "." else f"{inside}/"
        for name in names:
            path = os.path.join(here, name)
            if name.startswith(".") or not name.endswith(YAML_SUFFIXES) or os.path.islink(path):
                continue
            with open(path, "rb", buffering=0) as stream:
                found[prefix + name] = stream.read(MAX_FILE_BYTES)
    return found


def _manifest(name: str, raw: bytes) -> Manifest:
    text = raw.decode("utf-8", "replace")
    # What the renderer wrote and nobody edited needs no careful reading.
    ours = is_rendered(raw) and not is_edited(raw)
    data: Any = ryaml.loads(text) if ours else Source(name, text).data
    whole = isinstance(data, dict) and "kind" in data and "apiVersion" in data
    if not whole or not isinstance(data.get("metadata"), dict) or "name" not in data["metadata"]:
        raise FindingsError(
            [Finding(name, 1, 1, "no-object", "is no Kubernetes object",
                     "give folders that strimzi-gitops rendered")]
        )  # fmt: skip
    return Manifest("", data, ())
