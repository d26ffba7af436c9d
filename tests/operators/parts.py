"""Strimzi's own operators for tests: their jars, which no registry has, and what they need beside them.

They lie in the folder `strimzi-operators/VERSION` of what STRIMZI_GITOPS_TEST_DATA names, or of the
cache: the jars of a build of that tag, and dependencies.tsv, which names what else is on the class
path with its sums. That comes from Maven Central, and is kept in the cache.
"""

import csv
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from live.jars import CACHE, KAFKA, Artifact, MissingError, copied, java, of_kafka, tiered_storage

from generator.common.strimzi import numbers
from generator.common.strimzi_facts import ALLOW_LIST_DYNAMIC
from generator.system.config_model import config_model

STRIMZI = "1.2.0"
"""The version that is tested when a test does not say another one."""

KAFKAS = {
    "0.45.0": ("3.9.0",),
    "0.48.0": ("4.1.0",),
    "0.51.0": ("4.1.0", "4.2.0"),
    "1.0.1": ("4.2.0",),
    "1.1.0": ("4.2.0",),
    STRIMZI: ("4.2.0", "4.2.1", KAFKA),
}
"""Which of the Kafkas that a release has tests run under it."""
_GENERATOR = "io.strimzi.build.kafka.metadata.KafkaConfigModelGenerator"
_STANDINS = Path(__file__).with_name("standins")
_BESIDE_BROKERS = [
    Artifact("io.strimzi", "kafka-kubernetes-config-provider", "1.2.2", without="org.apache.kafka"),
    Artifact("io.strimzi", "kafka-quotas-plugin", "0.3.1", without="org.apache.kafka"),
]  # fmt: skip
"""What Strimzi 1.2.0's images have beside Kafka (docker-images/artifacts/kafka-thirdparty-libs/4.3.x/pom.xml)."""


def data(*names: str) -> Path:
    """The first of some files or folders that is in the folder of test data, or in the cache.

    Raises:
        MissingError: when none is; the message says where they are looked for.
    """
    told = os.environ.get("STRIMZI_GITOPS_TEST_DATA")
    for root in [Path(told)] if told else [CACHE]:
        for name in names:
            if (root / name).exists():
                return root / name
    raise MissingError(
        f"{names[0]} is neither in STRIMZI_GITOPS_TEST_DATA ({told or 'not set'}) nor in {CACHE}"
    )


@cache
def operators(version: str = STRIMZI) -> str:
    """The class path of a version's operators.

    Raises:
        MissingError: when they are not there, or what they need cannot be fetched as it was built.
    """
    folder = data(f"strimzi-operators/{version}")
    with (folder / "dependencies.tsv").open(encoding="utf-8") as file:
        rows = _newest(csv.DictReader(file, delimiter="\t"))
    needed = [_artifact(row) for row in rows]
    jars = copied(f"strimzi-{version}-dependencies", needed)
    there = {sha256(jar.read_bytes()).hexdigest() for jar in jars.glob("*.jar")}
    wrong = [row["artifact"] for row in rows if row["sha256"] not in there]
    if wrong:
        raise MissingError(f"{jars} has another {', '.join(wrong)} than dependencies.tsv says")
    return f"{_models(folder, jars)}:{folder}:{folder}/*:{jars}/*"


def _models(folder: Path, jars: Path) -> Path:
    """The settings of those Kafka versions that the operators' own folder does not tell, made when the cache has none."""
    models = CACHE / f"strimzi-{folder.name}-settings"
    models.mkdir(parents=True, exist_ok=True)
    generator = data(f"strimzi-operators/{STRIMZI}")
    for version in KAFKAS[folder.name]:
        name = f"kafka-{version}-config-model.json"
        model = models / name
        if model.exists() or (folder / name).exists():
            continue
        if version.startswith("3."):
            model.write_text(_of_schemas(version), encoding="utf-8")
        else:
            path = f"{generator}/config-model-generator-{STRIMZI}.jar:{generator}/config-model-{STRIMZI}.jar"
            path += f":{of_kafka(version)}:{jars}/*"
            unfinished = model.with_suffix(f".{os.getpid()}")
            command = [java(), "-cp", path, _GENERATOR, str(unfinished)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise MissingError(f"no model of Kafka {version}: {done.stderr[-300:]}")
            _as_written_then(unfinished, folder.name)
            unfinished.replace(model)
    return models


def _as_written_then(model: Path, strimzi: str) -> None:
    """Take out what the generator of this release did not put beside the settings of Kafka."""
    if not ALLOW_LIST_DYNAMIC.holds(strimzi):
        content = json.loads(model.read_bytes())
        del content["configs"]["prometheus.metrics.reporter.allowlist"]
        model.write_text(json.dumps(content), encoding="utf-8")


def _of_schemas(kafka: str) -> str:
    """The model of a Kafka that the generator, which is of a newer release, cannot read: as ours has it."""
    model = config_model(kafka)
    found = (model.setting("broker", name) for name in model.names("broker"))
    settings = [each for each in found if each is not None]
    words = {"min": "minimum", "max": "maximum", "allowed": "enum"}
    configs = {
        each.name: {
            "scope": each.update.upper().replace("-", "_"),
            "type": each.type.upper(),
            **{
                words[key]: each.fields[key]
                for key in words
                if key in each.fields and (key != "allowed" or each.type == "string")
            },
        }
        for each in settings
    }
    return json.dumps({"version": kafka, "configs": configs})


def _newest(rows: Iterable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """One row for each artifact: of two versions, both of which a build has left there, the newer one."""
    found: dict[tuple[str, str, str], Mapping[str, str]] = {}
    for row in rows:
        key = (row["group"], row["artifact"], row["classifier"] or "")
        if key not in found or numbers(found[key]["version"]) < numbers(row["version"]):
            found[key] = row
    return list(found.values())


def _artifact(row: Mapping[str, str]) -> Artifact:
    return Artifact(row["group"], row["artifact"], row["version"], row["classifier"] or "", "*")


@cache
def brokers(kafka: str = KAFKA) -> str:
    """The class path of a broker in Strimzi's images: Kafka, and what Strimzi adds.

    Raises:
        MissingError: when it cannot be fetched.
    """
    beside = copied(f"strimzi-{STRIMZI}-beside-brokers", _BESIDE_BROKERS)
    return f"{of_kafka(kafka)}:{beside}/*:{standins()}:{tiered_storage()}"


@cache
def standins() -> Path:
    """The classes that stand for what no registry has, or not this version of it, compiled when the cache has none.

    Raises:
        MissingError: when there is no compiler.
    """
    sources = sorted(_STANDINS.glob("*.java"))
    digest = sha256(b"".join(each.read_bytes() for each in sources)).hexdigest()[:12]
    folder = CACHE / f"standins-{digest}"
    if not folder.is_dir():
        compiler = Path(java()).with_name("javac")
        if not compiler.exists():
            compiler = Path(shutil.which("javac") or "")
        if not compiler.name:
            raise MissingError("no javac")
        with TemporaryDirectory(dir=CACHE) as unfinished:
            classes = Path(unfinished) / "classes"
            path = f"{of_kafka(KAFKA)}:{tiered_storage()}"
            command = [
                str(compiler),
                "-proc:none",
                "-cp",
                path,
                "-d",
                str(classes),
                *map(str, sources),
            ]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise MissingError(f"javac failed: {done.stderr}")
            if not folder.is_dir():
                classes.rename(folder)
    return folder
