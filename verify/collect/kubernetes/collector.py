"""Ask the API server about one namespace -> `verify.live.Kubernetes`, and why parts of it are missing.

In the cluster it asks what the rendered Role allows and no more (`generator.contract.rights`). With a
kubeconfig it also asks for what lies outside of the namespace; who may not see that is told so.
"""

import re
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from generator.common.kinds import kind_of, names_of
from generator.contract.rights import Read, reads
from generator.documents.manifest import Body
from verify.collect.kubernetes import cluster_scoped as around
from verify.collect.kubernetes.api import Api, KubernetesTarget, Question, Wanted
from verify.collect.kubernetes.cluster_scoped import CLUSTER_LABEL, credentials
from verify.collect.kubernetes.errors import ApiError
from verify.collect.kubernetes.objects import plain
from verify.collect.kubernetes.served import (
    Collected,
    add_unserved,
    api_version,
    as_served,
    ask_served,
    versions_written,
)
from verify.live.live import Cause, Gap, Kubernetes

__all__ = ["ApiError", "KubernetesTarget", "Wanted", "collect", "collect_from", "credentials"]

_AT_ONCE = 4

Task = Callable[[], None]

_LABELLED_BY_STRIMZI = {"Pod", "PersistentVolumeClaim", "StrimziPodSet"}
"""What belongs to one cluster where the operator made it."""

_USUAL = {"", "apps", "core.strimzi.io", "kafka.strimzi.io", "policy"}
"""Groups whose kinds keep their plain name where somebody else has one of that name as well."""


_KEPT_SPECS = {
    *names_of("of_strimzi"),
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
}
"""What checks read the spec of though nobody rendered it, as in the cluster, where Git is not at hand."""
_HIDDEN = ("build", "env", "externalConfiguration", "template")
"""Where Strimzi's resources have environment variables, and addresses with a login in them."""
_SECRET = re.compile("password|secret|jaas|token|credential", re.IGNORECASE)
_MASK = "(masked)"
_LABEL, _OURS = "app.kubernetes.io/managed-by", "strimzi-gitops"


def collect(
    place: KubernetesTarget, wanted: Wanted, deadline: float = float("inf")
) -> tuple[Kubernetes | None, dict[str, Gap]]:
    """All that can be found out until the deadline (of `time.monotonic`); gaps say what could not."""
    try:
        with Api(place, deadline) as api:
            return collect_from(api, wanted)
    except ApiError as error:
        return None, {"kubernetes": error.gap}


def collect_from(api: Api, wanted: Wanted) -> tuple[Kubernetes | None, dict[str, Gap]]:
    """All that an API server tells; nothing at all when it cannot be reached or knows us not."""
    place = api.place
    found = Collected(
        Kubernetes(api.server, place.namespace, api.context, in_cluster=place.in_cluster)
    )
    try:
        found.kubernetes.version = api.version()
        found.kubernetes.ahead_s = api.ahead_s
    except ApiError as error:
        # Whoever may not ask for the version may still be allowed to list.
        if error.status != 403:
            return None, {"kubernetes": error.gap}
    asked = reads(wanted.kinds)
    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        _all(pool, [partial(ask_served, api, version, found) for version in _versions(asked)])
        asked = tuple(as_served(api, read, found) for read in asked)
        _all(pool, [*_of_namespace(api, wanted, asked, found), *_of_cluster(api, wanted, found)])
    finally:
        pool.shutdown(cancel_futures=True)
    return found.kubernetes, dict(sorted(found.gaps.items()))


def listed(api: Api, wanted: Wanted, kinds: Collection[str]) -> dict[str, dict[str, Body]]:
    """The objects of kinds that are always read, by kind and name; those that do not come are left out."""
    found = Collected(Kubernetes(api.server, api.place.namespace))
    for read in reads(()):
        if read.kind in kinds:
            ask_served(api, api_version(read), found)
            _list(api, wanted, as_served(api, read, found), read.kind, found)
    return found.kubernetes.objects


def _all(pool: ThreadPoolExecutor, tasks: Iterable[Task]) -> None:
    futures = [pool.submit(task) for task in tasks]
    for future in futures:
        future.result()


def _versions(asked: Iterable[Read]) -> list[str]:
    return sorted({api_version(read) for read in asked})


def _of_namespace(
    api: Api, wanted: Wanted, asked: Collection[Read], found: Collected
) -> list[Task]:
    tasks: list[Task] = []
    twice = {r.kind for r in asked if [other.kind for other in asked].count(r.kind) > 1}
    for read in asked:
        foreign = read.kind in twice and read.group not in _USUAL
        name = f"{read.kind}.{read.group}" if foreign else read.kind
        served = found.kubernetes.served.get(api_version(read))
        if served is not None and read.kind not in served:
            found.kubernetes.objects[name] = {}
            continue
        plural, namespaced = found.resources.get(
            (api_version(read), read.kind), (read.plural, True)
        )
        if namespaced:
            real = read._replace(plural=plural)
            tasks.append(partial(_list, api, wanted, real, name, found))
        else:
            reason = f"{read.kind} lies outside of namespaces"
            found.gaps[f"kubernetes.{name}"] = Gap(Cause.NOT_ASKED, reason)
    return tasks


def _always_labelled(kind: str) -> bool:
    """What verification always reads and belongs to one cluster; a rebalance's template needs no label."""
    row = kind_of(kind)
    return row.watched and row.of == "Kafka"


def _list(api: Api, wanted: Wanted, read: Read, name: str, found: Collected) -> None:
    question = Question("list", read.group, read.version, read.plural, api.place.namespace)
    rendered = (api_version(read), read.kind) in wanted.kinds
    labelled = _always_labelled(read.kind) or (read.kind in _LABELLED_BY_STRIMZI and not rendered)
    parameters = {}
    if labelled and wanted.cluster:
        parameters["labelSelector"] = f"{CLUSTER_LABEL}={wanted.cluster}"
    if read.kind == "Event":
        parameters["fieldSelector"] = "type=Warning"
    objects = {}
    written: dict[str, set[str]] = {}
    try:
        for body in api.items(question, **parameters):
            for version in versions_written(body) if read.group.endswith("strimzi.io") else ():
                written.setdefault(version, set()).add(f"{read.kind}/{body['metadata']['name']}")
            less = _less(api.place, read, body, rendered)
            objects[body["metadata"]["name"]] = plain(api_version(read), read.kind, less)
    except ApiError as error:
        if error.status != 404:
            found.gaps[f"kubernetes.{name}"] = error.gap
            return
    found.kubernetes.objects[name] = objects
    add_unserved(api, written, found)


def _less(place: KubernetesTarget, read: Read, body: Body, rendered: bool) -> Body:
    """An object without what may be somebody's secret: only what Git has is kept as it is."""
    wanted = None
    if place.rendered is None:
        # Nobody says which names are rendered; in the cluster the tool's label does for most of them.
        labels = body["metadata"].get("labels") or {}
        whole = rendered and (not place.in_cluster or labels.get(_LABEL) == _OURS)
    else:
        wanted = place.rendered.get((read.kind, body["metadata"]["name"]))
        whole = wanted is not None
    less = body if whole else _reduced(read.kind, body)
    if kind_of(read.kind).secrets and "spec" in less:
        less = {**less, "spec": _masked(less["spec"], (wanted or {}).get("spec"))}
    return less


def _reduced(kind: str, body: Body) -> Body:
    """An object that nobody rendered without what no check reads; environment variables above all."""
    spec = body.get("spec") or {}
    if kind == "Pod":
        return {**body, "spec": {"nodeName": spec.get("nodeName", "")} | _containers(spec)}
    if kind == "StrimziPodSet":
        pods = [{"metadata": each.get("metadata") or {}} for each in spec.get("pods") or ()]
        return {**body, "spec": {"pods": pods}}
    if kind == "Event":
        keys = ("metadata", "involvedObject", "reason", "message", "type", "count", "series",
                "firstTimestamp", "lastTimestamp", "eventTime")  # fmt: skip
        return {key: body[key] for key in keys if key in body}
    less: Body = {key: body[key] for key in ("metadata", "status") if key in body}
    if "spec" not in body:
        return less
    if kind == "Deployment":
        return less | {"spec": around.reduced_deployment(spec)}
    if kind in _KEPT_SPECS:
        return less | {"spec": _without(spec, _HIDDEN)}
    return less


def _containers(spec: Body) -> Body:
    containers = [
        {key: each[key] for key in ("name", "image", "ports", "resources") if key in each}
        for each in spec.get("containers") or ()
    ]
    return {"containers": containers}


def _without(value: object, keys: Collection[str]) -> Any:
    """The value without these keys, however deep they lie."""
    if isinstance(value, dict):
        return {key: _without(each, keys) for key, each in value.items() if key not in keys}
    return [_without(each, keys) for each in value] if isinstance(value, list) else value


def _masked(value: object, wanted: object) -> Any:
    """The value without passwords; those that Git says, and references to Secrets, are none."""
    if isinstance(value, list):
        others = wanted if isinstance(wanted, list) and len(wanted) == len(value) else ()
        pairs = zip(value, others or [None] * len(value), strict=True)
        return [_masked(each, other) for each, other in pairs]
    if not isinstance(value, dict):
        return value
    said = wanted if isinstance(wanted, dict) else {}
    return {
        key: _MASK
        if isinstance(each, str) and _SECRET.search(key) and each != said.get(key)
        and not each.startswith("${")
        else _masked(each, said.get(key))
        for key, each in value.items()
    }  # fmt: skip


def _of_cluster(api: Api, wanted: Wanted, found: Collected) -> list[Task]:
    """What lies outside of the namespace, and Secrets, of which the Role allows two."""
    parts: dict[str, around.Reader] = dict(around.OUTSIDE)
    if api.place.in_cluster:
        for part, what in around.WORDS.items():
            found.gaps[f"kubernetes.{part}"] = Gap(
                Cause.NOT_ASKED,
                f"the Role in the cluster does not allow to read {what}:"
                " run strimzi-verify with a kubeconfig",
            )
        parts = {"Secret": around.ca_secrets}
    else:
        parts["Secret"] = around.secrets
        if not wanted.application:
            del parts["application"]
            found.gaps["kubernetes.application"] = Gap(
                Cause.NOT_ASKED, "no Argo CD Application is rendered for this environment"
            )
    return [partial(_optional, api, wanted, part, found, read) for part, read in parts.items()]


def _optional(api: Api, wanted: Wanted, part: str, found: Collected, read: around.Reader) -> None:
    try:
        read(api, wanted, found.kubernetes)
    except ApiError as error:
        found.gaps[f"kubernetes.{part}"] = error.gap
