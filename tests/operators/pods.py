"""The pods that operators make, as processes on this machine: brokers, Topic and User Operators.

Configuration, certificates and variables are as the Cluster Operator rendered them, byte for byte,
and at the places where the pod has them, in a namespace of mounts. What Strimzi's images have beside that is left out
where no registry has it: Kafka's agent, so that a node counts as ready once it says in its log that it has started.
"""

import base64
import http.client
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import join, quote
from typing import Any

from live import engine_pod
from live.commands import Done
from live.jars import KAFKA, TOOLS, MissingError, java, tiered_storage, tools
from live.kubernetes_server import KubernetesServer
from operators.addresses import Hosts, own_address
from operators.engine_jobs import IMAGE, EngineJob
from operators.kubelet import Container
from operators.parts import brokers, operators
from operators.stores import has_stores, of_broker, of_topic_operator
from operators.verification import VERIFIER, Verification

_IPV4 = "-Djava.net.preferIPv4Stack=true"
_SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", _IPV4)
_KAFKA_OPTIONS = (
    *("-Xms200m", "-Xmx400m", *_SMALL, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
)
_STARTED = b"Kafka Server started"
_ZONE = "topology.kubernetes.io/zone"
_CONFIG = "/opt/kafka/custom-config"
_MAIN = {
    "topic-operator": "io.strimzi.operator.topic.Main",
    "user-operator": "io.strimzi.operator.user.Main",
}


HOLLOW = "hollow-"
"""How namespaces begin in which pods are only said to be ready: for what operators say before they ask a broker."""
BROKERS_ONLY = "brokers-"
"""How namespaces begin in which of all pods only brokers run, as there are no topics and users."""


def pods_run_here() -> None:
    """Make sure that pods can have mounts of their own.

    Raises:
        MissingError: when not.
    """
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if tried.returncode:
        raise MissingError("only root may give pods mounts of their own")


class Pods:
    """Makes processes of those pods that it knows."""

    def __init__(self, kubernetes: KubernetesServer, folder: Path, hosts: Hosts) -> None:
        """`folder` is where claims, logs and the pods' own files go."""
        self.kubernetes, self.folder, self.hosts = kubernetes, folder, hosts
        self.verified: dict[str, Done] = {}
        """What the last verification of each namespace came to."""
        self.cloud: dict[str, str] = {}
        """The variables by which a cloud gives verification its identity."""
        self.kills: list[str] = []
        """Steps of backups and restores that are killed, in their order."""
        self.engine_told: list[tuple[str, str, engine_pod.Done]] = []
        """What steps of backups and restores came to: Job, container."""

    def __call__(self, pod: Any) -> Container | None:
        """What runs for a pod; nothing, where it is not known, or its namespace wants nothing of it."""
        spec = pod["spec"]
        every = [*spec.get("initContainers", ()), *spec["containers"]]
        if any(each["image"].startswith(IMAGE) for each in every):
            return EngineJob(
                self.kubernetes, self.folder, self.hosts, pod, self.kills, self.engine_told
            )
        names = {each["name"] for each in spec["containers"]}
        if names == {VERIFIER}:
            return Verification(
                self.kubernetes, self.folder, self.hosts, pod, self.verified, self.cloud
            )
        known = {"kafka", *_MAIN}
        if pod["metadata"]["namespace"].startswith(BROKERS_ONLY):
            known -= _MAIN.keys()
        if pod["metadata"]["namespace"].startswith(HOLLOW):
            known.clear()
        return Pod(self, pod) if names & known else None


class Pod:
    """A pod, and a process for each of its containers."""

    def __init__(self, around: Pods, pod: Any) -> None:
        """Nothing runs yet."""
        self._around, self.body = around, pod
        metadata, spec = pod["metadata"], pod["spec"]
        self.name, self.namespace = metadata["name"], metadata["namespace"]
        self.address = around.hosts.address(
            f"{self.namespace}/{self.name}", self.namespace, self._names()
        )
        self.folder = around.folder / "pods" / metadata["uid"]
        self._processes = [_Process(around, self, each) for each in spec["containers"]]

    def _names(self) -> Iterator[str]:
        labels, spec = self.body["metadata"]["labels"], self.body["spec"]
        if "subdomain" in spec:
            yield f"{self.name}.{spec['subdomain']}"
            yield spec["subdomain"]
        if labels.get("strimzi.io/broker-role") == "true":
            yield f"{labels['strimzi.io/cluster']}-kafka-bootstrap"

    def start(self) -> None:
        """Start every container."""
        for each in self._processes:
            each.start()

    def is_ready(self) -> bool:
        """Whether every container does its work."""
        return all(each.is_ready() for each in self._processes)

    def is_up(self) -> bool:
        """Whether every container runs."""
        return all(each.is_up() for each in self._processes)

    def exit_code(self) -> int | None:
        """Nothing: it runs for ever."""
        return None

    def stop(self, grace_s: float) -> None:
        """End every container as the kubelet does; the pod's own files go with it, its claims do not."""
        for each in self._processes:
            each.end(grace_s)
        for each in self._processes:
            each.wait(grace_s)
        shutil.rmtree(self.folder, ignore_errors=True)


class _Process:
    """One container of a pod."""

    def __init__(self, around: Pods, pod: Pod, container: Any) -> None:
        self._around, self._pod, self._container = around, pod, container
        self._own = pod.folder / container["name"]
        folder = around.folder / "logs" / pod.namespace
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{pod.name}-{container['name']}.log"
        self._began = self.log.stat().st_size if self.log.exists() else 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._own.mkdir(parents=True)
        script = self._own / "run.sh"
        lines = ["set -e", *self._mounts(), *self._program(), ""]
        script.write_text("\n".join(lines), encoding="utf-8")
        leash = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*leash, "unshare", "--mount", "bash", str(script)],
                stdout=log, stderr=log, env=self._environment(), process_group=0,
            )  # fmt: skip
        (self._own / "pid").write_text(str(self._process.pid))

    def _environment(self) -> dict[str, str]:
        told = self._container.get("env", ())
        kubernetes, account = self._around.kubernetes, self._pod.body["spec"]["serviceAccountName"]
        token = kubernetes.token(self._pod.namespace, account, 36_000)
        return {
            "PATH": os.environ["PATH"],
            **{each["name"]: each.get("value", "") for each in told if "valueFrom" not in each},
            "HOME": str(self._own),
            # In a pod the variables of the Service `kubernetes` say where to ask.
            "KUBECONFIG": str(kubernetes.bearer(token).kubeconfig),
            "POD_ADDRESS": self._pod.address,
            "STANDIN_STORE": str(self._around.folder / "store" / self._pod.namespace),
        }

    def _mounts(self) -> Iterator[str]:
        """Every file of the pod at its place, and names as its namespace has them."""
        volumes = {each["name"]: each for each in self._pod.body["spec"]["volumes"]}
        paths = {
            each["mountPath"]: volumes[each["name"]] for each in self._container["volumeMounts"]
        }
        paths = {path: volume for path, volume in paths.items()
                 if path.startswith(("/opt/", "/var/lib/", "/etc/"))}  # fmt: skip
        for top in ("/opt", "/var", "/etc"):
            real = f"{self._own}/real{top}"
            yield f"mkdir -p {real}; mount --rbind {top} {real}; mount -t tmpfs none {top}"
            yield f"for each in {real}/*; do ln -s $each {top}/; done"
        yield "rm -f /var/lib; mkdir -p /opt/kafka/plugins/tiered-storage"
        # The plugin is loaded from its own path, by a loader that looks there first.
        yield f"cp {tiered_storage()} /opt/kafka/plugins/tiered-storage/"
        yield from self._tools()
        for path, volume in paths.items():
            source = self._volume(volume)
            yield f"mkdir -p {quote(path)}; mount --bind {quote(str(source))} {quote(path)}"
        yield f"mount --bind {quote(str(self._around.hosts.within(self._pod.namespace)))} /etc/hosts"

    def _tools(self) -> Iterator[str]:
        """Kafka's tools where the image has them, for who comes by `kubectl exec`."""
        run = [java(), "-Xmx128m", *_SMALL, "-cp", f"{brokers()}:{tools()}"]
        yield "mkdir -p /opt/kafka/bin"
        for name, main in TOOLS.items():
            script = f'#!/bin/sh\nexec {join([*run, main])} "$@"\n'
            yield f"echo {quote(script)} > /opt/kafka/bin/{name}; chmod +x /opt/kafka/bin/{name}"

    def _volume(self, volume: Mapping[str, Any]) -> Path:
        kubernetes, namespace = self._around.kubernetes, self._pod.namespace
        folder: Path = self._own / volume["name"]
        if "persistentVolumeClaim" in volume:
            claim: str = volume["persistentVolumeClaim"]["claimName"]
            folder = self._around.folder / "claims" / namespace / claim
        folder.mkdir(parents=True, exist_ok=True)
        if "configMap" in volume:
            found = kubernetes.read("ConfigMap", volume["configMap"]["name"], namespace)
            for key, value in found.get("data", {}).items():
                (folder / key).write_text(value, encoding="utf-8")
        if "secret" in volume:
            found = kubernetes.read("Secret", volume["secret"]["secretName"], namespace)
            for key, value in found.get("data", {}).items():
                (folder / key).write_bytes(base64.b64decode(value))
        if volume["name"] == "rack-volume":
            # What the init container asks the node for.
            node = kubernetes.read("Node", self._pod.body["spec"]["nodeName"])
            (folder / "rack.id").write_text(node["metadata"]["labels"][_ZONE], encoding="utf-8")
            address = node["status"]["addresses"][0]["address"]
            (folder / "external.address").write_text(f"nodeport.default.address={address}\n")
        return folder

    def _program(self) -> Sequence[str]:
        """What the image runs."""
        name = self._container["name"]
        preload = f"export LD_PRELOAD={own_address()}"
        if name != "kafka":
            version = self._container["image"].rpartition(":")[2]
            main = _MAIN[name]
            lines: list[str] = []
            if name == "topic-operator" and has_stores(version):
                lines, main = [*of_topic_operator()], f"{main.rpartition('.')[0]}.TopicOperatorMain"
            command = [java(), "-Xmx200m", *_SMALL, "-cp", operators(version), main]
            return [*lines, preload, f"exec {join(command)}"]
        # As kafka_run.sh of Strimzi 1.2.0 does it, and where they need stores that of 0.48.0.
        version = self._pod.body["metadata"]["annotations"].get("strimzi.io/kafka-version", KAFKA)
        number = self._pod.name.rpartition("-")[2]
        data = f"/var/lib/kafka/data*/kafka-log{number}"
        run = [java(), *_KAFKA_OPTIONS, "-cp", brokers(version)]
        config, own = f"{_CONFIG}/server.config", self._own / "tmp"
        return [
            f"export STRIMZI_BROKER_ID={number}",
            *of_broker(self._pod.name, f"{_CONFIG}/server.config"),
            f"if ! ls {data}/meta.properties >/dev/null 2>&1; then",
            f"  {join([*run, 'kafka.tools.StorageTool', 'format', '-g', f'-c={config}'])}"
            f' "-t=$(cat {_CONFIG}/cluster.id)" "-r=$(cat {_CONFIG}/metadata.version)"',
            "fi",
            f"rm -f {data}/__cluster_metadata-0/quorum-state",
            # Where kafka_run.sh writes it, for who comes by `kubectl exec`: the pod's own /tmp.
            f"mkdir -p {own}; cp {config} {own}/strimzi.properties",
            preload,
            f"exec {join([*run, 'kafka.Kafka', config])}",
        ]

    def is_ready(self) -> bool:
        probe = self._container.get("readinessProbe", {}).get("httpGet")
        if probe is None or self._container["name"] == "kafka":
            with self.log.open("rb") as log:
                log.seek(self._began)
                return _STARTED in log.read()
        ports = {each["name"]: each["containerPort"] for each in self._container["ports"]}
        line = http.client.HTTPConnection(self._pod.address, ports[probe["port"]], timeout=5)
        try:
            line.request("GET", probe["path"])
            return line.getresponse().status < http.client.BAD_REQUEST
        except OSError:
            return False
        finally:
            line.close()

    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def end(self, grace_s: float) -> None:
        if self._process is not None:
            (self._process.terminate if grace_s else self._process.kill)()

    def wait(self, grace_s: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(max(grace_s, 5))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
