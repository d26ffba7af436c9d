"""Which release of Strimzi and which Kafka run here: as those say who are at work, or else as Git says."""

from generator.common.strimzi.releases import numbers
from generator.documents.manifest import Body
from verify.desired import Desired
from verify.live.live import Live


def watching(desired: Desired, live: Live) -> list[Body]:
    """The Deployments of Strimzi's cluster operator that watch the namespace."""
    operators = live.kubernetes.operators if live.kubernetes else []
    return [body for body in operators if desired.namespace in _watched(desired, body)]


def tag_of(operator: Body) -> str:
    """The release that an operator's image names; empty where its tag is one of somebody's own."""
    image = str(operator["spec"]["template"]["spec"]["containers"][0].get("image", ""))
    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    return tag if tag[:1].isdigit() else ""


def strimzi_of(desired: Desired, live: Live) -> str:
    """The release whose pods run here."""
    tags = [tag_of(each) for each in watching(desired, live)]
    return next(filter(None, tags), desired.strimzi)


def kafka_since(version: str, desired: Desired, live: Live) -> bool:
    """Whether the Kafka that runs here is of this version or a newer one; where nobody says which, it is."""
    objects = live.kubernetes.objects if live.kubernetes else {}
    status = (objects.get("Kafka", {}).get(desired.cluster) or {}).get("status") or {}
    running = str(status.get("kafkaVersion") or desired.kafka_version)
    return not running or numbers(running) >= numbers(version)


def _watched(desired: Desired, body: Body) -> set[str]:
    """The namespaces that an operator watches, this one among them where it watches all."""
    own = body["metadata"].get("namespace", "")
    value = variables(body).get("STRIMZI_NAMESPACE")
    if value is None:
        return {own}
    names = {each.strip() for each in (value or own).split(",")}
    return names | ({desired.namespace} if "*" in names else set())


def variables(body: Body) -> dict[str, str]:
    """The environment of a Deployment's containers; what comes from elsewhere is empty."""
    pod = ((body.get("spec") or {}).get("template") or {}).get("spec") or {}
    return {
        str(each["name"]): str(each.get("value") or "")
        for container in pod.get("containers") or ()
        for each in container.get("env") or ()
    }
