"""The two steps around the engine as a Job takes them, on a folder; Kafka is what a test says that it is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from backup_sets import Place, Writer

from generator.common.exit_codes import ExitCode
from generator.common.finding import FindingsError
from generator.contract.backup import BackupOrder
from generator.contract.settings import BackupStorage, encode
from verify.cli.main import run
from verify.collect.backups.guard.source import Source, SourceTopic
from verify.collect.backups.guard.writer import NoRoomError, WritableFolder
from verify.jobs import backup as backup_job
from verify.jobs.steps import StepError
from verify.live.backups import Room
from verify.live.gap import Cause, NoAnswerError

_NOW = 1_700_000_000.0
_ENDS = {("orders", 0): 100, ("orders", 1): 40}
_LATER = {("orders", 0): 160, ("orders", 1): 90}
_CONFIG = """\
mode: backup
backup_id: business
source:
  topics:
    include:
      - orders
      - "audit-*"
  security:
    sasl_password: "${KAFKA_PASSWORD}"
"""


class Job:
    """A pod of a Job: `begin`, then the engine as a test says, then `prove`."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, **order: Any) -> None:
        self.data = folder / "data"
        self.data.mkdir()
        self.engine = Writer(self.data)
        self.cluster, self.ids = "c1", {"orders": "1"}
        self.ends: dict[Place, tuple[int, int]] = {place: (0, end) for place, end in _ENDS.items()}
        self.problem: NoAnswerError | None = None
        self.asked: list[set[str]] = []
        self.order = BackupOrder(
            "business", "backup.yaml", "business", BackupStorage("filesystem", path=str(self.data)),
            bootstrap="nowhere:1",
        )  # fmt: skip
        self.order = msgspec.structs.replace(self.order, **order)
        self.settings = folder / "pod/config/guard.json"
        self.settings.parent.mkdir(parents=True)
        (self.settings.parent / "backup.yaml").write_text(_CONFIG)
        self.found = folder / "found"
        self.found.mkdir()
        patch.setattr(backup_job, "source", self._source)

    def _source(self, _: object, names: set[str], __: float) -> Source:
        self.asked.append(set(names))
        if self.problem:
            raise self.problem
        topics = {}
        for name, id_ in self.ids.items():
            ends = {number: end for (topic, number), end in self.ends.items() if topic == name}
            topics[name] = SourceTopic(id_, len(ends), ends)
        return Source(self.cluster, topics)

    def begin(self, job: str = "run-1") -> str:
        """What it says."""
        self.settings.write_text(encode(self.order))
        return "\n".join(backup_job.begin(self.settings, self.found, {"BACKUP_ID": job}))

    def prove(self, job: str = "run-1") -> str:
        """What it says."""
        return "\n".join(backup_job.prove(self.settings, self.found, {"BACKUP_ID": job}))

    def run(self, ends: dict[Place, int], job: str = "run-1", at_s: float = _NOW) -> str:
        """A whole run while Kafka has so much."""
        self.ends = {place: (0, end) for place, end in ends.items()}
        self.begin(job)
        self.engine.run(ends, at_s)
        return self.prove(job)

    @property
    def lock(self) -> str:
        """Whose the lock is."""
        text = (self.data / "business/strimzi-gitops-lock.json").read_text()
        return str(json.loads(text)["job"])


@pytest.fixture(autouse=True)
def _sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can be asked for records."""
    monkeypatch.setattr("verify.collect.backups.guard.room._sampled", lambda *_: {"": 100.0})


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A backup that has never run."""
    return Job(tmp_path, monkeypatch)


def _refused(step: Callable[..., str], *arguments: str) -> StepError:
    with pytest.raises(StepError) as caught:
        step(*arguments)
    return caught.value


def _names(job: Job) -> set[str]:
    return {each.name for each in (job.data / "business").iterdir()}


def test_run_begins_and_is_proved(job: Job) -> None:
    """What Kafka has is asked for by names; afterwards whose set it is stands beside it, and the lock is nobody's."""
    assert job.run(_ENDS) == "business: proved, 1 topics, 2 segments, 140 records"
    assert job.run(_LATER, "run-2", _NOW + 60) == "business: proved, 1 topics, 4 segments, 250 records"  # fmt: skip

    assert job.asked[0] == {"orders"}
    assert job.lock == ""
    said = json.loads((job.data / "business/strimzi-gitops-identity.json").read_text())
    assert (said["clusterId"], said["topics"]) == ("c1", {"orders": {"id": "1", "partitions": 2}})
    assert _names(job) == {
        "topics", "manifest.json", "offsets.db", "consumer-groups-snapshot.json",
        "strimzi-gitops-identity.json", "strimzi-gitops-lock.json",
        "strimzi-gitops-proved-manifest.json", "strimzi-gitops-proved-offsets.db",
        "strimzi-gitops-proved-consumer-groups-snapshot.json",
    }  # fmt: skip


def test_second_job_is_refused_while_one_is_at_work(job: Job) -> None:
    """It names it, and changes nothing; the first one goes on to its end."""
    job.begin("backup-business-1")
    error = _refused(job.begin, "manual")

    assert error.exit_code is ExitCode.FINDINGS
    assert "the Job backup-business-1 is at work in business until" in str(error)
    job.engine.run(_ENDS, _NOW)
    job.prove("backup-business-1")
    job.begin("manual")
    assert job.lock == "manual"


def test_next_try_goes_on(job: Job) -> None:
    """The engine, or one of our steps, was killed; the lock is still the Job's."""
    job.begin()
    job.begin()
    job.engine.run(_ENDS, _NOW, stopped_at={("orders", 0): 50}, status="running")
    job.begin()
    job.engine.run(_ENDS, _NOW + 60)
    assert "proved" in job.prove()


def test_proving_a_run_whose_lock_another_job_has_taken_is_refused(job: Job) -> None:
    """Its time was up, and what is in the set is no longer its own work alone."""
    job.begin("late")
    lock = job.data / "business/strimzi-gitops-lock.json"
    lock.write_text(lock.read_text().replace("late", "next"))
    job.engine.run(_ENDS, _NOW)
    error = _refused(job.prove, "late")

    assert error.exit_code is ExitCode.FINDINGS
    assert job.lock == "next"


def test_topic_made_again_is_refused(job: Job) -> None:
    """It is named, and so is what begins a new set; the set stays as it was, and nobody holds it."""
    job.run(_ENDS)
    before = (job.data / "business/manifest.json").read_bytes()
    job.ids["orders"] = "2"
    error = _refused(job.begin, "run-2")

    assert error.exit_code is ExitCode.UNHEALTHY
    assert "the topic orders was deleted and made again" in str(error)
    assert "rename backups.business in the intent to begin a new one" in str(error)
    assert (job.data / "business/manifest.json").read_bytes() == before
    assert job.lock == ""


def test_rebuilt_cluster_is_refused(job: Job) -> None:
    """Its topics have the same names."""
    job.run(_ENDS)
    job.cluster = "c2"

    assert "it is a set of the cluster c1, and this is c2" in str(_refused(job.begin, "run-2"))


def test_topic_made_again_while_the_engine_died(job: Job) -> None:
    """What it had added of the new one is not kept: what was proved last is the set again."""
    job.run(_ENDS)
    before = (job.data / "business/manifest.json").read_bytes()
    job.begin("run-2")
    job.engine.run(_LATER, _NOW + 60)
    job.ids["orders"], job.ends = "2", {place: (0, end) for place, end in _LATER.items()}
    error = _refused(job.begin, "run-2")

    assert "made again" in str(error)
    assert (job.data / "business/manifest.json").read_bytes() == before


def test_topic_made_again_during_the_run(job: Job) -> None:
    """Between both steps: the run is not good."""
    job.run(_ENDS)
    before = (job.data / "business/manifest.json").read_bytes()
    job.begin("run-2")
    job.engine.run(_LATER, _NOW + 60)
    job.ids["orders"] = "2"
    error = _refused(job.prove, "run-2")

    assert error.exit_code is ExitCode.UNHEALTHY
    assert "made again" in str(error)
    assert (job.data / "business/manifest.json").read_bytes() == before


def test_run_that_a_full_volume_spoiled_is_put_back(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """The engine ended well; the set is what it was, and the exit code tells of the volume."""
    job.run(_ENDS)
    before = (job.data / "business/manifest.json").read_bytes()
    job.ends = {place: (0, end) for place, end in _LATER.items()}
    job.begin("run-2")
    job.engine.run(_LATER, _NOW + 60)
    segment = job.engine.files()[-1]
    segment.write_bytes(segment.read_bytes()[:3])
    (job.data / "business/offsets.db").write_bytes(b"")
    monkeypatch.setattr(WritableFolder, "room", lambda _: Room(34 * 2**20, 4096))
    error = _refused(job.prove, "run-2")

    assert error.exit_code is ExitCode.NOT_ENOUGH_RESOURCES
    assert "has another size than the manifest says" in str(error)
    assert "what was proved last is the set again" in str(error)
    assert "0.0 MiB of 34.0 MiB are free" in str(error)
    assert (job.data / "business/manifest.json").read_bytes() == before
    assert segment.exists()
    assert job.lock == ""
    monkeypatch.undo()
    monkeypatch.setattr(backup_job, "source", job._source)
    job.engine.manifest = json.loads(before)
    assert "4 segments" in job.run(_LATER, "run-3", _NOW + 120)


def test_damage_with_room_is_unhealthy(job: Job) -> None:
    """Something else than the volume was the matter."""
    job.begin()
    job.engine.run(_ENDS, _NOW)
    job.engine.files()[0].unlink()
    error = _refused(job.prove)

    assert error.exit_code is ExitCode.UNHEALTHY
    assert "the set is as if no run had begun" in str(error)


def test_run_that_was_stopped_is_not_good_and_its_progress_stays(job: Job) -> None:
    """The engine ends with 0 when it is told to stop."""
    job.begin()
    job.engine.run(_ENDS, _NOW, stopped_at={("orders", 0): 50})
    error = _refused(job.prove)

    assert error.exit_code is ExitCode.UNHEALTHY
    assert "the set holds orders[0] up to offset 49, and it reached 99" in str(error)
    assert "what it holds so far stays" in str(error)
    assert not (job.data / "business/strimzi-gitops-identity.json").exists()
    assert "3 segments" in job.run(_ENDS, "run-2", _NOW + 60)


def test_partition_that_kafka_has_and_the_set_has_not(job: Job) -> None:
    """Whatever the engine itself believes."""
    job.begin()
    job.engine.run({("orders", 0): 100}, _NOW)

    assert "orders[1]" in str(_refused(job.prove))


@pytest.mark.parametrize("name", ["offsets.db", "consumer-groups-snapshot.json"])
def test_small_file_that_is_not_there(job: Job, name: str) -> None:
    """The engine only warns of it."""
    job.begin()
    job.engine.run(_ENDS, _NOW)
    (job.data / "business" / name).unlink()
    error = _refused(job.prove)

    assert f"{name} is not there" in str(error)
    assert "what it holds so far stays" in str(error)


def test_groups_that_nobody_asked_for_are_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`consumerGroups: false`."""
    job = Job(tmp_path, monkeypatch, groups=False)
    job.begin()
    job.engine.run(_ENDS, _NOW, groups=None)
    assert "proved" in job.prove()


@pytest.mark.parametrize("first", [True, False])
def test_run_without_room_is_refused(
    job: Job, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    """With what it needs and what there is; nothing is changed, and nobody holds the set."""
    if not first:
        job.run(_ENDS)
    job.ends = {("orders", 0): (0, 900_000)}
    monkeypatch.setattr(WritableFolder, "room", lambda _: Room(34 * 2**20, 2**20))
    error = _refused(job.begin, "run-2")

    assert error.exit_code is ExitCode.NOT_ENOUGH_RESOURCES
    assert "and 1.0 MiB of 34.0 MiB are free: raise backups.business.storage.pvc.size" in str(error)
    assert job.lock == ""
    assert (job.data / "business/strimzi-gitops-proved-manifest.json").exists() is not first


def test_volume_without_room_for_a_lock(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even that fits."""

    def full(*_: object) -> None:
        raise NoRoomError("no space left on device")

    monkeypatch.setattr(WritableFolder, "swap", full)
    assert _refused(job.begin).exit_code is ExitCode.NOT_ENOUGH_RESOURCES


def test_volume_without_room_for_the_copies(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """The set is good, and the next look keeps it; nobody calls that a good run."""
    job.begin()
    job.engine.run(_ENDS, _NOW)

    def full(*_: object) -> None:
        raise NoRoomError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(WritableFolder, "put", full)
        assert _refused(job.prove).exit_code is ExitCode.NOT_ENOUGH_RESOURCES
    assert "proved" in job.run(_ENDS, "run-2", _NOW + 60)


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (Cause.TIMED_OUT, ExitCode.TIMED_OUT),
        (Cause.REFUSED, ExitCode.UNREACHABLE),
        (Cause.UNREACHABLE, ExitCode.UNREACHABLE),
    ],
)
def test_kafka_that_does_not_answer(job: Job, cause: Cause, code: ExitCode) -> None:
    """Nobody knows whether the run may begin; the next try asks again."""
    job.problem = NoAnswerError(cause, "no answer")
    assert _refused(job.begin).exit_code is code
    assert job.lock == ""


def test_older_set_is_adopted(job: Job) -> None:
    """One that was written before there was a guard goes on."""
    job.engine.run(_ENDS, _NOW)
    assert "4 segments" in job.run(_LATER, "run-2", _NOW + 60)


def test_older_set_of_another_topic_is_refused(job: Job) -> None:
    """No id is known; but what it holds Kafka has never had."""
    job.engine.run(_LATER, _NOW)

    assert "Kafka's own ends at 99" in str(_refused(job.begin))


def test_set_that_an_earlier_job_spoiled_is_mended_before_the_engine_begins(job: Job) -> None:
    """Its `prove` was killed, or it was unguarded."""
    job.run(_ENDS)
    before = (job.data / "business/manifest.json").read_bytes()
    job.engine.run(_LATER, _NOW + 60)
    (job.data / "business/manifest.json").write_bytes(b"")

    assert "an earlier run left a set that does not hold up (manifest.json is empty)" in job.begin("run-2")  # fmt: skip
    assert (job.data / "business/manifest.json").read_bytes() == before


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A backup whose every run is a set of its own."""
    return Job(tmp_path, monkeypatch, incremental=False, backup_id="backup-business-")


def test_full_sets_have_no_lock(full: Job) -> None:
    """Each Job has its own set; both may be at work."""
    for name in ("backup-business-1", "backup-business-2"):
        full.begin(name)
    for name in ("backup-business-1", "backup-business-2"):
        full.engine = Writer(full.data, name)
        full.engine.run(_ENDS, _NOW)
        assert full.prove(name) == f"{name}: proved, 1 topics, 2 segments, 140 records"
        assert not list((full.data / name).glob("*lock*"))


def test_full_set_of_another_cluster_is_nothing_to_the_next(full: Job) -> None:
    """It begins anew in any case."""
    full.begin("backup-business-1")
    full.engine = Writer(full.data, "backup-business-1")
    full.engine.run(_ENDS, _NOW)
    full.prove("backup-business-1")
    full.cluster, full.ids["orders"] = "c2", "2"
    full.begin("backup-business-2")


def test_full_set_without_room_leaves_nothing(full: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder that somebody would take for a set."""
    monkeypatch.setattr(WritableFolder, "room", lambda _: Room(2**20, 2**19))
    assert _refused(full.begin, "backup-business-1").exit_code is ExitCode.NOT_ENOUGH_RESOURCES
    assert list(full.data.iterdir()) == []


def test_proof_of_what_nobody_began_is_wrong_usage(job: Job) -> None:
    """There is nothing to hold the set against."""
    job.begin()
    (job.found / "found.json").unlink()
    assert _refused(job.prove).exit_code is ExitCode.USAGE


def test_job_without_a_name_is_wrong_usage(job: Job) -> None:
    """Nobody would know whose lock it is."""
    assert _refused(job.begin, "").exit_code is ExitCode.USAGE


@pytest.mark.parametrize("broken", ["guard.json", "backup.yaml"])
def test_files_that_say_nothing(job: Job, broken: str) -> None:
    """It is a finding, with what to do."""
    job.begin()
    (job.settings.parent / broken).write_text("{")
    with pytest.raises(FindingsError) as caught:
        backup_job.begin(job.settings, job.found, {"BACKUP_ID": "run-1"})
    (finding,) = caught.value.findings
    assert finding.message.startswith("cannot be read")


def test_commands_tell_and_end_as_the_steps_do(
    job: Job, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is fine and what is refused, in words for the pod's log, with the exit code of the table."""
    monkeypatch.setenv("BACKUP_ID", "run-1")
    job.settings.write_text(encode(job.order))
    where = ["--settings", str(job.settings), "--work", str(job.found)]
    assert run(["backup", "begin", *where]) == ExitCode.FINE
    assert "business: the run run-1 may begin" in capfd.readouterr().err
    job.engine.run(_ENDS, _NOW, stopped_at={("orders", 0): 50})
    assert run(["backup", "prove", *where]) == ExitCode.UNHEALTHY
    assert capfd.readouterr().err.startswith("the backup is not good: the set holds orders[0]")
    job.cluster = "c2"
    job.engine.run(_ENDS, _NOW + 60)
    (job.data / "business/strimzi-gitops-identity.json").write_text(
        '{"version": 1, "clusterId": "c1"}'
    )
    assert run(["backup", "begin", *where]) == ExitCode.UNHEALTHY
    assert capfd.readouterr().err.startswith(
        "the backup cannot begin: it is a set of the cluster c1"
    )
