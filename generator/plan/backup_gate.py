"""The backup gate: changes that lose records need a backup that was verified not long ago.

It comes on top of approvals. A report in a file counts once somebody has signed it off: the approval of
the change names its digest. A cluster that was asked just now signs for itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from generator.common.kinds import kind_of
from generator.common.units import format_duration_ms, parse_duration_ms
from generator.model.backups.backup_topics import EXCLUDED
from generator.model.backups.labels import LABEL
from generator.model.policy import Policy
from generator.plan.backup_report import BackupReport, age
from generator.plan.change import RANK, Change, Impact
from generator.system.build import CLUSTER_LABEL
from generator.system.system import System

_MAX_AGE, _CHANGES = "24h", (Impact.DATA_LOSS,)
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Requirement:
    """What `policy.backupGate` demands."""

    max_age_s: int
    classes: frozenset[Impact]

    def loosened(self, other: "Requirement | None") -> str:
        """What this demands and the other one does not; empty when nothing."""
        if other is None:
            return "no verified backup is demanded any more"
        gone = sorted(self.classes - other.classes, key=RANK.__getitem__)
        if gone:
            return f"changes that are {' or '.join(gone)} need no verified backup any more"
        if other.max_age_s > self.max_age_s:
            return f"a verified backup may be {_time(other)} instead of {_time(self)} old"
        return ""


def demand_of(policy: Policy) -> Requirement | None:
    """The demand of a policy; None when it makes none."""
    said = policy.backup_gate
    if said is None:
        return None
    max_age_s = parse_duration_ms(said.get("maxAge", _MAX_AGE)) // 1000
    return Requirement(max_age_s, frozenset(Impact(each) for each in said.get("changes", _CHANGES)))


def both(one: Requirement | None, other: Requirement | None) -> Requirement | None:
    """What either demands."""
    if one is None or other is None:
        return one or other
    return Requirement(min(one.max_age_s, other.max_age_s), one.classes | other.classes)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which runs of backups hold which topics of a cluster, before the change."""

    namespace: str = ""
    cluster: str = ""
    cluster_id: str = ""
    """Empty when nobody says it."""
    topics: tuple[str, ...] = ()
    runs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Names of runs by topic."""
    excluded: frozenset[str] = frozenset()
    """Topics that no backup may hold, so that nobody misses one."""

    @property
    def all_runs(self) -> set[str]:
        """Every run's name."""
        return {run for runs in self.runs.values() for run in runs}


def held_by(system: System | None) -> Coverage:
    """What the backups of a system hold; nothing when nobody knows its intent."""
    if system is None or system.environment is None:
        return Coverage()
    environment = system.environment
    runs: dict[str, tuple[str, ...]] = {}
    for backup in system.backups:
        for run in backup.runs:
            for topic in run.topics:
                runs[topic] = (*runs.get(topic, ()), run.name)
    asked = environment.topics.values()
    return Coverage(
        environment.namespace,
        environment.cluster.name,
        environment.data.get("verify", {}).get("clusterId", ""),
        tuple(topic.name for topic in system.topics),
        runs,
        frozenset(topic.name for topic in asked if topic.backup == EXCLUDED),
    )


@dataclass(slots=True)
class BackupGate:
    """The proofs that are at hand, and the time at which their age is judged, in seconds since 1970."""

    proofs: Mapping[str, BackupReport] = field(default_factory=dict)
    """By environment."""
    now_s: float = 0
    ask: Callable[[str], BackupReport] | None = None
    """Asks a live environment; only once, and only when its answer is needed."""
    _asked: dict[str, BackupReport] = field(default_factory=dict)

    def judge(
        self, demand: Requirement, change: Change, held: Coverage, signed: Mapping[str, str]
    ) -> str | None:
        """Block the change or note its proof; the approval that signs it, None when none is needed.

        `signed` are the approvals that cover the change, by the digest that each names.
        """
        if not any(effect.impact in demand.classes for effect in change.effects):
            return None
        topics = _touched(change, held)
        needy = [topic for topic in topics if topic not in held.excluded]
        if not needy:
            return None
        why = self._unproved(demand, change, held, needy)
        proof = self._proof(change.environment)
        if not why and proof is not None and proof.digest and proof.digest not in signed:
            why = "nobody has signed the report off: the approval has to name it (backupProof)"
            change.approvable = True
        if why:
            change.blocked = "; ".join(filter(None, [change.blocked, f"backup gate: {why}"]))
            change.wants_proof = (
                proof.digest if proof and proof.digest else "sha256:<of the report>"
            )
            return None
        if proof is None:
            return None
        runs = sorted(
            {run for topic in needy for run in held.runs[topic]} & self._whole(proof, held)
        )
        how = f"report {proof.digest}" if proof.digest else "asked live"
        change.backup_proof = (
            f"{_list_of(runs)} verified {age(self.now_s - proof.taken_at_s)} ago ({how})"
        )
        return signed.get(proof.digest)

    def _unproved(
        self, demand: Requirement, change: Change, held: Coverage, needy: list[str]
    ) -> str:
        """Why nothing proves that these topics are in a whole backup; empty when something does."""
        other = _other_cluster(change, held)
        if other:
            return (
                f"it belongs to Kafka {other}, of which there are no backups: it needs a merge before this"
                " one without policy.backupGate"
            )
        unheld = [topic for topic in needy if topic not in held.runs]
        if unheld:
            return (
                f"no backup holds {_list_of(unheld)}, so nothing can ever prove one: back it up, or, in"
                " a merge before this one, say `backup: excluded` on what may be lost"
            )
        proof = self._proof(change.environment)
        if proof is None:
            given = f" (those given are of {_list_of(sorted(self.proofs))})" if self.proofs else ""
            return (
                f"it needs a backup verified within {_time(demand)}{given}: plan --backup-proof FILE with"
                f" what `strimzi-verify run {change.environment} --only backup --format json` prints, or"
                " plan --backup-live"
            )
        return proof.flaw or self._unfit(demand, held, proof) or _faulty(held, needy, proof)

    def _unfit(self, demand: Requirement, held: Coverage, proof: BackupReport) -> str:
        """Why a report is none of this cluster and of this day."""
        places = {"namespace": (proof.namespace, held.namespace),
                  "cluster": (proof.cluster, held.cluster),
                  "cluster id": (proof.cluster_id, held.cluster_id or proof.cluster_id)}  # fmt: skip
        for word, (said, wanted) in places.items():
            if said != wanted:
                return f"the report is of {word} '{said}', not of '{wanted}'"
        old_s = self.now_s - proof.taken_at_s
        if old_s < 0:
            return "the report comes from the future: set the clocks, and verify again"
        if old_s > demand.max_age_s:
            return f"the report is {age(old_s)} old, and may be {_time(demand)}: verify again"
        return ""

    def _whole(self, proof: BackupReport, held: Coverage) -> set[str]:
        """The runs whose backups a report proves."""
        return {run for run in held.all_runs if not proof.fault(run, held.all_runs)}

    def _proof(self, environment: str) -> BackupReport | None:
        if self.ask is None:
            return self.proofs.get(environment)
        if environment not in self._asked:
            self._asked[environment] = self.ask(environment)
        return self._asked[environment]


def _touched(change: Change, held: Coverage) -> tuple[str, ...]:
    """Topics whose records a change may lose; a backup's own volume holds none of them."""
    if change.kind == "KafkaTopic":
        return (change.name,)
    if not kind_of(change.kind).records or LABEL in (change.metadata.get("labels") or {}):
        return ()
    return held.topics


def _other_cluster(change: Change, held: Coverage) -> str:
    """The Kafka that an object belongs to, when it is not the one that is backed up."""
    labels = change.metadata.get("labels") or {}
    mine = change.name if change.kind == "Kafka" else str(labels.get(CLUSTER_LABEL, held.cluster))
    return mine if held.cluster and mine != held.cluster else ""


def _faulty(held: Coverage, needy: list[str], proof: BackupReport) -> str:
    """The first topic of which no run is proved to be whole, and why."""
    faults = {run: proof.fault(run, held.all_runs) for run in held.all_runs}
    for topic in needy:
        runs = held.runs[topic]
        if all(faults[run] for run in runs):
            return f"{runs[0]}, which holds {topic}, is not proved to be whole: {faults[runs[0]]}"
    return ""


def _list_of(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _time(demand: Requirement) -> str:
    return format_duration_ms(demand.max_age_s * 1000)
