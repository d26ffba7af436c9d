"""Is this the cluster that is meant? Everything else is asked only after that."""

from collections.abc import Iterator

from generator.contract.report import Outcome, fail, ok, skip
from verify.checks.registry import check
from verify.desired import Desired
from verify.live.live import Live


@check("kubernetes-identity", needs=("kubernetes",))
def kubernetes_identity(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The API server that answers has this environment's Kafka in this environment's namespace.

    Compares: the kubeconfig's context and namespace, and the name of the Kafka object, with what is
        rendered.
    Why: a verdict about another cluster is worse than none, and contexts are switched by hand.
    Fix: kubectl config get-contexts, then give --context and --kubeconfig.
    Source: Kubernetes documentation, Organizing Cluster Access Using kubeconfig Files (1.34).
    """
    kubernetes = live.kubernetes
    if kubernetes is None:
        return
    where = f"{kubernetes.server}, namespace {kubernetes.namespace}"
    if kubernetes.context:
        where = f"context {kubernetes.context}, {where}"
    if live.gap("kubernetes.Kafka") is None:
        found = kubernetes.objects.get("Kafka", {})
        if desired.cluster not in found:
            others = f"; it has {', '.join(sorted(found))}" if found else ""
            yield fail(f"no Kafka {desired.cluster} at {where}{others}")
            return
    yield ok(where)


@check("cluster-id", needs=("kafka",))
def cluster_id(desired: Desired, live: Live) -> Iterator[Outcome]:
    """The brokers that answer are the ones that Strimzi runs for this Kafka.

    Compares: the cluster id that brokers tell with status.clusterId of the Kafka object, and with
        verify.clusterId where the intent says one.
    Why: a bootstrap address may lead to another cluster: an old DNS entry, a tunnel left open.
    Fix: kubectl -n {namespace} get kafka {cluster} -o jsonpath={.status.clusterId}; then mend the
        address given by --bootstrap, or verify.clusterId.
    Source: Strimzi 1.2.0, KafkaStatus.clusterId; Kafka 4.3, DescribeCluster.
    """
    kafka = live.kafka
    if kafka is None:
        yield skip("the brokers were not asked")
        return
    told = {}
    if live.kubernetes is not None:
        body = live.kubernetes.objects.get("Kafka", {}).get(desired.cluster, {})
        told["Strimzi's status"] = (body.get("status") or {}).get("clusterId", "")
    told["verify.clusterId"] = desired.settings.cluster_id
    known = {who: name for who, name in told.items() if name}
    wrong = [f"{who} says {name}" for who, name in known.items() if name != kafka.cluster_id]
    if wrong:
        yield fail(f"{kafka.bootstrap} is cluster {kafka.cluster_id}; {', '.join(wrong)}")
    elif known:
        yield ok(kafka.cluster_id)
    else:
        yield skip(f"{kafka.cluster_id}; nobody says which one is meant")
