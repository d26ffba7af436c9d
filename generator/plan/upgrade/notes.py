"""What people have to see to before and after a step, with the commands."""

from collections.abc import Iterator

from generator.common.strimzi import nearest
from generator.plan.upgrade.path import Kind
from generator.plan.upgrade.steps import Step

_KINDS = (
    "kafkabridges", "kafkaconnectors", "kafkaconnects", "kafkamirrormaker2s", "kafkanodepools",
    "kafkarebalances", "kafkas", "kafkatopics", "kafkausers",
)  # fmt: skip


def before(step: Step) -> Iterator[str]:
    """What has to be so before a step is merged."""
    versions = next(iter(step.move.after.values()))
    if step.move.kind is Kind.OPERATOR:
        old = nearest(next(iter(step.move.before.values())).strimzi)
        new = nearest(versions.strimzi)
        if new.kubernetes != old.kubernetes:
            yield f"Kubernetes {new.kubernetes} or newer: kubectl version"


def after(step: Step) -> Iterator[str]:
    """What has to be so before the next step."""
    for name in step.move.environments:
        yield f"strimzi-verify run {name} --wait 30m"
