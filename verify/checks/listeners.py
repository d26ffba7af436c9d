"""Listeners: can clients come in, is the certificate right, and are others kept out."""

from collections.abc import Iterator

from generator.contract.report import Outcome, fail, ok, skip, unknown, warn
from verify.checks._objects import kubernetes_of, labels
from verify.checks._pods import pods_of
from verify.checks._policies import admitting
from verify.checks._reasons import EARLY, is_early
from verify.checks._words import count, listed
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import ELSEWHERE, Cause, ListenerAnswer, Live

_DAY_S = 86_400
_BROKER = ("strimzi.io/broker-role", "true")
_NAME_WRONG = ("hostname mismatch", "ip address mismatch")


def _subject(answer: ListenerAnswer) -> str:
    return f"{answer.listener} {answer.address}" if answer.listener else answer.address


@check("listeners-reachable", nodes=True, needs=("listeners",))
def listeners_reachable(desired: Desired, live: Live) -> Iterator[Outcome]:
    """Every listener takes connections, and speaks TLS where it should.

    Compares: a connection and, with TLS, a handshake with each address that Strimzi's status names and
        each that brokers advertise, and which broker answers there. From outside of Kubernetes only the listeners
        that are meant for it, and the one by which the run came.
    Why: a listener may be closed by a NetworkPolicy, a load balancer or a broker that did not start
        it, while the others work.
    Fix: kubectl -n {namespace} get kafka {cluster} -o jsonpath={.status.listeners}; then the Service and
        NetworkPolicy of the listener.
    Source: Strimzi 1.2.0, KafkaStatus.listeners.
    """
    for answer in live.listeners:
        gap = answer.problem
        if gap is None:
            continue
        said = f"{_kind(gap.cause)}: {gap.reason}"
        if gap.hurried:
            yield unknown(gap.reason, _subject(answer), timed_out=True)
        elif answer.outside and live.kubernetes and live.kubernetes.in_cluster:
            # A load balancer need not let in those who are inside.
            yield warn(f"{said}; ask again from outside of the cluster", _subject(answer))
        elif answer.given and live.kafka is not None:
            yield warn(f"{said}; Kafka was met at {live.kafka.bootstrap}", _subject(answer))
        else:
            yield fail(said, _subject(answer))
    topics = live.kafka.topics.values() if live.kafka else ()
    hidden = sum(p.leader == ELSEWHERE for topic in topics for p in topic.partitions)
    if hidden:
        yield fail(
            f"{count(hidden, 'partition')} led by a broker that lacks the listener we came by"
        )
    good = [each for each in live.listeners if each.problem is None]
    seen = dict.fromkeys(each.listener for each in good if each.listener)
    spec = (desired.kafka.get("spec") or {}).get("kafka") or {}
    names = {each["name"] for each in spec.get("listeners") or ()}
    unseen = sorted(names - {each.listener for each in live.listeners})
    of_them = f" of {listed(seen)}" if seen else ""
    rest = f"; not looked at: {listed(unseen)}" if unseen else ""
    yield ok(count(good, "address", "addresses") + of_them + rest)


def _kind(cause: Cause) -> str:
    return "no answer" if cause is Cause.TIMED_OUT else str(cause)


@check("listeners-certificate", nodes=True, needs=("listeners",))
def listeners_certificate(desired: Desired, live: Live) -> Iterator[Outcome]:
    """What brokers show is signed by the cluster's CA, names the address, and lasts a while.

    Compares: the certificate of the handshake with the CA, with the host that was asked for, and its
        end with verify.certificates (warn 30 days, fail 7 days).
    Why: clients refuse a wrong name or an expired certificate, all of them at once.
    Fix: a wrong name: bootstrap or broker hosts under cluster.listeners; an old one: kubectl -n
        {namespace} annotate secret {cluster}-cluster-ca-cert strimzi.io/force-renew="true"
    Source: Strimzi 1.2.0 documentation, Security: TLS certificates; RFC 6125.
    """
    limits = desired.settings.certificates
    checked = 0
    for answer in live.listeners:
        if not answer.tls or answer.problem is not None:
            continue
        checked += 1
        shown = answer.certificates[0] if answer.certificates else None
        days = (shown.not_after_s - live.taken_at_s) / _DAY_S if shown else 0
        if shown is None:
            yield unknown("it showed no certificate", _subject(answer))
        elif answer.trusted:
            names = f"; it names {', '.join(shown.names)}" if shown and _name(answer) else ""
            fix = EARLY if is_early(answer.trusted) else ""
            yield fail(f"not to be trusted: {answer.trusted}{names}", _subject(answer), fix=fix)
        elif shown and days < limits.fail_days:
            yield fail(f"its certificate ends in {days:.1f} days", _subject(answer))
        elif shown and days < limits.warn_days:
            yield warn(f"its certificate ends in {days:.1f} days", _subject(answer))
    if checked:
        yield ok(count(checked, "certificate"))
    else:
        yield skip("no listener that was reached speaks TLS")


def _name(answer: ListenerAnswer) -> bool:
    return any(word in answer.trusted.lower() for word in _NAME_WRONG)


@check("listeners-closed-to-strangers", needs=("listeners",))
def listeners_closed(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """Listeners with authentication let in neither those who say nobody nor those nobody knows.

    Compares: what becomes of a client without credentials, and of one with a made-up password or a
        certificate that nobody signed.
    Why: a listener that lost its authentication works for everybody, so nobody complains.
    Fix: cluster.listeners.NAME.authentication in environments/{environment}; kubectl -n {namespace}
        get kafka {cluster} -o yaml for what Strimzi made of it.
    Source: Kafka 4.3 documentation, Security; the negative probe itself.
    """
    tried = 0
    for answer in live.listeners:
        if answer.problem is not None or answer.trusted or not answer.authentication:
            continue
        for who, verdict in (("nobody", answer.anonymous), ("a stranger", answer.stranger)):
            tried += 1
            if verdict == "accepted":
                yield fail(f"lets {who} in", _subject(answer))
            elif not verdict:
                said = f"it did not say in time whether it lets {who} in"
                yield unknown(said, _subject(answer), timed_out=True)
    if tried:
        yield ok(count(tried, "try", "tries"))
    else:
        yield skip("no listener with authentication was reached")


@check("foreign-topics-denied", needs=("kafka", "kafka.forbidden"))
def foreign_topics_denied(desired: Desired, live: Live) -> Iterator[Outcome]:  # noqa: ARG001
    """A user without the right to read a topic is refused by its leader.

    Compares: the answer of a broker to the user of verification, which has no right to read it, with
        a refusal. No record is read.
    Why: an authorizer that was switched off, or a super user too many, shows nowhere else.
    Fix: cluster.authorization in environments/{environment}; `kafka-acls.sh --list` tells the rules, superUsers of the Kafka
        object who needs none.
    Source: Kafka 4.3, DescribeProducers (needs Read on the topic).
    """
    if live.kafka is None:
        return
    for topic, verdict in live.kafka.forbidden.items():
        if verdict == "denied":
            yield ok("denied", f"topic {topic}")
        else:
            yield fail("may be read without the right to", f"topic {topic}")
    if not live.kafka.forbidden:
        yield skip("only tried as the user that is rendered for verification")


@check("listeners-admit", needs=("kubernetes", "kubernetes.NetworkPolicy", "kubernetes.Pod"))
def listeners_admit(desired: Desired, live: Live) -> Iterator[Outcome]:
    """NetworkPolicies let applications in at every listener.

    Compares: the ingress rules of all NetworkPolicies of the namespace that select brokers with the ports of
        spec.kafka.listeners. A port that only some may use is told: who applications are for Kubernetes, Git does
        not say.
    Why: this run may be let in where applications are not, and they see timeouts only.
    Fix: kubectl -n {namespace} get networkpolicy -o yaml; name who may come in with
        cluster.listeners.NAME.networkPolicyPeers, or, where the operator makes none, in a NetworkPolicy below extra/.
    Source: Kubernetes 1.34, Network Policies: rules add up, and what no rule allows is denied once a policy selects the pod;
        Strimzi 1.2.0, NetworkPolicyUtils.
    """
    policies = kubernetes_of(live).objects.get("NetworkPolicy")
    brokers = [
        each for each in pods_of(desired, live).values() if _BROKER in {*labels(each).items()}
    ]
    if policies is None or not brokers:
        yield skip("no NetworkPolicy is listed" if policies is None else "there is no broker's pod")
        return
    if not all("spec" in each for each in policies.values()):
        yield skip("the dump does not tell what NetworkPolicies say")
        return
    open_to_all = 0
    for listener in (desired.kafka.get("spec") or {}).get("kafka", {}).get("listeners") or ():
        name, port = listener["name"], listener["port"]
        how = (listener.get("authentication") or {}).get("type", "")
        users = sorted(u.resource for u in desired.users.values() if u.authentication == how)
        admitted = [admitting(policies.values(), pod, port) for pod in brokers]
        if [] in admitted:
            stopped = f": {listed(users)} cannot connect" if users else ""
            yield fail(
                f"no NetworkPolicy lets anybody in at port {port}{stopped}", f"listener {name}"
            )
        elif limited := sorted({each for rules in admitted for each in rules or ()} - {""}):
            yield skip(
                f"only whom {listed(limited)} names may come in; whether {listed(users) or 'somebody'}"
                " is among them, Git does not say",
                f"listener {name}",
            )
        else:
            open_to_all += 1
    if open_to_all:
        yield ok(f"{count(open_to_all, 'listener')} open to all")
