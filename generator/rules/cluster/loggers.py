"""Loggers: what Kafka, Connect and the operators can read of them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from generator.common.finding import Path
from generator.common.strimzi.facts import VERTX_LOGGER
from generator.common.strimzi.releases import nearest, numbers
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
_NAMED = ["authorizer", "bridge", "controller", "healthy", "jetty", "kafka", "logcleaner",
          "orgapachekafka", "ready", "reflections", "requestchannel", "requestlogger",
          "statechange", "vertx"]  # fmt: skip
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
    for manifest, path in _places(system):
        if not _has_log4j_1(system, manifest, path):
            named = _NAMED if system.has(VERTX_LOGGER) else _NAMED[:-1]
            yield from _found(system, (manifest, path), _faults, named, [])


@rule("logging-without-effect")
def without_effect(system: System) -> Iterator[Flaw]:
    """What is said of loggers of Kafka 3, and of its Connect and MirrorMaker 2, is in the words of Log4j 1.

    Why: Log4j 1 takes no notice of words of Log4j 2, such as rootLogger.level: levels stay as they are, and a
        ConfigMap without log4j.rootLogger leaves no log at all.
    Fix: write kafka.root.logger.level (connect.root.logger.level for Connect and MirrorMaker 2), or
        log4j.logger.NAME with the level. With Kafka 4 they become rootLogger.level and the like.
    Source: Strimzi, KafkaCluster.fromCrd and KafkaConnectCluster.fromSpec at 0.45.0 and 0.47.0 (Log4j 2 from Kafka 4.0
        on), default-logging/*.log4j1.properties at 0.47.0; log4j 1.2, PropertyConfigurator (prefix log4j.).
    """
    for manifest, path in _places(system):
        if _has_log4j_1(system, manifest, path):
            root = ["kafka" if manifest.kind == "Kafka" else "connect"]
            yield from _found(system, (manifest, path), _without_effect, root, root)


_Judge = Callable[[dict[str, Any], Iterable[str]], Iterator[tuple[str, str, str]]]


def _found(
    system: System,
    place: tuple[Manifest, Path],
    judge: _Judge,
    inside: list[str],
    outside: list[str],
) -> Iterator[Flaw]:
    """What a judge finds in what a resource says itself, and in the ConfigMap that it names, with what each knows."""
    manifest, path = place
    said: Any = manifest.body
    for key in path:
        said = said.get(key) or {}
    for key, message, fix in judge(said.get("loggers") or {}, inside):
        yield Flaw((*path, "loggers", key), message, fix, manifest, on_key=True)
    reference = (said.get("valueFrom") or {}).get("configMapKeyRef") or {}
    texts = {each.name: each.body.get("data") or {} for each in system.others.get("ConfigMap", ())}
    text = texts.get(str(reference.get("name")), {}).get(str(reference.get("key")), "")
    here = (*path, "valueFrom", "configMapKeyRef", "key")
    for _, message, fix in judge(_properties(text), outside):
        where = f"ConfigMap {reference['name']}: {message}"
        yield Flaw(here, where, fix, manifest)


def _has_log4j_1(system: System, manifest: Manifest, path: Path) -> bool:
    """Whether it is Kafka 3, which alone has it; what Strimzi itself brings has Log4j 2."""
    if path == ("spec", "kafka", _LOGGING):
        version = system.spec.get("version")
    elif manifest.kind in ("KafkaConnect", "KafkaMirrorMaker2"):
        version = manifest.body["spec"].get("version")
    else:
        return False
    return numbers(str(version or nearest(system.strimzi).default_kafka)) < (4,)


def _without_effect(said: dict[str, Any], roots: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """What Log4j 1 takes no notice of: the key, why, and how to write it."""
    for key, level in said.items():
        first, _, rest = key.partition(".")
        if first not in ("rootLogger", "logger", "appender"):
            continue
        fix = ""
        if key == "rootLogger.level":
            fix = f"write {next(iter(roots))}.root.logger.level: {level}"
        elif first == "logger" and rest.endswith(".level"):
            name = said.get(f"logger.{rest.removesuffix('.level')}.name")
            fix = f"write log4j.logger.{name}: {level}" if name else ""
        yield key, f"'{key}' is of Log4j 2, and Kafka 3 has Log4j 1", fix


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
