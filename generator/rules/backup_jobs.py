"""CronJobs and Jobs that run the backup engine, whoever wrote them: intent, overrides or extra/."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.backups import SECTION
from generator.finding import Path, Severity
from generator.manifest import Manifest
from generator.rules import Flaw, rule
from generator.system import System

_IMAGE = re.compile(
    r"(?P<repository>.+?)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]*))?(?P<digest>@sha256:\w+)?"
)
_VERSION = re.compile(r"v?([0-9]+)\.([0-9]+)(?:\.([0-9]+))?")
_PROVEN = (0, 25)
"""The first version that knows everything that is rendered here."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET = re.compile(
    r"^ *(?:- )?\"?(sasl_password|access_key(?:_id)?|secret_key|secret_access_key|account_key|sas_token"
    r"|client_secret)\"?: *(?!\"?'?\$\{)(\S.*)$",
    re.MULTILINE,
)
_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN",
                     "AZURE_CLIENT_SECRET", "KAFKA_PASSWORD")  # fmt: skip
_GRACE_S, _USUAL_GRACE_S = 30, 30
"""What the engine takes to stop, and what Kubernetes gives a pod, when nobody says."""


class _Job(NamedTuple):
    """A container that runs the engine, and the texts of its config."""

    manifest: Manifest
    job: Path
    """Where the Job's spec stands."""
    spec: dict[str, Any]
    pod: Path
    place: int
    container: dict[str, Any]
    config: str

    @property
    def here(self) -> Path:
        return (*self.pod, "containers", self.place)

    @property
    def pod_spec(self) -> dict[str, Any]:
        found: dict[str, Any] = self.spec["template"]["spec"]
        return found

    def said(self, key: str) -> str:
        """What the config says of a key, as text; empty when it says nothing."""
        match = re.search(rf"^ *{key}: *\"?([^\s\"#]*)", self.config, re.MULTILINE)
        return match[1] if match else ""


def _jobs(system: System) -> Iterator[_Job]:
    for manifest in (*system.others.get("CronJob", ()), *system.others.get("Job", ())):
        cron = manifest.kind == "CronJob"
        path: Path = ("spec", "jobTemplate", "spec") if cron else ("spec",)
        spec = manifest.body["spec"]
        spec = spec["jobTemplate"]["spec"] if cron else spec
        pod = (*path, "template", "spec")
        for place, container in enumerate(spec["template"]["spec"].get("containers", ())):
            if manifest.origin[:1] == (SECTION,) or _is_engine(container):
                config = _config(system, spec["template"]["spec"])
                yield _Job(manifest, path, spec, pod, place, container, config)


def _is_engine(container: dict[str, Any]) -> bool:
    repository = _parts(container)[0]
    return repository.rpartition("/")[2] == "kafka-backup"


def _parts(container: dict[str, Any]) -> tuple[str, str, str]:
    match = _IMAGE.fullmatch(str(container.get("image", "")))
    if match is None:
        return "", "", ""
    return match["repository"], match["tag"] or "", match["digest"] or ""


def _config(system: System, pod: dict[str, Any]) -> str:
    """The config files that the pod mounts; of a ConfigMap from elsewhere nothing is known."""
    names = {(volume.get("configMap") or {}).get("name") for volume in pod.get("volumes", ())}
    texts = []
    for manifest in system.others.get("ConfigMap", ()):
        if manifest.name in names:
            data = (manifest.body.get("data") or {}).values()
            texts += [text for text in data if re.search(r"^backup_id:", text, re.MULTILINE)]
    return "\n".join(texts)


@rule("backup-image-tag")
def image_tag(system: System) -> Iterator[Flaw]:
    """The engine's image is pinned to a version that there is: vX.Y.Z, or a digest.

    Why: tags of the engine begin with v, so 0.25.2 cannot be pulled and no run ever starts; latest and
        vX.Y move, so that one night another engine writes into the same set.
    Fix: write the whole version with its v, and the digest as well if you can.
    Source: osodevops/kafka-backup 0.17.4, release.yml (tags vX.Y.Z, vX.Y and latest).
    """
    for job in _jobs(system):
        _, tag, digest = _parts(job.container)
        path = (*job.here, "image")
        if digest:
            continue
        if tag in ("", "latest"):
            yield Flaw(path, "its image moves", on=job.manifest)
        elif re.fullmatch(r"[0-9]+(\.[0-9]+)*", tag):
            yield Flaw(path, f"there is no tag {tag}", f"write v{tag}", on=job.manifest)
        elif re.fullmatch(r"v[0-9]+(\.[0-9]+)?", tag):
            yield Flaw(path, f"the tag {tag} moves with every release", on=job.manifest)


@rule("backup-image-registry")
def image_registry(system: System) -> Iterator[Flaw]:
    """The engine's image comes from where it is published.

    Why: the vendor's example names ghcr.io, where nothing is pushed, so no run ever starts.
    Fix: write docker.io/osodevops/kafka-backup, or your own mirror of it.
    Source: osodevops/kafka-backup 0.17.4, release.yml (Docker Hub only).
    """
    for job in _jobs(system):
        if _parts(job.container)[0].startswith("ghcr.io/osodevops/kafka-backup"):
            yield Flaw((*job.here, "image"), "nothing is published there", on=job.manifest)


@rule("backup-image-version", Severity.WARNING)
def image_version(system: System) -> Iterator[Flaw]:
    """The engine is one that knows what it is told.

    Why: an older one ignores what it does not know: retention, require_topic_configs and
        isolation_level, before 0.22 path_style as well; up to 0.17 a manifest that could not be read was
        replaced, and with it every earlier segment was lost.
    Fix: write an image of 0.25 or newer.
    Source: kafka-backup-core 0.25.2 and 0.17.4, config.rs; osodevops/kafka-backup#166 and #218.
    """
    for job in _jobs(system):
        match = _VERSION.match(_parts(job.container)[1])
        if match and (int(match[1]), int(match[2])) < _PROVEN:
            yield Flaw((*job.here, "image"), f"the engine is {match[0]}", on=job.manifest)


@rule("backup-variable-unset")
def variable_unset(system: System) -> Iterator[Flaw]:
    """Every variable in the engine's config is one that its pod has.

    Why: the engine puts nothing in the place of an unset one and goes on: without a password nobody is
        let in, but without a prefix everything lies in the bucket's root.
    Fix: add it to the container's env, from a Secret.
    Source: kafka-backup-core 0.25.2, config.rs (an unset variable is a line in the log).
    """
    for job in _jobs(system):
        known = {each.get("name") for each in job.container.get("env", ())}
        if job.container.get("envFrom"):
            continue  # what is in there is not known here
        for name in sorted({*_VARIABLE.findall(job.config)} - known):
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
    for job in _jobs(system):
        for key, _ in _SECRET.findall(job.config):
            yield Flaw(job.here, f"its config holds {key} as it is", on=job.manifest, on_key=True)
        for index, each in enumerate(job.container.get("env", ())):
            if each.get("name") in _SECRET_VARIABLES and "value" in each:
                yield Flaw((*job.here, "env", index, "value"), f"{each['name']} is no secret here",
                           on=job.manifest)  # fmt: skip


@rule("backup-job-overlap")
def job_overlap(system: System) -> Iterator[Flaw]:
    """Only one run of a backup goes on at a time.

    Why: the engine cannot lock: of two runs into one set, the later one's manifest forgets what the
        other has written.
    Fix: write concurrencyPolicy: Forbid.
    Source: kafka-backup-core 0.25.2, backup/engine.rs; Kubernetes 1.34, CronJob (Allow is usual).
    """
    for job in _jobs(system):
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
    for job in _jobs(system):
        if "activeDeadlineSeconds" not in job.spec:
            yield Flaw(job.job, "it has no activeDeadlineSeconds", on=job.manifest, on_key=True)
        if job.config and job.said("mode") == "backup":
            if job.said("continuous") == "true":
                yield Flaw(
                    job.here, "its config says continuous: true", on=job.manifest, on_key=True
                )
            elif job.said("stop_at_current_offsets") != "true":
                yield Flaw(job.here, "its config does not say stop_at_current_offsets: true",
                           on=job.manifest, on_key=True)  # fmt: skip


@rule("backup-job-grace")
def job_grace(system: System) -> Iterator[Flaw]:
    """A run that is stopped has time to write down what it holds.

    Why: the engine takes shutdown_grace_secs to do so; killed before, it leaves segments that no
        manifest names.
    Fix: write a terminationGracePeriodSeconds above shutdown_grace_secs.
    Source: kafka-backup-core 0.25.2, config.rs (shutdown_grace_secs is 30 when not said).
    """
    for job in _jobs(system):
        needed = int(said) if (said := job.said("shutdown_grace_secs")).isdecimal() else _GRACE_S
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
    for job in _jobs(system):
        context = job.container.get("securityContext") or {}
        if not context.get("readOnlyRootFilesystem") or "offset_storage:" not in job.config:
            continue
        path = job.said("db_path") or "./offsets.db"
        mounts = [f"{each.get('mountPath', '').rstrip('/')}/"
                  for each in job.container.get("volumeMounts", ()) if not each.get("readOnly")]  # fmt: skip
        if not path.startswith(tuple(mounts) or ("?",)):
            yield Flaw((*job.here, "securityContext", "readOnlyRootFilesystem"),
                       f"it cannot write to {path}", on=job.manifest, on_key=True)  # fmt: skip
