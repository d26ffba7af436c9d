"""Argo CD's Application: what an environment follows, and how what is merged gets there."""

from collections.abc import Iterator

from generator.common.changes import MISSING
from generator.documents.manifest import Body
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair

KIND = "Application"
_CASCADE = "resources-finalizer.argocd.argoproj.io"
_VALUES = ("spec", "source", "helm", "valuesObject")
_GROWS = ("watchNamespaces", "extraVolumes", "extraVolumeMounts")
"""Values that follow from which environments there are, so that more of them is no loss."""
_REPLICAS = ("replicas", "replicaCount")


def created(_: Pair) -> Iterator[Effect]:
    """Something more is deployed.

    Source: Argo CD 3.5.1, docs/operator-manual/declarative-setup.md.
    """
    yield Effect(Impact.DYNAMIC, "Argo CD begins to sync it")


def deleted(pair: Pair) -> Iterator[Effect]:
    """Argo CD deletes what an Application manages when it has the finalizer.

    Source: Argo CD 3.5.1, docs/user-guide/app_deletion.md.
    """
    if "Prune=false" in pair.annotation("argocd.argoproj.io/sync-options"):
        yield Effect(Impact.NO_EFFECT, "Argo CD leaves it where it is (Prune=false)")
    elif _cascades(pair.before.body["metadata"].get("finalizers") if pair.before else None):
        text = "Argo CD deletes everything that it manages, Kafka and its topics among it"
        yield Effect(Impact.DATA_LOSS, text, reversible=False)
    else:
        text = (
            "Argo CD stops syncing: what is deployed stays, and nothing that is merged gets there"
        )
        yield Effect(Impact.PROTECTION_LOSS, text)


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """What it follows, where to, and whether by itself.

    Source: Argo CD 3.5.1, docs/operator-manual/application.yaml.
    """
    spec = pair.after.body["spec"] if pair.after else {}
    if field.path[:2] == ("spec", "destination"):
        yield from _destination(field, spec)
    elif field.path[: len(_VALUES)] == _VALUES:
        yield from _values(field)
    elif field.path[:2] in (("spec", "source"), ("spec", "sources")):
        yield from _source(field, spec)
    elif field.path[:2] == ("spec", "syncPolicy"):
        yield from _sync(field)
    else:
        yield Effect(Impact.DYNAMIC, "applied as it is; nothing of Kafka restarts")


def _destination(field: FieldChange, spec: Body) -> Iterator[Effect]:
    """Another cluster is another world; another namespace of the same one is not.

    Source: Argo CD 3.5.1, controller/cache/cache.go:729 (what an Application manages is known by its name).
    """
    if field.path[2:] != ("namespace",):
        text = "everything is made anew in the other place; what is deployed stays behind"
        yield Effect(Impact.IRREVERSIBLE, text, reversible=False)
    elif _prunes(spec):
        yield Effect(Impact.DATA_LOSS, "what says no namespace is made anew in the other one, and pruned where"
                     " it was, with its data", reversible=False)  # fmt: skip
    else:
        yield Effect(Impact.IRREVERSIBLE, "what says no namespace is made anew in the other one; the old"
                     " objects stay until somebody prunes them", reversible=False)  # fmt: skip


def _prunes(spec: Body) -> bool:
    """True where what leaves Git is deleted by itself."""
    automated = (spec.get("syncPolicy") or {}).get("automated") or {}
    return automated.get("enabled", True) is True and automated.get("prune") is True


def finalizers(field: FieldChange) -> Iterator[Effect]:
    """Whether everything goes with the Application.

    Source: Argo CD 3.5.1, docs/user-guide/app_deletion.md.
    """
    if _cascades(field.after) and not _cascades(field.before):
        text = "from now on Argo CD deletes everything that it manages when the Application goes"
        yield Effect(Impact.PROTECTION_LOSS, text)
    else:
        yield Effect(Impact.NO_EFFECT, "only what goes with the Application")


def _cascades(said: object) -> bool:
    return isinstance(said, list) and any(str(each).startswith(_CASCADE) for each in said)


def _source(field: FieldChange, spec: Body) -> Iterator[Effect]:
    """Other content arrives, whatever this plan says of the one that is here.

    Source: Argo CD 3.5.1, docs/user-guide/auto_sync.md (automatic pruning).
    """
    if "chart" in spec.get("source", {}):
        if field.path[-1] == "targetRevision":
            yield Effect(Impact.DYNAMIC, f"chart version {field.before} to {field.after}")
        else:
            text = "the operator comes from elsewhere, or is another one"
            yield Effect(Impact.PROTECTION_LOSS, text)
        return
    namespace = spec.get("destination", {}).get("namespace", "the environment")
    lost = "loses what does not stand there" if _prunes(spec) else "keeps what does not stand there"
    yield Effect(Impact.PROTECTION_LOSS, f"all of {namespace} follows what stands there, which nobody"
                 f" has planned here, and {lost}")  # fmt: skip


def _values(field: FieldChange) -> Iterator[Effect]:
    """What the chart of an operator is told.

    Source: Strimzi 1.2.0, helm-charts/helm3/strimzi-kafka-operator/README.md.
    """
    inside = field.path[len(_VALUES) :]
    key = str(inside[0]) if inside else ""
    if key in _REPLICAS and field.after == 0:
        yield Effect(Impact.IGNORED, "no operator runs: nothing that is said here is done, and nothing"
                     " that breaks is mended")  # fmt: skip
        yield Effect(Impact.PROTECTION_LOSS, "no operator runs")
    elif key in _GROWS and _only_more(field, len(inside)):
        yield Effect(Impact.DYNAMIC, "the operator cares for more; it restarts, and Kafka does not")
    elif key == "watchNamespaces":
        yield Effect(Impact.PROTECTION_LOSS, "the operator lets go of what is no longer in the list: it runs"
                     " on, and nothing said here is done")  # fmt: skip
    else:
        yield Effect(Impact.PROTECTION_LOSS, "what the operator then does with every Kafka that it has,"
                     " its chart decides, and no plan tells")  # fmt: skip


def _only_more(field: FieldChange, depth: int) -> bool:
    if isinstance(field.before, list) and isinstance(field.after, list):
        return all(each in field.after for each in field.before)
    return depth > 1 and field.before is MISSING


def _sync(field: FieldChange) -> Iterator[Effect]:
    """Whether what is merged arrives by itself, and what is not in Git stays.

    Source: Argo CD 3.5.1, docs/user-guide/auto_sync.md.
    """
    key, after = field.path[-1], field.after
    if key == "automated" and after is MISSING:
        text = "nothing that is merged arrives by itself any more"
        yield Effect(Impact.PROTECTION_LOSS, text)
    elif key == "automated":
        prunes = isinstance(after, dict) and after.get("prune") is True
        also = ", and what leaves Git is deleted by itself" if prunes else ""
        yield Effect(Impact.DYNAMIC, f"what is merged arrives by itself{also}")
    elif key == "prune" and after is True:
        text = "whatever leaves Git is deleted by itself from now on"
        yield Effect(Impact.PROTECTION_LOSS, text)
    elif key == "selfHeal" and after is not True:
        yield Effect(Impact.PROTECTION_LOSS, "what people change by hand stays until the next sync")
    elif key == "selfHeal":
        yield Effect(Impact.CLIENT_VISIBLE, "what people have changed by hand is taken back now; what they"
                     " have added stays")  # fmt: skip
    else:
        yield Effect(Impact.DYNAMIC, "only how Argo CD syncs")
