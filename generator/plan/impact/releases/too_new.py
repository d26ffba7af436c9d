"""Fields that the Strimzi of an environment does not have yet, so that nobody does what they say."""

from collections.abc import Iterator

from generator.common import strimzi_facts as facts
from generator.common.changes import MISSING
from generator.common.finding import Path
from generator.common.strimzi_facts import Fact
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, short

_PODS = ("KafkaConnect", "KafkaMirrorMaker2", "KafkaBridge")
_WITH: tuple[tuple[Fact, tuple[str, ...], tuple[Path, ...]], ...] = (
    (facts.RACK_TYPE, ("Kafka", *_PODS), (("rack", "type"), ("rack", "envVarName"))),
    (facts.ADVERTISED_PORT_TEMPLATE, ("Kafka",), (("configuration", "advertisedPortTemplate"),)),
    (facts.TLS_ROUTES, ("Kafka",), (
        ("configuration", "parentRefs"), ("configuration", "perBrokerAnnotationsTemplate"),
        ("configuration", "perBrokerLabelsTemplate"))),
    (facts.OPERATOR_BUDGETS, ("Kafka",), tuple(
        (each, "template", "podDisruptionBudget")
        for each in ("cruiseControl", "entityOperator", "kafkaExporter"))),
    (facts.VOLUME_ATTRIBUTES_CLASS, ("KafkaNodePool",), (("volumeAttributesClass",),)),
    (facts.USER_VALIDITY, ("KafkaUser",), (
        ("authentication", "validityDays"), ("authentication", "renewalDays"))),
    (facts.CONNECT_FIELDS, ("KafkaConnect",), (
        ("spec", "groupId"), ("spec", "configStorageTopic"), ("spec", "offsetStorageTopic"),
        ("spec", "statusStorageTopic"))),
    (facts.CONNECT_PLUGINS, ("KafkaConnect",), (("spec", "plugins"),)),
    (facts.BUILD_OPTIONS, ("KafkaConnect",), (
        ("output", "additionalBuildOptions"), ("output", "additionalPushOptions"))),
    (facts.CUSTOM_AUTHENTICATION, _PODS, (("authentication", "config"), ("authentication", "sasl"))),
    (facts.CONNECTOR_VERSION, ("KafkaConnector",), (("spec", "version"),)),
    (facts.BRIDGE_OF_1, ("KafkaBridge",), (("http", "tls"), ("spec", "config"))),
    (facts.CONNECT_REPORTER, ("KafkaBridge",), (("spec", "metricsConfig"),)),
)  # fmt: skip
"""What the fact brings to which kinds: keys that follow one another somewhere in the path of a field."""


def too_new(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Nothing is done with a field that is not there.

    Source: generator/common/strimzi_facts.py; Kubernetes 1.34, "Custom Resources" (field pruning, field validation).
    """
    kind = pair.after.kind if pair.after else ""
    for fact, kinds, fields in _WITH:
        names = [each[-1] for each in fields if _is_in(each, field.path)]
        if names and kind in kinds and not pair.has(fact):
            text = f"Strimzi {short(pair.strimzi)} has no {names[0]}: Kubernetes drops it, or refuses the object"
            yield Effect(Impact.NO_EFFECT if field.after is MISSING else Impact.IGNORED, text)
            return


def _is_in(keys: Path, path: Path) -> bool:
    return any(path[start:][: len(keys)] == keys for start in range(len(path)))
