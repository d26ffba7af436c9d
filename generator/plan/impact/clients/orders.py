"""Orders about connectors, which stand in annotations and labels."""

from collections.abc import Iterator

from generator.common.strimzi_facts import RESTART_ARGUMENTS
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, short
from generator.plan.impact.clients.pods import USES_RESOURCES

_ARGUMENTS = {"includetasks", "onlyfailed"}
_AGAIN = ", and again each time that Argo CD sets the annotation, which the operator takes off when it is done"


def _connectors(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Whether KafkaConnectors decide which connectors there are.

    Source: Strimzi 1.2.0, KafkaConnectAssemblyOperator.java:330-339.
    """
    del pair
    if str(field.after) == "true":
        yield Effect(Impact.CLIENT_VISIBLE, "every connector without a KafkaConnector is deleted")
    else:
        yield Effect(Impact.IGNORED, "nothing that KafkaConnectors say is done any more")


def _restarted(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """A connector that is told to restart.

    Source: Strimzi 1.2.0, Annotations.java (strimzi.io/restart, strimzi.io/restart-task and its siblings),
    AbstractConnectOperator.java (removeRestartAnnotation), KafkaConnectAssemblyOperator.restartAnnotationIsValid;
    0.47.0, KafkaConnectAssemblyOperator.java:628, KafkaMirrorMaker2AssemblyOperator.java:319.
    """
    key = str(field.path[-1])
    if not isinstance(field.after, str):
        yield Effect(Impact.NO_EFFECT, "no order")
    elif _is_taken(key, field.after, arguments=pair.has(RESTART_ARGUMENTS)):
        text = f"the connector, or its task, restarts{_AGAIN}"
        yield Effect(Impact.CLIENT_VISIBLE, text)
    elif not field.after.strip() or "false" in field.after:
        yield Effect(Impact.NO_EFFECT, "no order")
    else:
        text = f"Strimzi {short(pair.strimzi)} does not understand it: nothing restarts"
        yield Effect(Impact.IGNORED, text)


def _is_taken(key: str, order: str, *, arguments: bool) -> bool:
    """Whether somebody carries the order out; a task is only a number, or a name with one."""
    words = {each.strip().lower() for each in order.rpartition(":")[2].split(",")}
    if key == "strimzi.io/restart":
        return words == {"true"} or (arguments and words <= _ARGUMENTS)
    if key == "strimzi.io/restart-connector" and ":" in order:
        return arguments and words <= _ARGUMENTS
    return True


def _offsets(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """How far a connector is said to be.

    Source: Strimzi 1.2.0, AbstractConnectOperator.java:772-1031 (verifyConnectorStopped, else a Warning); documentation,
    proc-resetting-connector-offsets.adoc, proc-altering-connector-offsets.adoc.
    """
    del pair
    match str(field.after):
        case "reset":
            yield Effect(Impact.IRREVERSIBLE, "a stopped connector forgets how far it was: it copies everything again, or"
                         f" skips what is there{_AGAIN}", reversible=False)  # fmt: skip
        case "alter":
            yield Effect(Impact.IRREVERSIBLE, "a stopped connector goes on where the ConfigMap of alterOffsets says: what is"
                         f" between comes twice, or never{_AGAIN}", reversible=False)  # fmt: skip
        case "list":
            yield Effect(Impact.DYNAMIC, "how far it is is written to the ConfigMap of listOffsets")
        case _:
            yield Effect(Impact.NO_EFFECT, "no order")


def other_connect(before: object, after: object) -> Iterator[Effect]:
    """A connector that is another Connect's.

    Source: Strimzi 1.2.0, KafkaConnectAssemblyOperator.java:330-339 (each deletes what no KafkaConnector of its own
    says); offsets stand in a topic of each Connect.
    """
    yield Effect(Impact.IRREVERSIBLE, f"it ends in {before} and is a new connector in {after}, which knows nothing of how"
                 " far it was: a source copies everything again", reversible=False)  # fmt: skip


ANNOTATIONS = {
    ("KafkaConnect", USES_RESOURCES): _connectors,
    ("KafkaConnector", "strimzi.io/restart"): _restarted,
    ("KafkaConnector", "strimzi.io/restart-task"): _restarted,
    ("KafkaConnector", "strimzi.io/connector-offsets"): _offsets,
    ("KafkaMirrorMaker2", "strimzi.io/restart-connector"): _restarted,
    ("KafkaMirrorMaker2", "strimzi.io/restart-connector-task"): _restarted,
    ("KafkaMirrorMaker2", "strimzi.io/connector-offsets"): _offsets,
}
"""By kind and annotation."""
