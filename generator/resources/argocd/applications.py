"""What Argo CD itself needs, for all environments together: rendered/argocd/.

Per environment an AppProject and an Application; per Kubernetes cluster one Application with the
Strimzi operator, and one with the operator for backups where it is asked for.
"""

from collections.abc import Iterator, Sequence

from generator.common.finding import Problem
from generator.common.kinds import kind_of
from generator.documents.manifest import Manifest
from generator.model.backups import backup_operator
from generator.model.environment import Environment, below, destination_id
from generator.resources.argocd.operators import (
    argocd_manifest,
    backup_operators,
    destination_of,
    kinds_of,
    metadata,
    source_of,
    strimzi,
    sync_policy,
)


def render_together(
    environments: Sequence[tuple[Environment, Sequence[Manifest]]],
) -> tuple[list[tuple[tuple[str, ...], Manifest]], list[tuple[str, Problem]]]:
    """Argo CD's resources with the environments that each is for, and what does not fit together."""
    made: list[tuple[tuple[str, ...], Manifest]] = []
    problems: list[tuple[str, Problem]] = []
    operators: dict[str, list[Environment]] = {}
    backing_up: dict[tuple[str, str], list[Environment]] = {}
    homes: dict[tuple[str, str], Environment] = {}
    for environment, manifests in environments:
        home = (destination_id(environment), environment.namespace)
        first = homes.setdefault(home, environment)
        if first is not environment:
            message = f"environment {first.name} has the same namespace on the same cluster"
            problem = Problem(("namespace",), message, "shared-namespace",
                              "give each environment a namespace of its own")  # fmt: skip
            problems.append((environment.name, problem))
        if "repoURL" not in environment.data.get("argocd", {}):
            continue
        made.append(((environment.name,), _project(environment, manifests)))
        made.append(((environment.name,), _application(environment)))
        operators.setdefault(home[0], []).append(environment)
        if backup_operator.is_asked_for(environment):
            api = backup_operator.backup_operator(environment).group
            backing_up.setdefault((api, home[0]), []).append(environment)
    for _, sharing in sorted(operators.items()):
        keys = ("version", "storedVersion", "namespace", "chart", "values")
        problems += _conflicts(sharing, "strimzi", keys)
        names = tuple(each.name for each in sharing)
        made += [(names, each) for each in strimzi(sharing, len(operators) == 1)]
    for (api, _), sharing in sorted(backing_up.items()):
        said = ("namespace", "chart", "image", "resources", "values")
        problems += _conflicts(sharing, backup_operator.SECTION, said)
        alone = sum(each == api for each, _ in backing_up) == 1
        names = tuple(each.name for each in sharing)
        made += [(names, each) for each in backup_operators(sharing, alone)]
    return made, problems


def _conflicts(
    sharing: Sequence[Environment], section: str, keys: Sequence[str]
) -> Iterator[tuple[str, Problem]]:
    """What environments say differently of the one operator that they share."""
    first = sharing[0]
    for other in sharing[1:]:
        for key in keys:
            if below(first.data, (section, key)) != below(other.data, (section, key)):
                message = (
                    f"{section}.{key} differs from environment {first.name}, but both use the"
                    f" one operator of {destination_id(first)}"
                )
                problem = Problem((section, key), message, "operator-conflict",
                                  "say it in a layer that both inherit, or deploy elsewhere")  # fmt: skip
                yield other.name, problem


def _name(environment: Environment) -> str:
    return f"kafka-{environment.name}"


def _project(environment: Environment, manifests: Sequence[Manifest]) -> Manifest:
    """An AppProject that allows this environment's kinds in its namespace, and nothing else."""
    section = environment.data.get("argocd", {})
    cluster_wide: set[tuple[str, str]] = set()
    namespaced: set[tuple[str, str]] = set()
    for manifest in manifests:
        group, kind, namespace, _ = manifest.identity
        outside = not kind_of(kind).namespaced and not namespace
        (cluster_wide if outside else namespaced).add((group, kind))
    spec = {
        "description": f"Kafka environment {environment.name}",
        "sourceRepos": [section["repoURL"]],
        "destinations": [destination_of(environment, environment.namespace)],
        "clusterResourceWhitelist": kinds_of(cluster_wide),
        "namespaceResourceWhitelist": kinds_of(namespaced),
    }
    return argocd_manifest("AppProject", metadata(environment, _name(environment), -1), spec)


def _application(environment: Environment) -> Manifest:
    """The Application that syncs rendered/ENV.

    It has the wave of the operator's Application: a parent that asks for the health of its Applications would wait
    for ever for an operator that waits for this environment's Namespace. Both try again until the other is there.
    """
    section = environment.data.get("argocd", {})
    about = metadata(environment, _name(environment), 0)
    # Other environments' commits need not refresh this one.
    about["annotations"]["argocd.argoproj.io/manifest-generate-paths"] = "."
    if not environment.protect:
        about["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    spec = {
        "project": _name(environment),
        "source": {**source_of(section, environment.name), "directory": {"recurse": True}},
        "destination": destination_of(environment, environment.namespace),
        "syncPolicy": sync_policy(
            section.get("automated", {}),
            ["ApplyOutOfSyncOnly=true", "FailOnSharedResource=true", "ServerSideApply=true"],
        ),
    }
    return argocd_manifest("Application", about, spec)
