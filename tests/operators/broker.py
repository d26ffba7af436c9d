"""A pod of Kafka as the Cluster Operator made it, as a process on this machine.

Configuration, certificates and variables are as rendered by the operator, byte for byte, and at the
places where the pod has them, in a namespace of mounts. What Strimzi's image has beside
Kafka is left out where no registry has it: its agent, so that a broker counts as ready once it says
so in its log.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from shlex import quote
from typing import Any

from live.jars import CACHE, KAFKA, MissingError, java
from live.kubernetes_server import KubernetesServer
from operators.addresses import Hosts, names_of
from operators.parts import brokers

_JVM_OPTIONS = (
    *("-Xms200m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    *("-Djava.net.preferIPv4Stack=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
    *(f"-Dorg.slf4j.simpleLogger.log.{name}=info"
      for name in ("kafka.server.KafkaRaftServer", "org.apache.kafka.common.config.AbstractConfig")),
)  # fmt: skip
_STARTED = "Kafka Server started"
_BIND = Path(__file__).with_name("bind.c")
_ZONE = "topology.kubernetes.io/zone"


@cache
def bind_library() -> Path:
    """What lets several pods listen on the same port, built when the cache has none.

    Raises:
        MissingError: when it cannot be built.
    """
    library = CACHE / f"bind-{hash(_BIND.read_bytes()) & 0xFFFFFFFF:x}.so"
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise MissingError("no C compiler")
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = library.with_suffix(f".{os.getpid()}")
    command = [compiler, "-shared", "-fPIC", "-o", str(unfinished), str(_BIND), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingError(f"cc failed: {done.stderr}")
    unfinished.replace(library)
    return library


class Broker:
    """One pod of Kafka."""

    def __init__(self, kubernetes: KubernetesServer, folder: Path, hosts: Hosts, pod: Any) -> None:
        """`folder` is where claims and pods have their files."""
        metadata, spec = pod["metadata"], pod["spec"]
        self.name, self.namespace = metadata["name"], metadata["namespace"]
        self._kubernetes, self._hosts, self._pod = kubernetes, hosts, pod
        names = names_of(f"{self.name}.{spec['subdomain']}", self.namespace)
        services = [spec["subdomain"]]
        if metadata["labels"].get("strimzi.io/broker-role") == "true":
            services.append(f"{metadata['labels']['strimzi.io/cluster']}-kafka-bootstrap")
        names += [name for service in services for name in (service, *names_of(service, self.namespace))]
        self.address = hosts.address(f"{self.namespace}/{self.name}", names)
        self._claims = folder / "claims" / self.namespace
        self._own = folder / "pods" / metadata["uid"]
        self.log = folder / f"{self.namespace}-{self.name}.log"
        self._from = self.log.stat().st_size if self.log.exists() else 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def _container(self) -> Any:
        (kafka,) = [each for each in self._pod["spec"]["containers"] if each["name"] == "kafka"]
        return kafka

    def start(self) -> None:
        """Format what is not formatted, and start."""
        # A pod's own files go with it, its claims do not.
        (self._own / "init").mkdir(parents=True)
        script = self._own / "run.sh"
        script.write_text("\n".join(["set -e", *self._mounts(), *self._kafka(), ""]), encoding="utf-8")
        variables = {each["name"]: each["value"] for each in self._container.get("env", ()) if "value" in each}
        environment = {
            "PATH": os.environ["PATH"], **variables, "HOME": str(self._own),
            "KUBECONFIG": str(self._kubeconfig()),
        }  # fmt: skip
        leash = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*leash, "unshare", "--mount", "bash", str(script)],
                stdout=log, stderr=log, env=environment, process_group=0,
            )  # fmt: skip

    def _kubeconfig(self) -> Path:
        account = self._pod["spec"]["serviceAccountName"]
        return self._kubernetes.bearer(self._kubernetes.token(self.namespace, account, 36_000)).kubeconfig

    def _mounts(self) -> list[str]:
        """Every file of the pod at its place."""
        roots = sorted({f"/{path.split('/')[1]}/{path.split('/')[2]}" for path in self._paths()} | {"/opt/kafka"})
        lines = []
        for root in roots:
            top = f"/{root.split('/')[1]}"
            lines.append(f"mkdir -p {self._own}/real{top} && mount --rbind {top} {self._own}/real{top}")
        for top in sorted({f"/{root.split('/')[1]}" for root in roots}):
            lines.append(f"mount -t tmpfs none {top}")
            lines.append(f"for each in {self._own}/real{top}/*; do ln -s $each {top}/; done")
        for path, source in self._paths().items():
            lines.append(f"rm -f {quote(path)} 2>/dev/null || true; mkdir -p {quote(path)}")
            lines.append(f"mount --bind {quote(str(source))} {quote(path)}")
        lines.append(f"mount --bind {quote(str(self._hosts.file))} /etc/hosts")
        return lines

    def _paths(self) -> dict[str, Path]:
        """The folders on this machine behind the pod's mounts, by their paths in the pod."""
        paths = {}
        volumes = {each["name"]: each for each in self._pod["spec"]["volumes"]}
        for mount in self._container["volumeMounts"]:
            if mount["mountPath"] == "/tmp":
                continue
            paths[mount["mountPath"]] = self._volume(volumes[mount["name"]])
        return paths

    def _volume(self, volume: Mapping[str, Any]) -> Path:
        folder = self._own / volume["name"]
        if "persistentVolumeClaim" in volume:
            folder = self._claims / volume["persistentVolumeClaim"]["claimName"]
        folder.mkdir(parents=True, exist_ok=True)
        if "configMap" in volume:
            found = self._kubernetes.read("ConfigMap", volume["configMap"]["name"], self.namespace)
            for key, value in found.get("data", {}).items():
                (folder / key).write_text(value, encoding="utf-8")
        if volume["name"] == "rack-volume":
            # What the init container asks the node for.
            node = self._kubernetes.read("Node", self._kubernetes.read("Pod", self.name, self.namespace)["spec"]["nodeName"])
            (folder / "rack.id").write_text(node["metadata"]["labels"][_ZONE], encoding="utf-8")
        return folder

    def _kafka(self) -> list[str]:
        """What the image's kafka_run.sh does (Strimzi 1.2.0)."""
        version = self._pod["metadata"]["annotations"].get("strimzi.io/kafka-version", KAFKA)
        config = "/opt/kafka/custom-config/server.config"
        run = [java(), *_JVM_OPTIONS, "-cp", brokers(version)]
        format_ = [*run, "kafka.tools.StorageTool", "format", "-t=$(cat /opt/kafka/custom-config/cluster.id)",
                   "-r=$(cat /opt/kafka/custom-config/metadata.version)", f"-c={config}", "-g"]  # fmt: skip
        number = self.name.rpartition("-")[2]
        return [
            f"export POD_ADDRESS={self.address} STRIMZI_BROKER_ID={number}",
            f"if ! ls /var/lib/kafka/data*/kafka-log{number}/meta.properties >/dev/null 2>&1; then",
            " ".join(f'"{each}"' for each in format_),
            "fi",
            f"rm -f /var/lib/kafka/data*/kafka-log{number}/__cluster_metadata-0/quorum-state",
            f"export LD_PRELOAD={bind_library()}",
            " ".join(["exec", *map(quote, [*run, "kafka.Kafka", config])]),
        ]

    def is_ready(self) -> bool:
        """Whether it said that it has started."""
        with self.log.open("rb") as log:
            log.seek(self._from)
            return _STARTED.encode() in log.read()

    def is_up(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self, grace_s: float) -> None:
        """End the process as the kubelet does."""
        if self._process is None:
            return
        if grace_s:
            self._process.terminate()
        else:
            self._process.kill()
        try:
            self._process.wait(max(grace_s, 5))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._own, ignore_errors=True)


def containers(kubernetes: KubernetesServer, folder: Path, hosts: Hosts) -> Callable[[Any], Broker | None]:
    """What makes a process of each pod of Kafka."""

    def make(pod: Any) -> Broker | None:
        is_kafka = any(each["name"] == "kafka" for each in pod["spec"]["containers"])
        return Broker(kubernetes, folder, hosts, pod) if is_kafka else None

    return make
