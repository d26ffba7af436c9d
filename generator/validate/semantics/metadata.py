"""Metadata of any object."""

from collections.abc import Iterator
from typing import Any

from generator.validate.places import Complaint
from generator.validate.semantics import on

_MOST = 256 * 1024


@on("*")
def metadata(body: Any) -> Iterator[Complaint]:
    """What most objects have nothing of is looked for first: every object comes by here."""
    told = body["metadata"]
    if "annotations" in told:
        yield from _annotations(told["annotations"] or {})
    if "finalizers" in told:
        yield from _finalizers(told["finalizers"] or ())
    if "ownerReferences" in told:
        yield from _owners(told["ownerReferences"] or ())


def _annotations(told: Any) -> Iterator[Complaint]:
    """All annotations together have up to 256 KiB (apimachinery 0.34.4, TotalAnnotationSizeLimitB)."""
    size = 0
    for key, value in told.items():
        size += len(key) + len(value)
    if size > _MOST // 4:  # a character has up to four bytes
        size = sum(len(text.encode()) for each in told.items() for text in each)
    if size > _MOST:
        message = f"{size} bytes of annotations are too many"
        yield ("metadata", "annotations"), message, "up to 262144 bytes"


def _finalizers(told: Any) -> Iterator[Complaint]:
    """An object is deleted either before or after what it owns (ValidateFinalizers)."""
    if {"orphan", "foregroundDeletion"} <= {*told}:
        message = "orphan and foregroundDeletion exclude each other"
        yield ("metadata", "finalizers"), message, "keep one of the two"


def _owners(told: Any) -> Iterator[Complaint]:
    """One owner controls, and none is an event (ValidateOwnerReferences)."""
    controlled = False
    seen: set[str] = set()
    for index, each in enumerate(told):
        path = ("metadata", "ownerReferences", index)
        if (each["apiVersion"], each["kind"]) == ("v1", "Event"):
            yield path, "an Event owns nothing", "name another owner"
        if each.get("controller") and controlled:
            yield path, "there is a controller already", "keep controller: true on one owner"
        if each["uid"] in seen:
            yield path, f"uid {each['uid']} is in the list twice", "drop one of the two"
        seen.add(each["uid"])
        controlled = controlled or bool(each.get("controller"))
