"""Every kind that has no module of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from generator.common.kinds import NOBODY, kind_of
from generator.contract.rights import PREFIX
from generator.documents.manifest import Body, Manifest
from generator.model.backups.labels import LABEL, OUR_LABELS
from generator.model.message_formats import told as said
from generator.model.verification.verification import POD_LABELS
from generator.plan.change import Effect, FieldChange, Impact
from generator.plan.impact import Pair, listed
from generator.plan.impact.backups.coverage import (
    RUNS,
    gone,
    labels_of,
    left_out,
    paused,
    proves,
    rarer,
)
from generator.plan.impact.backups.effects import NOTHING, of_claim, of_config, of_steps
from generator.plan.impact.cluster.loggers import has_log4j_1, of_logging
from generator.system.system import System

KIND = ""
_UNKNOWN = Effect(Impact.UNKNOWN, "a kind of which nothing is known here: look for yourself")
"""Source: generator/common/kinds.py has no row of it."""
_VERIFICATION = Effect(Impact.NO_EFFECT, "only how the cluster is verified; no effect on Kafka")
"""Source: tests/live/test_verify_kubernetes.py."""
_WORKLOADS = ("DaemonSet", "Deployment", "StatefulSet")


def created(pair: Pair) -> Iterator[Effect]:
    """Something new.

    Source: Kubernetes 1.34, "Network Policies": pods that one selects accept only what some policy allows.
    """
    kind = pair.after.kind if pair.after else ""
    if _verifies(pair.after):
        yield _VERIFICATION
    elif _backs_up(pair.after):
        yield NOTHING
    elif kind == "NetworkPolicy":
        yield Effect(Impact.CLIENT_VISIBLE, "what it does not allow is cut off")
    elif kind_of(kind).known:
        yield Effect(Impact.DYNAMIC, "a new object")
    else:
        yield _UNKNOWN


def deleted(pair: Pair) -> Iterator[Effect]:
    """Something goes.

    Source: generator/common/kinds.py.
    """
    kind = pair.before.kind if pair.before else ""
    row = kind_of(kind)
    if _verifies(pair.before):
        yield _VERIFICATION
    elif _backs_up(pair.before):
        runs = pair.before is not None and kind in RUNS
        yield from gone(pair.before, pair.old, pair.new) if pair.before and runs else (NOTHING,)
    elif kind == "PrometheusRule":
        yield Effect(Impact.PROTECTION_LOSS, "nobody is alerted any more of what it watches")
    elif row.takes:
        yield Effect(Impact.DATA_LOSS, row.takes, reversible=False)
    elif row.serves:
        yield Effect(Impact.CLIENT_VISIBLE, "whoever depends on it notices")
    elif row.known:
        yield Effect(Impact.DYNAMIC, "the object goes")
    else:
        yield _UNKNOWN


def changed(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """One field.

    Source: generator/common/kinds.py; Strimzi 1.2.0, KafkaCluster.java:1921 (metrics are copied into the nodes'
    own ConfigMaps, and are no part of what makes a pod restart).
    """
    if _verifies(pair.before) and _verifies(pair.after):
        broken = list(_formats(pair, field))
        yield from broken or (_VERIFICATION,)
        return
    if _backs_up(pair.before) and _backs_up(pair.after):
        yield from _of_backup(pair, field)
        return
    kind = pair.after.kind if pair.after else ""
    row = kind_of(kind)
    if row.serves and not row.of_strimzi:
        yield Effect(Impact.CLIENT_VISIBLE, "connections that it does not allow any more end")
    elif kind in _WORKLOADS:
        yield from _workload(kind, field)
    elif kind == "ConfigMap" and any(has_log4j_1(pair, each) for each in _logged(pair)):
        yield from of_logging(pair)
    elif kind == "ConfigMap" and _is_jmx(pair):
        yield Effect(Impact.DYNAMIC, "what is measured changes as Kafka runs; nothing restarts")
    elif row.restarts == NOBODY:
        yield Effect(Impact.DYNAMIC, "applied as it is; nothing of Kafka restarts")
    elif row.known:
        text = f"what this does to a {kind} is not known here: look for yourself"
        yield Effect(Impact.UNKNOWN, text)
    else:
        yield _UNKNOWN


def _workload(kind: str, field: FieldChange) -> Iterator[Effect]:
    """Kubernetes' own pods.

    Source: Kubernetes 1.34, "Deployments": a rollout begins when, and only when, spec.template changes.
    """
    if field.path[:2] == ("spec", "template"):
        yield Effect(Impact.ROLLING_RESTART, f"the pods of this {kind} restart")
    elif field.path == ("spec", "replicas") and field.after == 0:
        yield Effect(Impact.CLIENT_VISIBLE, "none of its pods runs any more")
    elif field.path == ("spec", "replicas"):
        yield Effect(Impact.DYNAMIC, "pods come or go; the others stay")
    else:
        yield Effect(Impact.DYNAMIC, "applied as it is; nothing of Kafka restarts")


def _formats(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """What a format of messages asks for that it did not before.

    Source: JSON Schema, draft 2020-12, "required"; generator/model/message_formats.py.
    """
    if field.path[:1] != ("data",):
        return
    old, new = (_formats_of(side) for side in (pair.old, pair.new))
    for topic in sorted(old.keys() & new.keys()):
        missing = sorted(_required(new[topic]) - _required(old[topic]))
        if missing:
            yield Effect(Impact.CLIENT_VISIBLE, f"messages of {topic} must have {listed(missing)} from now on:"
                         " writers that leave it out, or readers of what is there, break")  # fmt: skip


def _formats_of(system: System | None) -> Mapping[str, Body]:
    """The formats of topics, by topic."""
    environment = system.environment if system else None
    formats = said(environment).get("formats") if environment else None
    return formats if isinstance(formats, dict) else {}


def _required(schema: Any) -> set[str]:
    """Every property that a schema asks for, at whatever depth."""
    if isinstance(schema, list):
        return {name for each in schema for name in _required(each)}
    if not isinstance(schema, Mapping):
        return set()
    own = schema.get("required")
    names = {str(each) for each in own} if isinstance(own, list) else set()
    return names | {name for each in schema.values() for name in _required(each)}


def _verifies(manifest: Manifest | None) -> bool:
    """True for what is rendered from `verify:`: nothing of it selects other pods or is read by them."""
    if manifest is None or not (manifest.name + "-").startswith(PREFIX):
        return False
    labels = manifest.body["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in POD_LABELS.items())


def _backs_up(manifest: Manifest | None) -> bool:
    """True for what is rendered from `backups:`: pods of backups alone are selected or read by it."""
    if manifest is None:
        return False
    return manifest.kind == "KafkaBackupValidation" or not OUR_LABELS.isdisjoint(
        labels_of(manifest)
    )


def _of_backup(pair: Pair, field: FieldChange) -> Iterator[Effect]:
    """What the next run does differently, where there is a next one.

    Source: Kubernetes 1.34, "Jobs" and "CronJob"; tests/live/test_engine.py.
    """
    if field.path[:1] == ("data",) and _ran(pair):
        yield Effect(Impact.IGNORED, "its Job runs once, with what was there: give it a new name")
        return
    labels, drill = labels_of(pair.after), pair.after is not None and proves(pair.after)
    runs = pair.after is not None and pair.after.kind in RUNS
    if runs and field.path == ("spec", "suspend"):
        resumed = Effect(Impact.DYNAMIC, "runs begin again")
        yield paused(drill) if field.after is True else resumed
    elif runs and field.path == ("spec", "schedule"):
        yield from list(rarer(field.before, field.after, drill)) or (NOTHING,)
    else:
        found = list(_of_set(field) if LABEL in labels else ())
        if field.path[:1] == ("data",):
            found += left_out(labels.get(LABEL), pair.old, pair.new)
        yield from found or (NOTHING,)


def _of_set(field: FieldChange) -> Iterator[Effect]:
    """What becomes of a backup's set."""
    if field.path[:1] == ("data",):
        yield from of_config(field)
    else:
        yield from of_claim(field)
        yield from of_steps(field)


def _ran(pair: Pair) -> bool:
    """True for what a Job reads that is no longer suspended on either side."""
    jobs = [
        job
        for system in (pair.old, pair.new)
        for job in (system.others.get("Job", ()) if system else ())
        if pair.after is not None and job.name == pair.after.name
    ]
    return len(jobs) == 2 and not any(each.body["spec"].get("suspend") for each in jobs)


def _logged(pair: Pair) -> Iterator[object]:
    """The version of each Kafka whose loggers a ConfigMap says."""
    name = pair.after.name if pair.after else ""
    for system in (pair.new,) if pair.new else ():
        logging = (system.spec.get("logging") or {}).get("valueFrom") or {}
        if (logging.get("configMapKeyRef") or {}).get("name") == name:
            yield system.spec.get("version")


def _is_jmx(pair: Pair) -> bool:
    systems = [system for system in (pair.new,) if system is not None]
    name = pair.after.name if pair.after else ""
    return any(
        system.spec.get("metricsConfig", {})
        .get("valueFrom", {})
        .get("configMapKeyRef", {})
        .get("name")
        == name
        for system in systems
    )
