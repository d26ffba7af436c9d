"""The steps of an upgrade: what each edits, does to running pods, and leaves to be checked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from generator.common.finding import Finding, Severity
from generator.common.paths import SHARED, environment_names
from generator.common.strimzi import nearest
from generator.documents.manifest import Manifest
from generator.intent.layers import Project
from generator.model.environment import Environment, destination_id
from generator.plan.change import RANK, Effect, Impact
from generator.plan.guard import Guard
from generator.plan.plan import State, plan
from generator.plan.upgrade.path import Kind, Move, Versions, path
from generator.render import RenderedEnvironment, render_environment
from generator.resources.argocd import applications
from generator.validate.schemas import Schemas

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
    effects: list[tuple[str, Effect]] = field(default_factory=list)
    """What it does, worst first, each with the environment or what environments share."""
    wrong: list[Finding] = field(default_factory=list)
    """What is wrong with the intent in those versions, and has to be mended in this pull request."""

    @property
    def final(self) -> bool:
        """Whether there is no way back from it."""
        return self.move.kind in (Kind.STORED, Kind.METADATA)


@dataclass(slots=True)
class Upgrade:
    """All steps, and whom the operator takes along."""

    environments: tuple[str, ...]
    start: Mapping[str, Versions]
    steps: list[Step]


def versions_of(environment: Environment) -> Versions:
    """What an environment has, as its intent says it."""
    return Versions(
        environment.strimzi,
        environment.cluster.kafka_version,
        environment.cluster.metadata_version,
        environment.strimzi_api.rpartition("/")[2],
        environment.strimzi_stored,
    )


def upgrade(project: Project, name: str, schemas: Schemas, strimzi: str, kafka: str) -> Upgrade:
    """The steps that bring an environment, and all that share its operator, to these versions.

    Raises:
        FindingsError: when an intent is wrong as it is.
        NoPathError: when there is no way.
    """
    everybody = {
        each: render_environment(project, each, schemas) for each in environment_names(project.root)
    }
    together = sharing(name, [each.environment for each in everybody.values()])
    start = {each: versions_of(everybody[each].environment) for each in together}
    steps: list[Step] = []
    for number, move in enumerate(path(start, strimzi, kafka, [name]), 1):
        steps.append(_step(number, move))
        following = everybody | {
            each: render_environment(
                project,
                each,
                schemas,
                instead=_instead(everybody[each].environment, move.after[each]),
            )
            for each in move.environments
        }
        steps[-1].effects = _effects(everybody, following, move.environments)
        steps[-1].wrong = _wrong(everybody, following, move.environments)
        everybody = following
    return Upgrade(tuple(together), start, steps)


def sharing(name: str, environments: Sequence[Environment]) -> list[str]:
    """The environments that have the same operator as one: those that Argo CD brings to the same cluster."""
    (mine,) = (each for each in environments if each.name == name)
    if "repoURL" not in mine.data.get("argocd", {}):
        return [name]
    return [
        each.name
        for each in environments
        if "repoURL" in each.data.get("argocd", {}) and destination_id(each) == destination_id(mine)
    ]


def _step(number: int, move: Move) -> Step:
    """The intent says everything that its step fixes, so that no default of a release moves it later."""
    edits = {}
    for name in move.environments:
        before, after = move.before[name], move.after[name]
        edits[name] = {
            place: getattr(after, part)
            for part, place in _KEYS.items()
            if getattr(before, part) != getattr(after, part)
        }
    if move.kind in (Kind.OPERATOR, Kind.KAFKA):
        for name in move.environments:
            after = move.after[name]
            pinned = {"kafka": after.kafka, "metadata": after.metadata}
            if move.kind is Kind.OPERATOR and after.api != nearest(after.strimzi).apis[-1]:
                pinned["api"] = after.api
            edits[name] |= {_KEYS[part]: value for part, value in pinned.items()}
    return Step(number, move, edits)


def _instead(environment: Environment, versions: Versions) -> Mapping[str, object]:
    """The sections that say the versions."""
    data = environment.data
    cluster = {
        **data["cluster"],
        "kafkaVersion": versions.kafka,
        "metadataVersion": versions.metadata,
    }
    strimzi = {**data["strimzi"], "version": versions.strimzi, "apiVersion": versions.api}
    if versions.stored != environment.release.stored:
        strimzi["storedVersion"] = versions.stored
    return {"cluster": cluster, "strimzi": strimzi}


def _effects(
    before: Mapping[str, RenderedEnvironment],
    after: Mapping[str, RenderedEnvironment],
    names: Iterable[str],
) -> list[tuple[str, Effect]]:
    made = plan(_states(before, names), _states(after, names), Guard({}, ""))
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
    return found


def _words(finding: Finding) -> tuple[str, int, str]:
    return (finding.file, finding.line, finding.rule)
