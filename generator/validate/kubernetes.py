"""Which of its own APIs a version of Kubernetes serves, from schemas/kubernetes/apis.json."""

import json
from functools import cache
from typing import NamedTuple

from generator.common.finding import Problem, Severity
from generator.common.paths import schemas_folder
from generator.common.strimzi.releases import Release, numbers
from generator.validate.versions import KUBERNETES, versions


class Api(NamedTuple):
    """A kind in one version of its API."""

    since: str
    until: str = ""
    """The first version that serves it no more; empty while it is served."""
    instead: str = ""
    """The apiVersion to write then."""


@cache
def apis() -> dict[tuple[str, str], Api]:
    """All of them by apiVersion and kind."""
    text = (schemas_folder() / "kubernetes/apis.json").read_bytes()
    found: dict[tuple[str, str], Api] = {}
    for name, said in json.loads(text).items():
        api, _, kind = name.partition(" ")
        found[api, kind] = Api(**said)
    return found


def unserved(api_version: str, kind: str, version: str) -> Problem | None:
    """That a version does not serve an API any more, or not yet; None where that is not why.

    Source: Kubernetes 1.34, k8s.io/api (prerelease-lifecycle); "Deprecated API Migration Guide".
    """
    api, here = apis().get((api_version, kind)), version or versions(KUBERNETES)[-1]
    if api is None:
        return None
    told, path = f"{api_version} {kind}", ("apiVersion",)
    if api.until and numbers(api.until) <= numbers(here):
        message = f"Kubernetes {api.until} removed {told}"
        return Problem(path, message, "unknown-kind", _instead(api_version, kind, here))
    if numbers(here) < numbers(api.since):
        message = (
            f"Kubernetes {here} does not serve {told}: {api.since} is the first that serves it"
        )
        return Problem(path, message, "unknown-kind", _instead(api_version, kind, here))
    return None


def deprecated(api_version: str, kind: str, version: str) -> Problem | None:
    """That a newer version, which is known here, removed an API that this one serves.

    Source: Kubernetes 1.34, k8s.io/api (prerelease-lifecycle); "Deprecated API Migration Guide".
    """
    api = apis().get((api_version, kind))
    if not version or api is None or not api.until or numbers(api.until) <= numbers(version):
        return None
    message = f"Kubernetes {api.until} removed {api_version} {kind}, which {version} still serves"
    fix = _instead(api_version, kind, version)
    return Problem(("apiVersion",), message, "deprecated-api", fix, severity=Severity.WARNING)


def _instead(api_version: str, kind: str, here: str) -> str:
    """What to do about an API that is not there, or not for long: write one that is served now.

    What is not stable is off unless somebody has switched it on, from Kubernetes 1.24 on.
    """
    said = apis()[api_version, kind].instead
    group = api_version.rpartition("/")[0]
    others = [
        other
        for (other, its_kind), api in apis().items()
        if its_kind == kind
        and (other == said or other.rpartition("/")[0] == group)
        and other != api_version
        and (other == said or _is_stable(other))
        and numbers(api.since) <= numbers(here)
        and (not api.until or numbers(here) < numbers(api.until))
    ]
    if others:
        return f"write apiVersion: {max(others, key=lambda each: (_is_stable(each), each == said))}"
    gone = apis()[api_version, kind].until
    return "remove it" if gone else "upgrade Kubernetes first, or remove it"


def _is_stable(api_version: str) -> bool:
    return "alpha" not in api_version and "beta" not in api_version


def too_old(release: Release, version: str) -> Problem | None:
    """That the Strimzi of an environment does not run on the version that its Kubernetes clusters have.

    Source: Strimzi, documentation/shared/attributes.adoc of each tag from 0.45.0 to 1.2.0 (KubernetesVersion).
    """
    if not version or numbers(version) >= numbers(release.kubernetes):
        return None
    message = (
        f"Strimzi {release.version} needs Kubernetes {release.kubernetes} or newer, not {version}"
    )
    fix = f"upgrade Kubernetes to {release.kubernetes} first, or write an older strimzi.version"
    return Problem(KUBERNETES.path, message, "kubernetes-version", fix)
