"""Programs that talk to the brokers of a namespace, as who may do everything."""

import base64
import os
import subprocess
import sys
from pathlib import Path

from operators.site import Strimzi

EVERYTHING = ("events-cluster-operator-certs", "cluster-operator")
WITHIN = "events-kafka-brokers.{}.svc:9091"


def credentials(
    strimzi: Strimzi, namespace: str, folder: Path, secret: str, name: str
) -> list[str]:
    """Files with the cluster's CA, and a certificate and its key out of a Secret."""
    folder.mkdir(exist_ok=True)
    files = []
    for each, key in (
        ("events-cluster-ca-cert", "ca.crt"), (secret, f"{name}.crt"), (secret, f"{name}.key"),
    ):  # fmt: skip
        file = folder / key
        data = strimzi.kubernetes.read("Secret", each, namespace)["data"]
        file.write_bytes(base64.b64decode(data[key]))
        files.append(str(file))
    return files


def asked(strimzi: Strimzi, namespace: str, folder: Path, program: str, *words: str) -> str:
    """What `program BOOTSTRAP CA CERTIFICATE KEY WORDS` prints, run where the names of brokers are known."""
    files = credentials(strimzi, namespace, folder, *EVERYTHING)
    return asked_as(files, strimzi, namespace, WITHIN.format(namespace), program, *words)


def asked_as(
    files: list[str], strimzi: Strimzi, namespace: str, bootstrap: str, program: str, *words: str
) -> str:
    """The same as somebody else, who has `credentials`."""
    command = [sys.executable, str(Path(__file__).with_name(program)), bootstrap, *files, *words]
    done = subprocess.run(
        strimzi.hosts.known_to(namespace, *command),
        capture_output=True, text=True, check=False, timeout=180,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
