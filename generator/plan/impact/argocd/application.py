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
    if _cascades(pair.before.body["metadata"].get("finalizers") if pair.before else None):
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
        yield from _sync(pair, field)
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
    return "prune" in (_automated(spec) or ())


def _automated(spec: Body) -> set[str] | None:
    """What is done by itself besides syncing; None where nothing is.

    Source: Argo CD 3.5.1, pkg/apis/application/v1alpha1/types.go (IsAutomatedSyncEnabled).
    """
    said = (spec.get("syncPolicy") or {}).get("automated")
    if said is None or said.get("enabled") is False:
        return None
    return {key for key in ("prune", "selfHeal", "allowEmpty") if said.get(key) is True}


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
        if field.path == ("spec", "sources"):
            yield _stored(field)
        elif field.path[-1] == "targetRevision":
            yield Effect(Impact.DYNAMIC, f"chart version {field.before} to {field.after}")
        else:
            text = "the operator comes from elsewhere, or is another one"
            yield Effect(Impact.PROTECTION_LOSS, text)
        return
    namespace = spec.get("destination", {}).get("namespace", "the environment")
    lost = "loses what does not stand there" if _prunes(spec) else "keeps what does not stand there"
    yield Effect(Impact.PROTECTION_LOSS, f"all of {namespace} follows what stands there, which nobody"
                 f" has planned here, and {lost}")  # fmt: skip


def _stored(field: FieldChange) -> Effect:
    """What Kubernetes stores from then on, by the definitions that are the Application's second source.

    Source: Kubernetes 1.34, "Versions in CustomResourceDefinitions"; Strimzi 0.51.0, con-api-conversion-v1.adoc.
    """
    if field.after is MISSING:
        return Effect(Impact.DYNAMIC, "the definitions are those of the chart again")
    text = "Kubernetes stores what is written from then on as v1; what is there stays as it was until it is written"
    return Effect(Impact.IRREVERSIBLE, f"{text} again, and once all of it is, no way leads back to Strimzi 0.48 or"
                  " older", reversible=False)  # fmt: skip


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
    """True where nothing goes; a list that is not there is empty, and an item may come by itself.

    Source: Strimzi 1.2.0, helm-charts/helm3/strimzi-kafka-operator (values.yaml, templates/_helpers.tpl).
    """
    before, after = ([] if each is MISSING else each for each in (field.before, field.after))
    if isinstance(before, list) and isinstance(after, list):
        return all(each in after for each in before)
    return depth > 1 and field.before is MISSING


def _sync(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """Whether what is merged arrives by itself, and what is not in Git stays.

    Source: Argo CD 3.5.1, docs/user-guide/auto_sync.md.
    """
    sides = [side.body["spec"] if side else {} for side in (pair.before, pair.after)]
    before, after = map(_automated, sides)
    if field.path[2:3] not in ((), ("automated",)) or before == after:
        yield Effect(Impact.DYNAMIC, "only how Argo CD syncs")
    elif after is None:
        text = "nothing that is merged arrives by itself any more"
        yield Effect(Impact.PROTECTION_LOSS, text)
    elif before is None:
        text = "what is merged arrives by itself, and what was merged meanwhile at once, whatever it does"
        yield Effect(Impact.IRREVERSIBLE, text, reversible=False)
        yield from _by_itself(set(), after)
    else:
        key = {str(field.path[-1])} if len(field.path) > 3 else before | after
        yield from _by_itself(before & key, after & key)


def _by_itself(before: set[str], after: set[str]) -> Iterator[Effect]:
    """What more, or less, is done by itself.

    Source: Argo CD 3.5.1, docs/user-guide/auto_sync.md.
    """
    if "prune" in after - before:
        text = "whatever leaves Git is deleted by itself from now on, and what has left it already"
        yield Effect(Impact.PROTECTION_LOSS, text)
    if "allowEmpty" in after - before:
        text = "where Git says nothing at all, everything may be deleted by itself"
        yield Effect(Impact.PROTECTION_LOSS, text)
    if "selfHeal" in after - before:
        yield Effect(Impact.CLIENT_VISIBLE, "what people have changed by hand is taken back now; what they"
                     " have added stays")  # fmt: skip
    if "selfHeal" in before - after:
        yield Effect(Impact.PROTECTION_LOSS, "what people change by hand stays until the next sync")
    if (before - after) - {"selfHeal"}:
        yield Effect(Impact.DYNAMIC, "less is deleted by itself")
