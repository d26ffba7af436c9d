"""Who gets in: listeners without protection, and clusters that ask nobody."""

from collections.abc import Iterator

from generator.common.finding import Path, Severity
from generator.rules.registry import Flaw, rule
from generator.system.system import System

_LISTENERS: Path = ("spec", "kafka", "listeners")
_INSIDE = ("internal", "cluster-ip")
_EVERYONE = "allow.everyone.if.no.acl.found"
_ANONYMOUS = "ANONYMOUS"


@rule("broker-allow-everyone")
def allow_everyone(system: System) -> Iterator[Flaw]:
    """What no ACL names is closed.

    Why: a topic that no rule names is open to everybody who gets in, for reading, writing and deleting;
        and the first rule about it shuts out all others.
    Fix: drop allow.everyone.if.no.acl.found.
    Source: Kafka 4.3, StandardAuthorizer (ALLOW_EVERYONE_IF_NO_ACL_IS_FOUND_CONFIG) and
        StandardAuthorizerData (the default result).
    """
    said = (system.spec.get("config") or {}).get(_EVERYONE)
    if system.authorized and str(said).strip().lower() == "true":
        yield Flaw(("spec", "kafka", "config", _EVERYONE), "what no ACL names is open to everybody",
                   on=system.kafka)  # fmt: skip


@rule("authorization-none")
def authorization_none(system: System) -> Iterator[Flaw]:
    """In a protected environment somebody decides who may do what.

    Why: without authorization everybody who gets in may delete every topic.
    Fix: write cluster.authorization.type: simple.
    Source: Strimzi 1.2.0, KafkaClusterSpec (without authorization the brokers have no authorizer).
    """
    environment = system.environment
    if environment is not None and environment.protect and not system.authorized:
        yield Flaw(("cluster", "authorization", "type"), "everybody may do everything")


@rule("listener-outside")
def outside(system: System) -> Iterator[Flaw]:
    """Who comes from outside of Kubernetes is encrypted, and says who it is.

    Why: passwords and records cross networks that are not yours in plain text, or whoever finds the
        address is in. (Before tlsroute the gateway may end TLS.)
    Fix: write tls: true, and an authentication.
    Source: Strimzi 1.2.0, GenericKafkaListener (types that are reached from outside).
    """
    for index, body in enumerate(system.spec["listeners"]):
        path, kind = (*_LISTENERS, index), body["type"]
        if kind in _INSIDE:
            continue
        if not body["tls"] and kind != "tlsroute":
            yield Flaw((*path, "tls"), f"listener {body['name']} is of type {kind}, and not encrypted",
                       on=system.kafka)  # fmt: skip
        if not body.get("authentication"):
            yield Flaw((*path, "type"), f"listener {body['name']} is of type {kind}, and asks nobody"
                       " who it is", on=system.kafka)  # fmt: skip


@rule("listener-anonymous", Severity.WARNING)
def anonymous(system: System) -> Iterator[Flaw]:
    """Where rights are asked for, clients say who they are.

    Why: through a listener without authentication everybody is ANONYMOUS, who has no rights: the client
        connects, and is refused everything.
    Fix: give the listener an authentication, or drop it.
    Source: Kafka 4.3, KafkaPrincipal.ANONYMOUS; StandardAuthorizer (what no rule allows is denied).
    """
    simple = (system.spec.get("authorization") or {}).get("type") == "simple"
    supers = (system.spec.get("authorization") or {}).get("superUsers") or ()
    if not simple or _ANONYMOUS in supers or any(user.name == _ANONYMOUS for user in system.users):
        return
    for index, body in enumerate(system.spec["listeners"]):
        if not body.get("authentication") and body["type"] in _INSIDE:
            yield Flaw((*_LISTENERS, index, "name"), f"whoever uses listener {body['name']} is ANONYMOUS,"
                       " and may do nothing", on=system.kafka, on_key=True)  # fmt: skip
