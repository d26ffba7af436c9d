"""What may go on around a healthy cluster, and what is said of it meanwhile, run after run."""

import subprocess
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count, cycle
from pathlib import Path
from threading import Event, Thread
from typing import Any

from confluent_kafka import Consumer, Producer
from live.answers import DEADLINE_S
from live.applier import RENDERED
from live.jars import class_path, java, tools
from live.kafka import Kafka
from live.kubernetes_server import KubernetesServer
from live.node import LOOPBACK, Node, free_ports
from live.operators_objects import CLUSTER, OPERATOR, POOL, REVISION, running
from live.probing import access_of, soon
from live.proxy import Proxy
from live.security import LISTENERS, admin_properties
from live.statuses import REVISION as COMMIT
from live.statuses import namespace_of
from live.verifier import Verdict, verified, verified_with, way_in

from verify.collect.kafka.quorum import quorum
from verify.collect.kafka.wire import Connection
from verify.collect.kubernetes.api import KubernetesTarget
from verify.desired import of_rendered
from verify.run import Patience

Runs = Callable[[Kafka, KubernetesServer, Path], Generator[Verdict, None, None]]
"""Verdicts without end, each of a run of its own; closed, all is as before."""

_ENVIRONMENT = "staging"
_NAMESPACE = namespace_of(_ENVIRONMENT)
_GROUP, _TOPIC = "llm-aggregates", "llm-events"
_RECORD = b"x" * 50_000
_PAUSE_S = 0.02
_MISSED_S = 4.0
"""Longer than nodes wait for their leader, and shorter than it waits for a broker (Kafka 4.3,
controller.quorum.fetch.timeout.ms is 2 s, broker.session.timeout.ms 9 s)."""
_LIMITS_S = ((2, 8), (120, 0.5), (0.5, 8), (1, 8), (3, 8), (120, 1), (5, 8), (8, 8), (12, 2))
"""For a round, and for a question."""


def under_load(kafka: Kafka, _: KubernetesServer, __: Path) -> Generator[Verdict, None, None]:
    """A megabyte or two every second, which a group of Git reads."""
    stop = Event()
    with _beside(lambda: _write(kafka, stop), lambda: _read(kafka, stop), stop=stop):
        while True:
            yield verified(kafka, _ENVIRONMENT, leave_out=(), window_s=12)


def _write(kafka: Kafka, stop: Event) -> None:
    producer = Producer(kafka._client() | {"acks": "all"})
    while not stop.wait(_PAUSE_S):
        producer.produce(_TOPIC, _RECORD)
        producer.poll(0)
    producer.flush(DEADLINE_S)


def _read(kafka: Kafka, stop: Event) -> None:
    consumer = Consumer(kafka._client() | {"group.id": _GROUP, "auto.commit.interval.ms": 1000})
    consumer.subscribe([_TOPIC])
    while not stop.is_set():
        consumer.consume(100, 0.1)
    consumer.close()


@contextmanager
def _beside(*works: Callable[[], object], stop: Event) -> Iterator[None]:
    """Work that goes on until it is stopped."""
    threads = [Thread(target=each) for each in works]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join()


def slow_api(
    kafka: Kafka, kubernetes: KubernetesServer, folder: Path
) -> Generator[Verdict, None, None]:
    """Every call takes a second more than it usually does."""
    server = int(kubernetes.url.rpartition(":")[2])
    with Proxy(server) as proxy:
        proxy.delay_s = 1
        slow = folder / "slow.kubeconfig"
        slow.write_text(kubernetes.kubeconfig.read_text().replace(f":{server}", f":{proxy.port}"))
        while True:
            place = KubernetesTarget(_NAMESPACE, str(slow))
            yield verified_with(place, kafka, _ENVIRONMENT, revision=COMMIT)


def small_timeouts(
    kafka: Kafka, kubernetes: KubernetesServer, _: Path
) -> Generator[Verdict, None, None]:
    """Too little time for a round, or for a question."""
    for round_s, question_s in cycle(_LIMITS_S):
        place = KubernetesTarget(_NAMESPACE, str(kubernetes.kubeconfig), timeout_s=question_s)
        yield verified_with(
            place, kafka, _ENVIRONMENT, way=replace(way_in(kafka), timeout_s=question_s),
            revision=COMMIT, leave_out=(), patience=Patience(timeout_s=round_s),
        )  # fmt: skip


def after_elections(kafka: Kafka, _: KubernetesServer, __: Path) -> Generator[Verdict, None, None]:
    """Another node leads the quorum since a moment ago."""
    access = access_of(kafka)
    while True:
        with Connection(LOOPBACK, kafka.nodes[0].ports["tls"], access, soon()) as connection:
            before = quorum(connection)
        leader = next(each for each in kafka.nodes if each.id == before.leader)
        leader.freeze()
        time.sleep(_MISSED_S)
        leader.thaw()
        found = verified(kafka, _ENVIRONMENT, leave_out=("flow",))
        now = found.live.kafka.quorum if found.live.kafka else None
        if now is None or now.epoch > before.epoch:
            yield found


def during_rolls(
    kafka: Kafka, kubernetes: KubernetesServer, _: Path
) -> Generator[Verdict, None, None]:
    """Nodes restart in turn, and once more when all have."""
    place = KubernetesTarget(_NAMESPACE, str(kubernetes.kubeconfig))
    stop = Event()
    with _beside(lambda: _roll(kafka, kubernetes, stop), stop=stop):
        while True:
            yield verified_with(place, kafka, _ENVIRONMENT, revision=COMMIT, leave_out=("flow",))


def _roll(kafka: Kafka, kubernetes: KubernetesServer, stop: Event) -> None:
    """Restart nodes as Strimzi does: their pods go one after the other, and come as a newer revision."""
    for number in count(2):
        if stop.is_set():
            return
        revision = {"metadata": {"annotations": {REVISION: f"{number:08}"}}}
        name = f"{CLUSTER}-{POOL}"
        pod_set = _to_apply(kubernetes.read("StrimziPodSet", name, _NAMESPACE))
        for each in pod_set["spec"]["pods"]:
            each["metadata"]["annotations"] = revision["metadata"]["annotations"]
        kubernetes.apply([pod_set], manager=OPERATOR)
        for node in kafka.nodes:
            pod = kubernetes.read("Pod", f"{name}-{node.id}", _NAMESPACE)
            _end_pod(kubernetes, pod["metadata"]["name"])
            node.leave()
            fresh = _to_apply(pod)
            fresh["metadata"] |= revision["metadata"]
            kubernetes.apply([fresh], manager=OPERATOR)
            told = {"phase": "Pending", "conditions": []}
            kubernetes.write_status("Pod", pod["metadata"]["name"], _NAMESPACE, told)
            kafka.take_back(node)
            kubernetes.write_status("Pod", pod["metadata"]["name"], _NAMESPACE, running("kafka"))


def _to_apply(body: Any) -> Any:
    """An object without what the server says of it."""
    kept = ("name", "namespace", "labels", "annotations")
    metadata = {key: body["metadata"][key] for key in kept if key in body["metadata"]}
    return {key: body[key] for key in ("apiVersion", "kind", "spec")} | {"metadata": metadata}


def _end_pod(kubernetes: KubernetesServer, name: str) -> None:
    """Take a pod away as a kubelet does that has ended it."""
    path = kubernetes.path("Pod", name, _NAMESPACE)
    kubernetes.admin.request("DELETE", path, {"gracePeriodSeconds": 0})


def scaling_up(kafka: Kafka, _: KubernetesServer, folder: Path) -> Generator[Verdict, None, None]:
    """Git says a broker more than there are, and it comes."""
    usual = of_rendered(RENDERED / _ENVIRONMENT, _ENVIRONMENT)
    pool = {
        "apiVersion": "kafka.strimzi.io/v1",
        "kind": "KafkaNodePool",
        "metadata": {"name": "more", "labels": {"strimzi.io/cluster": CLUSTER}},
        "spec": {"replicas": 1, "roles": ["broker"]},
    }
    desired = replace(usual, objects=(*usual.objects, pool))
    for number in count(len(kafka.nodes) + 1):
        with ExitStack() as stack:
            node = _broker(kafka, number, folder / str(number))
            stack.callback(_forget, kafka, node, folder)
            thread = Thread(target=node.start, args=(kafka.nodes,))
            thread.start()
            stack.callback(thread.join)
            yield verified(
                kafka, _ENVIRONMENT, desired=desired, leave_out=("flow",),
                patience=Patience(wait_s=DEADLINE_S, stable_s=5),
            )  # fmt: skip


def _broker(kafka: Kafka, number: int, folder: Path) -> Node:
    """A node that is no controller."""
    ports = free_ports(2 + len(LISTENERS))
    node = Node(
        number, folder, next(ports), next(ports), kafka.nodes[0].settings, kafka.security,
        {name: next(ports) for name in LISTENERS},
    )  # fmt: skip
    listeners = node.properties()["advertised.listeners"]
    node.settings = {**node.settings, "process.roles": "broker", "listeners": listeners}
    return node


def _forget(kafka: Kafka, node: Node, folder: Path) -> None:
    """A broker goes for good."""
    node.leave()
    done = subprocess.run(
        [java(), "-cp", f"{tools()}:{class_path()}", "org.apache.kafka.tools.ClusterTool", "unregister",
         "--bootstrap-server", kafka.bootstrap, "--config", str(admin_properties(folder)), "--id", str(node.id)],
        capture_output=True, text=True, check=False, timeout=DEADLINE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
