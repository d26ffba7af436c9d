"""What a shell of tests runs as kubectl and argocd: `stand_in.py PROGRAM ARGUMENTS`.

kubectl is the real one, but for what it would ask a kubelet: `exec` goes into the mounts of the pod's process, and
`logs`, `top` print what lies on this machine. Of argocd there are the commands that remedies name: Argo CD's part is
done by kubectl, with Argo CD's options for applying.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

_KUBECTL = os.environ["REAL"]
_PODS = Path(os.environ["PODS"])
_APPLY = (
    "apply",
    "--server-side",
    "--force-conflicts",
    "--field-manager=argocd-controller",
    "-R",
    "-f",
)
_COMMIT = "0" * 40
_DONE = {
    "sync": {"status": "Synced", "revision": _COMMIT},
    "health": {"status": "Healthy"},
    "operationState": {
        "phase": "Succeeded",
        "message": "successfully synced",
        "startedAt": "2026-01-01T00:00:00Z",
        "finishedAt": "2026-01-01T00:00:01Z",
        "operation": {"sync": {"revision": _COMMIT}},
    },
    "resources": [],
}
"""What Argo CD says when all is well."""
_KINDS = "kafkatopics,kafkausers"


def main(program: str, *words: str) -> int:
    """Run it; returns its exit status."""
    if program == "argocd":
        return _argocd(*words)
    if "exec" in words:
        return _exec(*words)
    if "logs" in words:
        return _logs(*words)
    if "top" in words:
        return 0  # there is no metrics server
    return subprocess.run([_KUBECTL, *words], check=False).returncode


def _namespace(words: tuple[str, ...]) -> str:
    return words[words.index("-n") + 1]


def _exec(*words: str) -> int:
    """`-n NAMESPACE exec POD -c CONTAINER -- COMMAND`, as the container has files, variables and a folder."""
    at = words.index("--")
    pod, container = words[words.index("exec") + 1], words[words.index("-c") + 1]
    own = _PODS / "pods" / _uid(_namespace(words), pod) / container
    pid = (own / "pid").read_text()
    pairs = Path(f"/proc/{pid}/environ").read_text().split("\0")
    environment = dict(each.split("=", 1) for each in pairs if "=" in each)
    # This machine's /tmp is where the pod's own files are, too: its /tmp is a folder of them.
    said = [each.replace("/tmp/", f"{own}/tmp/") for each in words[at + 1 :]]  # noqa: S108
    command = ["nsenter", "--target", pid, "--mount", "env", "--chdir=/opt/kafka", *said]
    return subprocess.run(command, env=environment, check=False).returncode


def _uid(namespace: str, pod: str) -> str:
    asked = [_KUBECTL, "-n", namespace, "get", "pod", pod, "-o", "jsonpath={.metadata.uid}"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def _logs(*words: str) -> int:
    """The logs of the processes, of all pods that a command may mean."""
    folder = _PODS / "logs" / _namespace(words)
    pod = words[words.index("logs") + 1]
    for log in sorted(folder.glob("*.log")):
        if log.name.startswith(pod.rpartition("/")[2]) or pod.startswith("-"):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            sys.stdout.write("\n".join([*lines[-10:], ""]))
    return 0


def _argocd(*words: str) -> int:
    """`app diff`, `app get` and `app sync [--prune]`."""
    folder = os.environ["RENDERED"]
    if words[:2] != ("app", "sync"):
        return 0
    subprocess.run([_KUBECTL, *_APPLY, folder], check=True)
    if "--prune" in words:
        _prune(Path(folder))
    patch = [
        "patch",
        "application",
        words[2],
        "--type",
        "merge",
        "-p",
        json.dumps({"status": _DONE}),
    ]
    return subprocess.run([_KUBECTL, "-n", "argocd", *patch], check=False).returncode


def _prune(folder: Path) -> None:
    """Delete what is not rendered, of the kinds that people make by hand."""
    rendered = {file.stem for file in folder.rglob("*.yaml")}
    namespace = folder.name
    asked = [_KUBECTL, "-n", f"kafka-{namespace}", "get", _KINDS, "-o", "json"]
    found = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    for each in found["items"]:
        name = f"{each['kind'].lower()}-{each['metadata']['name']}"
        if name not in rendered:
            gone = [
                _KUBECTL,
                "-n",
                f"kafka-{namespace}",
                "delete",
                each["kind"],
                each["metadata"]["name"],
            ]
            subprocess.run(gone, check=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
