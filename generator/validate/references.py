"""References between rendered objects: what is named must be rendered too.

Secrets are not judged: operators make them in the cluster, and none is ever in Git.
"""

from collections.abc import Iterator, Sequence

from generator.common.finding import Path, Problem, did_you_mean
from generator.common.kinds import kind_of
from generator.documents.manifest import Manifest
from generator.validate.schemas import at_origin

_Reference = tuple[str, str, Path]
"""Kind, name, and the path in the manifest that names it."""

_MADE_BY_KUBERNETES = {("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt")}

_TEMPLATE = "strimzi.io/rebalance-template"

_CLAIMANTS = (("backups",), ("restores",))


def check(manifests: Sequence[Manifest], sound: Sequence[Manifest]) -> Iterator[Problem]:
    """Objects that are there twice, and references of the sound ones that lead nowhere.

    Source: Argo CD 3.5.1, controller/state.go (of two it keeps one, with a RepeatedResourceWarning).
    """
    seen: dict[tuple[str, str, str, str], Manifest] = {}
    names: dict[str, set[str]] = {}
    files: dict[str, Manifest] = {}
    for manifest in manifests:
        identity = manifest.identity
        names.setdefault(identity[1], set()).add(identity[3])
        if seen.setdefault(identity, manifest) is not manifest:
            problem = Problem((), "this object is rendered twice", "duplicate-object",
                              "rename or drop one of the two; Argo CD would take the later one",
                              on_key=True)  # fmt: skip
            yield at_origin(manifest, problem, "duplicate-object")
        elif (other := files.setdefault(manifest.file, manifest)) is not manifest:
            message = f"{other.kind} {other.name} would be the same file {manifest.file}"
            problem = Problem((), message, "duplicate-object", "rename one of the two", on_key=True)
            yield at_origin(manifest, problem, "duplicate-object")
    for manifest in sound:
        if manifest.area in ("topics", "users") and _is_labelled(manifest, names):
            continue
        for kind, name, path in _references(manifest):
            if name in names.get(kind, ()) or (kind, name) in _MADE_BY_KUBERNETES:
                continue
            if kind == "PersistentVolumeClaim" and manifest.origin[:1] in _CLAIMANTS:
                continue  # one that is not ours is said to be there
            message = f"there is no {kind} '{name}' in this environment"
            fix = did_you_mean(name, names.get(kind, ())) or f"add the {kind} under extra/"
            problem = Problem(path, message, "unknown-reference", fix)
            yield at_origin(manifest, problem, "unknown-reference")


def _is_labelled(manifest: Manifest, names: dict[str, set[str]]) -> bool:
    """True for a topic or user of a cluster that is known already; nothing else in it is named."""
    labels = manifest.body["metadata"].get("labels", {})
    return labels.get("strimzi.io/cluster") in names.get("Kafka", ())


def _is_template(manifest: Manifest) -> bool:
    """True for a KafkaRebalance that only tells how to rebalance, and is of no cluster (Strimzi 1.2.0)."""
    annotations = manifest.body["metadata"].get("annotations") or {}
    return manifest.kind == "KafkaRebalance" and annotations.get(_TEMPLATE) == "true"


def _references(manifest: Manifest) -> Iterator[_Reference]:
    body, kind = manifest.body, manifest.kind
    labels = body["metadata"].get("labels", {})
    owner = kind_of(kind).of
    if owner and not _is_template(manifest):
        path = ("metadata", "labels", "strimzi.io/cluster")
        yield owner, labels.get("strimzi.io/cluster", ""), path
    if kind != "Application":  # what a chart is given names objects of another place
        yield from _inside(body, ())
    if kind == "RoleBinding":
        role = body.get("roleRef", {})
        if role.get("kind") == "Role":
            yield "Role", role.get("name", ""), ("roleRef", "name")
        for index, subject in enumerate(body.get("subjects") or ()):
            same = subject.get("namespace") == body["metadata"].get("namespace")
            if subject.get("kind") == "ServiceAccount" and same:
                yield "ServiceAccount", subject.get("name", ""), ("subjects", index, "name")


def _inside(node: object, path: Path) -> Iterator[_Reference]:
    """ConfigMaps, claims and service accounts that pods or Strimzi's resources name."""
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _inside(item, (*path, index))
        return
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        here = (*path, key)
        if key in ("configMapKeyRef", "configMapRef", "configMap") and isinstance(value, dict):
            if isinstance(value.get("name"), str) and not value.get("optional"):
                yield "ConfigMap", value["name"], (*here, "name")
        elif key == "persistentVolumeClaim" and isinstance(value, dict) and "claimName" in value:
            yield "PersistentVolumeClaim", value["claimName"], (*here, "claimName")
        elif key == "serviceAccountName" and isinstance(value, str):
            yield "ServiceAccount", value, here
        else:
            yield from _inside(value, here)
