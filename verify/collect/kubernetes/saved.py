"""Secrets that people have saved for a rebuild, beside those that are there now. Nothing of their content is told."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from generator.common.sanitize import one_line
from generator.documents.manifest import Body
from verify.collect.kubernetes.api import Api, KubernetesTarget, Question

_OF_STRIMZI = "strimzi.io/"


class SavedSecret(NamedTuple):
    """What is to be said of one Secret; nothing where it is saved as it is."""

    name: str
    problem: str = ""


def compared(
    place: KubernetesTarget, saved: Iterable[Body], names: Iterable[str], deadline: float
) -> list[SavedSecret]:
    """Each Secret that is needed or saved, by name, and what is wrong with how it is saved.

    Raises:
        ApiError: when nobody may read them, or the server does not answer.
    """
    with Api(place, deadline) as api:
        question = Question("list", "", "v1", "secrets", place.namespace)
        live = {each["metadata"]["name"]: each for each in api.items(question)}
    kept = {one_line(each["metadata"]["name"]): each for each in saved}
    return list(_compared(live, kept, {*names, *kept}, place.namespace))


def _compared(
    live: Mapping[str, Body], kept: Mapping[str, Body], names: Iterable[str], namespace: str
) -> Iterator[SavedSecret]:
    for name in sorted(names):
        if name not in live:
            said = "is saved, and is not there any more" if name in kept else "is nowhere"
            yield SavedSecret(name, said)
        elif name not in kept:
            yield SavedSecret(name, "is not saved")
        elif (other := kept[name]["metadata"].get("namespace", namespace)) != namespace:
            yield SavedSecret(name, f"is saved of the namespace {one_line(str(other))}")
        else:
            now, was = _content(live[name]), _content(kept[name])
            differs = sorted(key for key in {*now, *was} if now.get(key) != was.get(key))
            said = f"has changed since it was saved: {one_line(', '.join(differs))}"
            yield SavedSecret(name, said if differs else "")


def _content(body: Body) -> dict[str, object]:
    """What has to come back: keys, the type, and the labels and annotations by which Strimzi knows what is its own."""
    metadata = body["metadata"]
    marks = {
        f"{word} {key}": value
        for word in ("labels", "annotations")
        for key, value in (metadata.get(word) or {}).items()
        if key.startswith(_OF_STRIMZI)
    }
    return {**(body.get("data") or {}), **marks, "type": body.get("type", "Opaque")}
