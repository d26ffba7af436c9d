"""The quotas of users as Kafka's own tool tells them: `quotas.py BOOTSTRAP CA CERTIFICATE KEY JAVA CLASSPATH`."""

import subprocess
import sys
from pathlib import Path

_OPTIONS = ("-Xmx100m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def main(bootstrap: str, ca: str, certificate: str, key: str, java: str, class_path: str) -> None:
    """Ask, and hand on what is said."""
    pem = Path(ca).with_name("both.pem")
    pem.write_text(Path(key).read_text() + Path(certificate).read_text())
    settings = Path(ca).with_name("client.properties")
    settings.write_text(
        "security.protocol=SSL\nssl.truststore.type=PEM\nssl.keystore.type=PEM\n"
        f"ssl.truststore.location={ca}\nssl.keystore.location={pem}\n"
    )
    command = [java, *_OPTIONS, "-cp", class_path, "kafka.admin.ConfigCommand",
               "--bootstrap-server", bootstrap, "--command-config", str(settings),
               "--describe", "--entity-type", "users"]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    lines = [each for each in done.stdout.splitlines() if each.startswith("Quota configs")]
    print("\n".join(sorted(lines)))  # noqa: T201 (its answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
