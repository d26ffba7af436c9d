"""One node of a real Kafka: its settings, its process and its log."""

import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from live.certificates import Identity
from live.jars import KAFKA, java, of_kafka
from live.security import INTERNAL, LISTENERS, Security

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


SMALL = {
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # Who is refused is told at once, and tests with wrong passwords need not wait.
    "connection.failed.authentication.delay.ms": "0",
    # Half of the heap at its default.
    "log.cleaner.dedupe.buffer.size": str(8 * 2**20),
    "num.network.threads": "2",
    "num.io.threads": "4",
}
"""What lets brokers of tests start quickly, where an environment says nothing else."""


@dataclass
class Node:
    """One process, broker and controller in one."""

    id: int
    folder: Path
    client_port: int
    controller_port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    """What this node has beyond what all nodes have."""
    security: Security | None = field(default=None, repr=False)
    ports: dict[str, int] = field(default_factory=dict)
    """Where applications find each listener, which are there with security only."""
    identity: Identity | None = None
    """What this broker shows to applications; one that is set counts from the next start on."""
    closed: set[str] = field(default_factory=set)
    """The listeners for applications that the next start leaves out."""
    frozen: bool = False
    kafka: str = KAFKA
    """The version that counts from the next start on."""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    quorum: list["Node"] = field(default_factory=list, repr=False)

    @property
    def responds(self) -> bool:
        """Whether it was left running, neither stopped nor frozen."""
        return self.process is not None and not self.frozen

    @property
    def log(self) -> Path:
        """Where the process writes what it has to say."""
        return self.folder / "server.log"

    def properties(self) -> dict[str, str]:
        """The node's server.properties."""
        voters = [f"{each.id}@{LOOPBACK}:{each.controller_port}" for each in self.quorum]
        copies = str(min(3, len(self.quorum)))
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
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.replication.factor": copies,
            "share.coordinator.state.topic.replication.factor": copies,
            **SMALL,
            **self._secured(),
            **self.settings,
        }

    def _secured(self) -> dict[str, str]:
        """What replaces the single open listener where there is security."""
        if self.security is None:
            return {}
        if self.identity is None:
            self.identity = self.security.broker()
        ports = {INTERNAL: self.client_port} | {
            name.upper(): port for name, port in self.ports.items() if name not in self.closed
        }
        listeners = ",".join(f"{name}://{LOOPBACK}:{port}" for name, port in ports.items())
        protocols = {name.upper(): protocol for name, protocol in LISTENERS.items()}
        protocols |= dict.fromkeys((INTERNAL, "CONTROLLER"), "SASL_PLAINTEXT")
        return self.security.properties(self.identity) | {
            "listeners": f"{listeners},CONTROLLER://{LOOPBACK}:{self.controller_port}",
            "advertised.listeners": listeners,
            "inter.broker.listener.name": INTERNAL,
            "listener.security.protocol.map": ",".join(
                f"{name}:{protocol}" for name, protocol in protocols.items()
            ),
        }

    def start(self, quorum: list["Node"]) -> None:
        """Format the data folder and start the process; it is not ready when this returns."""
        self.folder.mkdir(parents=True)
        self.quorum = quorum
        file = self._write_properties()
        format_it = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(file)]
        with self.log.open("ab") as log:
            if subprocess.run(
                jvm(*format_it, kafka=self.kafka), stdout=log, stderr=log, check=False
            ).returncode:
                raise ServerError(f"node {self.id} could not be formatted\n{self.log_tail()}")
        self.run()

    def run(self) -> None:
        """Start the process on the data that are there."""
        file = self._write_properties()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                jvm("kafka.Kafka", str(file), kafka=self.kafka), stdout=log, stderr=log
            )

    def leave(self) -> None:
        """Stop the process as a rolling restart does: it first hands over what it leads."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def die(self) -> None:
        """Kill the process as a crash does; `run` starts it again on the data that are there."""
        self.stop()
        self.process = None
        self.frozen = False

    def freeze(self) -> None:
        """Let the process do nothing at all; connections to it are still taken by the system."""
        self._signal(signal.SIGSTOP)
        self.frozen = True

    def thaw(self) -> None:
        """Let a frozen process go on."""
        self._signal(signal.SIGCONT)
        self.frozen = False

    def _signal(self, number: signal.Signals) -> None:
        if self.process is None:
            raise ServerError(f"node {self.id} does not run")
        self.process.send_signal(number)

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

    def _write_properties(self) -> Path:
        file = self.folder / "server.properties"
        lines = [f"{name}={value}\n" for name, value in self.properties().items()]
        file.write_text("".join(lines), encoding="utf-8")
        return file

    def log_tail(self) -> str:
        """The last lines of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-_LOG_LINES:])


def jvm(*program: str, kafka: str = KAFKA) -> list[str]:
    """The command that runs one of Kafka's programs."""
    return [java(), *_JVM_OPTIONS, "-cp", of_kafka(kafka), *program]


def free_ports(number: int) -> Iterator[int]:
    """Ports that nobody listens on; all are taken at once, so that none comes twice."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        ports = [each.getsockname()[1] for each in sockets]
    return iter(ports)
