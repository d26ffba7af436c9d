"""Pods and their containers (kubernetes 1.34.4, pkg/apis/core/validation)."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from generator.common.units import UnitError, quantity_value
from generator.validate.places import Complaint
from generator.validate.semantics import on

_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")


def _containers(spec: Any) -> Iterator[tuple[tuple[str, int], Any]]:
    for key in _CONTAINERS:
        for index, container in enumerate(spec.get(key) or ()):
            yield (key, index), container


@on("PodSpec")
def names(spec: Any) -> Iterator[Complaint]:
    """A container's name is its own, also beside those that run before."""
    seen: set[str] = set()
    for path, container in _containers(spec):
        if container["name"] in seen:
            yield (*path, "name"), f"there are two containers {container['name']}", "rename one"
        seen.add(container["name"])


@on("Pod", "DaemonSetSpec", "DeploymentSpec", "JobSpec", "ReplicaSetSpec", "StatefulSetSpec")
def mounts(owner: Any) -> Iterator[Complaint]:
    """What is mounted is a volume of the pod, or is claimed for it."""
    above: tuple[str, ...] = ("template", "spec") if "template" in owner else ("spec",)
    pod = owner
    for key in above:
        pod = pod.get(key) or {}
    known = {each["name"] for each in pod.get("volumes") or ()}
    for each in owner.get("volumeClaimTemplates") or ():
        known.add((each.get("metadata") or {}).get("name"))
    for path, container in _containers(pod):
        for key in ("volumeMounts", "volumeDevices"):
            for index, mount in enumerate(container.get(key) or ()):
                if mount["name"] not in known:
                    message = f"there is no volume '{mount['name']}' in this pod"
                    yield (*above, *path, key, index, "name"), message, "add it to volumes:"


@on("Pod")
def images(body: Any) -> Iterator[Complaint]:
    """A pod that is there at once has images without blanks around them."""
    for path, container in _containers(body["spec"]):
        if container["image"] != container["image"].strip():
            yield ("spec", *path, "image"), "has blanks around it", "drop them"


@on("PodSpec")
def host_ports(spec: Any) -> Iterator[Complaint]:
    """In the node's network a container's port is the node's, and taken once."""
    taken: set[tuple[object, ...]] = set()
    for path, container in _containers(spec):
        for index, port in enumerate(container.get("ports") or ()):
            here = (*path, "ports", index)
            on_host = port.get("hostPort")
            if spec.get("hostNetwork") and on_host and on_host != port["containerPort"]:
                yield (
                    (*here, "hostPort"),
                    "with hostNetwork it is the containerPort",
                    "drop hostPort",
                )
            if on_host:
                key = (on_host, port.get("protocol") or "TCP", port.get("hostIP"))
                if key in taken:
                    yield (*here, "hostPort"), f"{on_host} is taken twice", "take another port"
                taken.add(key)


@on("Container", "EphemeralContainer")
def port_names(container: Any) -> Iterator[Complaint]:
    """A container's ports have names of their own."""
    names = Counter(port.get("name") for port in container.get("ports") or ())
    for index, port in enumerate(container.get("ports") or ()):
        if port.get("name") and names[port["name"]] > 1:
            yield ("ports", index, "name"), f"two ports are called {port['name']}", "rename one"
            return


@on("EnvVar")
def variable(each: Any) -> Iterator[Complaint]:
    """A variable has a value or a source."""
    if each.get("value") and each.get("valueFrom"):
        yield ("valueFrom",), "there is a value already", "drop value or valueFrom"


@on("ResourceRequirements")
def resources(each: Any) -> Iterator[Complaint]:
    """Nothing is below zero, and requests stay within limits."""
    limits = each.get("limits") or {}
    for key in ("limits", "requests"):
        for name, amount in (each.get(key) or {}).items():
            if _value(amount) < 0:
                yield (key, name), f"{amount} is below 0", "write 0 or more"
    for name, amount in (each.get("requests") or {}).items():
        if name in limits and _value(amount) > _value(limits[name]):
            yield (
                ("requests", name),
                f"{amount} is above the limit {limits[name]}",
                "raise the limit, or lower the request",
            )


def _value(amount: Any) -> Any:
    try:
        return quantity_value(amount)
    except UnitError:
        return 0


@on("SecurityContext")
def escalation(each: Any) -> Iterator[Complaint]:
    """A privileged container may escalate."""
    if each.get("privileged") and each.get("allowPrivilegeEscalation") is False:
        message = "a privileged container may escalate"
        yield ("allowPrivilegeEscalation",), message, "drop it, or privileged"


@on("SeccompProfile")
def profile(each: Any) -> Iterator[Complaint]:
    """A profile of the node has a place, and no other has."""
    if (each["type"] == "Localhost") != bool(each.get("localhostProfile")):
        yield (
            ("localhostProfile",),
            "is there for type Localhost, and for no other",
            "add or drop localhostProfile",
        )


@on("Toleration")
def toleration(each: Any) -> Iterator[Complaint]:
    """Operators have what they need (ValidateTolerations)."""
    exists = each.get("operator") == "Exists"
    if not each.get("key") and not exists:
        yield ("operator",), "without a key the operator is Exists", "add key:"
    if exists and each.get("value"):
        yield ("value",), "Exists has no value", "drop value"
    if "tolerationSeconds" in each and each.get("effect") != "NoExecute":
        yield ("effect",), "tolerationSeconds go with NoExecute", "drop tolerationSeconds"


_OF_PODS = ("metadata.name", "metadata.namespace", "metadata.uid")
_IN_VARIABLES = {
    *_OF_PODS, "spec.host", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
}  # fmt: skip
_IN_FILES = {*_OF_PODS, "metadata.annotations", "metadata.labels"}
_ONE_OF_THEM = re.compile(r"metadata\.(annotations|labels)\['(.*)'\]", re.DOTALL)
_WORD = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_KEY = re.compile(
    rf"(?:(?=[^/]{{1,253}}/){_WORD}(?:\.{_WORD})*/)?(?=[^/]{{1,63}}\Z)"
    r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
)


@on("EnvVarSource")
def variables(source: Any) -> Iterator[Complaint]:
    """A variable tells one of some fields of its pod."""
    yield from _field(source.get("fieldRef"), _IN_VARIABLES)


@on("DownwardAPIVolumeFile")
def files(file: Any) -> Iterator[Complaint]:
    """A file does so as well, and of others (validateDownwardAPIVolumeFile)."""
    said = [key for key in ("fieldRef", "resourceFieldRef") if file.get(key)]
    if len(said) != 1:
        message = "a file tells a fieldRef or a resourceFieldRef, one of them"
        yield (), message, f"keep one of {' and '.join(said)}" if said else "add one of them"
    yield from _field(file.get("fieldRef"), _IN_FILES)


def _field(said: Any, known: set[str]) -> Iterator[Complaint]:
    """What is told of a pod (validateObjectFieldSelector, ConvertDownwardAPIFieldLabel)."""
    if not said:
        return
    if said.get("apiVersion") not in (None, "", "v1"):
        yield ("fieldRef", "apiVersion"), "pods are of v1", "write v1, or drop it"
    path = said["fieldPath"]
    match = _ONE_OF_THEM.fullmatch(path)
    if match is None and path not in known:
        told = ", ".join(sorted(known))
        yield (
            ("fieldRef", "fieldPath"),
            f"'{path}' is no field that can be told here",
            f"one of {told}",
        )
    elif match is not None:
        key = match[2].lower() if match[1] == "annotations" else match[2]
        if not _KEY.fullmatch(key):
            message = f"'{key}' is no key that {match[1]} have"
            yield ("fieldRef", "fieldPath"), message, "correct the key"
