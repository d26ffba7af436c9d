"""Metadata of any object."""

from collections.abc import Iterator
from typing import Any

from generator.validate.places import Complaint
from generator.validate.semantics import on

_MOST = 256 * 1024


@on("*")
def annotations(body: Any) -> Iterator[Complaint]:
    """All annotations together have up to 256 KiB (apimachinery 0.34.4, validation.TotalAnnotationSizeLimitB)."""
    told = body.get("metadata", {}).get("annotations") or {}
    size = sum(len(text.encode()) for each in told.items() for text in each)
    if size > _MOST:
        yield (
            ("metadata", "annotations"),
            f"{size} bytes of annotations are too many",
            "up to 262144 bytes",
        )


@on("*")
def finalizers(body: Any) -> Iterator[Complaint]:
    """An object is deleted either before or after what it owns (ValidateFinalizers)."""
    if {"orphan", "foregroundDeletion"} <= {*(body.get("metadata", {}).get("finalizers") or ())}:
        message = "orphan and foregroundDeletion exclude each other"
        yield ("metadata", "finalizers"), message, "keep one of the two"


@on("*")
def owners(body: Any) -> Iterator[Complaint]:
    """One owner controls, and none is an event (ValidateOwnerReferences)."""
    controlled = False
    for index, each in enumerate(body.get("metadata", {}).get("ownerReferences") or ()):
        path = ("metadata", "ownerReferences", index)
        if (each["apiVersion"], each["kind"]) == ("v1", "Event"):
            yield path, "an Event owns nothing", "name another owner"
        if each.get("controller") and controlled:
            yield path, "there is a controller already", "keep controller: true on one owner"
        controlled = controlled or bool(each.get("controller"))
