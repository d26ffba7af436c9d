"""Orders about connectors, which stand in annotations and labels."""

from collections.abc import Iterator

from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair

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
    AbstractConnectOperator.java (removeRestartAnnotation).
    """
    del pair
    if isinstance(field.after, str):
        text = f"the connector, or its task, restarts{_AGAIN}"
        yield Effect(Impact.CLIENT_VISIBLE, text)
    else:
        yield Effect(Impact.NO_EFFECT, "no order")


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
    ("KafkaConnect", "strimzi.io/use-connector-resources"): _connectors,
    ("KafkaConnector", "strimzi.io/restart"): _restarted,
    ("KafkaConnector", "strimzi.io/restart-task"): _restarted,
    ("KafkaConnector", "strimzi.io/connector-offsets"): _offsets,
    ("KafkaMirrorMaker2", "strimzi.io/restart-connector"): _restarted,
    ("KafkaMirrorMaker2", "strimzi.io/restart-connector-task"): _restarted,
    ("KafkaMirrorMaker2", "strimzi.io/connector-offsets"): _offsets,
}
"""By kind and annotation."""
