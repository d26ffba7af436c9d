"""The second opinion: kubeconform over the same manifests and the same schemas/."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path as File
from tempfile import TemporaryDirectory

from generator.common.finding import Finding
from generator.common.paths import MANIFEST
from generator.contract.operator_version import version_of
from generator.documents.rendered_files import Content, manifest_of
from generator.validate.schemas import Schemas
from generator.validate.versions import UNSAID, Around

_PATTERN = "{{.ResourceKind}}{{.KindSuffix}}.json"
INSTALL = (
    "install kubeconform and put it on PATH: go install"
    " github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0, or your package manager's"
)


class ToolMissingError(Exception):
    """A program that the user asked for is not installed; the message says how to get it."""


def check(
    rendered: Mapping[str, Mapping[str, Content]], schemas: Schemas, said: Mapping[str, Around]
) -> list[Finding]:
    """What kubeconform refuses, as findings in rendered/, each environment by the schemas of its versions.

    Raises:
        ToolMissingError: when kubeconform is not on PATH.
    """
    program = shutil.which("kubeconform")
    if program is None:
        raise ToolMissingError(f"kubeconform is not installed; {INSTALL}")
    releases: dict[tuple[str, Around], dict[str, Mapping[str, Content]]] = {}
    for name, files in rendered.items():
        versions = (_release_of(files), said.get(name, UNSAID))
        releases.setdefault(versions, {})[name] = files
    return sorted(
        finding
        for versions, folders in releases.items()
        for finding in _asked(program, folders, schemas.of(*versions).folders)
    )


def _release_of(files: Mapping[str, Content]) -> str:
    kafka = [name for name in sorted(files) if name.startswith("cluster/kafka-")]
    return version_of(manifest_of(kafka[0], files[kafka[0]].content()).body if kafka else {})


def _asked(
    program: str, rendered: Mapping[str, Mapping[str, Content]], folders: Sequence[File]
) -> list[Finding]:
    with TemporaryDirectory(prefix="strimzi-gitops-") as temporary:
        for name, files in rendered.items():
            for file, manifest in files.items():
                if not file.endswith(MANIFEST):
                    continue
                path = File(temporary, name, file)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(manifest.content())
        locations = [
            argument
            for folder in folders
            for argument in ("-schema-location", f"{folder}/{_PATTERN}")
        ]
        command = [program, "-strict", "-output", "json", *locations, temporary]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if not result.stdout.strip():
            message = f"kubeconform failed: {result.stderr.strip()[:500]}"
            return [Finding("rendered", 0, 0, "kubeconform", message, "run it by hand")]
        return [
            Finding(
                f"rendered/{File(resource['filename']).relative_to(temporary).as_posix()}", 0, 0,
                "kubeconform", f"{resource['kind']} {resource['name']}: {resource['msg']}",
                "this disagrees with the check in process; please report it",
            )
            for resource in json.loads(result.stdout).get("resources") or ()
        ]  # fmt: skip
