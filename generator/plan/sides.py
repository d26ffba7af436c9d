"""Where the two sides of a plan come from: the intent here, the intent at a Git ref, or folders."""

import io
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path as File

from generator.common.cache import Cache
from generator.common.finding import Finding, FindingsError, Problem, Severity, found_in
from generator.common.paths import ENVIRONMENTS, RENDERED, SHARED, environment_names, removals
from generator.contract.operator_version import version_of
from generator.documents.manifest import Manifest
from generator.documents.rendered_files import contents_of, folders_of, manifest_of
from generator.intent import removal
from generator.intent.layers import Project
from generator.model.approvals import SECTION
from generator.model.policy import policy_of
from generator.plan.backup_gate import demand_of
from generator.plan.guard import Concerned
from generator.plan.guard_rules import Rules, errors_of, worst_classes
from generator.plan.plan import State
from generator.render import Assembled, assemble, prove
from generator.resources.argocd import applications
from generator.system.build import systems_of
from generator.validate.releases import release_problems, schemas_of
from generator.validate.schemas import Schemas, schema_folders


@dataclass(frozen=True, slots=True)
class Side:
    """All environments at one time, and what their guards demand."""

    states: Mapping[str, State]
    rules: Mapping[str, Rules]
    concerned: Concerned = field(default_factory=dict)
    """Whose the things are that environments share."""


def of_project(root: File, names: Sequence[str] | None, cache: Cache) -> Side:
    """The environments of a project (None: all, and what they share) as their intent renders now.

    Raises:
        FindingsError: when an intent is wrong, or a manifest that it renders to.
    """
    project = Project(root, cache)
    known = environment_names(root)
    made = {name: assemble(project, name) for name in known if names is None or name in names}
    schemas = Schemas(schema_folders())
    wrong = [
        finding
        for name, each in made.items()
        for problem in (*each.problems, *_refused(_proved(each, schemas, name)))
        for finding in found_in(name, [each.locate(problem)])
    ]
    wrong += removal.check(root)
    if wrong:
        raise FindingsError(wrong)
    states = {
        name: State(tuple(each.manifests), tuple(each.systems()), each.locate)
        for name, each in made.items()
    }
    concerned: Concerned = {}
    if names is None and made:
        shared, _ = applications.render_together(
            [(each.environment, each.manifests) for each in made.values()]
        )
        concerned = {(each.kind, each.name): names for names, each in shared}

        def locate(problem: Problem) -> Finding:
            return made[concerned[problem.subject or ("", "")][0]].locate(problem)

        states[SHARED] = State(tuple(manifest for _, manifest in shared), locate=locate)
    rules = {name: _rules(each, root) for name, each in made.items()}
    rules |= {name: Rules(removal=True) for name in removals(root)}
    return Side(states, rules, concerned)


def in_place_of(root: File, other: str, environment: str, cache: Cache) -> tuple[State, Side]:
    """What another environment asks for, rendered into the place of one; and both as they are.

    Raises:
        FindingsError: when an intent is wrong.
    """
    side = of_project(root, [environment, other], cache)
    project = Project(root, cache)
    mine = project.resolve(environment).data
    made = assemble(project, other, {"namespace": mine["namespace"]})
    return State(tuple(made.manifests), tuple(made.systems()), made.locate), side


def _proved(made: Assembled, schemas: Schemas, name: str) -> list[Problem]:
    environment = made.environment
    found = [
        each for each in release_problems(environment, schemas) if each.severity is Severity.ERROR
    ]
    return [*found, *prove(made.manifests, schemas_of(environment, schemas), name)[0]]


def _refused(problems: Iterable[Problem]) -> Iterator[Problem]:
    """What the API server would refuse; a kind without a schema here may well be known there."""
    return (
        problem
        for problem in problems
        if problem.rule != "unknown-kind" and problem.severity is Severity.ERROR
    )


def _rules(made: Assembled, root: File) -> Rules:
    policy = made.environment.policy
    approvals = made.environment.data.get(SECTION, {})
    return Rules(
        worst_classes(policy.guard),
        policy.deletions,
        approvals,
        demand=demand_of(policy),
        limits=policy.approvals,
        errors=errors_of(policy),
        protect=made.environment.protect,
        layers=tuple(
            layer.folder.relative_to(root / ENVIRONMENTS).as_posix()
            for layer in made.resolved.layers
            if layer.folder
        ),
        places={
            name: made.locate(Problem((SECTION, name), "", "", on_key=True)) for name in approvals
        },
    )


@contextmanager
def at_ref(root: File, ref: str) -> Iterator[File]:
    """A temporary project folder with environments/ and rendered/ as they are at a Git ref.

    Reads Git's objects as they are (no attributes, no filters); neither the work tree nor the index
    is touched.

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
        for part in (ENVIRONMENTS, RENDERED):
            _write_tree(top, tree, part, folder)
        yield folder


def _write_tree(top: File, tree: str, part: str, folder: File) -> None:
    """Write the files of one folder of a tree, links as links."""
    listed = _git(top, "ls-tree", "-r", "-z", "--full-tree", tree, f"{part}/").split(b"\0")
    entries = [entry.partition(b"\t") for entry in listed if entry]
    blobs: list[tuple[bytes, str]] = []
    for told, _, raw in entries:
        mode, kind, _ = told.split(b" ", 2)
        path = raw.decode("utf-8", "surrogateescape")
        if kind != b"blob":
            raise _failed(f"{path} is a submodule, which cannot be read here",
                          "keep environments/ in the repository itself")  # fmt: skip
        blobs.append((mode, path))
    if not blobs:
        return
    names = b"\n".join(told.split(b" ")[2] for told, _, _ in entries)
    answer = io.BytesIO(_git(top, "cat-file", "--batch", given=names))
    for mode, path in blobs:
        size = int(answer.readline().split(b" ")[2])
        content = answer.read(size + 1)[:-1]
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if mode == b"120000":
            target.symlink_to(os.fsdecode(content))
        else:
            target.write_bytes(content)


def _git(root: File, *arguments: str, given: bytes = b"") -> bytes:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],  # noqa: S607 (the user's own git)
            capture_output=True,
            check=False,
            input=given,
        )
    except FileNotFoundError:
        raise _failed("git is not installed", "install git, or compare two folders") from None
    if done.returncode and b"not a git repository" in done.stderr:
        raise _failed(
            f"{root} is in no Git repository, so that there is nothing to compare with",
            "git init, and commit what there is; or compare two folders like rendered/ with --from and --to",
        )
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
    alone = any((folder / area).is_dir() for folder in (before, after) for area in _AREAS)
    for name in ["."] if alone else sorted({*folders_of(before), *folders_of(after)}):
        contents = [contents_of(folder / name) for folder in (before, after)]
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
                    parsed[raw] = manifest_of(f"{name}/{file}", raw)
                manifests.append(parsed[raw])
            if content:
                side[name] = _state(name, manifests)
    return sides


def _state(name: str, manifests: list[Manifest]) -> State:
    """The state that a folder's objects make.

    Raises:
        FindingsError: when an object is there twice, or is none that the API server would take.
    """
    kafka = next((each.body for each in manifests if each.kind == "Kafka"), {})
    problems, _ = prove(manifests, Schemas(schema_folders()).of(version_of(kafka)), name)
    wrong = [each for each in _refused(problems) if each.rule not in _OF_A_PART]
    if wrong:
        raise FindingsError(
            Finding(name, 0, 0, each.rule, each.message, each.fix) for each in wrong
        )
    return State(tuple(manifests), tuple(systems_of(manifests, policy_of({}))))


_OF_A_PART = ("unknown-reference", "object-name")
"""What says nothing of what a change does, or only with the whole environment in sight."""
_TOPICS = "topics/"
_AREAS = ("cluster", "topics", "users")
"""Folders by which one environment's own folder is known."""


def of_rendered(root: File, names: Sequence[str]) -> Side:
    """What a project's rendered/ says, all of it or the named environments.

    Raises:
        FindingsError: when a file is no Kubernetes object.
    """
    folder = root / RENDERED
    found = folders_of(folder) if folder.is_dir() else []
    states = {}
    for name in found:
        if not names or name in names:
            content = contents_of(folder / name)
            manifests = [
                manifest_of(f"{name}/{file}", raw) for file, raw in sorted(content.items())
            ]
            states[name] = _state(name, manifests)
    return Side(states, {})
