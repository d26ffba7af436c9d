"""Remedies as they can be pasted: names, pods and addresses filled in from what the run knows.

A fix says {namespace}, {cluster}, {environment} and {operator_namespace}, and of what it is about {name}, {object}
(`kind/name`), {resource} (the KafkaTopic), {node}, {pod}, {backup}, {cronjob}, {job} and {url}, or what the outcome itself
`fills`. What nobody knows stays in capitals. Kafka's tools get their way in, whichever is named: within a broker's
pod where Kubernetes was asked, else from here, at the address by which the run came.
"""

import re
from collections.abc import Sequence
from shlex import quote

from generator.common.strimzi.facts import CERTIFICATES_FROM_SECRETS
from generator.contract.report import Outcome, Status
from verify.checks.registry.release import kafka_since, strimzi_of
from verify.desired import Desired
from verify.live.live import Live

_PLACE = re.compile(r"\{(\w+)\}")
_TOOL = re.compile(r"(?<![\w/-])(kafka-[a-z-]+\.sh)(?= --| describe| abort| forceTerm)")
_OBJECT = re.compile(r"\b([a-z]+)/([A-Za-z0-9][A-Za-z0-9._-]*)")
_NODE = re.compile(r"\b(?:brokers?|nodes?) (\d+)\b")
_KUBECTL = re.compile(r"(?<![\w./-])kubectl (?!config )(?=-|[a-z]+ )")
_REPLICATION_PORT = 9091
"""Where brokers of Strimzi listen to each other (1.2.0, KafkaCluster.REPLICATION_PORT)."""
LOGIN = "/tmp/client.properties"  # noqa: S108 (in a pod of its own)
"""Within a broker's pod; what it says is never printed."""
OWN_LOGIN = "client.properties"


def filled(fix: str, desired: Desired, live: Live, outcomes: Sequence[Outcome]) -> str:
    """A fix of a check that found something wrong, about the worst that it found."""
    bad = [each for each in outcomes if each.status in (Status.WARN, Status.FAIL)]
    common, own = _common(desired, live), _own(desired, live, bad[0])
    said = {found[1] for found in _PLACE.finditer(fix)}
    text = _PLACE.sub(lambda found: (common | own).get(found[1]) or _unknown(found[1]), fix)
    text = _TOOL.sub(lambda found: _tool(found[1], desired, live), text)
    others = {
        tuple(sorted((k, v) for k, v in _own(desired, live, each).items() if k in said))
        for each in bad
    }
    text = _there(text, live)
    more = len(others - {()}) - 1
    return f"{text.rstrip('.;')}; likewise for {more} more" if more > 0 else text


def _there(text: str, live: Live) -> str:
    """A text whose commands go to the cluster that was looked at, whatever context is current where they are pasted."""
    context = live.kubernetes.context if live.kubernetes else ""
    return _KUBECTL.sub(f"kubectl --context {quote(context)} ", text) if context else text


def _unknown(name: str) -> str:
    return name.upper()


def _common(desired: Desired, live: Live) -> dict[str, str]:
    operators = live.kubernetes.operators if live.kubernetes else []
    return {
        "namespace": desired.namespace,
        "cluster": desired.cluster,
        "environment": desired.environment,
        "operator_namespace": str(operators[0]["metadata"]["namespace"]) if operators else "",
    }


def _own(desired: Desired, live: Live, outcome: Outcome) -> dict[str, str]:
    """What is known of the thing that an outcome is about, fit for a shell."""
    text = f"{outcome.subject}: {outcome.message}"
    node = _NODE.search(text)
    kind, name = _object(live, text) or ("", outcome.subject)
    for word in ("topic ", "User:", "CN="):
        name = name.removeprefix(word)
    topic, run = desired.topics.get(name), desired.settings.backups.get(name)
    of_claim = re.fullmatch(rf"data-(?:\d+-)?({re.escape(desired.cluster)}-.+)", name)
    pod = name if kind == "pod" else pod_of(desired, live, int(node[1])) if node else ""
    pod = of_claim[1] if kind == "persistentvolumeclaim" and of_claim else pod
    known = {
        "name": name,
        "object": f"{kind}/{name}" if kind else "",
        "resource": topic.resource if topic else name,
        "node": node[1] if node else "",
        "pod": pod,
        "backup": (run.backup or name) if run else "",
        "cronjob": run.cron_job if run else "",
        "url": name if "://" in name else f"redis://{name}",
        "job": _job_of(live, run.cron_job if run else name),
    }
    return {key: quote(value) for key, value in known.items() if value} | dict(outcome.fills)


def _object(live: Live, text: str) -> tuple[str, str] | None:
    """The first object in a text, as `kind/name`; a group or a topic may look like one."""
    kinds = {"Secret", *(live.kubernetes.objects if live.kubernetes else ())}
    known = {each.lower() for each in kinds}
    return next(((f[1], f[2]) for f in _OBJECT.finditer(text) if f[1] in known), None)


def pod_of(desired: Desired, live: Live, node: int) -> str:
    """The pod of a node, as Strimzi calls it: CLUSTER-POOL-ID; empty when nobody knows its pool."""
    objects = live.kubernetes.objects if live.kubernetes else {}
    names = {f"{desired.cluster}-{pool}-{node}": pool for pool in desired.pools}
    by_status = (
        name
        for name, pool in names.items()
        if node in ((objects.get("KafkaNodePool", {}).get(pool) or {}).get("status") or {}).get("nodeIds", ())
    )  # fmt: skip
    there = (name for name in names if name in objects.get("Pod", {}))
    only = names if len(names) == 1 else ()
    return next(iter([*there, *by_status, *only]), "")


def _job_of(live: Live, cron_job: str) -> str:
    """The newest Job of a CronJob."""
    jobs = live.kubernetes.objects.get("Job", {}) if live.kubernetes else {}
    made = [
        (str(body["metadata"].get("creationTimestamp")), name)
        for name, body in jobs.items()
        if any(o.get("name") == cron_job for o in body["metadata"].get("ownerReferences") or ())
    ]
    return max(made)[1] if made else ""


def _tool(tool: str, desired: Desired, live: Live) -> str:
    """A tool of Kafka with its way in."""
    pod = _broker_pod(desired, live)
    option = "--command-config"
    if not kafka_since("4.2", desired, live):
        option = _BEFORE_4_2.get(tool, option)
    if pod:
        return f"{_exec(desired, pod)} bin/{tool} --bootstrap-server {_address(desired, pod)} {option} {LOGIN}"
    kafka = live.kafka
    address = kafka.bootstrap if kafka else "HOST:PORT"
    login = "" if kafka and kafka.protocol == "PLAINTEXT" else f" {option} {OWN_LOGIN}"
    return f"{tool} --bootstrap-server {address}{login}"


_BEFORE_4_2 = {
    "kafka-console-consumer.sh": "--consumer.config",
    "kafka-leader-election.sh": "--admin.config",
}
"""Tools that took their settings by another word (Kafka 4.1.2 and 4.2.0, LeaderElectionCommand, ConsoleConsumerOptions;
KIP-1147)."""


def _exec(desired: Desired, pod: str) -> str:
    return f"kubectl -n {desired.namespace} exec {pod} -c kafka --"


def _address(desired: Desired, pod: str) -> str:
    return f"{pod}.{desired.cluster}-kafka-brokers.{desired.namespace}.svc:{_REPLICATION_PORT}"


def _broker_pod(desired: Desired, live: Live) -> str:
    """The pod of a broker that works; empty where Kubernetes was not asked, or nobody knows one."""
    if live.kubernetes is None:
        return ""
    brokers = sorted(live.kafka.brokers.values(), key=lambda b: b.id) if live.kafka else []
    well = [each.id for each in brokers if each.problem is None and not each.fenced]
    return next((pod for each in well if (pod := pod_of(desired, live, each))), "")


def preparation(remedies: Sequence[str], desired: Desired, live: Live) -> str:
    """What is to be done once, so that the commands of remedies may log in; empty where they need not.

    In a pod they come as the broker itself, who may do everything, with what its own listener for other brokers has
    (Strimzi 1.2.0, KafkaBrokerConfigurationBuilder, kafka_run.sh: /tmp/strimzi.properties; before 0.49 the files
    from which it makes a store whose password nobody else has: 0.48.0, kafka_tls_prepare_certificates.sh).
    """
    told = " ".join(remedies)
    if LOGIN in told:
        pod = _broker_pod(desired, live)
        mounted = not CERTIFICATES_FROM_SECRETS.holds(strimzi_of(desired, live))
        make = _MAKE_OF_FILES.replace("POD", pod) if mounted else _MAKE
        return _there(f"{_exec(desired, pod)} sh -c '{make}'", live)
    if f" {OWN_LOGIN}" in told:
        return f"write {OWN_LOGIN}: security.protocol, and what it needs to log in as somebody who may do it"
    return ""


_MAKE = (
    'sed -n "s/^listener[.]name[.]replication-9091[.]\\(ssl[.][a-z]*store[.]\\)/\\1/p; /^config[.]providers/p"'
    f" /tmp/strimzi.properties > {LOGIN}; echo security.protocol=SSL >> {LOGIN}"
)
_MAKE_OF_FILES = (
    "umask 077; cd /opt/kafka && cat broker-certs/POD.key broker-certs/POD.crt > /tmp/client.pem"
    " && cat cluster-ca-certs/*.crt > /tmp/client-ca.pem"
    ' && printf "ssl.%s\\n" keystore.type=PEM keystore.location=/tmp/client.pem truststore.type=PEM'
    f" truststore.location=/tmp/client-ca.pem > {LOGIN} && echo security.protocol=SSL >> {LOGIN}"
)
