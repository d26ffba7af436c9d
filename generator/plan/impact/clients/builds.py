"""`spec.build` of KafkaConnect: an image with connectors in it, which is built before pods restart."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.common.changes import MISSING
from generator.common.strimzi_facts import BUILD_OPTIONS, BUILDAH, KANIKO_IGNORE_PATH
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair
from generator.plan.impact.clients.pods import restarts

_OPTIONS = {
    "additionalBuildOptions": {
        "--authfile", "--cert-dir", "--creds", "--decryption-key", "--retry", "--retry-delay", "--tls-verify",
    },
    "additionalPushOptions": {
        "--authfile", "--cert-dir", "--creds", "--quiet", "--retry", "--retry-delay", "--tls-verify",
    },
}  # fmt: skip
"""Strimzi 1.2.0, DockerOutput.java:36 (Buildah, which FeatureGates.java:32 has on)."""
_OF_KANIKO = {
    "--custom-platform", "--customPlatform", "--insecure", "--insecure-pull", "--insecure-registry",
    "--log-format", "--log-timestamp", "--registry-certificate", "--registry-client-cert",
    "--registry-mirror", "--reproducible", "--single-snapshot", "--skip-tls-verify",
    "--skip-tls-verify-pull", "--skip-tls-verify-registry", "--snapshotMode", "--use-new-run",
    "--verbosity",
}  # fmt: skip
"""Strimzi 0.45.0, DockerOutput.java:31 (Kaniko, unless a feature gate says otherwise)."""


def of_build(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of a build.

    Source: Strimzi 1.2.0, ConnectBuildOperator.java:129-139 (the Dockerfile's hash and the image's name decide),
    :245 (a build that fails), KafkaConnectBuild.java:117-222.
    """
    refused = [_refused(why) for why in _wrong(pair, pair.after.body["spec"] if pair.after else {})]
    match field.path[2:]:
        case _ if refused:
            yield from refused
        case () if field.after is MISSING:
            yield from restarts(pair, "the image that was built is used no more: ")
        case () | ("output",) | ("output", "image") | ("plugins", *_):
            yield from begins(pair)
        case _:
            yield Effect(Impact.NO_EFFECT, "takes effect when an image is built next")


def begins(pair: Pair) -> Iterator[Effect]:
    """A build, and what comes of it.

    Source: Strimzi 1.2.0, RestrictedPodSecurityProvider.java:89-97 (generator/resources/argocd/operators.py renders an
    operator that has it), ConnectBuildOperator.java:245.
    """
    spec = pair.after.body["spec"] if pair.after else {}
    container = (spec.get("template") or {}).get("buildContainer") or {}
    if not container.get("securityContext"):
        yield Effect(Impact.REFUSED, "under the profile restricted, which the rendered operator has, nobody builds without"
                     " template.buildContainer.securityContext: the KafkaConnect goes NotReady")  # fmt: skip
        return
    yield from restarts(pair, "another image is built; where that fails the KafkaConnect goes NotReady and its pods stay,"
                        " else ")  # fmt: skip


def _refused(why: str) -> Effect:
    """What nobody builds.

    Source: Strimzi 1.2.0, KafkaConnectBuild.java:117-222 (InvalidResourceException).
    """
    return Effect(
        Impact.REFUSED, f"{why}: the KafkaConnect goes NotReady, and nothing of it is applied"
    )


def _options(pair: Pair, output: Mapping[str, Any]) -> Mapping[str, set[str]]:
    """What each field may say; as Kaniko pushes by itself, nobody reads what is said of that."""
    if pair.has(BUILDAH):
        return _OPTIONS
    kaniko = {*_OF_KANIKO, "--ignore-path"} if pair.has(KANIKO_IGNORE_PATH) else _OF_KANIKO
    new = pair.has(BUILD_OPTIONS) and output.get("additionalBuildOptions")
    return {"additionalBuildOptions" if new else "additionalKanikoOptions": kaniko}


def _wrong(pair: Pair, spec: Mapping[str, Any]) -> Iterator[str]:
    build = spec.get("build") or {}
    output, plugins = build.get("output") or {}, build.get("plugins") or []
    if build and output.get("image") == spec.get("image", MISSING):
        yield "the image that is built is the one that it is built from"
    if len({each.get("name") for each in plugins}) < len(plugins):
        yield "two plugins have one name"
    for key, allowed in _options(pair, output).items():
        said = {str(each).partition("=")[0] for each in output.get(key) or ()}
        if said - allowed:
            whom = "" if pair.has(BUILDAH) else " to Kaniko"
            yield f"{key} may not say {', '.join(sorted(said - allowed))}{whom}"
