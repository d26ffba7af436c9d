"""The versions of Kubernetes, Argo CD and the Prometheus operator of which schemas/ has the kinds."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from generator.common.finding import Problem, Severity
from generator.common.paths import schemas_folder
from generator.common.strimzi.releases import numbers
from generator.documents.manifest import Body
from generator.validate.newer import Newer, file_name, read


class Project(NamedTuple):
    """One whose minor versions are told apart."""

    folder: str
    name: str
    path: tuple[str, str]
    """Where the intent says its version."""


KUBERNETES: Final = Project("kubernetes", "Kubernetes", ("kubernetes", "version"))
ARGO_CD: Final = Project("argocd", "Argo CD", ("argocd", "version"))
PROMETHEUS_OPERATOR: Final = Project(
    "prometheus-operator", "Prometheus operator", ("monitoring", "prometheusOperatorVersion")
)
PROJECTS: Final = (KUBERNETES, PROMETHEUS_OPERATOR, ARGO_CD)


class Around(NamedTuple):
    """The minor versions of what is around Strimzi, as they are said; an empty one is the newest."""

    kubernetes: str = ""
    prometheus_operator: str = ""
    argocd: str = ""


UNSAID: Final = Around()


def around(intent: Mapping[str, Any]) -> Around:
    """What an environment's intent says of them."""
    return Around(*(str(intent.get(section, {}).get(key, "")) for _, _, (section, key) in PROJECTS))


def oldest(said: Iterable[Around]) -> Around:
    """Of each the oldest that is said."""
    every = zip(*said, strict=True)
    return Around(*(min(filter(None, each), key=numbers, default="") for each in every))


@cache
def versions(project: Project) -> tuple[str, ...]:
    """Those that are known, oldest first."""
    return tuple(json.loads((schemas_folder() / project.folder / "versions.json").read_bytes()))


def nearest(project: Project, version: str) -> str:
    """This one, or the last known before it; the first where there is none, the newest of one that nobody says."""
    known = versions(project)
    older = [each for each in known if not version or numbers(each) <= numbers(version)]
    return older[-1] if older else known[0]


def newer(project: Project, version: str) -> tuple[str, ...]:
    """The known ones after the one that this is judged by."""
    known = versions(project)
    return known[known.index(nearest(project, version)) + 1 :]


def is_sure(project: Project, version: str) -> bool:
    """Whether this one is known, or none is said."""
    return not version or version in versions(project)


def folders(project: Project, version: str) -> tuple[str, ...]:
    """Where its schemas are looked for below schemas/, in this order."""
    known = (nearest(project, version), *newer(project, version))
    return tuple(f"{project.folder}/{each}" for each in known)


def newer_schemas(project: Project, body: Body, version: str) -> Newer:
    """The known versions after the one that an object is judged by, each with its schema, if it has one."""
    for each in newer(project, version):
        schema = read(folders(project, each), file_name(body["apiVersion"], body["kind"]))
        if schema:
            yield f"of the versions known here {project.name} {each}", schema


def unknown_versions(said: Around) -> Iterator[Problem]:
    """That a version is not known here, and by which one everything is judged instead.

    Source: schemas/kubernetes/versions.json, and those of Argo CD and the Prometheus operator.
    """
    for project, version in zip(PROJECTS, said, strict=True):
        if is_sure(project, version):
            continue
        known, near = versions(project), nearest(project, version)
        message = f"{project.name} {version} is not known here: all is judged as of {near}"
        fix = f"known are {', '.join(known)}; look twice at what is refused or let pass"
        later = numbers(version) > numbers(known[-1])
        severity = Severity.INFO if later else Severity.WARNING
        yield Problem(project.path, message, f"{project.folder}-version", fix, severity=severity)
