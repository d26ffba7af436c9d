"""The topic sections -> topics as they will be rendered, dead-letter and retry topics included.

Lowest first: topicDefaults, the topic's profile, the topic itself; topicLimits bound the result.
"""

from collections.abc import Iterator
from typing import NamedTuple, cast

from generator.common import units
from generator.common.finding import Path, Problem, did_you_mean
from generator.common.kafka_values import WORDS, KafkaValue
from generator.intent.merge import merge
from generator.intent.sections import (
    DeadLetterSection,
    Intent,
    RetireRetriesSection,
    RetriesSection,
    TopicProfileSection,
    TopicSection,
    TopicSettingsSection,
)
from generator.model.environment import Environment, Topic, data_of_retired

DEAD_LETTER_SUFFIX = ".dlq"
RETRY_SUFFIX = ".retry-"
_SIDE_PARTITIONS = 3
_SIDE_RETENTION_MS = 14 * 86_400_000


_Said = TopicSettingsSection | TopicProfileSection | TopicSection


class _Settings(NamedTuple):
    """Topic settings of one or several layers: the words, and what they say in Kafka's keys."""

    words: TopicSection
    config: dict[str, KafkaValue]


def topics(data: Intent, problems: list[Problem]) -> Iterator[tuple[str, Topic]]:
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
        said = words.get("throughput")
        throughput = None if said is None else units.parse_bytes(said)
        topic = Topic(
            name, words["partitions"], replicas, config, path, words.get("owner"),
            words.get("description"), words.get("profile"), words.get("labels"),
            words.get("annotations"), throughput, words.get("keyed"),
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


def _released_too_late(words: TopicSection, path: Path) -> Iterator[Problem]:
    """A first retry topic to release that is not there."""
    retries = words.get("retries")
    own: RetriesSection = {} if retries is None or isinstance(retries, int) else retries
    said = own.get("retire")
    if isinstance(said, dict) and said.get("from", 1) > own["count"]:
        yield Problem((*path, "retries", "retire", "from"), f"there are {own['count']} retry topics",
                      "no-effect", "name the first one that is to go")  # fmt: skip


def _limit(config: dict[str, KafkaValue], key: str, bound: int | None) -> None:
    value = config.get(key)
    if bound is not None and isinstance(value, int) and value > bound:
        config[key] = bound


def _overlay(below: _Settings, own: _Said, path: Path, problems: list[Problem]) -> _Settings:
    """Settings that say `own` over `below`, of which null removes something; neither is changed."""
    words: dict[str, object] = {**below.words}
    config = {**below.config}
    for word, value in own.items():
        spelled = WORDS.get(word)
        if value is None:
            words.pop(word, None)
            config.pop(spelled[0] if spelled else "", None)
        elif spelled:
            config[spelled[0]] = spelled[1](value)
        elif isinstance(value, dict) and word != "config":
            low = words.get(word) if word in ("labels", "annotations") else {}
            words[word] = merge(low if isinstance(low, dict) else {}, value)
        elif word != "config":
            words[word] = value
    for key, said in (own.get("config") or {}).items():
        problems += [
            Problem((*path, "config", key), f"'{word}' and {key} say the same thing",
                    "duplicate-key", "keep one of the two", on_key=True)
            for word in own
            if word in WORDS and WORDS[word][0] == key
        ]  # fmt: skip
        if said is None:
            config.pop(key, None)
        else:
            config[key] = said
    return _Settings(cast("TopicSection", words), config)


def _side_topics(topic: Topic, words: TopicSection) -> Iterator[Topic]:
    """The dead-letter topic and the retry topics that a topic asks for."""
    common = {
        key: topic.config[key]
        for key in ("compression.type", "max.message.bytes", "min.insync.replicas")
        if key in topic.config
    }
    retention_ms = _number(topic.config.get("retention.ms", 0))
    unlimited = retention_ms == units.KAFKA_UNLIMITED
    longest = retention_ms if unlimited else max(retention_ms, _SIDE_RETENTION_MS)

    def side(suffix: str, key: str, own: DeadLetterSection | RetriesSection, retire: str) -> Topic:
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
            retire=retire,
        )

    dead_letter, retries = words.get("deadLetter"), words.get("retries")
    if dead_letter is not None and dead_letter is not False:
        one: DeadLetterSection = {} if dead_letter is True else dead_letter
        retire = data_of_retired(one["retire"]) if "retire" in one else topic.retire
        found = side(DEAD_LETTER_SUFFIX, "deadLetter", one, retire)
        # What failed is nowhere else once the topic itself has let go of it; retries are copies.
        yield found._replace(dead_letter_of=topic.name, backup=topic.backup)
    if retries:
        own: RetriesSection = {"count": retries} if isinstance(retries, int) else retries
        for number in range(1, own["count"] + 1):
            retire = _retired(own["retire"], number) if "retire" in own else topic.retire
            found = side(f"{RETRY_SUFFIX}{number}", "retries", own, retire)
            yield found._replace(retry_of=topic.name)


def _number(said: KafkaValue) -> int:
    """A whole number, as text too; 0 for what Kafka would refuse, which a rule tells."""
    try:
        return int(said)
    except ValueError:
        return 0


def _retired(said: bool | RetireRetriesSection, number: int) -> str:
    """What becomes of the data of a retry topic; those below `from` stay."""
    first = 1 if isinstance(said, bool) else said.get("from", 1)
    return data_of_retired(said) if number >= first else ""


def never_healthy(environment: Environment) -> bool:
    """Argo CD 3.5 takes a KafkaTopic that the Topic Operator has let go of for unfinished."""
    return any(topic.retire == "keep" for topic in environment.topics.values())


def told(environment: Environment) -> dict[str, object]:
    """Where what cannot be processed goes, by topic."""
    topics_ = environment.topics.values()
    return {
        "dead_letters": {each.dead_letter_of: each.name for each in topics_ if each.dead_letter_of}
    }
