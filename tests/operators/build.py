"""Builds Strimzi's operators from an unchanged tag into the user's cache; needs Git, Maven and Java 21.

    python tests/operators/build.py 1.2.0

What comes of it lies as `parts` looks for it: the jars of the tag, a model of the settings of each Kafka that
it runs, and dependencies.tsv. A build takes some minutes, and is made once.
"""

import csv
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from live.jars import CACHE, KAFKA, of_kafka

_REPOSITORY = "https://github.com/strimzi/strimzi-kafka-operator"
_OPERATORS = ("topic-operator", "user-operator", "cluster-operator")
_QUIET = [
    "-q",
    "-B",
    "-DskipTests",
    "-Dcheckstyle.skip",
    "-Dspotbugs.skip",
    "-Dmdep.analyze.skip=true",
]
_OWN = "io.strimzi"
_GENERATOR = "io.strimzi.build.kafka.metadata.KafkaConfigModelGenerator"


def main(version: str) -> int:
    """Build, unless it is there; returns the exit status."""
    folder = CACHE / "strimzi-operators" / version
    if folder.is_dir():
        return 0
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        source, made, needed = (Path(place) / each for each in ("source", "made", "needed"))
        _run(
            "git", "clone", "--quiet", "--depth", "1", "--branch", version, _REPOSITORY, str(source)
        )
        modules = ["-pl", ",".join(_OPERATORS), "-am"]
        _run("mvn", *_QUIET, *modules, "install", cwd=source)
        copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={needed}",
                "-Dmdep.useRepositoryLayout=true"]  # fmt: skip
        _run("mvn", "-q", "-B", "-pl", ",".join(_OPERATORS), *copy, cwd=source)
        made.mkdir()
        jars = [*source.glob("*/target/*.jar"), *needed.glob(f"{_OWN.replace('.', '/')}/**/*.jar")]
        for jar in jars:
            if version in jar.name and not jar.stem.endswith(("-tests", "-sources", "-javadoc")):
                jar.replace(made / jar.name)
        rows = sorted(_rows(needed))
        with (made / "dependencies.tsv").open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file, delimiter="\t", lineterminator="\n")
            table.writerow(["group", "artifact", "version", "classifier", "sha256"])
            table.writerows(rows)
        _model(made, needed)
        made.rename(folder)
    return 0


def _rows(needed: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """What stands in a folder laid out as a repository, but for what the tag itself makes."""
    for jar in needed.rglob("*.jar"):
        *group, artifact, version = jar.relative_to(needed).parts[:-1]
        classifier = jar.stem.removeprefix(f"{artifact}-{version}").lstrip("-")
        if ".".join(group) != _OWN:
            digest = hashlib.sha256(jar.read_bytes()).hexdigest()
            yield ".".join(group), artifact, version, classifier, digest


def _model(made: Path, needed: Path) -> None:
    """The settings of Kafka as the operator knows them."""
    jackson = ":".join(str(jar) for jar in needed.rglob("jackson-*.jar"))
    path = f"{made}/*:{jackson}:{of_kafka(KAFKA)}"
    _run("java", "-cp", path, _GENERATOR, str(made / f"kafka-{KAFKA}-config-model.json"))


def _run(*command: str, cwd: Path | None = None) -> None:
    subprocess.run(command, check=True, cwd=cwd)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
