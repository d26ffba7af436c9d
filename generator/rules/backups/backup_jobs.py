"""CronJobs and Jobs that run the backup engine, whoever wrote them: intent, overrides or extra/."""

import re
from collections.abc import Iterator

from generator.common.finding import Path, Severity
from generator.documents.manifest import Manifest
from generator.rules.backups._engine_jobs import jobs, parts
from generator.rules.registry import Flaw, rule
from generator.system.engine_config import VARIABLE, said_in
from generator.system.system import System

_VERSION = re.compile(r"v?([0-9]+)\.([0-9]+)(?:\.([0-9]+))?")
_PROVEN = (0, 25)
"""The first version that knows everything that is rendered here."""

_SECRET = re.compile(
    r"^ *(?:- )?\"?(sasl_password|access_key(?:_id)?|secret_key|secret_access_key|account_key|sas_token"
    r"|client_secret)\"?: *(?!\"?'?\$\{)(\S.*)$",
    re.MULTILINE,
)
_GRACE_S, _USUAL_GRACE_S = 30, 30
"""What the engine takes to stop, and what Kubernetes gives a pod, when nobody says."""


def _images(system: System) -> Iterator[tuple[Manifest, Path, str]]:
    """The images that run the engine, also those that an operator is told to run."""
    for job in jobs(system):
        yield job.manifest, (*job.here, "image"), str(job.container.get("image", ""))
    for kind in ("KafkaBackup", "KafkaRestore"):
        for manifest in system.others.get(kind, ()):
            if "image" in manifest.body["spec"]:
                yield manifest, ("spec", "image"), manifest.body["spec"]["image"]


@rule("backup-image-tag")
def image_tag(system: System) -> Iterator[Flaw]:
    """The engine's image is pinned to a version that there is: vX.Y.Z, or a digest.

    Why: tags of the engine begin with v, so 0.25.2 cannot be pulled and no run ever starts; latest and
        vX.Y move, so that one night another engine writes into the same set.
    Fix: write the whole version with its v, and the digest as well if you can.
    Source: osodevops/kafka-backup 0.17.4, release.yml (tags vX.Y.Z, vX.Y and latest).
    """
    for manifest, path, image in _images(system):
        _, tag, digest = parts(image)
        if digest:
            continue
        if tag in ("", "latest"):
            yield Flaw(path, "its image moves", on=manifest)
        elif re.fullmatch(r"[0-9]+(\.[0-9]+)*", tag):
            yield Flaw(path, f"there is no tag {tag}", f"write v{tag}", on=manifest)
        elif re.fullmatch(r"v[0-9]+(\.[0-9]+)?", tag):
            yield Flaw(path, f"the tag {tag} moves with every release", on=manifest)


@rule("backup-image-registry")
def image_registry(system: System) -> Iterator[Flaw]:
    """The engine's image comes from where it is published.

    Why: the vendor's example names ghcr.io, where nothing is pushed, so no run ever starts.
    Fix: write docker.io/osodevops/kafka-backup, or your own mirror of it.
    Source: osodevops/kafka-backup 0.17.4, release.yml (Docker Hub only).
    """
    for manifest, path, image in _images(system):
        if parts(image)[0].startswith("ghcr.io/osodevops/kafka-backup"):
            yield Flaw(path, "nothing is published there", on=manifest)


@rule("backup-image-version", Severity.WARNING)
def image_version(system: System) -> Iterator[Flaw]:
    """The engine is one that knows what it is told.

    Why: an older one ignores what it does not know: retention, require_topic_configs and
        isolation_level, before 0.22 path_style as well; up to 0.17 a manifest that could not be read was
        replaced, and with it every earlier segment was lost.
    Fix: write an image of 0.25 or newer.
    Source: kafka-backup-core 0.25.2 and 0.17.4, config.rs; osodevops/kafka-backup#166 and #218.
    """
    for manifest, path, image in _images(system):
        match = _VERSION.match(parts(image)[1])
        if match and (int(match[1]), int(match[2])) < _PROVEN:
            yield Flaw(path, f"the engine is {match[0]}", on=manifest)


@rule("backup-variable-unset")
def variable_unset(system: System) -> Iterator[Flaw]:
    """Every variable in the engine's config is one that its pod has.

    Why: the engine puts nothing in the place of an unset one and goes on: without a password nobody is
        let in, but without a prefix everything lies in the bucket's root.
    Fix: add it to the container's env, from a Secret.
    Source: kafka-backup-core 0.25.2, config.rs (an unset variable is a line in the log).
    """
    for job in jobs(system):
        known = {each.get("name") for each in job.container.get("env", ())}
        if job.container.get("envFrom"):
            continue  # what is in there is not known here
        asked = {name for text in job.configs for name in VARIABLE.findall(text)}
        for name in sorted(asked - known):
            path = (*job.here, "env") if "env" in job.container else job.here
            yield Flaw(path, f"its config asks for ${{{name}}}, which it does not have",
                       on=job.manifest, on_key=True)  # fmt: skip


@rule("backup-secret-inline")
def secret_inline(system: System) -> Iterator[Flaw]:
    """No password and no key of a backup stands in Git.

    Why: whoever reads the repository reads, and deletes, every backup.
    Fix: keep it in a Secret, give it to the container's env by secretKeyRef, and write ${NAME}.
    Source: the policy of this project.
    """
    for job in jobs(system):
        # Whatever the text is: in what no engine could read, a secret is one, too.
        for key, _ in _SECRET.findall("\n".join(job.configs)):
            yield Flaw(job.here, f"its config holds {key} as it is", on=job.manifest, on_key=True)


@rule("backup-job-overlap")
def job_overlap(system: System) -> Iterator[Flaw]:
    """Only one run of a backup goes on at a time.

    Why: the engine cannot lock: of two runs into one set, the later one's manifest forgets what the
        other has written.
    Fix: write concurrencyPolicy: Forbid.
    Source: kafka-backup-core 0.25.2, backup/engine.rs; Kubernetes 1.34, CronJob (Allow is usual).
    """
    for job in jobs(system):
        said = job.manifest.body["spec"].get("concurrencyPolicy", "Allow")
        if job.manifest.kind == "CronJob" and said != "Forbid":
            yield Flaw(("spec", "concurrencyPolicy"), f"concurrencyPolicy is {said}",
                       on=job.manifest)  # fmt: skip


@rule("backup-job-endless")
def job_endless(system: System) -> Iterator[Flaw]:
    """A run ends: at the offsets of its start, or at its deadline.

    Why: one that follows the topics never ends, and one that hangs blocks all that come after it; both
        look like a backup at work.
    Fix: write stop_at_current_offsets: true, no continuous: true, and an activeDeadlineSeconds.
    Source: kafka-backup-core 0.25.2, config.rs; Kubernetes 1.34, Job (activeDeadlineSeconds).
    """
    for job in jobs(system):
        if "activeDeadlineSeconds" not in job.spec:
            yield Flaw(job.job, "it has no activeDeadlineSeconds", on=job.manifest, on_key=True)
        if job.said("mode") == "backup":
            if job.said("backup", "continuous") is True:
                yield Flaw(
                    job.here, "its config says continuous: true", on=job.manifest, on_key=True
                )
            elif job.said("backup", "stop_at_current_offsets") is not True:
                yield Flaw(job.here, "its config does not say stop_at_current_offsets: true",
                           on=job.manifest, on_key=True)  # fmt: skip


@rule("backup-job-grace", Severity.WARNING)
def job_grace(system: System) -> Iterator[Flaw]:
    """A run that is stopped has time to write down what it holds.

    Why: the engine takes shutdown_grace_secs to do so; killed before, it leaves segments that no
        manifest names: nothing is lost, since the next run reads those records again, but they stay in
        the storage for good.
    Fix: write a terminationGracePeriodSeconds above shutdown_grace_secs.
    Source: kafka-backup-core 0.25.2, config.rs (shutdown_grace_secs is 30 when not said).
    """
    for job in jobs(system):
        said = job.number("backup", "shutdown_grace_secs")
        needed = _GRACE_S if said is None else said
        given = job.pod_spec.get("terminationGracePeriodSeconds", _USUAL_GRACE_S)
        if given <= needed:
            yield Flaw((*job.pod, "terminationGracePeriodSeconds"),
                       f"it is killed after {given} s, and takes up to {needed} s to stop",
                       on=job.manifest)  # fmt: skip


@rule("backup-job-writable")
def job_writable(system: System) -> Iterator[Flaw]:
    """The engine can write down how far it got.

    Why: its checkpoints go to db_path, ./offsets.db when nobody says it; on a read-only root file system
        every run fails there before it reads a record.
    Fix: mount an emptyDir at /tmp, and write offset_storage: {db_path: /tmp/offsets.db}.
    Source: kafka-backup-core 0.25.2, config.rs (OffsetStorageConfig); osodevops/kafka-backup#62.
    """
    for job in jobs(system):
        context = job.container.get("securityContext") or {}
        storage = job.said("offset_storage")
        if not context.get("readOnlyRootFilesystem") or storage is None:
            continue
        path = str(said_in(storage, "db_path") or "./offsets.db")
        mounts = [f"{each.get('mountPath', '').rstrip('/')}/"
                  for each in job.container.get("volumeMounts", ()) if not each.get("readOnly")]  # fmt: skip
        if not path.startswith(tuple(mounts) or ("?",)):
            yield Flaw((*job.here, "securityContext", "readOnlyRootFilesystem"),
                       f"it cannot write to {path}", on=job.manifest, on_key=True)  # fmt: skip
