"""What Argo CD itself needs, for all environments together: rendered/argocd/.

Per environment an AppProject and an Application; per Kubernetes cluster one Application with the
Strimzi operator, because two operators in one cluster fight over the same resources.
"""

from collections.abc import Sequence
from typing import Any

from generator.finding import Problem
from generator.intent import Environment, Json
from generator.manifest import Manifest

AREA = ""
_OPERATOR = "strimzi-operator"
_IN_CLUSTER = "https://kubernetes.default.svc"

# Strimzi copies labels of its resources to claims and Secrets; under label tracking Argo CD
# would then take these for its own and prune them (Strimzi 1.2.0, con-configuring-cluster-operator).
_EXCLUDED_LABELS = "(^app.kubernetes.io/(?!part-of).*|^kustomize.toolkit.fluxcd.io.*|^argocd.argoproj.io/instance$)"


def render(
    environments: Sequence[tuple[Environment, Sequence[Manifest]]],
) -> tuple[list[tuple[str, Manifest]], list[tuple[str, Problem]]]:
    """Argo CD's resources with the environment each belongs to, and what does not fit together."""
    made: list[tuple[str, Manifest]] = []
    problems: list[tuple[str, Problem]] = []
    operators: dict[str, list[Environment]] = {}
    homes: dict[tuple[str, str], Environment] = {}
    for environment, manifests in environments:
        home = (_destination_id(environment), environment.namespace)
        first = homes.setdefault(home, environment)
        if first is not environment:
            message = f"environment {first.name} has the same namespace on the same cluster"
            problem = Problem(("namespace",), message, "shared-namespace",
                              "give each environment a namespace of its own")  # fmt: skip
            problems.append((environment.name, problem))
        if "repoURL" not in environment.section("argocd"):
            continue
        made.append((environment.name, _project(environment, manifests)))
        made.append((environment.name, _application(environment)))
        operators.setdefault(_destination_id(environment), []).append(environment)
    for destination, sharing in sorted(operators.items()):
        first = sharing[0]
        for other in sharing[1:]:
            for key in ("version", "namespace", "chart", "values"):
                ours, theirs = first.section("strimzi").get(key), other.section("strimzi").get(key)
                if ours != theirs:
                    message = (
                        f"strimzi.{key} differs from environment {first.name}, but both use the"
                        f" one operator of {destination}"
                    )
                    problem = Problem(("strimzi", key), message, "operator-conflict",
                                      "say it in a layer that both inherit, or deploy elsewhere")  # fmt: skip
                    problems.append((other.name, problem))
        made += [(first.name, manifest) for manifest in _operator(sharing, len(operators) == 1)]
    return made, problems


def _destination_id(environment: Environment) -> str:
    destination = environment.section("argocd").get("destination", {})
    return str(destination.get("name") or destination.get("server", _IN_CLUSTER))


def _destination(environment: Environment, namespace: str) -> dict[str, str]:
    destination = environment.section("argocd").get("destination", {})
    if "name" in destination:
        return {"name": destination["name"], "namespace": namespace}
    return {"server": destination.get("server", _IN_CLUSTER), "namespace": namespace}


def _name(environment: Environment) -> str:
    return f"kafka-{environment.name}"


def _metadata(environment: Environment, name: str, wave: int) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": environment.section("argocd").get("namespace", "argocd"),
        "labels": {"app.kubernetes.io/managed-by": "strimzi-gitops"},
        "annotations": {"argocd.argoproj.io/sync-wave": str(wave)},
    }


def _argocd_manifest(kind: str, metadata: Json, spec: Json) -> Manifest:
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    return Manifest(AREA, body, ("argocd",))


def _project(environment: Environment, manifests: Sequence[Manifest]) -> Manifest:
    """An AppProject that allows this environment's kinds in its namespace, and nothing else."""
    section = environment.section("argocd")
    cluster_wide: set[tuple[str, str]] = set()
    namespaced: set[tuple[str, str]] = set()
    for manifest in manifests:
        group, kind, namespace, _ = manifest.identity
        known = kind in ("Namespace", "ClusterRole", "ClusterRoleBinding", "PersistentVolume",
                         "StorageClass", "PriorityClass", "CustomResourceDefinition")  # fmt: skip
        (cluster_wide if known and not namespace else namespaced).add((group, kind))
    spec = {
        "description": f"Kafka environment {environment.name}",
        "sourceRepos": [section["repoURL"]],
        "destinations": [_destination(environment, environment.namespace)],
        "clusterResourceWhitelist": _kinds(cluster_wide),
        "namespaceResourceWhitelist": _kinds(namespaced),
    }
    return _argocd_manifest("AppProject", _metadata(environment, _name(environment), -1), spec)


def _kinds(kinds: set[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"group": group, "kind": kind} for group, kind in sorted(kinds)]


def _application(environment: Environment) -> Manifest:
    """The Application that syncs rendered/ENV."""
    section = environment.section("argocd")
    metadata = _metadata(environment, _name(environment), 1)
    # Other environments' commits need not refresh this one.
    metadata["annotations"]["argocd.argoproj.io/manifest-generate-paths"] = "."
    if not environment.protect:
        metadata["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    spec = {
        "project": _name(environment),
        "source": {
            "repoURL": section["repoURL"],
            "targetRevision": section.get("targetRevision", "main"),
            "path": f"{section.get('path', 'rendered').rstrip('/')}/{environment.name}",
            "directory": {"recurse": True},
        },
        "destination": _destination(environment, environment.namespace),
        "syncPolicy": _sync_policy(
            section.get("automated", {}),
            ["ApplyOutOfSyncOnly=true", "FailOnSharedResource=true", "ServerSideApply=true"],
        ),
    }
    return _argocd_manifest("Application", metadata, spec)


def _sync_policy(automated: Json, options: list[str]) -> dict[str, Any]:
    policy: dict[str, Any] = {
        "syncOptions": options,
        "retry": {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
    }
    if automated.get("enabled", True):
        policy["automated"] = {
            "prune": automated.get("prune", True),
            "selfHeal": automated.get("selfHeal", True),
        }
    return policy


def _operator(sharing: Sequence[Environment], alone: bool) -> list[Manifest]:
    """The operator of one Kubernetes cluster, watching just the namespaces that use it."""
    first = sharing[0]
    strimzi = first.section("strimzi")
    chart = strimzi["chart"]
    name = _OPERATOR if alone else f"{_OPERATOR}-{first.name}"
    namespace = strimzi["namespace"]
    values = {
        "watchNamespaces": sorted({environment.namespace for environment in sharing}),
        "labelsExclusionPattern": _EXCLUDED_LABELS,
        # The rendered namespaces admit only pods of the restricted Pod Security Standard.
        "extraEnvs": [{"name": "STRIMZI_POD_SECURITY_PROVIDER_CLASS", "value": "restricted"}],
        **strimzi.get("values", {}),
    }
    namespaces = sorted({namespace, *values["watchNamespaces"]})
    project = {
        "description": "The Strimzi operator",
        "sourceRepos": [chart["repoURL"]],
        "destinations": [_destination(first, each) for each in namespaces],
        "clusterResourceWhitelist": _kinds(
            {
                ("", "Namespace"),
                ("apiextensions.k8s.io", "CustomResourceDefinition"),
                ("rbac.authorization.k8s.io", "ClusterRole"),
                ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
            }
        ),
        "namespaceResourceWhitelist": _kinds(
            {
                ("", "ConfigMap"),
                ("", "ServiceAccount"),
                ("apps", "Deployment"),
                ("policy", "PodDisruptionBudget"),
                ("rbac.authorization.k8s.io", "Role"),
                ("rbac.authorization.k8s.io", "RoleBinding"),
            }
        ),
    }
    application = {
        "project": name,
        "source": {
            "repoURL": chart["repoURL"],
            "chart": chart["name"],
            "targetRevision": strimzi["version"],
            "helm": {"releaseName": _OPERATOR, "valuesObject": values},
        },
        "destination": _destination(first, namespace),
        # Never pruned by itself: with the CRDs every cluster would go.
        "syncPolicy": _sync_policy(
            {"prune": False}, ["CreateNamespace=true", "ServerSideApply=true"]
        ),
    }
    return [
        _argocd_manifest("AppProject", _metadata(first, name, -1), project),
        _argocd_manifest("Application", _metadata(first, name, 0), application),
    ]
