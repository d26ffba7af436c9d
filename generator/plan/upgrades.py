"""Upgrades that concern more than one object: the operator, then Kafka, each in a merge of its own.

Source: Strimzi's kafka-versions.yaml at each release, and its documentation, "Upgrading Strimzi".
"""

from collections.abc import Iterable, Mapping

from generator.common.changes import MISSING, Action
from generator.common.strimzi import numbers, releases
from generator.plan.change import Change, Effect, Impact
from generator.plan.impact.cluster.restarts import alone
from generator.resources.argocd.operators import is_strimzi
from generator.system.system import System


def judge(changes: Iterable[Change], running: Mapping[str, System]) -> None:
    """Add what the operator's upgrade means to its own change, and to those of Kafka's version.

    `running` are the systems that run now, by environment.
    """
    changes = list(changes)
    operators = [change for change in changes if _is_operator(change)]
    for operator in operators:
        operator.effects = tuple(_operator_effects(operator, running))
    for change in changes:
        if operators and change.kind == "Kafka" and change.field == "spec.kafka.version":
            change.effects = (_at_once(operators[0], change), *change.effects)


def _is_operator(change: Change) -> bool:
    return (
        change.kind == "Application"
        and change.action is Action.UPDATE
        and change.field == "spec.source.targetRevision"
        and is_strimzi(change.names[-1])
    )


def _at_once(operator: Change, change: Change) -> Effect:
    """Both in one merge: it comes right in the end, or is refused until the new operator runs.

    Source: Strimzi 1.2.0, kafka-versions.yaml; KafkaVersion.Lookup (an unknown version is refused).
    """
    text = "the operator is upgraded in the same merge: upgrade it first, and Kafka once it runs"
    if str(change.after) in _known_of(operator.before):
        return Effect(Impact.ROLLING_RESTART, f"{text}, or nodes may restart twice")
    return Effect(Impact.REFUSED, f"{text}; until then the old one refuses Kafka {change.after}")


def _operator_effects(change: Change, running: Mapping[str, System]) -> list[Effect]:
    """What another operator does to every cluster that it has.

    Source: Strimzi 1.2.0, documentation, con-downgrade-paths.adoc, "Upgrading Strimzi"; KafkaRoller.java.
    """
    before, after = str(change.before), str(change.after)
    text = f"Strimzi {before} to {after}"
    found = [
        Effect(
            Impact.ROLLING_RESTART, f"{text}: every node of every Kafka that it manages restarts"
        )
    ]
    for name, system in sorted(running.items()):
        found += [
            Effect(each.impact, f"{name}: {each.text}", each.reversible)
            for each in alone(system, system.pools)
        ]
    if change.before is not MISSING and _back(before, after) > 1:
        found.insert(0, Effect(Impact.IRREVERSIBLE, f"{text}: going back by more than one minor version may"
                               " fail, and the resources be stored in a newer form", reversible=False))  # fmt: skip
    known = _known_of(after)
    lost = {
        name: version
        for name, system in running.items()
        if known and (version := str(system.spec.get("version"))) not in known
    }
    for name, version in sorted(lost.items()):
        found.insert(0, Effect(Impact.REFUSED, f"{text}: it has no Kafka {version}, which {name} runs;"
                               f" it has {', '.join(known)}"))  # fmt: skip
    return found


def _known_of(strimzi: object) -> tuple[str, ...]:
    """The versions of Kafka that a release of Strimzi has images for; none of one that nobody knows.

    An earlier patch release has the same as the one that we know; a later one may have more.
    """
    version = numbers(str(strimzi))
    for each in releases():
        ours = numbers(each.version)
        if version[:2] == ours[:2] and version <= ours:
            return each.kafka
    return ()


def _back(before: str, after: str) -> int:
    """By how many minor versions it goes back; from one major version to another, by those we know."""
    minors = [numbers(each.version)[:2] for each in releases()]
    old, new = numbers(before)[:2], numbers(after)[:2]
    if old[:1] == new[:1]:
        return old[-1] - new[-1] if len(old) == len(new) == 2 else 0
    return sum(new < each <= old for each in minors)
