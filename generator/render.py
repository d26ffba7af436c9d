"""The recipe: an environment's intent -> its proved manifests. Reads like the flow.

load -> resolve -> model -> render -> override -> schema -> references -> rules -> order
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from generator.common.cache import Cache
from generator.common.finding import Finding, FindingsError, Problem, Severity, found_in, merged
from generator.common.paths import SHARED
from generator.common.progress import Track, untracked
from generator.documents.manifest import Manifest
from generator.documents.rendered_files import Content
from generator.documents.source import Source
from generator.intent import removal
from generator.intent.layers import Project
from generator.intent.resolved import Resolved
from generator.model import overrides
from generator.model.build import build
from generator.model.environment import Environment
from generator.pipeline.unread import unread
from generator.resources import extra, last_renderers, renderers
from generator.resources.argocd import applications
from generator.resources.runbook.runbook import runbooks
from generator.rules.registry.approvals import approval_findings
from generator.rules.registry.policy import (
    PolicyResult,
    unused_suppressions,
    verdict_of,
    verdicts_together,
)
from generator.system.build import systems_of
from generator.system.capacity import limits
from generator.system.set_sizes import expected_sizes
from generator.system.system import System
from generator.validate import argocd, references, unsaid
from generator.validate.releases import Identity, release_problems, schemas_of, schemas_together
from generator.validate.schemas import Schemas


def model_of(
    project: Project, name: str, instead: Mapping[str, object] | None = None
) -> tuple[Resolved, Environment]:
    """One environment's intent after inheritance, and its model; `instead` replaces sections.

    Raises:
        FindingsError: when the intent is wrong.
    """
    resolved = project.resolve(name, go_on=True)
    if instead:
        resolved = resolved.with_data({**resolved.data, **instead})
    environment, problems = build(resolved)
    problems += resolved.problems
    if resolved.findings:  # what is missing may be what was misspelt
        problems = [problem for problem in problems if problem.rule != "missing-key"]
    if problems or resolved.findings:
        raise FindingsError([*resolved.findings, *map(resolved.locate, problems)])
    return resolved, environment


@dataclass(frozen=True, slots=True)
class Assembled:
    """One environment's manifests before anything is proved, and what did not fit together."""

    environment: Environment
    resolved: Resolved
    manifests: list[Manifest]
    problems: list[Problem]
    extra_sources: dict[str, Source]

    def locate(self, problem: Problem) -> Finding:
        """The problem with its place in the intent or in an extra manifest."""
        if problem.path[:1] == ("extra",) and not _overridden(problem, self.resolved):
            return extra.locate(problem, self.extra_sources)
        return self.resolved.locate(problem)

    def systems(self, sound: list[Manifest] | None = None) -> list[System]:
        """The systems that the manifests make, or the sound ones among them; its own first."""
        manifests = self.manifests if sound is None else sound
        return systems_of(manifests, self.environment.policy, self.environment)

    def system(self, sound: list[Manifest] | None = None) -> System | None:
        """The environment's own system."""
        return next(iter(self.systems(sound)), None)


@dataclass(frozen=True, slots=True)
class RenderedEnvironment:
    """One environment as assembled, the system that it makes, and what is wrong with it."""

    made: Assembled
    system: System | None
    verdicts: list[PolicyResult]
    findings: list[Finding]

    @property
    def environment(self) -> Environment:
        """Its model."""
        return self.made.environment

    @property
    def manifests(self) -> list[Manifest]:
        """Its manifests in their total order (area, kind, name)."""
        return self.made.manifests

    @property
    def pages(self) -> Mapping[str, Content]:
        """What is rendered of it for people, by file."""
        return runbooks(self.environment, self.manifests, expected_sizes(self.system))


def assemble(project: Project, name: str, instead: Mapping[str, object] | None = None) -> Assembled:
    """Everything that one environment deploys, sorted, not yet proved; `instead` replaces sections.

    Raises:
        FindingsError: when the intent itself is wrong, so that there is nothing to render.
    """
    resolved, environment = model_of(project, name, instead)
    manifests = [manifest for render in renderers() for manifest in render(environment)]
    extras, extra_sources = extra.read(environment, resolved, project.root)
    manifests += extras
    manifests += [last for render in last_renderers() for last in render(environment, manifests)]
    manifests, problems = overrides.apply(environment, manifests)
    manifests.sort(key=lambda manifest: (manifest.area, manifest.kind, manifest.name))
    return Assembled(environment, resolved, manifests, problems, extra_sources)


def render_environment(
    project: Project,
    name: str,
    schemas: Schemas,
    track: Track = untracked,
    today: str = "",
) -> RenderedEnvironment:
    """Everything that one environment deploys, and what is wrong with it.

    Raises:
        FindingsError: when the intent itself is wrong, so that there is nothing to render.
    """
    made = assemble(project, name)
    made.problems.extend(release_problems(made.environment, schemas))
    schemas = schemas_of(made.environment, schemas)
    made.manifests[:] = [
        schemas.settled(each) if each.origin[:1] == ("extra",) else each for each in made.manifests
    ]
    found, sound = prove(made.manifests, schemas, name, track)
    problems = [*made.problems, *found, *argocd.problems(made.environment, made.manifests)]
    findings = [made.locate(problem) for problem in problems]
    approvals = approval_findings(made.environment, made.manifests, today)
    findings += [made.locate(problem) for problem in approvals]
    systems = made.systems(sound)
    whole = len(sound) == len(made.manifests) and not made.problems
    verdicts = [verdict_of(each, made.locate, today, whole) for each in systems]
    findings += [finding for verdict in verdicts for finding in verdict.findings]
    own = next(iter(systems), None)
    return RenderedEnvironment(made, own, verdicts, merged(found_in(name, findings)))


def render_shared(
    rendered: list[RenderedEnvironment], schemas: Schemas
) -> tuple[list[Manifest], list[Finding]]:
    """What all environments of a project share: Argo CD's own resources and the operator."""
    made, problems = applications.render_together(
        [(each.environment, each.manifests) for each in rendered]
    )
    owners = {manifest.identity: names[0] for names, manifest in made}
    manifests = sorted((m for _, m in made), key=lambda manifest: (manifest.kind, manifest.name))
    of = schemas_together(made, [each.environment for each in rendered], schemas)
    found, _ = prove(manifests, schemas, SHARED, of=of)
    by_name = {each.environment.name: each.made.resolved for each in rendered}
    by_subject = {(identity[1], identity[3]): name for identity, name in owners.items()}
    problems += [(by_subject[problem.subject or ("", "")], problem) for problem in found]
    findings = [
        finding
        for name, problem in problems
        for finding in found_in(name, [by_name[name].locate(problem)])
    ]
    return manifests, merged(findings)


def prove(
    manifests: list[Manifest],
    schemas: Schemas,
    name: str,
    track: Track = untracked,
    of: Mapping[Identity, Schemas] | None = None,
) -> tuple[list[Problem], list[Manifest]]:
    """What the API server would refuse, and references that lead nowhere; and what is sound.

    `of` has the schemas of manifests, by identity, that are not judged by `schemas`.
    """
    problems: list[Problem] = []
    sound: list[Manifest] = []
    for manifest in track(manifests, f"proving {name}"):
        judged_by = (of or {}).get(manifest.identity, schemas)
        found = list(judged_by.check(manifest)) or list(unsaid.check(manifest))
        problems += found
        if all(each.severity is not Severity.ERROR for each in found):
            sound.append(manifest)
    return [*problems, *references.check(manifests, sound)], sound


@dataclass(frozen=True, slots=True)
class RenderedProject:
    """All that was rendered, and everything wrong with any of it."""

    environments: list[RenderedEnvironment]
    shared: list[Manifest] | None
    findings: list[Finding]

    def files(self) -> dict[str, dict[str, str]]:
        """The folders of rendered/ with their files' whole texts."""
        return {
            folder: {file: content.content().decode() for file, content in contents.items()}
            for folder, contents in self.contents().items()
        }

    @property
    def count(self) -> int:
        """How many manifests there are."""
        return sum(len(each.manifests) for each in self.environments) + len(self.shared or ())

    def uses(self) -> dict[str, list[list[Any]]]:
        """What is used of every limit, by environment."""
        systems = {each.environment.name: each.system for each in self.environments}
        return {name: limits(system) for name, system in systems.items() if system is not None}

    def folders(self) -> dict[str, dict[str, Manifest]]:
        """The folders of rendered/ with their files' manifests."""
        folders = {each.environment.name: each.manifests for each in self.environments}
        if self.shared is not None:
            folders[SHARED] = self.shared
        return {
            folder: {manifest.file: manifest for manifest in manifests}
            for folder, manifests in folders.items()
        }

    def contents(self) -> dict[str, dict[str, Content]]:
        """The folders of rendered/ with all of their files: manifests, and runbooks for people."""
        pages = {each.environment.name: each.pages for each in self.environments}
        return {
            folder: {**manifests, **pages.get(folder, {})}
            for folder, manifests in self.folders().items()
        }


def render_all(
    root: File,
    names: Sequence[str],
    schemas: Schemas,
    shared: bool,
    cache: Cache,
    track: Track = untracked,
    *,
    today: str = "",
) -> RenderedProject:
    """The named environments and, when asked, what all of them share.

    `today` (2026-11-21) decides which suppressions have expired; none has when it is empty.
    """
    project = Project(root, cache)
    rendered: list[RenderedEnvironment] = []
    findings: list[Finding] = []
    for name in names:
        try:
            rendered.append(render_environment(project, name, schemas, track, today))
        except FindingsError as error:
            findings += found_in(name, error.findings)
        else:
            findings += rendered[-1].findings
    findings += removal.check(root)
    findings += unread(root, project, names, everything=shared)
    together = None
    if shared and len(rendered) == len(names):
        together, problems = render_shared(rendered, schemas)
        findings += problems
        systems = {
            each.environment.name: (each.system, each.made.locate)
            for each in rendered
            if each.system is not None
        }
        verdicts = list(verdicts_together(systems, today))
        for name, verdict in verdicts:
            findings += found_in(name, verdict.findings)
        verdicts += [(each.environment.name, one) for each in rendered for one in each.verdicts]
        findings += unused_suppressions(verdicts)
    return RenderedProject(rendered, together, merged(findings))


def _overridden(problem: Problem, resolved: Resolved) -> bool:
    """True when a patch wrote the wrong value into an extra manifest."""
    if problem.subject is None or not problem.inner:
        return False
    kind, name = problem.subject
    return any(
        resolved.writings(("overrides", kind, which, *problem.inner)) for which in (name, "*")
    )
