"""KafkaBridge: a Deployment that speaks HTTP to clients, and Kafka for them."""

from collections.abc import Iterator

from generator.common.strimzi_facts import BRIDGE_OF_1
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, parts
from generator.plan.impact.clients.pods import drops, of_pods, paused, restarts

KIND = "KafkaBridge"
_OWN = ("kafka.", "http.", "bridge.metrics", "bridge.id", "bridge.tracing")
"""Strimzi 1.2.0, KafkaBridgeSpec.java:50."""
_MANAGEMENT = 8081
"""Strimzi 1.2.0, KafkaBridgeCluster.java (REST_API_MANAGEMENT_PORT): no Service has a port twice."""
_OF_CLIENTS = ("ssl.", "bootstrap.servers", "sasl.", "security.")
"""Strimzi 1.2.0, KafkaBridgeAdminClientSpec.java:26, KafkaBridgeProducerSpec.java:28."""
_FORBIDDEN = {
    "adminClient": _OF_CLIENTS, "producer": _OF_CLIENTS, "consumer": (*_OF_CLIENTS, "group.id"),
}  # fmt: skip


def created(pair: Pair) -> Iterator[Effect]:
    """A new bridge.

    Source: Strimzi 1.2.0, KafkaBridgeCluster.getDiscoveryAnnotation (auth: none).
    """
    del pair
    yield Effect(
        Impact.DYNAMIC,
        "a new bridge: who reaches its Service does in Kafka what the bridge may",
    )


def deleted(pair: Pair) -> Iterator[Effect]:
    """Nobody is served any more.

    Source: Strimzi 1.2.0, KafkaBridgeAssemblyOperator.java (owner references).
    """
    del pair
    yield Effect(
        Impact.CLIENT_VISIBLE,
        "HTTP clients reach Kafka no more, and the consumers that they made are gone",
    )


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field of the spec."""
    held = list(paused(pair))
    yield from held or _changed(pair, field)


def _changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field that only the bridge has, or that all have.

    Source: Strimzi 1.2.0, KafkaBridgeConfigurationBuilder.java, KafkaBridgeCluster.generateService,
    KafkaBridgeAssemblyOperator.java (the configuration's hash stands on the pods).
    """
    match field.path[1:]:
        case ("http", *rest):
            yield from _http(pair, field, [str(each) for each in rest])
        case ("consumer" | "producer" as who, "enabled"):
            yield from _enabled(who, field)
            if field.after is False or field.before is False:
                yield from restarts(pair)
        case ("consumer" | "producer" | "adminClient",) | (_, "config") if len(field.path) < 4:
            for part in parts(field):
                yield from _changed(pair, part)
        case ("consumer" | "producer" | "adminClient" as who, "config", key):
            yield from list(drops(str(key), _FORBIDDEN[who])) or restarts(pair)
        case ("config", key):
            yield from list(drops(str(key), _OWN)) or restarts(pair)
        case _:
            yield from of_pods(pair, field)


def _http(pair: Pair, field: FieldChange, rest: list[str]) -> Iterator[Effect]:
    """How clients reach it.

    Source: Strimzi 1.2.0, KafkaBridgeCluster.generateService, KafkaBridgeConfigurationBuilder.withHttp.
    """
    match rest:
        case ["port"] if field.after == _MANAGEMENT and pair.has(BRIDGE_OF_1):
            text = (
                f"port {_MANAGEMENT} is the bridge's own, for health: the KafkaBridge goes NotReady"
            )
            yield Effect(Impact.REFUSED, text)
            return
        case ["tls", "config", key] if _is_dropped(key):
            yield Effect(Impact.IGNORED, f"Strimzi drops {key}, with a line in its log only")
            return
        case ["port"]:
            yield Effect(Impact.CLIENT_VISIBLE, f"HTTP clients have to use port {field.after}")
        case ["tls"] | []:
            yield Effect(
                Impact.CLIENT_VISIBLE, "HTTP clients have to use another protocol or address"
            )
        case ["cors", *_]:
            yield Effect(
                Impact.CLIENT_VISIBLE, "browsers may use it from other origins than before"
            )
    yield from restarts(pair)


def _is_dropped(key: str) -> bool:
    """Strimzi 1.2.0, KafkaBridgeHttpTls.java:33."""
    return key.startswith("ssl.") and not key.startswith(
        ("ssl.enabled.cipher.suites", "ssl.enabled.protocols")
    )


def _enabled(who: str, field: FieldChange) -> Iterator[Effect]:
    """Whether a half of the bridge is there.

    Source: Strimzi 1.2.0, KafkaBridgeConfigurationBuilder.withHttp.
    """
    verb = "read" if who == "consumer" else "write"
    if field.after is False:
        yield Effect(Impact.CLIENT_VISIBLE, f"HTTP clients may {verb} no more")
    elif field.before is False:
        yield Effect(Impact.DYNAMIC, f"HTTP clients may {verb} again")
    else:
        yield Effect(Impact.NO_EFFECT, "true is the default")
