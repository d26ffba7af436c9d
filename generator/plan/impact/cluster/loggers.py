"""`logging` of the nodes: who restarts for other loggers, which hangs on the Kafka that runs."""

from collections.abc import Iterator

from generator.common.strimzi import nearest, numbers
from generator.common.strimzi_facts import LOG4J_1
from generator.plan.change import Effect, Impact
from generator.plan.impact import Pair
from generator.plan.impact.cluster.restarts import controllers_only, pools_of, restarts
from generator.system.system import System

_KAFKA_4 = (4,)


def of_logging(pair: Pair) -> Iterator[Effect]:
    """Other loggers.

    Source: Strimzi 1.2.0, LoggingUtils.java:106 (monitorInterval); 0.47.0, KafkaReconciler.java:698-705, 851,
    Util.getLoggingDynamicallyUnmodifiableEntries, KafkaRoller.dynamicUpdateBrokerConfig.
    """
    system = pair.new or pair.old
    if not has_log4j_1(pair, system.spec.get("version") if system else None):
        yield Effect(Impact.DYNAMIC, "loggers change as Kafka runs; nothing restarts")
        return
    old, new = (_appenders(side) for side in (pair.old, pair.new))
    brokers = pools_of(pair, "broker")
    if old is None or new is None:
        yield from restarts(pair, "where a line of log4j.appender changes, ", brokers)
    elif old != new:
        yield from restarts(pair, "appenders are read at the start: ", brokers)
    else:
        yield Effect(Impact.DYNAMIC, "loggers of brokers change as they run")
    controllers = controllers_only(pair)
    if controllers:
        yield from restarts(pair, "controllers read their loggers at the start: ", controllers)


def has_log4j_1(pair: Pair, kafka: object) -> bool:
    """True for a Kafka, or what is built on it, whose loggers are those of Log4j 1."""
    version = str(kafka or nearest(pair.strimzi).default_kafka)
    return pair.has(LOG4J_1) and numbers(version) < _KAFKA_4


def _appenders(system: System | None) -> dict[str, str] | None:
    """What is written of appenders; None where a ConfigMap says it."""
    logging = system.spec.get("logging") or {} if system else {}
    if logging.get("type", "inline") != "inline":
        return None
    loggers = logging.get("loggers") or {}
    return {key: str(loggers[key]) for key in loggers if key.startswith("log4j.appender.")}
