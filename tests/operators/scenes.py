"""Where changes are made: what is there before them, how the end of one is known, and what is looked at.

Kafka has real brokers and nothing else that runs; topics and users have the Entity Operator as well; the pods of
Connect, MirrorMaker 2 and the bridge are hollow.
"""

import base64
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import yaml
from live.certificates import Authority
from live.jars import java
from operators.admin import asked
from operators.answering import CONNECT_PORT, CRUISE_CONTROL_PORT, Connect, Standin, cruise_control
from operators.parts import brokers
from operators.pods import BROKERS_ONLY, HOLLOW
from operators.site import Strimzi, is_told

_HERE = Path(__file__).parent


class Scene:
    """Kafka itself."""

    kinds: tuple[str, ...] = ("Kafka", "KafkaNodePool")
    namespace = f"{BROKERS_ONLY}changes"
    file = "base.yaml"

    def __init__(self, strimzi: Strimzi, folder: Path) -> None:
        """`folder` is for what is asked of brokers."""
        self.strimzi, self._folder = strimzi, folder
        self.asked: list[str] = []
        """Method and path of what was asked of Connect or Cruise Control, oldest first, without what only looks."""

    def start(self, objects: Mapping[str, Any]) -> None:
        """Apply everything; it is ready when this returns."""
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        self.strimzi.kubernetes.apply([namespace, *objects.values()])
        self.strimzi.until_ready("Kafka", "events", self.namespace)

    def stop(self) -> None:
        """Leave the machine to others."""
        self.strimzi.remove(self.namespace)

    def wait(self, body: Any, since: int) -> None:
        """Until the operator has been through with an object that was applied then."""
        self._wait_for(f"Kafka({self.namespace}/events)", since)
        if body["kind"] == "Kafka":
            self._wait_told(body)  # it may have begun, and read, before the object was there

    def _wait_for(self, resource: str, since: int) -> None:
        operator = self.strimzi.operator
        self.strimzi.until(
            partial(operator.has_been_through, resource, since), f"end of {resource}"
        )

    def _wait_told(self, body: Any) -> None:
        self.strimzi.until(lambda: is_told(self.strimzi.read(body)), f"word of {body['kind']}")

    def look(self) -> dict[str, Any]:
        """What there is besides objects, by names that start with what it is."""
        return {}

    @classmethod
    def objects(cls) -> dict[str, Any]:
        """What all changes start from, by `Kind/name`."""
        told: dict[str, Any] = {}
        for each in yaml.safe_load_all((_HERE / cls.file).read_text()):
            each["metadata"]["namespace"] = cls.namespace
            told[f"{each['kind']}/{each['metadata']['name']}"] = each
        return told


class Clients(Scene):
    """What uses a Kafka."""

    kinds = ("KafkaConnect", "KafkaConnector", "KafkaMirrorMaker2", "KafkaBridge")
    namespace = f"{HOLLOW}clients"
    file = "clients.yaml"

    def start(self, objects: Mapping[str, Any]) -> None:
        """Apply everything; it is ready when this returns."""
        self._connects = [
            self._connect(name) for name in ("connect-connect", "mirror-mirrormaker2")
        ]
        for each in objects.values():
            if each["kind"] == "Secret":
                authority = Authority(self._folder / each["metadata"]["name"], "clients")
                each["stringData"]["ca.crt"] = authority.certificate.read_text()
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        self.strimzi.kubernetes.apply([namespace, *objects.values()])
        for each in objects.values():
            if each["kind"] in self.kinds:
                self.strimzi.until_ready(each["kind"], each["metadata"]["name"], self.namespace)

    def _connect(self, name: str) -> Standin:
        service = f"{name}-api"
        hosts = self.strimzi.hosts
        address = hosts.address(f"{self.namespace}/{service}", self.namespace, [service])
        return Standin((address, CONNECT_PORT), Connect(), self.asked)

    def stop(self) -> None:
        """Take away all of it."""
        for body in self.objects().values():
            if body["kind"] in self.kinds:
                self.strimzi.kubernetes.delete(
                    body["kind"], body["metadata"]["name"], self.namespace
                )
        for each in self._connects:
            each.stop()

    def wait(self, body: Any, since: int) -> None:
        """Until its operator has been through with it, as it is now."""
        if body["kind"] != "KafkaConnector":
            self._wait_for(f"{body['kind']}({self.namespace}/{body['metadata']['name']})", since)
        self._wait_told(body)


class Entities(Scene):
    """What is in a Kafka."""

    kinds = ("KafkaTopic", "KafkaUser", "KafkaRebalance")
    namespace = "kafka-entities"
    file = "entities.yaml"

    def start(self, objects: Mapping[str, Any]) -> None:
        """Apply everything; it is ready when this returns."""
        orders = [each for each in objects.values() if each["kind"] == "KafkaRebalance"]
        super().start({key: each for key, each in objects.items() if each not in orders})
        self._standin = self._cruise_control("events-cruise-control")
        self.strimzi.kubernetes.apply(orders)
        self.strimzi.until_settled(self.namespace)
        self.strimzi.until_told("KafkaRebalance", self.namespace)

    def _cruise_control(self, name: str) -> Standin:
        secret = self.strimzi.kubernetes.read("Secret", f"{name}-certs", self.namespace)["data"]
        files = {end: self._folder / f"cruise-control.{end}" for end in ("crt", "key")}
        for file in files.values():
            file.write_bytes(base64.b64decode(secret[file.name]))
        tls = SSLContext(PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(files["crt"], files["key"])
        address = self.strimzi.hosts.address(f"{self.namespace}/{name}", self.namespace, [name])
        return Standin((address, CRUISE_CONTROL_PORT), cruise_control, self.asked, tls)

    def stop(self) -> None:
        """Topics and users go before those who look after them."""
        for body in self.objects().values():
            if body["kind"] in self.kinds:
                self.strimzi.kubernetes.delete(
                    body["kind"], body["metadata"]["name"], self.namespace
                )
                self.strimzi.until_gone(body)
        super().stop()
        self._standin.stop()

    def wait(self, body: Any, since: int) -> None:
        """Its operator has said something of it."""
        del since
        self._wait_told(body)

    def look(self) -> dict[str, Any]:
        """Topics, ACLs, passwords and quotas."""
        folder = self._folder / "asked"
        view = json.loads(asked(self.strimzi, self.namespace, folder, "view.py"))
        quotas = asked(self.strimzi, self.namespace, folder, "quotas.py", java(), brokers())
        return {
            **{f"Topic/{name}": told for name, told in view["topics"].items()},
            "Acls/all": view["acls"],
            "Scram/all": view["scram"],
            "Quotas/all": quotas,
        }


SCENES: tuple[type[Scene], ...] = (Scene, Clients, Entities)
