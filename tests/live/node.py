"""One node of a real Kafka: its settings, its process and its log."""

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from live.jars import class_path, java

LOOPBACK = "127.0.0.1"

# 16 bytes in base64, as Kafka wants them; all clusters of tests may share it.
_CLUSTER_ID = "c3RyaW16aS1naXRvcHMtMQ"
_JVM_OPTIONS = (
    *("-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-Djava.awt.headless=true"),
    # What lives for a few minutes starts sooner without the optimising compiler.
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
_LOG_LINES = 60


class ServerError(Exception):
    """A node did not start, or stopped; the message ends with its log."""


@dataclass
class Node:
    """One process, broker and controller in one."""

    id: int
    folder: Path
    client_port: int
    controller_port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    """What this node has beyond what all nodes have."""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def log(self) -> Path:
        """Where the process writes what it has to say."""
        return self.folder / "server.log"

    def properties(self, quorum: list["Node"]) -> dict[str, str]:
        """The node's server.properties."""
        voters = [f"{each.id}@{LOOPBACK}:{each.controller_port}" for each in quorum]
        copies = str(min(3, len(quorum)))
        listener = f"PLAINTEXT://{LOOPBACK}:{self.client_port}"
        return {
            "node.id": str(self.id),
            "process.roles": "broker,controller",
            "controller.quorum.voters": ",".join(voters),
            "listeners": f"{listener},CONTROLLER://{LOOPBACK}:{self.controller_port}",
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
            **self.settings,
        }

    def start(self, quorum: list["Node"]) -> None:
        """Format the data folder and start the process; it is not ready when this returns."""
        self.folder.mkdir(parents=True)
        file = self.folder / "server.properties"
        lines = [f"{name}={value}\n" for name, value in self.properties(quorum).items()]
        file.write_text("".join(lines), encoding="utf-8")
        format_it = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(file)]
        with self.log.open("ab") as log:
            if subprocess.run(jvm(*format_it), stdout=log, stderr=log, check=False).returncode:
                raise ServerError(f"node {self.id} could not be formatted\n{self.log_tail()}")
        self.run()

    def run(self) -> None:
        """Start the process on the data that are there."""
        file = self.folder / "server.properties"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(jvm("kafka.Kafka", str(file)), stdout=log, stderr=log)

    def leave(self) -> None:
        """Stop the process as a rolling restart does: it first hands over what it leads."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        """Kill the process: its data are thrown away, so there is nothing to close in order."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def check(self) -> None:
        """Make sure that the process runs, unless it was told to leave.

        Raises:
            ServerError: when it does not.
        """
        if self.process is not None and self.process.poll() is not None:
            raise ServerError(f"node {self.id} stopped\n{self.log_tail()}")

    def log_tail(self) -> str:
        """The last lines of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_LOG_LINES:])


def jvm(*program: str) -> list[str]:
    """The command that runs one of Kafka's programs."""
    return [java(), *_JVM_OPTIONS, "-cp", class_path(), *program]


def free_ports(number: int) -> Iterator[int]:
    """Ports that nobody listens on; all are taken at once, so that none comes twice."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        ports = [each.getsockname()[1] for each in sockets]
    return iter(ports)
