"""What a rule complains about in its own failing examples, as an operator would ask a broker for it."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from live.kafka import Kafka, Rejected
from rules.cases import BASE, HEADER, documents
from support import Project

from generator.common.finding import Path
from generator.documents.manifest import Manifest
from generator.rules.registry import judge
from generator.system.system import System, SystemTopic

_BROKERS_OWN = "org.apache.kafka.common.errors."


class Flaw(NamedTuple):
    """One place at which a manifest breaks a rule, and the other places at which it does, too."""

    system: System
    manifest: Manifest
    path: Path
    others: frozenset[Path]

    @property
    def topic(self) -> SystemTopic:
        """The topic that breaks the rule."""
        return next(each for each in self.system.topics if each.manifest is self.manifest)


def flaws_of(rule: str, project: Project) -> Iterator[Flaw]:
    """All places at which the failing examples of a rule break it."""
    for document in documents(rule)[1:]:
        project.write("environments/base/base.yaml", BASE)
        project.write("environments/test/environment.yaml", HEADER + document)
        (rendered,) = project.everything("test").environments
        assert rendered.system is not None
        breaches = [each for each in judge(rendered.system) if each.rule == rule]
        assert breaches, "an example that breaks nothing"
        for each in breaches:
            assert each.on is not None, "no object that a broker could be asked for"
            if each.on.kind == "Kafka":  # what topics inherit, whose own value another example has
                continue
            mine = {other.flaw.path for other in breaches if other.on is each.on}
            others = frozenset(mine - {each.flaw.path})
            yield Flaw(rendered.system, each.on, each.flaw.path, others)


class Asked(NamedTuple):
    """A topic as the Topic Operator asks for it."""

    name: str
    partitions: int = 1
    replicas: int = 1
    config: Mapping[str, str] = {}

    def without(self, path: Path) -> "Asked":
        """The topic with something harmless at a flaw's place."""
        match path:
            case ("spec", "config", key):
                return self._replace(config={k: self.config[k] for k in self.config if k != key})
            case ("spec", "partitions"):
                return self._replace(partitions=1)
            case ("spec", "replicas"):
                return self._replace(replicas=1)
            case ("spec", "topicName") | ("metadata", "name"):
                return self._replace(name="mended")
        raise ValueError(path)


def asked_of(kafka: Kafka, flaw: Flaw) -> Asked:
    """The topic with this flaw and no other; a single node has room for one replica."""
    settings = flaw.topic.settings
    config = {key: _text(value) for key, value in settings.config.items()}
    match flaw.path:
        case ("spec", "config", str(key)) if settings.origin(key).broker_key:
            # What the cluster's config says is said by the topic: these brokers have their own.
            config[key] = _text(settings.value(key))
    replicas = 1 if len(kafka.nodes) == 1 else settings.replicas
    asked = Asked(flaw.topic.name, settings.partitions, replicas, config)
    for path in flaw.others:
        asked = asked.without(path)
    return asked


@contextmanager
def made(kafka: Kafka, topic: Asked) -> Iterator[None]:
    """The topic for a while.

    Raises:
        Rejected: when the broker refuses it, or its deletion.
    """
    kafka.create_topic(*topic)
    try:
        yield
    finally:
        kafka.delete_topic(topic.name)


def answer(action: Callable[[], object]) -> str:
    """What the broker says when it refuses; nothing where it accepts."""
    try:
        action()
    except Rejected as refused:
        return f"{refused.name} {refused}".strip()
    return ""


def answer_to_topic(kafka: Kafka, topic: Asked) -> str:
    """What the broker says to a topic, which is gone again afterwards."""

    def make() -> None:
        with made(kafka, topic):
            pass

    return answer(make)


def answer_to(kafka: Kafka, flaw: Flaw) -> str:
    """What the broker says to the object with this flaw."""
    if flaw.manifest.kind == "KafkaTopic":
        return answer_to_topic(kafka, asked_of(kafka, flaw))
    assert flaw.manifest.kind == "KafkaUser"
    user = next(each for each in flaw.system.users if each.manifest is flaw.manifest)
    match flaw.path:
        case ("spec", "quotas", str(key)):
            name = re.sub("[A-Z]", lambda upper: f"_{upper[0].lower()}", key)
            quotas = {name: _text(user.quotas[key])}
            said = answer(lambda: kafka.alter_quotas(user.principal, quotas))
            assert not said or _BROKERS_OWN in said, f"the tool refuses, not the broker: {said}"
            return said
        case ("spec", "authorization", "acls", int(index), *inner):
            acl = user.acls[index]
            assert (acl.type, acl.host) == ("allow", "*"), "create_acl knows no other"
            operations = acl.operations
            if inner[:1] == ["operations"] and inner[1:]:
                operations = (acl.operations[int(inner[1])],)
            what = (acl.resource, acl.name or "kafka-cluster", acl.pattern)
            who = f"User:{user.principal}"
            acls = [partial(kafka.create_acl, *what, operation, who) for operation in operations]
            return "\n".join(filter(None, map(answer, acls)))
    raise ValueError(flaw.path)


def _text(value: Any) -> str:
    """A value as the operators write it."""
    if isinstance(value, list | tuple):
        return ",".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
