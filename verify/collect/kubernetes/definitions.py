"""In which versions Kubernetes keeps Strimzi's resources: asked where it serves two, as from 0.49 to 0.51."""

from collections.abc import Iterator

from generator.documents.manifest import Body
from verify.collect.kubernetes.api import Api, Question, Wanted
from verify.collect.kubernetes.errors import ApiError
from verify.live.live import Definition, Kubernetes

_GROUPS = ("core.strimzi.io", "kafka.strimzi.io")
_TWO = {"v1", "v1beta2"}


def definitions(api: Api, _: Wanted, kubernetes: Kubernetes) -> None:
    """Add all of them, and of those that keep two versions how many objects may still be in the older.

    Source: Kubernetes 1.34, "Versions in CustomResourceDefinitions"; "API concepts" (any write of an object
    gives it a resourceVersion of its own, later ones larger ones where etcd keeps them).

    Raises:
        ApiError: when nobody may list them, or the server does not answer.
    """
    kubernetes.definitions = [
        _definition(api, name, plural)
        for group in _GROUPS
        if _versions(api, group) >= _TWO
        for name, plural in _names(api, group)
    ]


def _versions(api: Api, group: str) -> set[str]:
    try:
        told = api.document(f"/apis/{group}").get("versions") or ()
    except ApiError as error:
        if error.status == 404:
            return set()
        raise
    return {str(each.get("version")) for each in told}


def _names(api: Api, group: str) -> Iterator[tuple[str, str]]:
    resources = api.document(f"/apis/{group}/v1").get("resources") or ()
    for each in resources:
        if "/" not in each["name"]:
            yield f"{each['name']}.{group}", each["name"]


def _definition(api: Api, name: str, plural: str) -> Definition:
    question = Question("get", "apiextensions.k8s.io", "v1", "customresourcedefinitions", name=name)
    body: Body = api.answer(question)
    storage = next(each["name"] for each in body["spec"]["versions"] if each["storage"])
    stored = tuple(body["status"]["storedVersions"])
    objects = old = 0
    if len(stored) > 1:
        changed = _number(body)
        group = name.removeprefix(f"{plural}.")
        for each in api.items(Question("list", group, storage, plural)):
            objects += 1
            old += _number(each) < changed
    return Definition(name, body["spec"]["names"]["kind"], storage, stored, objects, old)


def _number(body: Body) -> int:
    text = str(body["metadata"].get("resourceVersion", ""))
    return int(text) if text.isdigit() else 0
