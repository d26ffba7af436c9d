"""The steps of an upgrade: what each edits, does to running pods, and leaves to be checked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path as File

from generator.common.finding import Finding, Severity, merged
from generator.common.paths import SHARED, environment_names
from generator.common.strimzi.releases import nearest, numbers, release
from generator.documents.manifest import Manifest
from generator.intent.layers import Project
from generator.model.environment import Environment, destination_id
from generator.plan.change import RANK, Effect, Impact
from generator.plan.guard import Guard
from generator.plan.plan import State, plan
from generator.plan.upgrade.path import Kind, Move, Versions, path
from generator.plan.upgrade.write import Texts, edited, with_texts
from generator.render import RenderedEnvironment, render_environment
from generator.resources.argocd import applications
from generator.validate.schemas import Schemas
from generator.validate.versions import around

_KEYS = {
    "strimzi": ("strimzi", "version"),
    "api": ("strimzi", "apiVersion"),
    "stored": ("strimzi", "storedVersion"),
    "kafka": ("cluster", "kafkaVersion"),
    "metadata": ("cluster", "metadataVersion"),
}
"""Where the intent says each of the versions."""

Edits = Mapping[str, Mapping[tuple[str, str], str]]
"""By environment, what its intent has to say and where."""


@dataclass(slots=True)
class Step:
    """One pull request."""

    number: int
    move: Move
    edits: Edits
    by_argocd: bool
    """Whether Argo CD brings the operator and its definitions."""
    effects: list[tuple[str, Effect]] = field(default_factory=list)
    """What it does, worst first, each with the environment or what environments share."""
    wrong: list[Finding] = field(default_factory=list)
    """What is wrong with the intent in those versions, and has to be mended in this pull request."""
    kubernetes: str = ""
    """The lowest version that its Kubernetes clusters have; empty where an environment does not say it."""


@dataclass(slots=True)
class Upgrade:
    """All steps, and whom the operator takes along."""

    environments: tuple[str, ...]
    start: Mapping[str, Versions]
    steps: list[Step]
    errors: int = 0
    """How many the intents have as they are: what is told of steps holds once they are mended."""


def versions_of(environment: Environment) -> Versions:
    """What an environment has, as its intent says it."""
    return Versions(
        environment.strimzi,
        environment.cluster.kafka_version,
        environment.cluster.metadata_version,
        environment.strimzi_api.rpartition("/")[2],
        environment.strimzi_stored,
    )


def upgrade(
    root: File,
    name: str,
    schemas: Schemas,
    strimzi: str,
    kafka: str | None = None,
    via: Sequence[str] | None = None,
) -> Upgrade:
    """The steps that bring an environment, and all that share its operator, to these versions, `via` releases.

    Each is rendered as its edits leave the intent, so that what is told of it is what a plan would tell.

    Raises:
        FindingsError: when an intent is wrong as it is, or cannot be edited.
        NoPathError: when there is no way.
    """
    now = _rendered(root, environment_names(root), schemas)
    together = sharing(name, [each.environment for each in now.values()])
    errors = _errors(now[each] for each in together)
    start = {each: versions_of(now[each].environment) for each in together}
    # What runs is no older than what is asked for, where nobody asks.
    usual = max(release(strimzi).default_kafka, start[name].kafka, key=numbers)
    by_argocd = _follows(now[name].environment)
    steps: list[Step] = []
    edits: dict[str, dict[tuple[str, str], str]] = {}
    for number, move in enumerate(path(start, strimzi, kafka or usual, [name], via), 1):
        clusters = [around(now[each].environment.data).kubernetes for each in move.environments]
        least = min(clusters, key=numbers) if all(clusters) else ""
        steps.append(Step(number, move, edits_of(move), by_argocd, kubernetes=least))
        for each, wanted in steps[-1].edits.items():
            edits.setdefault(each, {}).update(wanted)
        texts = edited(root, edits)
        with with_texts(root, texts) as there:
            following = now | _rendered(there, move.environments, schemas)
        steps[-1].effects = _effects(now, following, move)
        wrong = _wrong(now, following, move.environments)
        steps[-1].wrong = [_as_written(root, texts, each) for each in wrong]
        now = following
    return Upgrade(tuple(together), start, steps, errors)


def _errors(environments: Iterable[RenderedEnvironment]) -> int:
    found = (each for rendered in environments for each in rendered.findings)
    return len(merged(each for each in found if each.severity is Severity.ERROR))


def _rendered(root: File, names: Iterable[str], schemas: Schemas) -> dict[str, RenderedEnvironment]:
    project = Project(root)
    return {name: render_environment(project, name, schemas) for name in names}


def sharing(name: str, environments: Sequence[Environment]) -> list[str]:
    """The environments that have the same operator as one: those that Argo CD brings to the same cluster."""
    (mine,) = (each for each in environments if each.name == name)
    if not _follows(mine):
        return [name]
    return [
        each.name
        for each in environments
        if _follows(each) and destination_id(each) == destination_id(mine)
    ]


def _follows(environment: Environment) -> bool:
    return "repoURL" in environment.data.get("argocd", {})


def edits_of(move: Move) -> Edits:
    """What the intent has to say: all that a move changes, and what no default may move with it."""
    found: dict[str, dict[tuple[str, str], str]] = {}
    for name in move.environments:
        before, after = move.before[name], move.after[name]
        said = {part for part in _KEYS if getattr(before, part) != getattr(after, part)}
        if move.kind in (Kind.OPERATOR, Kind.KAFKA):
            said |= {"kafka", "metadata"}
        if after.api != nearest(after.strimzi).apis[-1]:
            said |= {"api"}
        found[name] = {_KEYS[part]: getattr(after, part) for part in _KEYS if part in said}
    return found


def _effects(
    before: Mapping[str, RenderedEnvironment],
    after: Mapping[str, RenderedEnvironment],
    move: Move,
) -> list[tuple[str, Effect]]:
    """What a plan says of the difference."""
    old, new = (_states(each, move.environments) for each in (before, after))
    made = plan(old, new, Guard({}, ""))
    found = {
        (each.name, effect): None
        for each in made.environments
        for change in each.changes
        for effect in change.effects
        if effect.impact is not Impact.NO_EFFECT
    }
    return sorted(found, key=lambda pair: -RANK[pair[1].impact])


def _states(rendered: Mapping[str, RenderedEnvironment], names: Iterable[str]) -> dict[str, State]:
    states = {
        name: State(tuple(rendered[name].manifests), tuple(rendered[name].made.systems()))
        for name in names
    }
    shared, _ = applications.render_together(
        [(each.environment, each.manifests) for each in rendered.values()]
    )
    manifests: tuple[Manifest, ...] = tuple(manifest for _, manifest in shared)
    return states | {SHARED: State(manifests)}


def _wrong(
    before: Mapping[str, RenderedEnvironment],
    after: Mapping[str, RenderedEnvironment],
    names: Iterable[str],
) -> list[Finding]:
    """Errors that these versions bring."""
    found = []
    for name in names:
        known = {_words(each) for each in before[name].findings}
        found += [
            each
            for each in after[name].findings
            if each.severity is Severity.ERROR and _words(each) not in known
        ]
    return merged(found)


def _as_written(root: File, texts: Texts, finding: Finding) -> Finding:
    """The finding with its line in the file as it is, which edits may have moved."""
    if finding.file not in texts or not (root / finding.file).exists():
        return finding
    old = (root / finding.file).read_text(encoding="utf-8").splitlines()
    for block in SequenceMatcher(None, old, texts[finding.file].splitlines()).get_matching_blocks():
        if block.b <= finding.line - 1 < block.b + block.size:
            return replace(finding, line=finding.line - block.b + block.a)
    return finding


def _words(finding: Finding) -> tuple[str, str, str]:
    return (finding.file, finding.rule, finding.message)
