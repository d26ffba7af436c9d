"""Brokers: are all there, does each answer by itself, do they agree, have they room."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from generator.common.kafka_values import shown
from generator.contract.report import Outcome, Status, fail, ok, skip, unknown, warn
from verify.checks._compare import same_setting
from verify.checks._partitions import BROKER_THROTTLES
from verify.checks._reasons import ADVERTISED, FULL, OFFLINE, is_full, of_broker
from verify.checks._words import bounded, brokers, count
from verify.checks.registry import check
from verify.checks.registry.commands import pod_of
from verify.desired import Desired
from verify.live.live import Cause, Live, Setting

_SKEW = 2.0
_SKEW_FROM_PERCENT = 20


@check("brokers-present", nodes=True, metadata=True, needs=("kafka",))
def brokers_present(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The cluster has as many brokers as Git says, and none of them is fenced.

    Compares: the brokers that the metadata name with the replicas of the pools that have the role
        broker.
    Why: partitions of a broker that is missing have one replica less; one more failure stops them.
    Fix: kubectl -n {namespace} get pods -l strimzi.io/cluster={cluster},strimzi.io/broker-role=true
    Source: Kafka 4.3, DescribeCluster with fenced brokers (KIP-1073, since 4.0; before, one that is fenced is only missed;
        seen on 3.9.1).
    """
    kafka = live.kafka
    if kafka is None:
        return
    fenced = sorted(broker.id for broker in kafka.brokers.values() if broker.fenced)
    serving = sorted(kafka.brokers.keys() - set(fenced))
    wanted = desired.brokers
    if fenced or (wanted and len(serving) != wanted):
        says = f", Git says {wanted}" if wanted else ""
        yield fail(
            f"{count(serving, 'broker')} serve{'s' * (len(serving) == 1)}{says}: {_who(serving, fenced)}"
        )
    else:
        yield ok(count(serving, "broker"))


def _who(serving: Sequence[int], fenced: Sequence[int]) -> str:
    """Which ones, so that no number is taken for another."""
    is_, it = ("is", "it") if len(fenced) == 1 else ("are", "them")
    away = [f"{brokers(fenced)} {is_} fenced (the controller hears nothing of {it})"] * bool(fenced)
    there = [f"{brokers(serving)} work{'s' * (len(serving) == 1)}"] * bool(serving)
    return ", ".join([*away, *there]) or "nobody is known"


@check("brokers-answer", nodes=True, needs=("kafka",))
def brokers_answer(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Every broker answers by itself, at the address that it advertises.

    Compares: the answer of each broker on a connection of its own, and the number that it has; the bootstrap
        address does not count for it.
    Why: for a minute after a broker dies, and as long as one hangs, the metadata still call it fine.
    Fix: kubectl -n {namespace} get pods -o wide -l strimzi.io/cluster={cluster}; what to do depends on how it
        fails: a certificate, a refusal, silence, or nobody there.
    Source: measured on Kafka 4.3.1 with brokers killed and frozen.
    """
    kafka = live.kafka
    if kafka is None:
        return
    at = {b.address: b.id for b in reversed(kafka.brokers.values())}
    for broker in kafka.brokers.values():
        reason = of_broker(live, broker.id) if broker.problem is not None else None
        if broker.problem is not None and broker.problem.hurried:
            yield unknown(broker.problem.reason, f"broker {broker.id}", timed_out=True)
        elif reason is not None:
            fenced = "; the cluster has given up on it (fenced)" if broker.fenced else ""
            yield fail(f"{reason.text}{fenced}", f"broker {broker.id}", fix=reason.fix)
        elif (other := at[broker.address]) != broker.id:
            text = f"advertises the same address as broker {other}: {broker.address}"
            yield fail(text, f"broker {broker.id}", fix=ADVERTISED)


@check("brokers-agree", nodes=True, needs=("kafka",), severity=Status.WARN)
def brokers_agree(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """All brokers name the same brokers as members of the cluster.

    Compares: the lists of brokers that each one tells by itself.
    Why: a broker cut off from the quorum tells an old story, and clients that ask it believe it.
    Fix: kubectl -n {namespace} logs {pod} --since=10m of the broker that differs.
    Source: measured on Kafka 4.3.1 with the quorum lost.
    """
    kafka = live.kafka
    if kafka is None:
        return
    stories: dict[tuple[int, ...], list[int]] = {}
    for broker in kafka.brokers.values():
        if broker.told:
            stories.setdefault(broker.told, []).append(broker.id)
    most, *others = sorted(stories.items(), key=lambda each: (-len(each[1]), each[0])) or [((), [])]
    for whom, who in others:
        know, knows = ("know" if len(each) > 1 else "knows" for each in (most[1], who))
        yield warn(
            f"{knows} of {brokers(whom)}, while {brokers(most[1])} {know} of {brokers(most[0])}",
            brokers(who),
        )


@check("brokers-config", nodes=True, needs=("kafka", "kafka.broker_configs"), drift=True)
def brokers_config(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Brokers have the settings that Git says, and no others that somebody set.

    Compares: spec.kafka.config of the Kafka with what each broker has in effect, wherever it has it from:
        set for this broker or for all while they ran, or in its file. What Strimzi writes itself, and what
        is as Kafka has it by default, is not looked at; nor are controllers, which clients cannot ask.
    Why: what is set while brokers run beats the file; it survives restarts, no review saw it, and whoever
        reads Git believes something else: records are lost by an unclean election that Git forbids.
    Fix: {mend}; or put it into cluster.config in environments/{environment}. (What was set while brokers ran is
        deleted; min.insync.replicas of a cluster with eligible leader replicas cannot be, and gets the value of Git.
        A pod whose file differs runs with an older one, and restarts.)
    Source: Kafka 4.3, "Updating Broker Configs", DescribeConfigs; "Eligible Leader Replicas"; Strimzi 1.2.0,
        KafkaConfigurationDiff.java, KafkaBrokerConfigurationBuilder.java.
    """
    kafka = live.kafka
    if kafka is None:
        return
    if not desired.kafka:
        yield skip(NO_GIT)
        return
    told: dict[_Difference, list[int]] = {}
    for broker, settings in sorted(kafka.broker_configs.items()):
        for each in _config_differences(desired.broker_config, settings):
            told.setdefault(each, []).append(broker)
    yield from bounded(
        fail(each.text, brokers(numbers), mend=_mend(desired, live, each, numbers[0]))
        for each, numbers in told.items()
    )
    yield from silent(live, "broker_configs")
    if not told:
        yield ok(count(kafka.broker_configs, "broker"))


NO_GIT = "no Kafka object is known that says how it should be"
_STRIMZIS = (
    "advertised.listeners", "authorizer.class.name", "broker.id", "broker.rack",
    "client.quota.callback.", "config.providers", "controller.listener.names", "controller.quorum.",
    "cordoned.log.dirs", "cruise.control.metrics.", "early.start.listeners",
    "inter.broker.listener.name", "kafka.metrics.reporters", "listener.", "listeners", "log.dir",
    "metadata.log.dir", "metric.reporters", "node.id", "opa.authorizer.", "principal.builder.class",
    "process.roles", "prometheus.metrics.reporter.", "remote.log.metadata.manager.",
    "remote.log.storage.", "rlmm.config.", "rsm.config.", "sasl.", "ssl.", "strimzi.authorization.", "super.users",
)  # fmt: skip
"""What Strimzi writes by itself (1.2.0, KafkaBrokerConfigurationBuilder.java; at 0.51.0 also of OPA and Keycloak)."""
_PLACES = {
    "broker": "set on it alone while it ran",
    "default": "set on all brokers while they ran",
    "static": "in its file",
    "kafka": "Kafka's default",
}


class _Difference(NamedTuple):
    """How a setting differs, in words; `wanted` is what it should be, None where nobody says."""

    text: str
    key: str
    origin: str
    wanted: str | None


def _config_differences(
    wanted: Mapping[str, str], found: Mapping[str, Setting]
) -> Iterator[_Difference]:
    """How a broker's settings differ, sorted by key."""
    for key in sorted({*wanted, *found}):
        asked, have = wanted.get(key), found.get(key)
        if have is None or key in BROKER_THROTTLES:
            continue  # a plugin's own, or told by a check of its own
        if asked is not None:
            if not same_setting(asked, have.value):
                place = _PLACES[have.origin]
                text = f"{key} is {shown(key, have.value)} ({place}), desired {shown(key, asked)}"
                yield _Difference(text, key, have.origin, asked)
        elif have.origin != "kafka" and not key.startswith(_STRIMZIS) and have.value != have.kafka:
            usual = f"; Kafka's default is {shown(key, have.kafka)}" if have.kafka else ""
            text = f"{key} is {shown(key, have.value)} ({_PLACES[have.origin]}), Git says nothing of it{usual}"
            yield _Difference(text, key, have.origin, have.kafka)


def _mend(desired: Desired, live: Live, each: _Difference, broker: int) -> str:
    """The command that takes a difference back (Kafka 4.3, ConfigCommand; Strimzi 1.2.0)."""
    if each.origin not in ("broker", "default"):
        pod = pod_of(desired, live, broker) or "POD"
        return f"`kubectl -n {desired.namespace} annotate pod {pod} strimzi.io/manual-rolling-update=true`"
    alone = each.origin == "broker"
    # Kafka 3 has no eligible leader replicas, for which this one may not be deleted.
    has_them = not desired.kafka_version.startswith("3.")
    stays = has_them and each.key == "min.insync.replicas" and not alone and each.wanted
    how = f"--add-config {each.key}={each.wanted}" if stays else f"--delete-config {each.key}"
    whom = f"--entity-name {broker}" if alone else "--entity-default"
    return f"`kafka-configs.sh --alter --entity-type brokers {whom} {how}`"


@check("log-dirs-online", nodes=True, needs=("kafka", "kafka.log_dirs"))
def log_dirs_online(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Every log directory of every broker is online.

    Compares: the error that each broker tells of each of its directories.
    Why: a broker goes on without a failed disk; the replicas on it are gone from the ISR.
    Fix: kubectl -n {namespace} exec {pod} -c kafka -- df -h shows whether its volume is full: then make room
        first. A directory comes back only with a restart of its broker, and not while it is full.
    Source: Kafka 4.3, DescribeLogDirs (KIP-113), error KAFKA_STORAGE_ERROR.
    """
    kafka = live.kafka
    if kafka is None:
        return
    for each in kafka.log_dirs:
        if each.problem:
            yield fail(f"{each.path}: {each.problem}", f"broker {each.broker}", fix=OFFLINE)
    yield from silent(live, "log_dirs")


def silent(live: Live, part: str) -> Iterator[Outcome]:
    """What brokers would have told that did not answer."""
    for name, gap in sorted(live.gaps.items()):
        if name.startswith(f"kafka.{part}."):
            yield unknown(gap.reason, timed_out=gap.cause is Cause.TIMED_OUT)


@check("disk-fill", needs=("kafka", "kafka.log_dirs"))
def disk_fill(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every log directory has room: less than verify.disk says is used.

    Compares: used and total bytes of the volume, as its broker tells them, with warnPercent and
        failPercent (75 and 85).
    Why: a broker whose disk is full stops, and does not start again before somebody makes room.
    Fix: raise the size of the volume in cluster.nodePools (a larger one is resized while brokers run),
        or shorten retention of the largest topics: `kafka-log-dirs.sh --describe`.
    Source: Kafka 4.3, DescribeLogDirs total and usable bytes (KIP-827).
    """
    kafka = live.kafka
    if kafka is None:
        return
    limits = desired.settings.disk
    filled: list[float] = []
    for each in kafka.log_dirs:
        if each.total_bytes <= 0:
            yield unknown(f"{each.path}: its size is not told", f"broker {each.broker}")
            continue
        percent = 100 * (1 - each.usable_bytes / each.total_bytes)
        filled.append(percent)
        said = f"{each.path}: {percent:.0f} % used"
        if is_full(each):
            said = f"{each.path} is full ({gib(each.total_bytes)}): nothing can be written any more"
            yield fail(said, f"broker {each.broker}", resources=True, fix=FULL)
        elif percent >= limits.fail_percent:
            yield fail(
                f"{said}, limit {limits.fail_percent:.0f} %",
                f"broker {each.broker}",
                resources=True,
            )
        elif percent >= limits.warn_percent:
            yield warn(f"{said}, limit {limits.fail_percent:.0f} %", f"broker {each.broker}")
    yield from silent(live, "log_dirs")
    if filled:
        yield ok(f"at most {max(filled):.0f} % used")


@check("disk-skew", needs=("kafka", "kafka.log_dirs"), severity=Status.WARN)
def disk_skew(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """No broker's disks are more than twice as full as those of the emptiest broker.

    Compares: used bytes per broker, where the fullest uses more than a fifth of its volumes.
    Why: the fullest broker decides how long the cluster lasts; more brokers do not help while
        partitions lie unevenly.
    Fix: a KafkaRebalance with mode full (Cruise Control), approved after a look at its proposal.
    Source: Kafka 4.3, DescribeLogDirs (KIP-827).
    """
    kafka = live.kafka
    if kafka is None:
        return
    used: dict[int, int] = {}
    total: dict[int, int] = {}
    for each in kafka.log_dirs:
        if each.total_bytes > 0:
            used[each.broker] = used.get(each.broker, 0) + each.total_bytes - each.usable_bytes
            total[each.broker] = total.get(each.broker, 0) + each.total_bytes
    if len(used) < 2:
        return
    share = {broker: 100 * used[broker] / total[broker] for broker in used}
    fullest, emptiest = max(share, key=lambda b: share[b]), min(share, key=lambda b: share[b])
    most, least = share[fullest], share[emptiest]
    if most >= _SKEW_FROM_PERCENT and most > _SKEW * max(0.1, least):
        yield warn(
            f"broker {fullest} uses {most:.0f} % ({gib(used[fullest])}),"
            f" broker {emptiest} {least:.0f} % ({gib(used[emptiest])})"
        )


def gib(size: int) -> str:
    """Bytes for people: `1.5 GiB`."""
    return f"{size / 2**30:.1f} GiB"
