"""Programs that talk to the brokers of a namespace, as who may do everything."""

import base64
import subprocess
import sys
from pathlib import Path

from operators.site import Strimzi

_CREDENTIALS = (
    ("events-cluster-ca-cert", "ca.crt"),
    ("events-cluster-operator-certs", "cluster-operator.crt"),
    ("events-cluster-operator-certs", "cluster-operator.key"),
)


def asked(strimzi: Strimzi, namespace: str, folder: Path, program: str, *words: str) -> str:
    """What `program BOOTSTRAP CA CERTIFICATE KEY WORDS` prints, run where the names of brokers are known."""
    folder.mkdir(exist_ok=True)
    files = []
    for secret, key in _CREDENTIALS:
        file = folder / key
        data = strimzi.kubernetes.read("Secret", secret, namespace)["data"]
        file.write_bytes(base64.b64decode(data[key]))
        files.append(str(file))
    mounts = f'mount --bind {strimzi.hosts.within(namespace)} /etc/hosts; exec "$@"'
    command = [sys.executable, str(Path(__file__).with_name(program)),
               f"events-kafka-brokers.{namespace}.svc:9091", *files, *words]  # fmt: skip
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", mounts, program, *command],
        capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
