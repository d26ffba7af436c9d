"""Containers that run the backup engine, whoever wrote them: intent, overrides or extra/."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from generator.common.finding import Path
from generator.documents.manifest import Body, Manifest
from generator.system.engine_config import engine_config, said_in
from generator.system.system import System

_IMAGE = re.compile(
    r"(?P<repository>.+?)(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]*))?(?P<digest>@sha256:\w+)?"
)


class EngineJob(NamedTuple):
    """A container that runs the engine, and its configs."""

    manifest: Manifest
    job: Path
    """Where the Job's spec stands."""
    spec: Body
    pod: Path
    place: int
    container: Body
    configs: list[str]
    """The texts of all that its pod mounts."""
    among: str
    """containers or initContainers."""

    @property
    def here(self) -> Path:
        """Where the container stands."""
        return (*self.pod, self.among, self.place)

    @property
    def pod_spec(self) -> Body:
        """The spec of its pod."""
        found: Body = self.spec["template"]["spec"]
        return found

    def said(self, *keys: str) -> Any:
        """What the first config that says something says below some keys; None when none does."""
        found = (said_in(engine_config(text), *keys) for text in self.configs)
        return next((each for each in found if each is not None), None)

    def number(self, *keys: str) -> int | None:
        """The same, where it is a whole number."""
        said = self.said(*keys)
        return said if isinstance(said, int) and not isinstance(said, bool) else None


def jobs(system: System) -> Iterator[EngineJob]:
    """Every container that runs the engine, in the order of the manifests."""
    for manifest in (*system.others.get("CronJob", ()), *system.others.get("Job", ())):
        cron = manifest.kind == "CronJob"
        path: Path = ("spec", "jobTemplate", "spec") if cron else ("spec",)
        spec = manifest.body["spec"]
        spec = spec["jobTemplate"]["spec"] if cron else spec
        pod = (*path, "template", "spec")
        for kind in ("initContainers", "containers"):
            for place, container in enumerate(spec["template"]["spec"].get(kind, ())):
                if _is_ours(manifest, container) or _is_engine(container):
                    configs = _configs(system, spec["template"]["spec"])
                    yield EngineJob(manifest, path, spec, pod, place, container, configs, kind)


def _is_ours(manifest: Manifest, container: Body) -> bool:
    """True for the engine in what is rendered, whatever its image is called: no step of ours has a config of it."""
    rendered = manifest.origin[:1] in (("backups",), ("restores",))
    return rendered and "--config" in (container.get("args") or ())


def _is_engine(container: Body) -> bool:
    repository = parts(str(container.get("image", "")))[0]
    return repository.rpartition("/")[2] == "kafka-backup"


def parts(image: str) -> tuple[str, str, str]:
    """An image's repository, tag and digest; empty where it says none."""
    match = _IMAGE.fullmatch(image)
    if match is None:
        return "", "", ""
    return match["repository"], match["tag"] or "", match["digest"] or ""


def _configs(system: System, pod: Body) -> list[str]:
    """The config files that the pod mounts; of a ConfigMap from elsewhere nothing is known."""
    names = {(volume.get("configMap") or {}).get("name") for volume in pod.get("volumes", ())}
    texts = []
    for manifest in system.others.get("ConfigMap", ()):
        if manifest.name in names:
            data = (manifest.body.get("data") or {}).values()
            texts += [text for text in data if _is_config(text)]
    return texts


def _is_config(text: str) -> bool:
    """True for what the engine reads, and for what somebody may take for it; secrets stand in either."""
    said = engine_config(text)
    return "backup_id" in said if said else "backup_id:" in text
