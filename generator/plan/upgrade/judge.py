"""Upgrades that concern more than one object: the operator, then Kafka, each in a merge of its own.

Source: Strimzi's kafka-versions.yaml at each release, and its documentation, "Upgrading Strimzi".
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from generator.common.changes import Action
from generator.common.strimzi.releases import known, nearest, numbers, release, releases
from generator.contract.operator_version import ANNOTATION
from generator.documents.manifest import Manifest
from generator.plan.change import RANK, Change, Effect, Impact
from generator.plan.impact.cluster.restarts import alone
from generator.plan.upgrade.crossings import crossed
from generator.plan.upgrade.operator_app import OperatorApp, operator_app
from generator.plan.upgrade.path import ONLY_V1, V1, is_listed
from generator.system.system import System

_VERSION = "spec.source.targetRevision"
_ALSO = ("KafkaConnect", "KafkaMirrorMaker2", "KafkaBridge")
"""Whose pods have images of the operator's release as well."""

Systems = Mapping[str, System]


def judge(
    changes: Iterable[Change], running: Systems, coming: Systems, shared: Iterable[Manifest]
) -> None:
    """Add what the operator's upgrade means to its own change, and to those of Kafka's version.

    `running` and `coming` are the systems by environment, now and after the merge; `shared` is what
    environments share now.
    """
    changes = list(changes)
    # An AppProject may have the same name.
    apps = {manifest.name: app for manifest in shared if (app := operator_app(manifest))}
    operators = [change for change in changes if _is_operator(change) and change.names[-1] in apps]
    for change in operators:
        app = apps[change.names[-1]]
        versions = str(change.before), str(change.after)
        change.effects = tuple(operator_effects(*versions, app.stored, _of(app, running), coming))
    changed = [apps[change.names[-1]] for change in operators]
    covered = {name for app in changed for name in _of(app, running)}
    for change in changes:
        if change.kind == "Kafka" and change.field.endswith(ANNOTATION):
            more = _elsewhere(change.environment, covered, running, coming)
            change.effects = tuple(sorted((*change.effects, *more), key=_worst_first))
        if change.kind == "Kafka" and change.field == "spec.kafka.version":
            for operator in operators:
                if change.environment in _of(apps[operator.names[-1]], running):
                    change.effects = (_at_once(operator, change), *change.effects)


def _is_operator(change: Change) -> bool:
    return (
        change.kind == "Application" and change.action is Action.UPDATE and change.field == _VERSION
    )


def _of(app: OperatorApp, systems: Systems) -> Systems:
    """The systems that an operator has."""
    return {
        name: system
        for name, system in sorted(systems.items())
        if not app.namespaces or system.kafka.body["metadata"].get("namespace") in app.namespaces
    }


def _worst_first(effect: Effect) -> int:
    return -RANK[effect.impact]


def _elsewhere(
    name: str, covered: Collection[str], running: Systems, coming: Systems
) -> Iterator[Effect]:
    """What comes of a release for which the environment is rendered anew, and whose operator nothing here brings."""
    old, new = running.get(name), coming.get(name)
    if name in covered or old is None or new is None or old.strimzi == new.strimzi:
        return
    said = old.environment
    stored = said.strimzi_stored if said else nearest(old.strimzi).stored
    yield from operator_effects(old.strimzi, new.strimzi, stored, {name: old}, {name: new})


def _at_once(operator: Change, change: Change) -> Effect:
    """Both in one merge: it comes right in the end, or is refused until the new operator runs.

    Source: Strimzi 1.2.0, kafka-versions.yaml; KafkaVersion.Lookup (an unknown version is refused).
    """
    text = "the operator is upgraded in the same merge: upgrade it first, and Kafka once it runs"
    if str(change.after) in _known_of(str(operator.before)):
        return Effect(Impact.ROLLING_RESTART, f"{text}, or nodes may restart twice")
    return Effect(Impact.REFUSED, f"{text}; until then the old one refuses Kafka {change.after}")


def operator_effects(
    before: str, after: str, stored: str, running: Systems, coming: Systems
) -> Iterator[Effect]:
    """What another operator does to every cluster that it has, what is refused first; `stored` is what Kubernetes keeps.

    Source: Strimzi 1.2.0, documentation, con-downgrade-paths.adoc, "Upgrading Strimzi"; KafkaRoller.java.
    """
    text = f"Strimzi {before} to {after}"
    yield from (Effect(Impact.REFUSED, f"{text}: {why}") for why in _missing(before, after, stored))
    for name, system in running.items():
        yield from _without_kafka(text, after, name, system, coming.get(name))
    if _back(before, after) > 1:
        yield Effect(Impact.IRREVERSIBLE, f"{text}: going back by more than one minor version may"
                     " fail, and the resources be stored in a newer form", reversible=False)  # fmt: skip
    yield from _rolls(text, before, after, running)
    for name, system in running.items():
        for effect in (*alone(system, system.pools), *crossed(before, after, system)):
            yield Effect(effect.impact, f"{name}: {effect.text}", effect.reversible)


def _missing(before: str, after: str, stored: str) -> Iterator[str]:
    """The steps that a jump leaves out, or why there is no way back.

    Source: Strimzi 1.0.0, CHANGELOG, and 0.51.0, con-api-conversion-v1.adoc; Kubernetes 1.34,
    "Versions in CustomResourceDefinitions" (a version that is in status.storedVersions cannot be removed).
    """
    if not len(numbers(before)) == len(numbers(after)) == len(numbers(ONLY_V1)):
        return  # a range of versions says nothing
    only_v1 = numbers(after) >= numbers(ONLY_V1)
    if only_v1 and V1 not in nearest(before).apis:
        yield ("from 1.0 on it knows v1 alone, and nothing before 0.49 has it: go to 0.51.0 first, write manifests"
               " as v1, and have them stored as v1")  # fmt: skip
    elif only_v1 and stored != V1:
        yield ("from 1.0 on its definitions know v1 alone, and Kubernetes refuses them as long as it stores v1beta2:"
               " say strimzi.storedVersion: v1 first, unless status.storedVersions of all of them is v1"
               " already")  # fmt: skip
    elif stored == V1 and V1 not in nearest(after).apis:
        yield "its definitions do not know v1, in which resources are stored: there is no way back to it"


def _without_kafka(
    text: str, after: str, name: str, system: System, then: System | None
) -> Iterator[Effect]:
    """A Kafka that the new operator has no images for.

    Source: Strimzi, KRaftVersionChangeCreator at 0.51.0 and 1.0.1; kafka-versions.yaml of each tag, which lists
    what is no longer supported, so that it can be upgraded from.
    """
    images = _known_of(after)
    version = str(system.spec.get("version"))
    if not images or version in images:
        return
    wanted = str(then.spec.get("version")) if then else version
    if wanted not in images:
        yield Effect(Impact.REFUSED, f"{text}: it has no Kafka {version}, which {name} runs;"
                     f" it has {', '.join(images)}")  # fmt: skip
    elif not is_listed(version, after):
        yield Effect(Impact.REFUSED, f"{text}: it does not know Kafka {version}, which {name} runs, and"
                     f" upgrades nothing that it does not know: upgrade Kafka first")  # fmt: skip


def _rolls(text: str, before: str, after: str, running: Systems) -> Iterator[Effect]:
    """Every pod has an image of its operator's release.

    Source: Strimzi, packaging/install, 060-Deployment-strimzi-cluster-operator.yaml of each tag.
    """
    kinds = [kind for kind in _ALSO if any(each.others.get(kind) for each in running.values())]
    also = f", and so do the pods of {', '.join(kinds)}" if kinds else ""
    needs = ""
    if known(after) and release(after).kubernetes != nearest(before).kubernetes:
        needs = f"; it needs Kubernetes {release(after).kubernetes} or newer"
    yield Effect(Impact.ROLLING_RESTART,
                 f"{text}: every node of every Kafka that it manages restarts{also}{needs}")  # fmt: skip


def _known_of(strimzi: str) -> tuple[str, ...]:
    """The versions of Kafka that a release of Strimzi has images for; none of one that nobody knows.

    An earlier patch release has the same as the one that we know; a later one may have more.
    """
    version = numbers(strimzi)
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
