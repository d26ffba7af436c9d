"""The topic sections -> topics as they will be rendered, dead-letter and retry topics included.

Lowest first: topicDefaults, the topic's profile, the topic itself; topicLimits bound the result.
"""

from collections.abc import Iterator
from typing import Any

from generator.common import units
from generator.common.finding import Path, Problem, did_you_mean
from generator.common.topic_settings import WORDS
from generator.intent.layers import merge
from generator.model.environment import Environment, Json, Topic, data_of_retired

DEAD_LETTER_SUFFIX = ".dlq"
RETRY_SUFFIX = ".retry-"
_SIDE_PARTITIONS = 3
_SIDE_RETENTION_MS = 14 * 86_400_000


class _Settings:
    """Topic settings of one or several layers: plain words, and Kafka's keys."""

    __slots__ = ("config", "words")

    def __init__(self, words: dict[str, Any], config: dict[str, Any]) -> None:
        self.words, self.config = words, config


def topics(data: Json, problems: list[Problem]) -> Iterator[tuple[str, Topic]]:
    """All topics by name, sorted, dead-letter and retry topics among them."""
    limits = data.get("topicLimits", {})
    nothing = _Settings({}, {})
    defaults = _overlay(nothing, data.get("topicDefaults", {}), ("topicDefaults",), problems)
    profiles = {
        name: _overlay(defaults, profile, ("topicProfiles", name), problems)
        for name, profile in data.get("topicProfiles", {}).items()
    }
    for profile in profiles.values():
        profile.words.pop("description", None)  # it describes the profile, not its topics
    declared = data.get("topics", {})
    sides: list[Topic] = []
    found: list[Topic] = []
    for name, own in declared.items():
        path = ("topics", name)
        below = defaults
        if own.get("profile"):
            taken = profiles.get(own["profile"])
            if taken is None:
                problems.append(
                    Problem((*path, "profile"), f"there is no topic profile '{own['profile']}'",
                            "unknown-profile", did_you_mean(own["profile"], profiles))
                )  # fmt: skip
            else:
                below = taken
        settings = _overlay(below, own, path, problems)
        words, config = settings.words, settings.config
        missing = [word for word in ("partitions", "replicas") if words.get(word) is None]
        if missing:
            problems += [Problem(path, f"'{word}' is missing", "missing-key", f"add {word}:", on_key=True)
                         for word in missing]  # fmt: skip
            continue
        replicas = words["replicas"]
        if limits:
            replicas = min(replicas, limits.get("replicas", replicas))
            _limit(config, "min.insync.replicas", limits.get("minInsyncReplicas"))
        topic = Topic(
            name, words["partitions"], replicas, config, path, words.get("owner"),
            words.get("description"), words.get("profile"), words.get("labels"),
            words.get("annotations"), words.get("throughput"), words.get("keyed"),
            words.get("dataClass"), tuple(words.get("writers", ())),
            data_of_retired(words.get("retire", data.get("retire"))),
            message_format=words.get("messageFormat"), backup=words.get("backup"),
        )  # fmt: skip
        found.append(topic)
        if words.get("deadLetter") or words.get("retries"):
            sides += _side_topics(topic, words)
            problems += _released_too_late(words, path)
    for side in sides:
        if side.name in declared or len(side.name) > 249:
            why = "is also declared" if side.name in declared else "is longer than 249 characters"
            problems.append(
                Problem(side.path, f"the topic {side.name} that this asks for {why}",
                        "duplicate-topic", "rename one of the topics, or drop this key", on_key=True)
            )  # fmt: skip
        else:
            found.append(side)
    found.sort(key=lambda topic: topic.name)
    for topic in found:
        yield topic.name, topic


def _released_too_late(words: Json, path: Path) -> Iterator[Problem]:
    """A first retry topic to release that is not there."""
    retries = words.get("retries")
    own: Json = retries if isinstance(retries, dict) else {}
    said = own.get("retire")
    if isinstance(said, dict) and said.get("from", 1) > own["count"]:
        yield Problem((*path, "retries", "retire", "from"), f"there are {own['count']} retry topics",
                      "no-effect", "name the first one that is to go")  # fmt: skip


def _limit(config: dict[str, Any], key: str, bound: int | None) -> None:
    value = config.get(key)
    if bound is not None and isinstance(value, int) and value > bound:
        config[key] = bound


def _overlay(below: _Settings, own: Json, path: Path, problems: list[Problem]) -> _Settings:
    """Settings that say `own` over `below`, of which null removes something; neither is changed."""
    words, config = {**below.words}, {**below.config}
    for word, value in own.items():
        spelled = WORDS.get(word)
        if value is None:
            words.pop(word, None)
            config.pop(spelled[0] if spelled else "", None)
        elif spelled:
            config[spelled[0]] = spelled[1](value)
        elif word in ("labels", "annotations"):
            words[word] = merge(words.get(word) or {}, value)
        elif word == "throughput":
            words[word] = units.parse_bytes(value)
        elif word != "config":
            words[word] = merge({}, value) if isinstance(value, dict) else value
    for key, value in (own.get("config") or {}).items():
        problems += [
            Problem((*path, "config", key), f"'{word}' and {key} say the same thing",
                    "duplicate-key", "keep one of the two", on_key=True)
            for word in own
            if word in WORDS and WORDS[word][0] == key
        ]  # fmt: skip
        if value is None:
            config.pop(key, None)
        else:
            config[key] = value
    return _Settings(words, config)


def _side_topics(topic: Topic, words: Json) -> Iterator[Topic]:
    """The dead-letter topic and the retry topics that a topic asks for."""
    common = {
        key: topic.config[key]
        for key in ("compression.type", "max.message.bytes", "min.insync.replicas")
        if key in topic.config
    }
    retention_ms = topic.config.get("retention.ms", 0)
    unlimited = retention_ms == units.KAFKA_UNLIMITED
    longest = retention_ms if unlimited else max(retention_ms, _SIDE_RETENTION_MS)

    def side(suffix: str, key: str, own: Json, number: int = 1, **role: str) -> Topic:
        retention = own.get("retention")
        config = {
            **common,
            "cleanup.policy": "delete",
            "retention.ms": longest if retention is None else units.parse_duration_ms(retention),
        }
        return Topic(
            name=topic.name + suffix,
            partitions=own.get("partitions", min(topic.partitions, _SIDE_PARTITIONS)),
            replicas=topic.replicas,
            config=config,
            path=(*topic.path, key),
            owner=topic.owner,
            labels=topic.labels,
            keyed=topic.keyed,
            data_class=topic.data_class,
            writers=topic.writers,
            retire=_retired(own, number) if "retire" in own else topic.retire,
            **role,  # type: ignore[arg-type]
        )

    dead_letter, retries = words.get("deadLetter"), words.get("retries")
    if dead_letter is True or isinstance(dead_letter, dict):
        own = dead_letter if isinstance(dead_letter, dict) else {}
        found = side(DEAD_LETTER_SUFFIX, "deadLetter", own, dead_letter_of=topic.name)
        # What failed is nowhere else once the topic itself has let go of it; retries are copies.
        yield found._replace(backup=topic.backup)
    if retries:
        own = retries if isinstance(retries, dict) else {"count": retries}
        for number in range(1, own["count"] + 1):
            yield side(f"{RETRY_SUFFIX}{number}", "retries", own, number, retry_of=topic.name)


def _retired(own: Json, number: int) -> str:
    """What becomes of the data of a retry topic; those below `from` stay."""
    said = own["retire"]
    first = said.get("from", 1) if isinstance(said, dict) else 1
    return data_of_retired(said) if number >= first else ""


def never_healthy(environment: Environment) -> bool:
    """Argo CD 3.5 takes a KafkaTopic that the Topic Operator has let go of for unfinished."""
    return any(topic.retire == "keep" for topic in environment.topics.values())


def told(environment: Environment) -> dict[str, Any]:
    """Where what cannot be processed goes, by topic."""
    topics_ = environment.topics.values()
    return {
        "dead_letters": {each.dead_letter_of: each.name for each in topics_ if each.dead_letter_of}
    }
