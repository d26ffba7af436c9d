"""Which release of Strimzi runs here: as its operator's image says, or else as Git was rendered for it."""

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
