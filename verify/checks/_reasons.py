"""What else this run has found that explains why a broker, or all of them, do not do what is asked of them.

It is looked at before anybody is told to restart a broker that is only slowed down, full or mistrusted.
"""

from collections.abc import Iterator
from shlex import quote
from typing import NamedTuple

from generator.contract.report import Outcome, fail
from verify.checks._words import listed
from verify.live.live import Cause, Gap, Kafka, Live, LogDir

CLIENT_ID = "strimzi-verify"
SMALL = {"producer_byte_rate": 10_240, "consumer_byte_rate": 10_240, "request_percentage": 1}
"""Quotas below which nobody gets anything done."""
_FULL_BYTES = 2**20
"""With less room than this nothing more is written: a segment's index alone wants as much."""


class Reason(NamedTuple):
    """Why, in words, and what to do about it."""

    text: str
    fix: str

    def failed(self, subject: str = "") -> Outcome:
        """What a check says that found it."""
        return fail(self.text, subject, fix=self.fix)


def of_all(live: Live) -> Reason | None:
    """Why nobody can work as this run does: a quota of its own."""
    small = list(small_quotas(live.kafka)) if live.kafka else []
    if not small:
        return None
    name, told = small[0][0], ", ".join(f"{key} {value:g}" for _, key, value in small)
    return Reason(
        f"the quota of {who(name)} slows it down: {told}; that says nothing of the brokers",
        f"kafka-configs.sh --alter {entity(name)} --delete-config {','.join(key for _, key, _ in small)}; or"
        " raise it where Git says it, in environments/{environment}",
    )


def small_quotas(kafka: Kafka) -> Iterator[tuple[str, str, float]]:
    """Of whom a quota is that counts for this run and lets hardly anything through, its key and value.

    Source: Kafka 4.3 documentation, Quotas: the most specific one counts.
    """
    for key, least in SMALL.items():
        for name in _names(kafka.user):
            value = kafka.quotas.get(name, {}).get(key)
            if value is not None:
                if value < least:
                    yield name, key, value
                break


def _names(user: str) -> Iterator[str]:
    """What quotas may be called that count for a user, the most specific first."""
    for each in (user, "<default>"):
        yield from (f"{each}/{CLIENT_ID}", f"{each}/<default>", each)
    yield from (f"/{CLIENT_ID}", "/<default>")


def who(name: str) -> str:
    """Of whom a quota is, in words: `User:a`, `everybody`, `User:a with client id b`, `ip 192.0.2.1`."""
    user, slash, client = name.partition("/")
    if name.startswith("ip "):
        return name
    of_user = "everybody" if user == "<default>" else f"User:{user}" if user else ""
    of_client = "any client id" if client == "<default>" else f"client id {client}"
    return of_user + f"{' with ' if user else ''}{of_client}" if slash else of_user


def entity(name: str) -> str:
    """The same for kafka-configs.sh (Kafka 4.3, ConfigCommand)."""
    user, slash, client = name.partition("/")
    if name.startswith("ip "):
        kinds = {"ips": name.removeprefix("ip ")}
    else:
        kinds = {"users": user} if user else {}
        kinds |= {"clients": client} if slash else {}
    return " ".join(
        f"--entity-type {kind} "
        + ("--entity-default" if each == "<default>" else f"--entity-name {quote(each)}")
        for kind, each in kinds.items()
    )


def of_broker(live: Live, number: int) -> Reason | None:
    """Why one broker does not work: mistrusted, full, dead or frozen; none where nothing is known of it."""
    kafka = live.kafka
    if kafka is None:
        return None
    full = [each for each in kafka.log_dirs if each.broker == number and is_full(each)]
    if full:
        return Reason(f"its disk is full: {listed(each.path for each in full)}", FULL)
    offline = [each for each in kafka.log_dirs if each.broker == number and each.problem]
    if offline:
        return Reason(f"{listed(each.path for each in offline)} is offline", OFFLINE)
    broker = kafka.brokers.get(number)
    if broker is None or broker.problem is None:
        return None
    return Reason(broker.problem.reason, _fix_of(broker.problem))


def is_full(each: LogDir) -> bool:
    """Whether nothing more can be written to a log directory."""
    return each.total_bytes > 0 and each.usable_bytes < _FULL_BYTES


def is_early(reason: str) -> bool:
    """Whether a certificate is not taken because it begins later (OpenSSL 3, X509_V_ERR_CERT_NOT_YET_VALID)."""
    return "not yet valid" in reason


def _fix_of(gap: Gap) -> str:
    if "the address that it advertises" in gap.reason:
        return ADVERTISED
    if is_early(gap.reason):
        return EARLY
    if "not trusted" in gap.reason:
        return MISTRUSTED
    if gap.cause is Cause.REFUSED:
        return REFUSED
    is_frozen = gap.cause is Cause.TIMED_OUT and ": connecting: " not in gap.reason
    return FROZEN if is_frozen else DEAD


FULL = (
    "make room before anything else, as a broker does not start on a full disk: raise the size of the volume in"
    " cluster.nodePools, which grows while pods run; or shorten the retention of the largest topics:"
    " kafka-log-dirs.sh --describe"
)
OFFLINE = (
    "kubectl -n {namespace} exec {pod} -c kafka -- df -h shows whether its volume is full: then make room first (size of"
    " the volume in cluster.nodePools). A directory comes back only when its broker restarts, and not while it is full"
)
ADVERTISED = (
    "look at the advertised hosts and ports of this broker: brokers under cluster.listeners in environments/{environment},"
    " and the Service or load balancer of its own; clients that look for it find another one, and are refused"
)
MISTRUSTED = (
    "its certificate is wrong, not the broker: for a wrong name look at bootstrap or broker hosts under"
    " cluster.listeners; an old one is renewed by kubectl -n {namespace} annotate secret"
    ' {cluster}-cluster-ca-cert strimzi.io/force-renew="true"; with --ca, see that it is the CA of this listener'
)
EARLY = (
    "its certificate begins later than now, by the clock here: date -u here and kubectl -n {namespace} exec {pod} -c kafka --"
    " date -u tell which clock is wrong. Where none is, whoever made the certificate had a wrong one: the operator makes"
    ' another by kubectl -n {namespace} annotate secret {cluster}-cluster-ca-cert strimzi.io/force-renew="true"'
)
REFUSED = (
    "it answers, but does not let this run in: kubectl -n {namespace} get kafkauser -o wide for the user, and its"
    " Secret for what it logs in with"
)
DEAD = (
    "kubectl -n {namespace} get pods -o wide -l strimzi.io/cluster={cluster}; of a pod that is not ready: kubectl -n"
    " {namespace} logs {pod} -c kafka --previous --tail=100, where 'No space left on device' means a full volume. Where all"
    " pods are ready, its advertised address cannot be reached from here"
)
FROZEN = (
    "it takes connections and does not answer: kubectl -n {namespace} logs {pod} -c kafka --since=10m for what it complains"
    " of; where that is nothing, look at the network between here and it; a frozen one is restarted with kubectl -n {namespace} delete pod {pod}"
)
