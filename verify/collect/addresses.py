"""Every address that somebody might use -> who should answer there, and as what."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from verify.collect.endpoints import SeenListener, joined, listeners
from verify.collect.kafka.access import CONNECTING, SCRAM, Access, Target
from verify.desired import Desired
from verify.live.live import Gap, Kafka, Kubernetes


def targets(
    desired: Desired, kubernetes: Kubernetes | None, kafka: Kafka | None, access: Access | None
) -> Iterator[Target]:
    """Every address that somebody might use: those in Strimzi's status, and the brokers' own at all listeners.

    Left out are those inside of Kubernetes, for whom comes from outside, but where it came in itself.
    """
    body = kubernetes.objects.get("Kafka", {}).get(desired.cluster, {}) if kubernetes else {}
    in_cluster = bool(kubernetes and kubernetes.in_cluster)
    known = [each for each in listeners(body or desired.kafka) if in_cluster or not each.inside]
    taken = set()
    for each in known:
        ca = joined(each.ca_pem, access.ca_pem if access else "")
        for address in each.addresses:
            taken.add(address)
            yield Target(
                each.name, address, each.tls, each.authentication, ca, outside=not each.inside
            )
    if access is None:
        return
    authentication = _authentication(access)
    advertised = list(_advertised(kafka)) if kafka else []
    serving = [each for each in kafka.brokers.values() if not each.fenced] if kafka else []
    own = {each.address: each.id for each in serving}
    came_by = {said for said, _, address in advertised if address in own}
    name = (
        access.listener
        or _known_as(came_by, listeners(body or desired.kafka))
        or desired.settings.listener
    )
    given = () if access.listener else access.bootstrap
    for address in dict.fromkeys([*given, *own]):
        taken.add(address)
        yield Target(
            name, address, access.tls, authentication, access.ca_pem,
            bootstrap=address in given, given=address not in own,
        )  # fmt: skip
    for said, node, address in advertised:
        for each in known:
            if said in _names(each) and address not in taken:
                login = access if each.authentication in ("", authentication) else None
                ca = joined(each.ca_pem, access.ca_pem)
                yield Target(
                    each.name, address, each.tls, each.authentication, ca, bootstrap=False,
                    outside=not each.inside, node=node, login=login,
                )  # fmt: skip


def _advertised(kafka: Kafka) -> Iterator[tuple[str, int, str]]:
    """What Kafka calls a listener, a broker, and the address that it advertises there."""
    for broker, settings in sorted(kafka.broker_configs.items()):
        told = settings["advertised.listeners"].value if "advertised.listeners" in settings else ""
        for each in told.split(","):
            name, _, address = each.partition("://")
            if address:
                yield name.upper(), broker, address


def _names(listener: SeenListener) -> set[str]:
    """What Kafka may call a listener of Git: Strimzi adds the port (1.2.0, ListenersUtils.identifier)."""
    name = listener.name.upper()
    return {name, f"{name}-{listener.port}"}


def _known_as(said: Collection[str], known: Iterable[SeenListener]) -> str:
    """The listener of Git that Kafka calls so."""
    return next((each.name for each in known if _names(each) & {*said}), "")


def _authentication(access: Access) -> str:
    if access.username:
        return "scram-sha-512" if access.mechanism == SCRAM else access.mechanism
    return "tls" if access.certificate_pem else ""


_STEP = f": {CONNECTING}: "


def dead(kafka: Kafka | None, silent: Mapping[str, Gap]) -> dict[str, Gap]:
    """Addresses at which no connection came about, and why: nobody is to wait for them again.

    They are those of brokers, and those that were `silent` when a way in was looked for.
    """
    brokers = kafka.brokers.values() if kafka else ()
    problems = {each.address: each.problem for each in brokers if each.problem is not None}
    return {
        address: Gap(each.cause, each.reason.partition(_STEP)[2])
        for address, each in {**silent, **problems}.items()
        if _STEP in each.reason
    }


def hopeless(kafka: Kafka) -> tuple[str, ...]:
    """Addresses at which no broker answers us: nobody is there, we do not trust them, or they do not let us in."""
    every = kafka.brokers.values()
    good = {each.address for each in every if each.problem is None or each.problem.hurried}
    return tuple(each.address for each in every if each.address not in good)
