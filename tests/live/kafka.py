"""A real Kafka in KRaft mode on this machine, for tests that ask what the broker itself does.

    with Kafka(folder) as kafka:
        kafka.create_topic("orders", config={"retention.ms": "1000"})

Each node is a process of its own with its data in a folder. Whatever the broker refuses is raised
as `Rejected`; anything else that goes wrong is raised as it is, since the test knows nothing then.
"""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
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
)

from live.jars import class_path, java

DEADLINE_S = 120
"""How long anything may take before a test gives up; slow machines are no reason to fail."""

_LOOPBACK = "127.0.0.1"
# 16 bytes in base64, as Kafka wants them; all clusters of tests may share it.
_CLUSTER_ID = "c3RyaW16aS1naXRvcHMtMQ"
_JVM_OPTIONS = (
    *("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-Djava.awt.headless=true"),
    # What lives for a few minutes starts sooner without the optimising compiler.
    "-XX:TieredStopAtLevel=1",
    *("-Dorg.slf4j.simpleLogger.defaultLogLevel=info", "-Dorg.slf4j.simpleLogger.showDateTime=true"),
)
_LOG_LINES = 60

# What a broker answers that does not know yet of a topic that another one has just created.
_NOT_YET = {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
}


class Rejected(Exception):  # noqa: N818 (an answer, not a failure)
    """What the broker said when it refused."""

    def __init__(self, message: str, name: str = "") -> None:
        """`name` is Kafka's own of the error, such as INVALID_CONFIG."""
        super().__init__(message)
        self.name = name


class ServerError(Exception):
    """A node did not start, or stopped; the message ends with its log."""


@dataclass
class Node:
    """One process, broker and controller in one."""

    id: int
    folder: Path
    client_port: int
    controller_port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        """Where the process writes what it has to say."""
        return self.folder / "server.log"

    def properties(self, quorum: list["Node"]) -> dict[str, str]:
        """The node's server.properties."""
        voters = [f"{each.id}@{_LOOPBACK}:{each.controller_port}" for each in quorum]
        copies = str(min(3, len(quorum)))
        listener = f"PLAINTEXT://{_LOOPBACK}:{self.client_port}"
        return {
            "node.id": str(self.id),
            "process.roles": "broker,controller",
            "controller.quorum.voters": ",".join(voters),
            "listeners": f"{listener},CONTROLLER://{_LOOPBACK}:{self.controller_port}",
            "advertised.listeners": listener,
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": str(self.folder / "data"),
            # The authorizer is there so that ACLs can be created, not to refuse anything.
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "allow.everyone.if.no.acl.found": "true",
            "auto.create.topics.enable": "false",
            "offsets.topic.num.partitions": "1",
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": "1",
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.num.partitions": "1",
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            # Half of the heap at its default.
            "log.cleaner.dedupe.buffer.size": str(8 * 2**20),
            "num.network.threads": "2",
            "num.io.threads": "4",
        }

    def start(self, quorum: list["Node"]) -> None:
        """Format the data folder and start the process; it is not ready when this returns."""
        self.folder.mkdir(parents=True)
        file = self.folder / "server.properties"
        lines = [f"{name}={value}\n" for name, value in self.properties(quorum).items()]
        file.write_text("".join(lines), encoding="utf-8")
        format_it = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(file)]
        with self.log.open("ab") as log:
            if subprocess.run(_jvm(*format_it), stdout=log, stderr=log, check=False).returncode:
                raise ServerError(f"node {self.id} could not be formatted\n{self.log_tail()}")
            self.process = subprocess.Popen(_jvm("kafka.Kafka", str(file)), stdout=log, stderr=log)

    def stop(self) -> None:
        """Kill the process: its data are thrown away, so there is nothing to close in order."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def check(self) -> None:
        """Make sure that the process runs.

        Raises:
            ServerError: when it does not.
        """
        if self.process is None or self.process.poll() is not None:
            raise ServerError(f"node {self.id} stopped\n{self.log_tail()}")

    def log_tail(self) -> str:
        """The last lines of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_LOG_LINES:])


class Kafka:
    """A cluster of real nodes, and what tests do with it."""

    def __init__(self, folder: Path, nodes: int = 1) -> None:
        ports = _free_ports(2 * nodes)
        self.nodes = [
            Node(number, folder / str(number), next(ports), next(ports))
            for number in range(1, nodes + 1)
        ]
        self.bootstrap = ",".join(f"{_LOOPBACK}:{node.client_port}" for node in self.nodes)
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

        Raises:
            Rejected: when the broker refuses.
        """
        topic = NewTopic(name, partitions, replicas, config=dict(config or {}))
        _answer(self.admin.create_topics([topic], request_timeout=DEADLINE_S)[name])
        self._until(lambda: self._has_leaders(name, partitions), f"lead {name}")

    def delete_topic(self, name: str) -> None:
        """Delete a topic; it is gone when this returns.

        Raises:
            Rejected: when the broker refuses.
        """
        _answer(self.admin.delete_topics([name], request_timeout=DEADLINE_S)[name])
        self._until(lambda: name not in self._topics(), f"forget {name}")

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
            _jvm(*command), capture_output=True, text=True, check=False, timeout=DEADLINE_S
        )
        if done.returncode != 0:
            raise Rejected((done.stdout + done.stderr).strip())

    def produce(self, topic: str, key: str | None, value: str, acks: str = "all") -> None:
        """Write one record and wait until it is written.

        Raises:
            Rejected: when the broker refuses.
        """
        # The library's own limits and patience are not what tests ask about.
        settings = {"acks": acks, "retries": 0, "message.max.bytes": 10**9}
        producer = Producer(self._client() | settings)

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

    def _topics(self) -> dict[str, Any]:
        topics: dict[str, Any] = self.admin.list_topics(timeout=DEADLINE_S).topics
        return topics

    def _has_leaders(self, name: str, partitions: int) -> bool:
        topic = self._topics().get(name)
        if topic is None or topic.error is not None:
            return False
        leaders = [part.leader for part in topic.partitions.values() if part.leader >= 0]
        return len(leaders) == partitions

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
                # Codes below zero are the library's own: no answer yet.
                if error.args[0].code() >= 0:
                    raise
        raise ServerError(f"Kafka did not {what} within {DEADLINE_S} s\n{self.log_tail()}")


def _jvm(*program: str) -> list[str]:
    """The command that runs one of Kafka's programs."""
    return [java(), *_JVM_OPTIONS, "-cp", class_path(), *program]


def _free_ports(number: int) -> Iterator[int]:
    """Ports that nobody listens on; all are taken at once, so that none comes twice."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind((_LOOPBACK, 0))
        ports = [each.getsockname()[1] for each in sockets]
    return iter(ports)


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
    """Raise what a client was told: the broker's answer as Rejected, the library's own as is."""
    if error.code() < 0:
        raise KafkaException(error)
    raise Rejected(error.str(), error.name()) from None
