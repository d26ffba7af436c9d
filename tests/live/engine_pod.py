"""The pods of rendered Jobs on this machine: their mounts and variables, their user, nothing else.

    pods = Pods(folder, objects, secrets, hosts)
    pods.run("CronJob/backup-orders").code

What is mounted and what a variable says is as rendered, byte for byte, so is the path. The image is
a root filesystem of its own which nobody can write to; in it there is this system's /usr, and the
stand-in for the command kafka-backup (tests/live/engine). All of it goes with the process.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any, NamedTuple

from live.engine_build import UnbuiltError, engine
from live.jars import MissingError

DEADLINE_S = 180
"""How long a pod may take before a test gives up."""

_REPOSITORY = Path(__file__).parents[2]
_OURS = "strimzi-verify"
"""The image of verification, which has this Python with this checkout."""

_IS_ROOT = os.geteuid() == 0
# Who is not root is it in a namespace of users, where there is nobody else to become.
_NAMESPACES = ["unshare", "--mount"] if _IS_ROOT else ["unshare", "--mount", "--map-root-user"]


def pods_run_here() -> None:
    """Make sure that there is an engine, and that a pod can be made of it.

    Raises:
        MissingError: when not.
    """
    try:
        engine()
    except UnbuiltError as error:
        raise MissingError(str(error)) from error
    if shutil.which("unshare") is None:
        raise MissingError("unshare is not installed")
    tried = subprocess.run([*_NAMESPACES, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise MissingError(f"no pods without a namespace of mounts: {tried.stderr.strip()}")


class Done(NamedTuple):
    """What came of a pod."""

    code: int
    log: str
    took_s: float

    @property
    def warnings(self) -> list[str]:
        """What the engine warned of, and its errors, without the time."""
        return [
            line.split(maxsplit=1)[1]
            for line in self.log.splitlines()
            if " WARN " in line or " ERROR " in line
        ]


@dataclass
class Pods:
    """The node on which pods run, with the objects and Secrets of their namespace."""

    folder: Path
    objects: dict[str, Any]
    """Rendered bodies by `Kind/name`."""
    secrets: dict[str, dict[str, str]]
    """What the operators and people have put into Secrets."""
    hosts: Sequence[str] | Path
    """Names that lead to this machine, or a file of names and addresses."""

    def claim(self, name: str) -> Path:
        """The folder of a volume, which is there before and after pods."""
        path = self.folder / "claims" / name
        if not path.is_dir():
            path.mkdir(parents=True)
            path.chmod(0o777)
        return path

    def run(
        self,
        owner: str,
        name: str = "run-1",
        args: Sequence[str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Done:
        """Run the engine of a Job's pod to its end, without what stands around it.

        Args:
            owner: the Job, or the CronJob whose Job it is, as `Kind/name`.
            name: the Job's name, which differs from run to run.
            args: instead of the rendered ones, for what people run by hand in the same pod.
            variables: beside the rendered ones, for the same reason.
        """
        with self.running(owner, name, args, variables) as process:
            begin = time.monotonic()
            log, _ = process.communicate(timeout=DEADLINE_S)
            return Done(process.returncode, log, time.monotonic() - begin)

    def run_all(
        self,
        owner: str,
        name: str = "run-1",
        between: Mapping[str, Callable[[], None]] | None = None,
        during: Mapping[str, Callable[[subprocess.Popen[str]], None]] | None = None,
    ) -> dict[str, Done]:
        """Run all containers of a Job's pod, each once the one before it has succeeded.

        Args:
            owner: the Job, or the CronJob whose Job it is, as `Kind/name`.
            name: the Job's name.
            between: what happens before a container begins, by its name.
            during: what is done to a container while it runs, by its name.
        """
        spec = self._pod(owner)
        where = self._place(owner, name)
        done: dict[str, Done] = {}
        for container in _steps(spec):
            if between and container["name"] in between:
                between[container["name"]]()
            command = container["args"]
            with self._process(where, spec, container, command, name, {}) as process:
                begin = time.monotonic()
                if during and container["name"] in during:
                    during[container["name"]](process)
                log, _ = process.communicate(timeout=DEADLINE_S)
            found = Done(process.returncode, log, time.monotonic() - begin)
            done[container["name"]] = found
            if found.code:
                break
        return done

    @contextmanager
    def running(
        self,
        owner: str,
        name: str = "run-1",
        args: Sequence[str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Iterator[subprocess.Popen[str]]:
        """A pod's engine alone while it runs; signals reach it itself."""
        spec = self._pod(owner)
        (container,) = [each for each in _steps(spec) if not _is_ours(each)] or spec["containers"]
        said = container["args"] if args is None else args
        where = self._place(owner, name)
        with self._process(where, spec, container, said, name, variables or {}) as process:
            yield process

    def _pod(self, owner: str) -> Any:
        spec = self.objects[owner]["spec"]
        return spec.get("jobTemplate", {"spec": spec})["spec"]["template"]["spec"]

    def _place(self, owner: str, name: str) -> Path:
        return self.folder / "pods" / f"{owner.partition('/')[2]}-{name}-{time.monotonic_ns()}"

    @contextmanager
    def _process(
        self,
        where: Path,
        spec: Any,
        container: Any,
        args: Sequence[str],
        job: str,
        variables: Mapping[str, str],
    ) -> Iterator[subprocess.Popen[str]]:
        python = ["/venv/bin/python", "-m", "verify"]
        command = [*(python if _is_ours(container) else ["kafka-backup"]), *args]
        script = "\n".join(self._script(where, spec, container, command))
        process = subprocess.Popen(
            [*_NAMESPACES, "sh", "-ec", script], text=True,
            env=self._variables(container, job) | dict(variables), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, process_group=0,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def _variables(self, container: Mapping[str, Any], job: str) -> dict[str, str]:
        said = {}
        for each in container.get("env", ()):
            source = each["valueFrom"]
            if "secretKeyRef" in source:
                of = source["secretKeyRef"]
                said[each["name"]] = self.secrets[of["name"]][of["key"]]
            else:
                assert source["fieldRef"]["fieldPath"].endswith("['batch.kubernetes.io/job-name']")
                said[each["name"]] = job
        # The image's own, by which its entrypoint is found.
        return {**said, "PATH": "/engine:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": "/checkout"}

    def _script(
        self, where: Path, spec: Any, container: Any, command: Sequence[str]
    ) -> Iterator[str]:
        """What makes the pod's filesystem, and then becomes its process."""
        root = where / "root"
        root.mkdir(parents=True, exist_ok=True)
        yield f"mount -t tmpfs none {quote(str(root))} && cd {quote(str(root))}"
        # The client of object stores does not even start where no authority is known.
        yield "mkdir -p usr engine etc/ssl && mount --rbind /usr usr && mount --rbind /etc/ssl etc/ssl"
        yield "for name in bin lib lib64; do ln -s usr/$name $name; done"
        if command[0] == "kafka-backup":
            yield f"cp {quote(str(engine()))} engine/kafka-backup"
        else:
            for inside, outside in (
                (sys.base_prefix, sys.base_prefix), ("/venv", sys.prefix), ("/checkout", str(_REPOSITORY)),
            ):  # fmt: skip
                yield f"mkdir -p .{quote(inside)} && mount --rbind {quote(outside)} .{quote(inside)}"
        yield "echo hosts: files > etc/nsswitch.conf"
        if isinstance(self.hosts, Path):
            yield f"cp {quote(str(self.hosts))} etc/hosts"
        else:
            yield from (f"echo 127.0.0.1 {quote(name)} >> etc/hosts" for name in self.hosts)
        volumes = {each["name"]: each for each in spec["volumes"]}
        for mount in container["volumeMounts"]:
            inside = quote(mount["mountPath"].lstrip("/"))
            yield f"mkdir -p {inside}"
            volume = volumes[mount["name"]]
            if "emptyDir" in volume and mount["name"] == "tmp":
                yield f"mount -t tmpfs -o mode=1777,size={_size(volume['emptyDir'])} none {inside}"
                continue
            outside = quote(str(self._volume(where, volume)))
            yield f"mount --bind {outside} {inside}"
            if mount.get("readOnly"):
                yield f"mount -o remount,bind,ro {inside}"
        assert container["securityContext"]["readOnlyRootFilesystem"]
        yield "mount -o remount,bind,ro ."
        ids = spec["securityContext"]
        user = f"--userspec={ids['runAsUser']}:{ids['runAsGroup']}" if _IS_ROOT else ""
        yield f"exec chroot {user} . {' '.join(map(quote, command))}"

    def _volume(self, where: Path, volume: Mapping[str, Any]) -> Path:
        if "persistentVolumeClaim" in volume:
            return self.claim(volume["persistentVolumeClaim"]["claimName"])
        if "emptyDir" in volume:
            # What containers of a pod hand over to one another.
            shared = where / "shared" / str(volume["name"])
            shared.mkdir(parents=True, exist_ok=True)
            shared.chmod(0o777)
            return shared
        if "configMap" in volume:
            source = volume["configMap"]
            data = self.objects[f"ConfigMap/{source['name']}"]["data"]
        else:
            source = volume["secret"]
            data = self.secrets[source["secretName"]]
        folder = where / str(volume["name"])
        folder.mkdir(exist_ok=True)
        for item in source["items"]:
            file = folder / item["path"]
            file.unlink(missing_ok=True)
            file.write_text(data[item["key"]], encoding="utf-8")
            # Kubernetes gives it to the group of fsGroup.
            if _IS_ROOT:
                os.chown(file, 0, 1000)
            file.chmod(source["defaultMode"])
        return folder


def _steps(spec: Any) -> list[Any]:
    """The containers of a pod in their order."""
    return [*spec.get("initContainers", ()), *spec["containers"]]


def _is_ours(container: Any) -> bool:
    return str(container["image"]).startswith(_OURS)


def _size(empty: Mapping[str, Any]) -> str:
    """The limit of an emptyDir as mount says it."""
    return str(empty["sizeLimit"]).removesuffix("i").lower()
