"""What the API server says beyond the lists of a namespace: nodes, Argo CD, operators, Secrets.

Of Secrets only the names of their keys and what their certificates say are kept.
"""

from base64 import b64decode
from collections.abc import Callable, Collection, Iterator, Mapping

from generator.contract.rights import ca_secret_names
from generator.documents.manifest import Body
from verify.collect.kubernetes.api import Api, KubernetesTarget, Question, Wanted
from verify.collect.kubernetes.definitions import definitions
from verify.collect.kubernetes.errors import ApiError
from verify.collect.kubernetes.objects import plain
from verify.collect.pem import certificates_of
from verify.live.live import Cause, Certificate, Kubernetes, Secret

CLUSTER_LABEL = "strimzi.io/cluster"
_ZONE = "topology.kubernetes.io/zone"
_OPERATOR = "strimzi-cluster-operator"
_READ = ("STRIMZI_NAMESPACE",)
"""Environment variables of the operator that checks read."""

Reader = Callable[[Api, Wanted, Kubernetes], None]


def _nodes(api: Api, _: Wanted, kubernetes: Kubernetes) -> None:
    nodes = api.items(Question("list", "", "v1", "nodes"))
    kubernetes.nodes = {
        each["metadata"]["name"]: (each["metadata"].get("labels") or {}).get(_ZONE, "")
        for each in nodes
    }


def _application(api: Api, wanted: Wanted, kubernetes: Kubernetes) -> None:
    question = Question("get", "argoproj.io", "v1alpha1", "applications",
                        wanted.application_namespace, wanted.application)  # fmt: skip
    try:
        body = api.answer(question)
    except ApiError as error:
        if error.status != 404:
            raise
        words = f"{wanted.application_namespace}/{wanted.application}"
        raise ApiError(
            Cause.NOT_ASKED,
            f"this cluster has no Application {words}: Argo CD may run in another one",
        ) from error
    # Its spec has room for passwords, as values of a chart.
    less = {key: body[key] for key in ("metadata", "status") if key in body}
    found = plain("argoproj.io/v1alpha1", "Application", less)
    kubernetes.application = found | (
        {"expectedRevision": wanted.revision} if wanted.revision else {}
    )


def _prometheuses(api: Api, _: Wanted, kubernetes: Kubernetes) -> None:
    group, version = "monitoring.coreos.com", "v1"
    try:
        found = list(api.items(Question("list", group, version, "prometheuses")))
    except ApiError as error:
        if error.status != 404:
            raise
        return
    kubernetes.prometheuses = [
        plain(f"{group}/{version}", "Prometheus", _selectors(each)) for each in found
    ]


def _selectors(body: Body) -> Body:
    """Of a Prometheus only what it looks for; its spec has room for passwords."""
    spec = {key: value for key, value in (body.get("spec") or {}).items() if "Selector" in key}
    return {"metadata": body["metadata"], "spec": spec}


def _operators(api: Api, _: Wanted, kubernetes: Kubernetes) -> None:
    """Strimzi's install files and its chart name the Deployment so; its labels differ."""
    question = Question("list", "apps", "v1", "deployments")
    found = list(api.items(question, fieldSelector=f"metadata.name={_OPERATOR}"))
    if not found:
        every = api.items(question)
        found = [each for each in every if _watches(each["spec"]["selector"])]
    kubernetes.operators = [
        plain("apps/v1", "Deployment", {**each, "spec": reduced_deployment(each["spec"], _READ)})
        for each in found
    ]


def reduced_deployment(spec: Body, variables: Collection[str] = ()) -> Body:
    """A Deployment's spec with what checks read; environment variables only where they are named."""
    pod = (spec.get("template") or {}).get("spec") or {}
    containers = []
    for each in pod.get("containers") or ():
        less = {key: each[key] for key in ("name", "image") if key in each}
        env = [one for one in each.get("env") or () if one["name"] in variables]
        containers.append(less | ({"env": env} if env else {}))
    less = {key: spec[key] for key in ("replicas",) if key in spec}
    return less | {"template": {"spec": {"containers": containers}}}


def _watches(selector: Body) -> bool:
    labels = selector.get("matchLabels") or {}
    return bool(labels.get("strimzi.io/kind") == "cluster-operator")


def _namespace(api: Api, _: Wanted, kubernetes: Kubernetes) -> None:
    name = api.place.namespace
    try:
        body = api.answer(Question("get", "", "v1", "namespaces", name=name))
    except ApiError as error:
        if error.status != 404:
            raise
        kubernetes.objects["Namespace"] = {}
        return
    kubernetes.objects["Namespace"] = {name: plain("v1", "Namespace", body)}


OUTSIDE: dict[str, Reader] = {
    "Namespace": _namespace,
    "application": _application,
    "definitions": definitions,
    "nodes": _nodes,
    "operators": _operators,
    "prometheuses": _prometheuses,
}
"""What needs permissions beyond the namespace, by the name of its part."""

WORDS = {
    "Namespace": "the Namespace",
    "Secret.user": "Secrets of users",
    "application": "Argo CD's Application",
    "definitions": "CustomResourceDefinitions",
    "nodes": "the zones of machines",
    "operators": "Deployments of other namespaces",
    "prometheuses": "Prometheus objects",
}
"""What the Role in the cluster does not allow, for people."""


def secrets(api: Api, wanted: Wanted, kubernetes: Kubernetes) -> None:
    """All Secrets of the cluster, harmless.

    Raises:
        ApiError: when nobody may list them, or the server does not answer.
    """
    label = {"labelSelector": f"{CLUSTER_LABEL}={wanted.cluster}"} if wanted.cluster else {}
    question = Question("list", "", "v1", "secrets", api.place.namespace)
    _keep(wanted, kubernetes, list(api.items(question, **label)))


def ca_secrets(api: Api, wanted: Wanted, kubernetes: Kubernetes) -> None:
    """The two Secrets with the certificates of the cluster's authorities, where they are there.

    Raises:
        ApiError: when nobody may get them, or the server does not answer.
    """
    names = ca_secret_names(wanted.cluster) if wanted.cluster else ()
    _keep(wanted, kubernetes, list(_each(api, names)))


def _keep(wanted: Wanted, kubernetes: Kubernetes, found: Collection[Body]) -> None:
    """Keep what is no secret, with who signed what."""
    names = ca_secret_names(wanted.cluster)
    kubernetes.authorities = {
        each["metadata"]["name"]: _authorities(each)
        for each in found
        if each["metadata"]["name"] in names
    }
    kubernetes.secrets = {
        each["metadata"]["name"]: _harmless(each, kubernetes.authorities) for each in found
    }


def _authorities(body: Body) -> str:
    """All certificates of an authority in PEM, those of before its last renewal too."""
    data: dict[str, str] = body.get("data") or {}
    texts = (
        b64decode(data[key]).decode(errors="replace")
        for key in sorted(data)
        if key.endswith(".crt")
    )
    return "\n".join(each for each in texts if _is_pem(each))


def _is_pem(text: str) -> bool:
    try:
        return bool(certificates_of(text.encode()))
    except ValueError:
        return False


def _harmless(body: Body, authorities: Mapping[str, str]) -> Secret:
    """A Secret's keys and certificates; its values are forgotten here."""
    data: dict[str, str] = body.get("data") or {}
    shown: list[Certificate] = []
    for key, value in sorted(data.items()):
        if key.endswith(".crt"):
            try:
                shown.extend(certificates_of(b64decode(value), key, authorities))
            except ValueError:
                continue
    metadata = body["metadata"]
    return Secret(metadata["name"], metadata.get("labels") or {}, tuple(sorted(data)), tuple(shown))


def credentials(
    place: KubernetesTarget, user_secret: str, ca_secret: str, deadline: float = float("inf")
) -> dict[str, bytes]:
    """What to log in to Kafka with, by the keys of Secrets.

    These are user.crt, user.key and password of a KafkaUser's Secret, where it has them, and ca.crt of
    the cluster's authority.

    Raises:
        ApiError: when a Secret is not there, or nobody may read it.
    """
    wanted = ((user_secret, ("user.crt", "user.key", "password")), (ca_secret, ("ca.crt",)))
    found: dict[str, bytes] = {}
    with Api(place, deadline) as api:
        for name, keys in wanted:
            body = api.answer(Question("get", "", "v1", "secrets", place.namespace, name))
            data = body.get("data") or {}
            found |= {key: b64decode(data[key]) for key in keys if key in data}
    return found


def logins(
    place: KubernetesTarget, cluster: str, names: Collection[str], deadline: float
) -> dict[str, dict[str, bytes]]:
    """What the Secrets of these names hold to log in with, as far as they are there.

    Raises:
        ApiError: when nobody may read them, or the server does not answer.
    """
    with Api(place, deadline) as api:
        if place.in_cluster:
            bodies = list(_each(api, names))
        else:
            label = {"labelSelector": f"{CLUSTER_LABEL}={cluster}"} if cluster else {}
            bodies = list(
                api.items(Question("list", "", "v1", "secrets", place.namespace), **label)
            )
    return {
        body["metadata"]["name"]: {
            key: b64decode(value)
            for key, value in (body.get("data") or {}).items()
            if key in ("user.crt", "user.key", "password")
        }
        for body in bodies
        if body["metadata"]["name"] in names
    }


def _each(api: Api, names: Collection[str]) -> Iterator[Body]:
    """The Secrets of these names that are there."""
    for name in names:
        try:
            yield api.answer(Question("get", "", "v1", "secrets", api.place.namespace, name))
        except ApiError as error:
            if error.status != 404:
                raise
