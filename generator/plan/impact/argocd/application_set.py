"""Argo CD's ApplicationSet: what makes Applications, which go with it."""

from collections.abc import Iterator

from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair

KIND = "ApplicationSet"


def created(_: Pair) -> Iterator[Effect]:
    """It makes Applications.

    Source: Argo CD 3.5.1, docs/operator-manual/applicationset/index.md.
    """
    yield Effect(Impact.UNKNOWN, "it makes Applications, which no plan here shows")


def deleted(pair: Pair) -> Iterator[Effect]:
    """Its Applications go, and what they manage with them.

    Source: Argo CD 3.5.1, docs/operator-manual/applicationset/Application-Deletion.md.
    """
    spec = pair.before.body["spec"] if pair.before else {}
    kept = (spec.get("syncPolicy") or {}).get("preserveResourcesOnDeletion") is True
    if kept:
        text = "its Applications go; what is deployed stays, and nothing that is merged gets there"
        yield Effect(Impact.PROTECTION_LOSS, text)
    else:
        text = "its Applications go with everything that they manage, Kafka and its topics among it"
        yield Effect(Impact.DATA_LOSS, text, reversible=False)


def changed(_: Pair, field: FieldChange) -> Iterator[Effect]:
    """Other Applications, or other ones of the same names.

    Source: Argo CD 3.5.1, docs/operator-manual/applicationset/Application-Deletion.md.
    """
    del field
    text = "an Application that it makes no longer goes with all that it manages; no plan here shows which one"
    yield Effect(Impact.PROTECTION_LOSS, text)
