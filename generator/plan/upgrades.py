"""Upgrades that concern more than one object: the operator, then Kafka, each in a merge of its own.

Source: Strimzi's kafka-versions.yaml at each release, and its documentation, "Upgrading Strimzi".
"""

from collections.abc import Iterable, Mapping

from generator.common.changes import MISSING, Action
from generator.plan.change import Change, Effect, Impact
from generator.resources.argocd.operators import is_strimzi
from generator.system.config_model import KAFKA, STRIMZI

KNOWN: dict[str, tuple[str, ...]] = {
    "0.49": ("4.0.0", "4.0.1", "4.1.0", "4.1.1"),
    "0.50": ("4.0.0", "4.0.1", "4.1.0", "4.1.1"),
    "0.51": ("4.1.0", "4.1.1", "4.2.0"),
    "1.0": ("4.1.0", "4.1.1", "4.1.2", "4.2.0"),
    "1.1": ("4.2.0", "4.2.1", "4.3.0"),
    STRIMZI.rpartition(".")[0]: KAFKA,
}
"""Kafka versions by the minor version of Strimzi that has images for them."""


def judge(changes: Iterable[Change], kafka_versions: Mapping[str, str]) -> None:
    """Add what the operator's upgrade means to its own change, and to those of Kafka's version.

    `kafka_versions` are the versions that run now, by environment.
    """
    changes = list(changes)
    operators = [change for change in changes if _is_operator(change)]
    for operator in operators:
        operator.effects = tuple(_operator_effects(operator, kafka_versions))
    for change in changes:
        if operators and change.kind == "Kafka" and change.field == "spec.kafka.version":
            text = "the operator is upgraded in the same merge: upgrade it first, and Kafka once it runs"
            change.effects = (Effect(Impact.REFUSED, text), *change.effects)


def _is_operator(change: Change) -> bool:
    return (
        change.kind == "Application"
        and change.action is Action.UPDATE
        and change.field == "spec.source.targetRevision"
        and is_strimzi(change.names[-1])
    )


def _operator_effects(change: Change, kafka_versions: Mapping[str, str]) -> list[Effect]:
    before, after = str(change.before), str(change.after)
    text = f"Strimzi {before} to {after}"
    found = [
        Effect(
            Impact.ROLLING_RESTART, f"{text}: every node of every Kafka that it manages restarts"
        )
    ]
    if change.before is not MISSING and _numbers(after) < _numbers(before):
        found.insert(0, Effect(Impact.IRREVERSIBLE, f"{text}: going back is not supported once the"
                               " resources are stored in a newer form", reversible=False))  # fmt: skip
    known = KNOWN.get(after.rpartition(".")[0])
    lost = {
        name: version for name, version in kafka_versions.items() if known and version not in known
    }
    for name, version in sorted(lost.items()):
        found.insert(0, Effect(Impact.REFUSED, f"{text}: it has no Kafka {version}, which {name} runs;"
                               f" it has {', '.join(known or ())}"))  # fmt: skip
    return found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
