"""The version of Strimzi's API that an object is written in: it is the same object in each that is served."""

from collections.abc import Iterator

from generator.common.strimzi import nearest
from generator.common.strimzi_facts import OLD_FIELDS
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, short

_OLDER = ("v1alpha1", "v1beta1")
"""Of KafkaTopics and KafkaUsers as well, before 1.0.0 (Strimzi 0.51.0, 043-Crd-kafkatopic.yaml)."""


def of_api_version(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Another version; what is in another group is another object, and no field of it changes.

    Source: Kubernetes 1.34, "Versions in CustomResourceDefinitions" (each object is served in all of them, and
    stored in one); Argo CD 3.5.1, gitops-engine pkg/utils/kube/kube.go (ResourceKey: group, kind, namespace, name);
    Strimzi's 040-Crd-kafka.yaml and its siblings at 0.48.0 (v1beta2), 0.51.0 (both) and 1.0.1 (v1).
    """
    version, served = str(field.after).rpartition("/")[2], nearest(pair.strimzi).apis
    if pair.has(OLD_FIELDS) and pair.after and pair.after.kind in ("KafkaTopic", "KafkaUser"):
        served = (*_OLDER, *served)
    if version in served:
        yield Effect(
            Impact.NO_EFFECT,
            "the same object to Kubernetes and to Argo CD: nothing is deleted, and nobody restarts",
        )
    else:
        yield Effect(
            Impact.REFUSED,
            f"the CustomResourceDefinitions of Strimzi {short(pair.strimzi)} serve {', '.join(served)} only:"
            f" the API server takes no {version}",
        )
