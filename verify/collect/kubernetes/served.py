"""Which kinds an API server has, and in which version: what it says of itself, which nobody needs a right for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from generator.contract.rights import Read
from generator.documents.manifest import Body
from verify.collect.kubernetes.api import Api
from verify.collect.kubernetes.errors import ApiError
from verify.live.live import Gap, Kubernetes


@dataclass
class Collected:
    """What has been found out so far."""

    kubernetes: Kubernetes
    gaps: dict[str, Gap] = field(default_factory=dict)
    resources: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)
    """Plurals by version and kind, and whether the kind lives in namespaces."""


def api_version(read: Read) -> str:
    """As manifests say it."""
    return f"{read.group}/{read.version}" if read.group else read.version


def ask_served(api: Api, version: str, found: Collected) -> None:
    """Add the kinds of one version of the API, or why they are not known."""
    root = "/apis" if "/" in version else "/api"
    try:
        resources = api.document(f"{root}/{version}").get("resources") or ()
    except ApiError as error:
        if error.status == 404:
            found.kubernetes.served[version] = []
        else:
            found.gaps[f"kubernetes.served.{version}"] = error.gap
        return
    # What has a slash is a part of another one, such as pods/log.
    kinds = {r["kind"]: (r["name"], r["namespaced"]) for r in resources if "/" not in r["name"]}
    found.resources.update({(version, kind): told for kind, told in kinds.items()})
    found.kubernetes.served[version] = sorted(kinds)


def as_served(api: Api, read: Read, found: Collected) -> Read:
    """A kind of Strimzi's, in the version that the API server has where it lacks ours.

    Until Strimzi 0.48 there is v1beta2 alone, from 1.0 on v1 alone.
    """
    served = found.kubernetes.served
    ours = read.kind in served.get(api_version(read), (read.kind,))
    if ours or not read.group.endswith("strimzi.io"):
        return read
    try:
        told = api.document(f"/apis/{read.group}")["versions"]
    except (ApiError, KeyError):
        return read
    for version in (str(each["version"]) for each in told):
        other = read._replace(version=version)
        if api_version(other) not in served:
            ask_served(api, api_version(other), found)
        if read.kind in served.get(api_version(other), ()):
            return other
    return read


def versions_written(body: Body) -> set[str]:
    """The versions of the API in which anybody has written an object, as its managedFields have it."""
    managed = body["metadata"].get("managedFields") or ()
    return {str(each["apiVersion"]) for each in managed if "apiVersion" in each}


def add_unserved(api: Api, written: Mapping[str, Collection[str]], found: Collected) -> None:
    """Add the objects that were written in a version which is served no more."""
    for version, objects in sorted(written.items()):
        if version not in found.kubernetes.served:
            ask_served(api, version, found)
        if found.kubernetes.served.get(version) == []:
            found.kubernetes.unserved.setdefault(version, []).extend(sorted(objects))
