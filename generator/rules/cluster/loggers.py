"""Loggers: what Kafka, Connect and the operators can read of them."""

from collections.abc import Iterable, Iterator
from typing import Any

from generator.common.finding import Path
from generator.documents.manifest import Manifest
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_LOGGING = "logging"
_OF_KAFKA: tuple[Path, ...] = (
    ("spec", "kafka"),
    ("spec", "cruiseControl"),
    ("spec", "entityOperator", "topicOperator"),
    ("spec", "entityOperator", "userOperator"),
)
_KINDS = ("KafkaConnect", "KafkaMirrorMaker2", "KafkaBridge")
_NAMED = {"authorizer", "bridge", "controller", "healthy", "jetty", "kafka", "logcleaner",
          "orgapachekafka", "ready", "reflections", "requestchannel", "requestlogger",
          "statechange", "vertx"}  # fmt: skip
"""Loggers that Strimzi itself gives a name (1.2.0, default-logging/*.properties, of all components)."""
_ROOT = ("log4j.rootLogger", "log4j.rootCategory")


@rule("logging-unreadable")
def unreadable(system: System) -> Iterator[Flaw]:
    """What is said of loggers is in the words of Log4j 2.

    Why: at words of Log4j 1, such as log4j.logger or kafka.root.logger.level, and at a logger without a name,
        Log4j 2 gives up: a node that starts with them ends at once, and one that runs stays at the levels
        that it has.
    Fix: write rootLogger.level, or logger.NAME.name and logger.NAME.level.
    Source: Strimzi 1.2.0, LoggingUtils.loggingConfiguration (passed on as it is); log4j-core 2.25.4,
        PropertiesConfigurationBuilder (measured, with Kafka 4.3.1's jars and Strimzi's own loggers:
        ConfigurationException, "No type attribute provided for component log4j").
    """
    texts = {each.name: each.body.get("data") or {} for each in system.others.get("ConfigMap", ())}
    for manifest, path in _places(system):
        said: Any = manifest.body
        for key in path:
            said = said.get(key) or {}
        loggers = said.get("loggers") or {}
        for key, message, fix in _faults(loggers, _NAMED):
            yield Flaw((*path, "loggers", key), message, fix, manifest, on_key=True)
        reference = (said.get("valueFrom") or {}).get("configMapKeyRef") or {}
        text = texts.get(str(reference.get("name")), {}).get(str(reference.get("key")), "")
        here = (*path, "valueFrom", "configMapKeyRef", "key")
        for _, message, fix in _faults(_properties(text), set()):
            where = f"ConfigMap {reference['name']}: {message}"
            yield Flaw(here, where, fix, manifest)


def _places(system: System) -> Iterator[tuple[Manifest, Path]]:
    for path in _OF_KAFKA:
        yield system.kafka, (*path, _LOGGING)
    for kind in _KINDS:
        for manifest in system.others.get(kind, ()):
            yield manifest, ("spec", _LOGGING)


def _properties(text: str) -> dict[str, str]:
    """The keys of a properties file, with what they say."""
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("=") for line in lines if line and line[0] not in "#!")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _faults(said: dict[str, Any], named: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """What Log4j 2 would give up at: the key, why, and how to write it."""
    names = {*named, *(key.split(".")[1] for key in said
                       if key.startswith("logger.") and key.endswith(".name"))}  # fmt: skip
    told: set[str] = set()
    for key, level in said.items():
        first, _, rest = key.partition(".")
        if key in _ROOT or rest.startswith("root.logger"):
            word = str(level).partition(",")[0].strip() or "INFO"
            yield key, f"'{key}' is of Log4j 1", f"write rootLogger.level: {word}"
        elif first == "log4j":
            name = rest.partition(".")[2]
            short = name.replace(".", "")
            mend = f"write logger.{short}.name: {name} and logger.{short}.level: {level}"
            yield key, f"'{key}' is of Log4j 1", mend if rest.startswith("logger.") else ""
        elif first == "logger" and (short := rest.partition(".")[0]) not in {*names, *told}:
            told.add(short)
            yield (
                key,
                f"the logger '{short}' has no name",
                f"add logger.{short}.name: its full name",
            )
