"""What names, labels, annotations and finalizers do: most nothing, some more than the whole spec."""

import re
from collections.abc import Iterator

from generator.common.kinds import OWN_PODS, kind_of
from generator.contract.operator_version import ANNOTATION
from generator.model.environment import Environment
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import MANAGED, PAUSED, SYNC_OPTIONS, Pair, topic_of
from generator.plan.impact.argocd import application
from generator.plan.impact.clients import orders
from generator.plan.impact.cluster import node_pools
from generator.plan.impact.cluster.restarts import alone, pools_of
from generator.plan.impact.releases import kraft

_HOOK = "argocd.argoproj.io/hook"
_CLUSTER = "strimzi.io/cluster"
_NOT_HANDED_ON = re.compile(r"app\.kubernetes\.io/(?!part-of)|kustomize\.toolkit\.fluxcd\.io")
"""Labels that Strimzi keeps off what it makes (1.2.0, Labels.java:105)."""


def of_metadata(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One label, annotation or finalizer, or the namespace.

    Source: Kubernetes 1.34, "Labels and Selectors": it gives labels and annotations no meaning of their own; who does is named below.
    """
    kind = pair.after.kind if pair.after else ""
    part, key = str(field.path[1]), str(field.path[2]) if len(field.path) > 2 else ""
    known = _ANNOTATIONS.get((kind, key)) or _ANNOTATIONS.get(("", key))
    if part == "namespace":
        yield from _namespace(pair, field)
    elif part == "labels" and key == _CLUSTER and kind_of(kind).of:
        yield from _other_cluster(pair, field)
    elif part == "labels":
        yield from _label(pair, kind, key)
    elif part == "annotations" and known:
        yield from known(pair, field)
    elif part == "finalizers" and kind == "Application":
        yield from application.finalizers(field)
    elif part == "finalizers":
        yield Effect(
            Impact.UNKNOWN, "whoever the finalizer belongs to decides when the object can go"
        )
    else:
        yield Effect(Impact.NO_EFFECT, "labels and annotations only")


def remade(pair: Pair) -> Iterator[Effect]:
    """What every change does to an object that Argo CD replaces by force, or makes anew as a hook.

    Source: Argo CD 3.5.1, gitops-engine pkg/sync/sync_context.go:1400, pkg/utils/kube/resource_ops.go:596,
    pkg/sync/hook/delete_policy.go:23.
    """
    kind = pair.after.kind if pair.after else ""
    options = _options(pair.annotation(SYNC_OPTIONS, after=True))
    if {"Replace=true", "Force=true"} <= options:
        how = "Argo CD is told to replace it by force: it deletes it and makes it anew"
    elif pair.annotation(_HOOK, after=True) not in ("", "Skip"):
        how = "it is a hook: Argo CD deletes it before each sync and makes it anew"
    else:
        return
    if kind == "KafkaTopic" or kind_of(kind).records:
        yield Effect(Impact.DATA_LOSS, f"{how}, and its data goes", reversible=False)
    elif kind == "KafkaUser" or kind_of(kind).serves:
        yield Effect(Impact.CLIENT_VISIBLE, f"{how}, and meanwhile it serves nobody")


def _namespace(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """A namespace that is written out; `plan` takes any other one for another object.

    Source: Argo CD 3.5.1, controller/sync.go: an object without a namespace goes to the Application's.
    """
    intent = pair.new.environment if pair.new else None
    said = {each for each in (field.before, field.after) if isinstance(each, str)}
    if intent is not None and said <= {intent.namespace}:
        yield Effect(Impact.NO_EFFECT, "the namespace that it is in anyway")
    else:
        name = ", ".join(sorted(said))
        yield Effect(Impact.UNKNOWN, f"the same object where the Application deploys to {name}; elsewhere"
                     " it is deleted and made anew there")  # fmt: skip


def _other_cluster(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Whose operators answer for it, and what the earlier ones do when it is gone for them.

    Source: Strimzi 1.2.0, TopicEventHandler.onDelete, KafkaUserOperator.java:197-224,
    KafkaAssemblyOperator.java:524, KafkaRebalanceAssemblyOperator.java:1150.
    """
    kind = pair.after.kind if pair.after else ""
    before, after = field.before, field.after
    if kind == "KafkaUser":
        yield Effect(Impact.CLIENT_VISIBLE, f"{before} locks the user out: its ACLs, password and quotas"
                     f" go there; {after} makes it anew, with new credentials in the same Secret",
                     reversible=False)  # fmt: skip
    elif kind == "KafkaNodePool":
        yield Effect(
            Impact.CLIENT_VISIBLE, f"{before} loses the pool at once, as if it were deleted"
        )
        yield from node_pools.deleted(pair)
    elif kind == "KafkaTopic":
        yield Effect(Impact.REFUSED, f"from now on {after}'s operators answer for it; what {before} has"
                     " stays there, managed by nobody")  # fmt: skip
    elif kind == "KafkaRebalance":
        yield Effect(Impact.DYNAMIC, f"a proposal for {after} instead of one for {before}")
    else:
        yield from orders.other_connect(before, after)


def _label(pair: Pair, kind: str, key: str) -> Iterator[Effect]:
    """Strimzi hands labels on to the pods that it makes, and a pod with other labels is another one.

    Source: Strimzi 1.2.0, KafkaPool.java:98, AbstractModel.java:119, PodRevision.java.
    """
    if _NOT_HANDED_ON.match(key):
        yield Effect(Impact.NO_EFFECT, "labels and annotations only")
    elif kind == "KafkaNodePool" and pair.after:
        count = pair.after.body["spec"].get("replicas", 0)
        yield Effect(Impact.ROLLING_RESTART, f"the label goes onto the pods: {count} nodes of pool"
                     f" {pair.after.name} restart in turn")  # fmt: skip
        if pair.new is not None:
            yield from alone(
                pair.new, [each for each in pools_of(pair) if each.name == pair.after.name]
            )
    elif kind == "Kafka":
        yield Effect(Impact.DYNAMIC, "the pods of the Entity Operator, Cruise Control and the exporter"
                     " restart; brokers do not")  # fmt: skip
    elif kind_of(kind).of_strimzi and kind_of(kind).restarts == OWN_PODS:
        yield Effect(
            Impact.ROLLING_RESTART, f"the label goes onto the pods of this {kind}: they restart"
        )
    else:
        yield Effect(Impact.NO_EFFECT, "labels and annotations only")


def _managed(pair: Pair, _: FieldChange) -> Iterator[Effect]:
    """Whether the Topic Operator does anything with the topic.

    Source: Strimzi 1.2.0, BatchingTopicController.java (buildAlterConfigOps takes back what differs).
    """
    if pair.annotation(MANAGED, after=True) == "false":
        yield Effect(Impact.NO_EFFECT, "the Topic Operator lets go of it: the topic and its data"
                     " stay, and nothing said here changes it any more")  # fmt: skip
    else:
        yield Effect(Impact.IRREVERSIBLE, "the Topic Operator manages it again: everything said meanwhile"
                     " happens now, shorter retention too, and what was set in Kafka by hand is taken back",
                     reversible=False)  # fmt: skip


def _paused(pair: Pair, _: FieldChange) -> Iterator[Effect]:
    """Whether its operator does what is said.

    Source: Strimzi 1.2.0, AbstractOperator.java:221 (a pool's own annotation is not looked at).
    """
    kind = pair.after.kind if pair.after else ""
    if kind == "KafkaNodePool":
        yield Effect(Impact.NO_EFFECT, "Strimzi looks for it on the Kafka only: what is said of the pool is"
                     " done")  # fmt: skip
    elif pair.annotation(PAUSED, after=True) == "true":
        also = ", and no certificate is renewed" if kind == "Kafka" else ""
        yield Effect(Impact.IGNORED, "the operator does nothing that is said here until the annotation"
                     f" goes{also}")  # fmt: skip
    elif kind in _CAUGHT_UP:
        yield Effect(Impact.IRREVERSIBLE, "the operator catches up with everything said meanwhile,"
                     f" {_CAUGHT_UP[kind]} among it", reversible=False)  # fmt: skip
    else:
        text = "the operator catches up with everything said meanwhile"
        yield Effect(Impact.CLIENT_VISIBLE, text)


_CAUGHT_UP = {"Kafka": "restarts", "KafkaTopic": "shorter retention"}
"""What may be the worst of what was said while nobody acted on it."""


def _scale_down_check(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Whether brokers that hold replicas may go.

    Source: Strimzi 1.2.0, KafkaClusterCreator.java:177.
    """
    del pair
    if str(field.after) == "true":
        yield Effect(Impact.PROTECTION_LOSS, "from now on brokers go with what only they hold, and a"
                     " scale-down that Strimzi had taken back is done")  # fmt: skip
    else:
        yield Effect(Impact.DYNAMIC, "brokers that hold replicas stay from now on")


def _for_strimzi(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """For which Strimzi it is rendered, which only this tool reads.

    Source: generator/contract/operator_version.py.
    """
    del pair, field
    yield Effect(Impact.NO_EFFECT, "it tells this tool which Strimzi it is for, and nobody else")


def _order_to_rebalance(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """What a KafkaRebalance is told to do.

    Source: Strimzi 1.2.0, KafkaRebalanceAssemblyOperator.java:979-999.
    """
    del pair
    if field.path[2] == "strimzi.io/rebalance-auto-approval":
        approves = str(field.after) == "true"
        order = "approve" if approves else ""
    else:
        order = str(field.after)
    if order == "approve":
        yield Effect(Impact.DATA_MOVEMENT, "Cruise Control moves partitions as its proposal says")
    elif order == "stop":
        yield Effect(Impact.DYNAMIC, "what has not moved yet stays where it is")
    elif order == "refresh":
        yield Effect(Impact.DYNAMIC, "Cruise Control makes a new proposal")
    else:
        yield Effect(Impact.NO_EFFECT, "no order")


def _hook(pair: Pair, _: FieldChange) -> Iterator[Effect]:
    """Whether it is made anew with each sync; `remade` tells what that costs.

    Source: Argo CD 3.5.1, gitops-engine pkg/sync/hook/delete_policy.go:23.
    """
    if pair.annotation(_HOOK, after=True) in ("", "Skip"):
        yield Effect(Impact.DYNAMIC, "from now on it is applied like any other object")
    else:
        yield Effect(Impact.DYNAMIC, "from now on it is a hook, which is made anew with each sync")


_CONFIRMATIONS = {"Prune=confirm", "Prune=false", "Delete=confirm", "Delete=false"}


def _options(value: object) -> set[str]:
    return {*value.replace(" ", "").split(",")} if isinstance(value, str) else set()


def _confirmations(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """What Argo CD asks before it removes the object; what is retired is released on purpose.

    Source: Argo CD 3.5.1, docs/user-guide/sync-options.md.
    """
    before, after = _options(field.before), _options(field.after)
    lost = (before - after) & _CONFIRMATIONS
    intent = pair.new.environment if pair.new else None
    if lost and (intent is None or (intent.protect and not _is_retired(pair, intent))):
        yield Effect(Impact.PROTECTION_LOSS, "Argo CD asks nobody any more before it removes it")
    elif (before ^ after) <= _CONFIRMATIONS:
        yield Effect(Impact.NO_EFFECT, "only what Argo CD asks before it removes the object")
    else:
        yield Effect(Impact.DYNAMIC, "how Argo CD applies the object")


def _is_retired(pair: Pair, intent: Environment) -> bool:
    """True for what the intent releases: by itself, or with the whole environment."""
    topic = (
        topic_of(pair.after, pair.new) if pair.after and pair.after.kind == "KafkaTopic" else None
    )
    pools = {pool.name for pool in intent.cluster.node_pools if pool.retire}
    return bool(
        intent.retire
        or (topic and topic.intent and topic.intent.retire)
        or (pair.after and pair.after.kind == "KafkaNodePool" and pair.after.name in pools)
    )


_ANNOTATIONS = {
    ("KafkaTopic", MANAGED): _managed,
    ("", PAUSED): _paused,
    ("", SYNC_OPTIONS): _confirmations,
    ("", _HOOK): _hook,
    ("Kafka", "strimzi.io/skip-broker-scaledown-check"): _scale_down_check,
    ("Kafka", ANNOTATION): _for_strimzi,
    ("KafkaRebalance", "strimzi.io/rebalance"): _order_to_rebalance,
    ("KafkaRebalance", "strimzi.io/rebalance-auto-approval"): _order_to_rebalance,
    **kraft.ANNOTATIONS,
    **orders.ANNOTATIONS,
}
"""Annotations that somebody acts on, by kind; an empty kind stands for any."""
