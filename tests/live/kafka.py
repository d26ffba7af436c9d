"""A real Kafka in KRaft mode on this machine, for tests that ask what the broker itself does.

    with Kafka(folder) as kafka:
        kafka.create_topic("orders", config={"retention.ms": "1000"})

Each node is a process of its own with its data in a folder. Whatever the broker refuses is raised
as `Rejected`; anything else that goes wrong is raised as it is, since the test knows nothing then.
"""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    TopicMetadata,
)
from live.node import LOOPBACK, Node, ServerError, free_ports, jvm

DEADLINE_S = 120
"""How long anything may take before a test gives up; slow machines are no reason to fail."""

# What a broker answers that has not heard yet of a change that the controller has just made.
_NOT_YET = {
    *(KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError.LEADER_NOT_AVAILABLE),
    KafkaError.NOT_LEADER_FOR_PARTITION,
}
# What the library says when nobody answered.
_NO_ANSWER = {
    *(KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN),
    *(KafkaError._TIMED_OUT, KafkaError._MSG_TIMED_OUT),
}


class Rejected(Exception):  # noqa: N818 (an answer, not a failure)
    """What the broker said when it refused."""

    def __init__(self, message: str, name: str = "") -> None:
        """`name` is Kafka's own of the error, such as INVALID_CONFIG."""
        super().__init__(message)
        self.name = name


class Kafka:
    """A cluster of real nodes, and what tests do with it."""

    def __init__(
        self, folder: Path, nodes: int = 1, settings: Mapping[str, str] | None = None
    ) -> None:
        """`settings` are those of server.properties that all nodes have beside the usual ones."""
        ports = free_ports(2 * nodes)
        self.nodes = [
            Node(number, folder / str(number), next(ports), next(ports), settings or {})
            for number in range(1, nodes + 1)
        ]
        self.bootstrap = ",".join(f"{LOOPBACK}:{node.client_port}" for node in self.nodes)
        self._cleanup = ExitStack()
        self._numbers = count(1)

    def __enter__(self) -> Self:
        """Start all nodes.

        Raises:
            ServerError: when a node does not start in time.
            MissingError: when there is no Kafka to start.
        """
        with ExitStack() as cleanup:
            for node in self.nodes:
                cleanup.callback(node.stop)
                node.start(self.nodes)
            self.admin = AdminClient(self._client())
            self._until(self._is_complete, "start")
            self._cleanup = cleanup.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop all nodes, whatever happened."""
        self._cleanup.close()

    @contextmanager
    def restarting(self, node: Node) -> Iterator[None]:
        """One node is away, as in a rolling restart; in the end it is back and has caught up."""
        node.leave()
        try:
            yield
        finally:
            node.run()
            self._until(self._is_in_sync, "get back together")

    def log_tail(self) -> str:
        """The last lines of all nodes' logs."""
        return "\n".join(f"node {node.id}:\n{node.log_tail()}" for node in self.nodes)

    def create_topic(
        self,
        name: str,
        partitions: int = 1,
        replicas: int = 1,
        config: Mapping[str, str] | None = None,
    ) -> None:
        """Create a topic; every partition has a leader when this returns.

        Args:
            name: its name.
            partitions: -1 leaves them to the broker.
            replicas: -1 leaves them to the broker.
            config: its settings.

        Raises:
            Rejected: when the broker refuses.
        """
        topic = NewTopic(name, partitions, replicas, config=dict(config or {}))
        _answer(self.admin.create_topics([topic], request_timeout=DEADLINE_S)[name])
        self._until(lambda: self._has_leaders(name), f"lead {name}")

    def delete_topic(self, name: str) -> None:
        """Delete a topic; it is gone when this returns.

        Raises:
            Rejected: when the broker refuses.
        """
        _answer(self.admin.delete_topics([name], request_timeout=DEADLINE_S)[name])
        self._until(lambda: self._topic(name) is None, f"forget {name}")

    def alter_topic_config(self, name: str, config: Mapping[str, str]) -> None:
        """Set some settings of a topic and leave the others; they count when this returns.

        Raises:
            Rejected: when the broker refuses.
        """
        entries = [
            ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
            for key, value in config.items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
        _answer(self.admin.incremental_alter_configs([resource])[resource])
        self._settle()

    def topic_config(self, name: str) -> dict[str, str]:
        """All settings of a topic with the values that count, defaults too.

        Raises:
            Rejected: when the broker refuses.
        """
        resource = ConfigResource(ResourceType.TOPIC, name)
        entries = _answer(self.admin.describe_configs([resource])[resource])
        return {key: entry.value for key, entry in sorted(entries.items())}

    def create_acl(
        self, resource_type: str, name: str, pattern: str, operation: str, principal: str
    ) -> None:
        """Allow something, in the words of KafkaUser: `topic`, `prefix`, `DescribeConfigs`.

        Raises:
            Rejected: when the broker refuses.
        """
        # The C library's word for the cluster.
        kind = "BROKER" if resource_type == "cluster" else _snake(resource_type)
        acl = AclBinding(
            ResourceType[kind],
            name,
            ResourcePatternType["PREFIXED" if pattern == "prefix" else _snake(pattern)],
            principal,
            "*",
            AclOperation[_snake(operation)],
            AclPermissionType.ALLOW,
        )
        _answer(self.admin.create_acls([acl])[acl])

    def alter_quotas(self, user: str, quotas: Mapping[str, str]) -> None:
        """Set quotas of a user, by Kafka's own tool: the C library has no call for it.

        Raises:
            Rejected: when the tool or the broker refuses.
        """
        added = ",".join(f"{name}={value}" for name, value in quotas.items())
        command = [
            *("kafka.admin.ConfigCommand", "--bootstrap-server", self.bootstrap, "--alter"),
            *("--entity-type", "users", "--entity-name", user, "--add-config", added),
        ]
        done = subprocess.run(
            jvm(*command), capture_output=True, text=True, check=False, timeout=DEADLINE_S
        )
        if done.returncode != 0:
            raise Rejected((done.stdout + done.stderr).strip())

    def produce(self, topic: str, key: str | None, value: str, acks: str = "all") -> None:
        """Write one record and wait until it is written.

        Raises:
            Rejected: when the broker refuses.
        """
        # The library's own limits and patience are not what tests ask about.
        patience = {"retries": 0, "message.timeout.ms": 10_000}
        settings = {"acks": acks, "message.max.bytes": 10**9}
        producer = Producer(self._client() | patience | settings)

        def attempt() -> bool:
            errors: list[KafkaError | None] = []
            producer.produce(topic, value, key, on_delivery=lambda error, _: errors.append(error))
            producer.flush(DEADLINE_S)
            error = errors[0]
            if error is not None and error.code() not in _NOT_YET:
                _refuse(error)
            return error is None

        self._until(attempt, f"take a record for {topic}")

    def _client(self) -> dict[str, Any]:
        """What every client is told: where to connect, and not to write on the terminal."""
        return {
            "bootstrap.servers": self.bootstrap,
            "log_level": 0,
            "error_cb": lambda _error: None,
        }

    def _is_complete(self) -> bool:
        cluster = self.admin.describe_cluster(request_timeout=5).result()
        return len(cluster.nodes) == len(self.nodes) and cluster.controller is not None

    def _is_in_sync(self) -> bool:
        topics = self.admin.list_topics(timeout=DEADLINE_S).topics.values()
        parts = [part for topic in topics for part in topic.partitions.values()]
        return all(set(part.isrs) == set(part.replicas) for part in parts)

    def _topic(self, name: str) -> TopicMetadata | None:
        """What a broker knows of a topic."""
        topic = self.admin.list_topics(name, timeout=DEADLINE_S).topics[name]
        return None if topic.error is not None else topic

    def _has_leaders(self, name: str) -> bool:
        # A topic comes with all its partitions, since its records are one batch.
        topic = self._topic(name)
        return topic is not None and all(part.leader >= 0 for part in topic.partitions.values())

    def _settle(self) -> None:
        """Return when what was changed before counts: brokers learn of all changes in order."""
        name = f"settled-{next(self._numbers)}"
        self.create_topic(name)
        self.delete_topic(name)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        """Ask until the answer is yes; every question waits for the broker, so none is in vain."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            for node in self.nodes:
                node.check()
            try:
                if condition():
                    return
            except KafkaException as error:
                if error.args[0].code() not in _NO_ANSWER:
                    raise
        raise ServerError(f"Kafka did not {what} within {DEADLINE_S} s\n{self.log_tail()}")


def _snake(word: str) -> str:
    """`DescribeConfigs` or `transactionalId` as the C library spells them."""
    return "".join(f"_{each}" if each.isupper() else each for each in word).lstrip("_").upper()


def _answer(future: Any) -> Any:
    """What the broker answered.

    Raises:
        Rejected: when it refused.
    """
    try:
        return future.result(DEADLINE_S)
    except KafkaException as error:
        _refuse(error.args[0])


def _refuse(error: KafkaError) -> None:
    """Raise what a client was told: the broker's answer as Rejected, the library's own as it is."""
    if error.code() < 0:
        raise KafkaException(error)
    raise Rejected(error.str(), error.name()) from None
