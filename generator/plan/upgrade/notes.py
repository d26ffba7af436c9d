"""What people have to see to before and after a step, with the commands."""

from collections.abc import Iterator

from generator.common.strimzi import nearest
from generator.plan.upgrade.path import Kind
from generator.plan.upgrade.steps import Step

_DEFINITIONS = (
    *(f"{kind}.kafka.strimzi.io" for kind in (
        "kafkabridges", "kafkaconnectors", "kafkaconnects", "kafkamirrormaker2s", "kafkanodepools",
        "kafkarebalances", "kafkas", "kafkatopics", "kafkausers")),
    "strimzipodsets.core.strimzi.io",
)  # fmt: skip
_PATCH = """--subresource=status --type=merge -p '{"status":{"storedVersions":["v1"]}}'"""


def before(step: Step) -> Iterator[str]:
    """What has to be so before a step is merged.

    Source: Strimzi, documentation/shared/attributes.adoc of each tag from 0.45.0 to 1.2.0 (KubernetesVersion).
    """
    if step.move.kind is Kind.OPERATOR:
        old = nearest(next(iter(step.move.before.values())).strimzi)
        new = nearest(next(iter(step.move.after.values())).strimzi)
        if new.kubernetes != old.kubernetes:
            yield f"Kubernetes {new.kubernetes} or newer: kubectl version"


def after(step: Step) -> Iterator[str]:
    """What has to be done and so before the next step: commands.

    Source: Kubernetes 1.34, "Versions in CustomResourceDefinitions" (Upgrade existing objects to a new stored
    version).
    """
    names = " ".join(_DEFINITIONS)
    if step.move.kind is Kind.STORED:
        # Kinds of which there is nothing say so, and that is all.
        yield f"for each in {names}; do kubectl get $each -A -o json | kubectl replace -f -; done"
        yield f"strimzi-verify run {step.move.environments[0]} --only stored-versions"
        yield f"for each in {names}; do kubectl patch crd $each {_PATCH}; done"
    for name in step.move.environments:
        yield f"strimzi-verify run {name} --wait 30m --strict"


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
