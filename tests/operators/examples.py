"""The examples of rules under Strimzi's operators.

Those that are about topics and users share a cluster whose brokers are real; those at which the Cluster Operator
stops before it asks a broker have a hollow one, of which every pod is only said to be ready.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from operators.pods import BROKERS_ONLY, HOLLOW
from operators.site import Strimzi
from rules.cases import BASE, documents, write
from support import RULES_OFF, Project

from generator.common.cache import Cache
from generator.documents.manifest import Manifest
from generator.plan.sides import of_project

_WAVE = "argocd.argoproj.io/sync-wave"
_CLUSTER = ("Kafka", "KafkaNodePool")
_ENTITIES = ("KafkaTopic", "KafkaUser")
_SHARED = "kafka-examples"
_PLAIN = ("version-pinned", 0)
"""An example that says nothing of its own."""


class Rooms:
    """Where examples are applied; as many as wanted, one after the other."""

    def __init__(self, strimzi: Strimzi, folder: Path) -> None:
        """`folder` is where they are rendered."""
        self._strimzi, self._folder = strimzi, folder
        self._cleanup = ExitStack()
        self._ready: list[list[Any]] = []

    def __enter__(self) -> Self:
        """Nothing is there until it is needed."""
        return self

    def __exit__(self, *_: object) -> None:
        """Take away what examples share."""
        self._cleanup.close()

    @contextmanager
    def hollow(self, rule: str, number: int) -> Iterator[str]:
        """An example in a hollow cluster; gives its namespace."""
        namespace = f"{HOLLOW}{rule}-{number}"
        with self._applied(self._example(rule, number, namespace)):
            yield namespace

    @contextmanager
    def real(self, rule: str, number: int) -> Iterator[tuple[str, list[Any]]]:
        """An example on real brokers, shared ones where it leaves them as they are.

        Gives the namespace and what there is of Strimzi's kinds that the example brings.
        """
        bodies = self._example(rule, number, _SHARED)
        if _of_cluster(bodies) == _of_cluster(self._shared):
            namespace, bodies = _SHARED, [each for each in bodies if each not in self._shared]
        else:
            start = "kafka-" if any(each["kind"] in _ENTITIES for each in bodies) else BROKERS_ONLY
            namespace = f"{start}{rule}-{number}"
            bodies = self._example(rule, number, namespace)
        with self._applied(bodies):
            yield namespace, [each for each in bodies if is_strimzis(each)]

    @contextmanager
    def over(self, rule: str, number: int) -> Iterator[str]:
        """An example over the passing one, when that is ready; gives their namespace."""
        namespace = f"{BROKERS_ONLY}{rule}-{number}"
        with self._applied(self._example(rule, 0, namespace)):
            self._strimzi.until_ready("Kafka", "events", namespace)
            self._strimzi.kubernetes.apply(self._example(rule, number, namespace))
            yield namespace

    @cached_property
    def _shared(self) -> list[Any]:
        bodies = self._example(*_PLAIN, _SHARED)
        self._cleanup.enter_context(self._applied(bodies))
        self._strimzi.until_ready("Kafka", "events", _SHARED)
        return bodies

    def _example(self, rule: str, number: int, namespace: str) -> list[Any]:
        """What a rule's document renders to in a namespace, without any rule, in the order of waves."""
        folder = self._folder / namespace / rule / str(number)
        project = Project(folder)
        project.write("environments/base/rules.yaml", RULES_OFF)
        document, base = (
            each.replace("kafka-test", namespace) for each in (documents(rule)[number], BASE)
        )
        write(project, document, base)
        manifests = of_project(folder, None, Cache()).states["test"].manifests
        bodies = [_at_home(each.body, namespace) for each in sorted(manifests, key=wave)]
        return [each for each in bodies if each["kind"] == "ConfigMap" or is_strimzis(each)]

    @contextmanager
    def _applied(self, bodies: list[Any]) -> Iterator[None]:
        """What is applied for a while; topics and users go before those who look after them."""
        strimzi, namespaces = self._strimzi, {each["metadata"]["namespace"] for each in bodies}
        strimzi.kubernetes.apply(map(_namespace, sorted(namespaces)))
        try:
            strimzi.kubernetes.apply(bodies)
            yield
        finally:
            first = [each for each in bodies if each["kind"] in _ENTITIES]
            for group in (first, [each for each in bodies if each not in first]):
                for each in group:
                    metadata = each["metadata"]
                    told = each["kind"], metadata["name"], metadata["namespace"]
                    if not strimzi.is_gone(*told):
                        strimzi.kubernetes.delete(*told)
                for each in group:
                    strimzi.until_gone(each)
            for each in bodies:
                namespace = each["metadata"]["namespace"]
                if each["kind"] == "Kafka" and not namespace.startswith(HOLLOW):
                    strimzi.remove(namespace)


def is_strimzis(body: Any) -> bool:
    """Whether one of Strimzi's operators looks after it."""
    return str(body["apiVersion"]).startswith("kafka.strimzi.io/")


def label(body: Any) -> str:
    """What tables call an object."""
    return f"{body['kind']}/{body['metadata']['name']}"


def wave(manifest: Manifest) -> int:
    """When Argo CD applies an object."""
    return int(manifest.body["metadata"].get("annotations", {}).get(_WAVE, 0))


def _at_home(body: Any, namespace: str) -> Any:
    """An object where Argo CD puts it when it does not say it itself."""
    return {**body, "metadata": {"namespace": namespace, **body["metadata"]}}


def _of_cluster(bodies: Iterable[Any]) -> list[Any]:
    """What makes the cluster: without topics, users, and what is only for clients to read."""
    every = list(bodies)
    cluster = [each for each in every if each["kind"] in _CLUSTER]
    named = str(cluster)
    configs = [each for each in every if each["kind"] == "ConfigMap"]
    return [*cluster, *(each for each in configs if f"'{each['metadata']['name']}'" in named)]


def _namespace(name: str) -> Any:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
