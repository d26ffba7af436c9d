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
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Self

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ClusterMetadata,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
    TopicMetadata,
)
from live.acls import binding
from live.answers import DEADLINE_S, NO_ANSWER, NOT_YET, Rejected, answer_of, refuse
from live.node import LOOPBACK, Node, ServerError, free_ports, jvm
from live.security import LISTENERS, Security, admin
from live.stopping import Stopping

__all__ = ["DEADLINE_S", "Kafka", "Rejected"]


class Kafka(Stopping):
    """A cluster of real nodes, and what tests do with it."""

    def __init__(
        self,
        folder: Path,
        nodes: int = 1,
        settings: Mapping[str, str] | None = None,
        secure: bool = False,
    ) -> None:
        """`settings` are those of server.properties that all nodes have beside the usual ones.

        With `secure`, `security` has the authorities, and applications come in by `application`.
        """
        self.security = Security(folder) if secure else None
        listeners = LISTENERS if secure else ()
        ports = free_ports((2 + len(listeners)) * nodes)
        self.nodes = [
            Node(number, folder / str(number), next(ports), next(ports), settings or {},
                 self.security, {name: next(ports) for name in listeners})
            for number in range(1, nodes + 1)
        ]  # fmt: skip
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
            self.until(self._is_complete, "start")
            self._cleanup = cleanup.pop_all()
        return self

    @contextmanager
    def restarting(self, node: Node) -> Iterator[None]:
        """One node is away, as in a rolling restart; in the end it is back and has caught up."""
        node.leave()
        try:
            yield
        finally:
            self.take_back(node)

    def take_back(self, node: Node) -> None:
        """Start a node that is away; it has caught up when this returns."""
        node.run()
        self.wait_for(node)

    def wait_for(self, node: Node) -> None:
        """Return when a node answers and has caught up."""
        self.until(lambda: self.own_metadata(node, 5) is not None, f"bring back {node.id}")
        self.until(lambda: self._is_complete() and self._is_in_sync(), "get back together")

    def own_metadata(self, node: Node, timeout: float) -> ClusterMetadata | None:
        """What a node itself knows of the cluster; nothing where it does not answer in time."""
        settings = self._client() | {"bootstrap.servers": f"{LOOPBACK}:{node.client_port}"}
        try:
            # A client of its own: one that has heard of the other nodes would ask them, too.
            return AdminClient(settings).list_topics(timeout=timeout)
        except KafkaException as error:
            if error.args[0].code() not in NO_ANSWER:
                raise
            return None

    def application(self, listener: str, user: str, *nodes: Node) -> dict[str, Any]:
        """What a client is told that comes in by a listener; `nodes` where it may ask, or all."""
        assert self.security is not None, "a cluster with one open listener"
        asked = [f"{LOOPBACK}:{node.ports[listener]}" for node in nodes or self.nodes]
        return self.security.client(listener, user) | {"bootstrap.servers": ",".join(asked)}

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
        answer_of(self.admin.create_topics([topic], request_timeout=DEADLINE_S)[name])
        self.until(lambda: self._has_leaders(name), f"lead {name}")

    def delete_topic(self, name: str) -> None:
        """Delete a topic; it is gone when this returns.

        Raises:
            Rejected: when the broker refuses.
        """
        answer_of(self.admin.delete_topics([name], request_timeout=DEADLINE_S)[name])
        self.until(lambda: self._topic(name) is None, f"forget {name}")

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
        answer_of(self.admin.incremental_alter_configs([resource])[resource])
        self.settle()

    def topic_config(self, name: str) -> dict[str, str]:
        """All settings of a topic with the values that count, defaults too.

        Raises:
            Rejected: when the broker refuses.
        """
        resource = ConfigResource(ResourceType.TOPIC, name)
        entries = answer_of(self.admin.describe_configs([resource])[resource])
        return {key: entry.value for key, entry in sorted(entries.items())}

    def create_acl(
        self, resource_type: str, name: str, pattern: str, operation: str, principal: str
    ) -> None:
        """Allow something, in the words of KafkaUser: `topic`, `prefix`, `DescribeConfigs`.

        Raises:
            Rejected: when the broker refuses.
        """
        acl = binding(resource_type, name, pattern, operation, principal)
        answer_of(self.admin.create_acls([acl])[acl])

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
            if error is not None and error.code() not in NOT_YET:
                refuse(error)
            return error is None

        self.until(attempt, f"take a record for {topic}")

    def move_group(self, group: str, topic: str, offsets: Mapping[int, int]) -> None:
        """Set where a group is, by partition; nobody may be in it."""
        places = [TopicPartition(topic, number, at) for number, at in offsets.items()]
        asked = [ConsumerGroupTopicPartitions(group, places)]

        def is_done() -> bool:
            told = answer_of(self.admin.alter_consumer_group_offsets(asked)[group])
            # The first group of a cluster has no coordinator for a moment.
            return not any(each.error for each in told.topic_partitions or ())

        self.until(is_done, f"move {group}")

    def group_offsets(self, group: str) -> dict[tuple[str, int], int]:
        """Where a group is."""
        asked = self.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
        told = answer_of(asked[group]).topic_partitions or ()
        return {(each.topic, each.partition): each.offset for each in told}

    def _client(self) -> dict[str, Any]:
        """What every client is told: where to connect, and not to write on the terminal."""
        return {
            **(admin() if self.security else {}),
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

    def settle(self) -> None:
        """Return when what was changed before counts: brokers learn of all changes in order."""
        name = f"settled-{next(self._numbers)}"
        self.create_topic(name)
        for node in self.nodes:
            if node.responds:
                self.until(partial(self._has_heard, node, name), f"tell {node.id} of {name}")
        self.delete_topic(name)

    def _has_heard(self, node: Node, topic: str) -> bool:
        known = self.own_metadata(node, 5)
        return known is not None and topic in known.topics

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Ask until the answer is yes; every question waits for the broker, so none is in vain."""
        end = time.monotonic() + DEADLINE_S
        while time.monotonic() < end:
            for node in self.nodes:
                node.check()
            try:
                if condition():
                    return
            except KafkaException as error:
                if error.args[0].code() not in NO_ANSWER:
                    raise
        raise ServerError(f"Kafka did not {what} within {DEADLINE_S} s\n{self.log_tail()}")
