"""Quotas of users and of brokers."""

from collections.abc import Iterator

from generator.common.finding import Path, Severity
from generator.common.units import approximate_bytes
from generator.documents.manifest import Body
from generator.rules.registry import Broker, Flaw, rule
from generator.system.system import System, SystemTopic, User

_QUOTAS: Path = ("spec", "quotas")
_PATIENCE_S = 30
_LEAST_MUTATIONS = 0.1
_RATES = (("producerByteRate", "Write"), ("consumerByteRate", "Read"))
_SIZE = "max.message.bytes"


def _number(quotas: Body, key: str) -> float | None:
    value = quotas.get(key)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _topics(user: User, operation: str) -> Iterator[SystemTopic]:
    """Topics with which a user may do something."""
    for acl in user.acls:
        if acl.resource != "topic" or not acl.allows(operation):
            continue
        if acl.pattern == "prefix":
            yield from user.system.topic_index.under(acl.name)
        elif acl.name == "*":
            yield from user.system.topics
        elif acl.name in user.system.by_topic:
            yield user.system.by_topic[acl.name]


@rule("user-quota-zero", broker=Broker.REJECTS)
def quota_zero(user: User) -> Iterator[Flaw]:
    """A quota is more than nothing.

    Why: the schema allows 0, but the broker does not, and the KafkaUser goes NotReady.
    Fix: write a rate, or drop the quota; to keep a user out, drop its ACLs.
    Source: Kafka 4.3, ClientQuotaControlManager ("must be greater than 0", measured); seen on Strimzi's
        User Operator: ExecutionException, "Quota producer_byte_rate must be greater than 0".
    """
    for key in user.quotas:
        if _number(user.quotas, key) == 0:
            yield Flaw((*_QUOTAS, key), f"{key} is 0")


@rule("user-quota-low", Severity.WARNING)
def quota_low(user: User) -> Iterator[Flaw]:
    """A byte rate lets a message through in a second, where a topic says how large they are.

    Why: whoever sends or fetches one larger message is held up for as long as it takes at that rate, and
        its client gives up in the meantime. Of topics that say no size, the largest message that Kafka
        takes has to pass within 30 seconds, after which clients ask again (request.timeout.ms).
    Fix: raise the rate above the maxMessageSize of the topics, or above a 30th of the usual one.
    Source: Kafka 4.3 documentation, "Quotas" (a client over its rate is delayed until it is below) and
        producer configs (request.timeout.ms; measured: 950 kB take a minute at 10 kB/s).
    """
    for key, operation in _RATES:
        rate = _number(user.quotas, key)
        if not rate:
            continue
        # Topics that ask for a size themselves; Kafka's own 1 MiB is a bound, and no expectation.
        sizes = [(topic.settings.number(_SIZE), topic.name) for topic in _topics(user, operation)
                 if _SIZE in topic.settings.config]  # fmt: skip
        size, name = max(sizes, default=(0, ""))
        most = user.system.broker("message.max.bytes")
        usual = most if isinstance(most, int) else 0
        if rate * _PATIENCE_S < usual:
            yield Flaw((*_QUOTAS, key), f"{key} is {approximate_bytes(rate)} a second, and a message may"
                       f" have {approximate_bytes(usual)}")  # fmt: skip
        elif rate < size:
            yield Flaw((*_QUOTAS, key), f"{key} is {approximate_bytes(rate)} a second, but a message"
                       f" of {name} may have {approximate_bytes(size)}")  # fmt: skip


@rule("user-quota-request-percentage", Severity.WARNING, broker=Broker.ACCEPTS)
def request_percentage(user: User) -> Iterator[Flaw]:
    """No user may take more of the brokers' threads than the policy says.

    Why: 100 is one whole thread of the few that a broker has for everybody.
    Fix: lower requestPercentage, or raise policy.budgets.requestPercentage.
    Source: Kafka 4.3 documentation, "Request rate quotas" (of network and I/O threads together).
    """
    most = user.system.policy.budgets.request_percentage
    share = _number(user.quotas, "requestPercentage")
    # Backups break when they are throttled; see backup-throttled.
    if share is not None and share > most and not user.backs_up:
        yield Flaw((*_QUOTAS, "requestPercentage"),
                   f"requestPercentage is {share:g}; the policy allows {most}")  # fmt: skip


@rule("user-quota-mutation-rate", Severity.WARNING, broker=Broker.ACCEPTS)
def mutation_rate(user: User) -> Iterator[Flaw]:
    """A user that may create topics can do so again within minutes.

    Why: the rate counts partitions. The first topic is always made; then it is refused, or made to wait,
        until the rate has paid for its partitions: three of them at 0.1 take half a minute, at 0.001
        almost an hour.
    Fix: raise controllerMutationRate to 0.1 or more, or drop Create, Alter and Delete.
    Source: KIP-599, "Throttle create topic, create partition and delete topic operations"; Kafka 4.3,
        TokenBucket (measured: at 0.001 twelve partitions are made at once).
    """
    rate = _number(user.quotas, "controllerMutationRate")
    mutates = any(acl.resource in ("topic", "cluster") and acl.allows("Create", "Alter", "Delete")
                  for acl in user.acls)  # fmt: skip
    if mutates and rate is not None and 0 < rate < _LEAST_MUTATIONS:
        message = f"controllerMutationRate is {rate:g} partitions a second"
        yield Flaw((*_QUOTAS, "controllerMutationRate"), message)


@rule("user-quota-no-effect")
def no_effect(user: User) -> Iterator[Flaw]:
    """Users have quotas only where brokers look at them.

    Why: the quotas plugin of type strimzi takes the place of Kafka's own, and knows no users; the
        KafkaUser is ready, and nothing is bounded.
    Fix: write cluster.quotas.type: kafka, or drop the user's quotas.
    Source: Strimzi 1.2.0 documentation, con-choosing-a-quota-plugin.adoc.
    """
    if user.quotas and (user.system.spec.get("quotas") or {}).get("type") == "strimzi":
        yield Flaw(_QUOTAS, "its quotas do nothing: the cluster's are of type strimzi", on_key=True)


@rule("user-quota-missing", Severity.WARNING)
def quota_missing(user: User) -> Iterator[Flaw]:
    """In a protected environment no application can take a broker for itself.

    Why: one client in an endless loop slows down everybody else's.
    Fix: write quotas, or write cluster.quotas of type kafka with rates for all that have none.
    Source: Kafka 4.3 documentation, "Quotas" (unlimited by default).
    """
    environment = user.system.environment
    if user.intent is None or user.quotas or environment is None or not environment.protect:
        return
    cluster = user.system.spec.get("quotas") or {}
    if not all(cluster.get(key) for key, _ in _RATES):
        yield Flaw(_QUOTAS, "it has no quotas")


@rule("user-quota-sum", Severity.WARNING)
def quota_sum(system: System) -> Iterator[Flaw]:
    """In a protected environment what all users together may write fits through a broker.

    Why: quotas that allow more than a broker can carry protect nobody: it is full before any of them
        is reached. A rate holds for every broker; each byte goes on to the followers, and to
        everybody who may read the topic (on average over the topics that the user may write to).
    Fix: lower the largest rates, or raise policy.budgets.brokerThroughput.
    Source: Strimzi 1.2.0, KafkaUserQuotas (producerByteRate is per broker).
    """
    budget = system.policy.budgets.broker_throughput_bytes
    if budget is None or system.environment is None or not system.environment.protect:
        return
    factors: dict[str, int] = {}
    loads: list[tuple[float, str, User]] = []
    for user in system.users:
        rate = _number(user.quotas, "producerByteRate")
        fans = [_fan_out(topic, factors) for topic in _topics(user, "Write")] if rate else []
        if rate and fans:
            loads.append((rate * sum(fans) / len(fans), user.name, user))
    total = sum(load for load, _, _ in loads)
    if total > budget:
        load, _, user = max(loads, key=lambda each: each[:2])
        message = (f"all users' quotas make {approximate_bytes(total)} a second of a broker, of which"
                   f" {approximate_bytes(load)} here; the budget is {budget}")  # fmt: skip
        yield Flaw((*_QUOTAS, "producerByteRate"), message, on=user.manifest)


def _fan_out(topic: SystemTopic, known: dict[str, int]) -> int:
    """How often a byte that is written to the topic leaves a broker, and at least once."""
    if topic.name not in known:
        readers = {user.name for user in topic.system.grants.readers(topic.name)}
        known[topic.name] = max(1, topic.settings.replicas - 1 + len(readers))
    return known[topic.name]


@rule("broker-quota-both")
def broker_quota_both(system: System) -> Iterator[Flaw]:
    """Brokers stop producers by free bytes or by a free share of the disk, not by both.

    Why: the operator refuses the Kafka resource.
    Fix: drop one of minAvailableBytesPerVolume and minAvailableRatioPerVolume.
    Source: Strimzi 1.2.0, QuotasPluginStrimzi (mutually exclusive); seen on its Cluster Operator:
        InvalidResourceException, "You cannot configure both `minAvailableBytesPerVolume` and
        `minAvailableRatioPerVolume`, they are mutually exclusive.".
    """
    quotas = system.spec.get("quotas") or {}
    key = "minAvailableRatioPerVolume"
    if key in quotas and "minAvailableBytesPerVolume" in quotas:
        yield Flaw(("spec", "kafka", "quotas", key),
                   "minAvailableBytesPerVolume is said, too", on=system.kafka)  # fmt: skip
