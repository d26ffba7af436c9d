"""What people have to see to before and after a step, with the commands."""

from collections.abc import Iterator

from generator.common.strimzi.releases import nearest, numbers
from generator.plan.upgrade.path import V1BETA2, Kind
from generator.plan.upgrade.steps import Step, Upgrade

_EACH = r"for each in $(kubectl get crd -o name | grep -oE '[a-z0-9]+\.(kafka|core)\.strimzi\.io$')"
"""Every definition that has v1; that of KafkaAccess, of another group, has not."""
_STORE = (
    """kubectl get crd $each -o json | jq '.spec.versions |= map(.storage = (.name == "v1"))'"""
    " | kubectl replace -f -"
)
_REWRITE = (
    "kubectl get $each -A -o json --show-managed-fields | sed 's|strimzi.io/v1beta2|strimzi.io/v1|g'"
    " | kubectl replace -f -"
)
"""Every object is kept as v1 after it, and remembers nobody who wrote it otherwise."""
_PATCH = """--subresource=status --type=merge -p '{"status":{"storedVersions":["v1"]}}'"""


def first(upgrade: Upgrade) -> Iterator[str]:
    """What comes before every step."""
    if upgrade.errors:
        errors = "1 error" if upgrade.errors == 1 else f"{upgrade.errors} errors"
        yield f"the intent has {errors} as it is, to be mended first: strimzi-gitops validate"


def before(step: Step) -> Iterator[str]:
    """What has to be so before a step is merged, and the intent does not say that it is.

    Source: Strimzi, documentation/shared/attributes.adoc of each tag from 0.45.0 to 1.2.0 (KubernetesVersion); Helm 3,
    "Custom Resource Definitions" (crds/ is not upgraded; Argo CD applies it with the rest, definitions first).
    """
    if step.move.kind is Kind.OPERATOR:
        old = nearest(next(iter(step.move.before.values())).strimzi)
        new = nearest(next(iter(step.move.after.values())).strimzi)
        said = step.kubernetes
        suffices = bool(said) and numbers(said) >= numbers(new.kubernetes)
        if new.kubernetes != old.kubernetes and not suffices:
            yield f"Kubernetes {new.kubernetes} or newer: kubectl version"
        if not step.by_argocd:
            yield (f"the CustomResourceDefinitions of Strimzi {new.version}, which helm upgrade leaves as they are: kubectl"
                   " apply --server-side -f the chart's crds/")  # fmt: skip


def after(step: Step) -> Iterator[str]:
    """What has to be done and so before the next step: commands.

    Source: Kubernetes 1.34, "Versions in CustomResourceDefinitions" (Upgrade existing objects to a new stored
    version); kubernetes/kubernetes#111937, seen on 1.34.4: server-side apply fails for what was written in a version
    that is served no more, which operators before 1.0 do until they end.
    """
    if step.move.kind is Kind.STORED and not step.by_argocd:
        yield f"{_EACH}; do {_STORE}; done"
    if step.move.kind is Kind.STORED or _leaves_v1beta2(step):
        # Kinds of which there is nothing say so, and that is all.
        yield f"{_EACH}; do {_REWRITE}; done"
    if step.move.kind is Kind.STORED:
        yield f"strimzi-verify run {step.move.environments[0]} --only stored-versions"
        yield f"{_EACH}; do kubectl patch crd $each {_PATCH}; done"
    for name in step.move.environments:
        yield f"strimzi-verify run {name} --wait 30m --strict"


def _leaves_v1beta2(step: Step) -> bool:
    (before_,), (after_,) = (
        {each.strimzi for each in side.values()} for side in (step.move.before, step.move.after)
    )
    return V1BETA2 in nearest(before_).apis and V1BETA2 not in nearest(after_).apis


def no_return(step: Step) -> str:
    """Where there is no way back to; empty while there is one.

    Source: Strimzi 1.2.0, con-downgrade-paths.adoc; Kubernetes 1.34, "Versions in CustomResourceDefinitions" (a
    version that is in status.storedVersions cannot be removed).
    """
    if step.move.kind is Kind.STORED:
        return "from here there is no way back to Strimzi 0.48 or older"
    if step.move.kind is Kind.METADATA:
        return "from here there is no way back to an older Kafka"
    return ""
