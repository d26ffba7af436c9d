"""Layers -> one resolved document per environment, every value still tied to where it was written.

Lowest first: the product's defaults, the size, the layers that an environment inherits, the environment
itself; so that what people write wins over what is built in, in whatever layer they write it. Mappings merge
by key, everything else is replaced, null removes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as File
from typing import Any

from generator.common.cache import Cache
from generator.common.finding import Finding, FindingsError, Path, Problem, did_you_mean, dotted
from generator.common.kafka_values import WORD_OF, WORDS
from generator.common.paths import ENVIRONMENTS, EXTRA, SHARED
from generator.common.strimzi.releases import nearest, numbers
from generator.documents.source import YAML_SUFFIXES, Source, list_files, read_text
from generator.intent.merge import in_patch, merge, merge_sections, of_topic
from generator.intent.resolved import Layer, Resolved, depth_of
from generator.intent.schema import CheckedSource, check

_NEEDED: tuple[Path, ...] = (
    ("protect",),
    ("strimzi", "version"),
    ("strimzi", "namespace"),
    ("strimzi", "chart", "repoURL"),
    ("strimzi", "chart", "name"),
    ("cluster", "kafkaVersion"),
    ("cluster", "authorization"),
    ("cluster", "storage", "size"),
    ("topicDefaults", "partitions"),
)
"""What the defaults say and nobody may remove."""
_SIZES_FILE = File(__file__).parent / "sizes.yaml"


@dataclass
class Project:
    """The intent of a whole project; each layer is read once, however many inherit it."""

    root: File
    cache: Cache = field(default_factory=Cache)
    _layers: dict[File, Layer] = field(default_factory=dict)

    def resolve(self, name: str, go_on: bool = False) -> Resolved:
        """One environment's intent with everything inherited.

        With `go_on`, what is left of files in which single values have the wrong shape, and `findings`.

        Raises:
            FindingsError: everything wrong in its files, its layers and their order.
        """
        folders = self.folders(name)
        written = [self._layer(folder) for folder in folders]
        layers = [builtin("defaults"), *written]
        layers.insert(1, of_release(_said(layers, "strimzi", "version")))
        size = next((each.data["size"] for each in reversed(written) if "size" in each.data), None)
        if size is not None:
            layers[1:1] = of_size(size, _said(layers, "cluster", "kafkaVersion"))
        data: dict[str, Any] = {}
        nulls: list[tuple[CheckedSource, Path]] = []
        for layer in layers:
            nulls += _dangling_nulls(layer, data)
            data = merge(data, layer.data)
        broken = [each for layer in layers for file in layer.sources for each in file.findings]
        problems = tuple(_misnamed(name, data))
        resolved = Resolved(name, tuple(layers), data, problems, tuple(broken))
        findings = [_of_null(*each) for each in nulls if not _removes(resolved, each[1])]
        policy = _leaves(layers[0].data["policy"], ("policy",))
        findings += (resolved.locate(problem) for problem in _missing(data, size, policy))
        if findings or (broken and not go_on):
            raise FindingsError([*findings, *broken])
        return resolved

    def folders(self, name: str) -> list[File]:
        """The folders of an environment's layers, lowest first.

        Raises:
            FindingsError: when one of them cannot be read, or names another one that is not there.
        """
        base = self.root / ENVIRONMENTS
        folders = [base / name]
        while True:
            layer = self._layer(folders[0])
            parent = layer.data.get("inherits")
            if parent is None:
                return folders
            folder = base / parent
            if not folder.resolve().is_relative_to(base.resolve()):
                self._refuse(
                    layer, f"'{parent}' lies outside {ENVIRONMENTS}/", "name a folder in it"
                )
            if not folder.is_dir():
                names = [
                    p.name for p in base.iterdir() if p.is_dir() and not p.name.startswith(".")
                ]
                self._refuse(layer, f"there is no folder {ENVIRONMENTS}/{parent}",
                             did_you_mean(parent, names))  # fmt: skip
            if folder.resolve() in [known.resolve() for known in folders]:
                self._refuse(layer, f"'{parent}' inherits from here: a circle", "break the circle")
            folders.insert(0, folder)

    def _refuse(self, layer: Layer, message: str, fix: str) -> None:
        problem = Problem(("inherits",), message, "inherits", fix)
        raise FindingsError([Resolved("", (layer,), layer.data).locate(problem)])

    def _layer(self, folder: File) -> Layer:
        if folder not in self._layers:
            self._layers[folder] = self._read_folder(folder)
        return self._layers[folder]

    def _read_folder(self, folder: File) -> Layer:
        findings: list[Finding] = []
        sources: list[CheckedSource] = []
        environments = self.root / ENVIRONMENTS
        if not environments.resolve().is_relative_to(self.root.resolve()):
            raise FindingsError(
                [Finding(ENVIRONMENTS, 0, 0, "symbolic-link", "leads out of the project",
                         "make it a folder of the project")]
            )  # fmt: skip
        if folder.resolve() != environments.resolve() / folder.relative_to(environments):
            name = folder.relative_to(self.root).as_posix()
            raise FindingsError(
                [Finding(name, 0, 0, "symbolic-link", "a symbolic link to a folder is not followed",
                         "make it a folder, or name its layer in 'inherits'")]
            )  # fmt: skip
        for path in list_files(folder, environments, YAML_SUFFIXES):
            if path.relative_to(folder).parts[0] == EXTRA:
                continue
            name = path.relative_to(self.root).as_posix()
            try:
                sources.append(self._read_file(path, name))
            except FindingsError as error:
                findings += error.findings
        findings += _said_twice(sources)
        if findings:
            raise FindingsError([*findings, *(each for file in sources for each in file.findings)])
        data: dict[str, Any] = {}
        for checked in sources:
            data = merge_sections(data, checked.data)
        return Layer(folder.name, tuple(sources), data, folder=folder)

    def _read_file(self, path: File, name: str) -> CheckedSource:
        text = read_text(path, name)
        known = self.cache.data_of(name, text)
        if known is not None:
            return CheckedSource(Source(name, text), known, ())
        checked = check(Source(name, text))
        if not (checked.nulls or checked.findings):
            self.cache.keep_data(name, text, checked.data)
        return checked


@cache
def builtin(key: str) -> Layer:
    """The layer of `defaults`, of a size, or of what a size says from a version of Kafka on."""
    checked = _sizes()
    data = checked.data.get(key, {})
    size, _, kafka = key.partition("@")
    title = f"size {size}" if key != "defaults" else key
    return Layer(f"{title}, from Kafka {kafka} on" if kafka else title, (checked,), data, (key,))


def of_size(size: str, kafka: str) -> list[Layer]:
    """The layers of a size for a version of Kafka."""
    later = [key for key in _sizes().data if key.startswith(f"{size}@")]
    known = [key for key in later if numbers(key.partition("@")[2]) <= numbers(kafka)]
    return [builtin(key) for key in (size, *known)]


@cache
def of_release(version: str) -> Layer:
    """What a release of Strimzi brings: the Kafka that it runs by default."""
    text = f"cluster:\n  kafkaVersion: {nearest(version).default_kafka}\n"
    source = Source(f"Strimzi {version}", text)
    return Layer(source.name, (CheckedSource(source, source.data, ()),), source.data)


def _said(layers: Sequence[Layer], section: str, key: str) -> str:
    """What the last of some layers says that says a text."""
    found = [
        layer.data[section].get(key)
        for layer in layers
        if isinstance(layer.data.get(section), dict)
    ]
    return next((each for each in reversed(found) if isinstance(each, str)), "")


@cache
def _sizes() -> CheckedSource:
    name = f"generator/intent/{_SIZES_FILE.name}"
    source = Source(name, read_text(_SIZES_FILE, name))
    return CheckedSource(source, source.data, ())


def _said_twice(sources: list[CheckedSource]) -> Iterator[Finding]:
    """The same key in two files of one layer."""
    first: dict[Path, CheckedSource] = {}
    for checked in sources:
        for section, value in checked.data.items():
            mapping = isinstance(value, dict)
            for path in [(section, key) for key in value] if mapping else [(section,)]:
                before = first.setdefault(path, checked)
                if before is checked:
                    continue
                line, column = checked.source.strict.place(path, on_key=True)
                there = before.source.strict.place(path, on_key=True)
                yield Finding(
                    checked.source.name, line, column, "duplicate-key",
                    f"{dotted(path)} is also in {before.source.name}:{there[0]}:{there[1]}",
                    "keep one of the two; files of one layer add up",
                )  # fmt: skip


def _dangling_nulls(layer: Layer, below: dict[str, Any]) -> Iterator[tuple[CheckedSource, Path]]:
    """Keys without a value where no lower layer says anything that they could remove."""
    for checked in layer.sources:
        for path in checked.nulls:
            if depth_of(below, path)[0] < len(path) and not in_patch(path):
                yield checked, path


def _removes(resolved: Resolved, path: Path) -> bool:
    """True for a null that removes something of a topic's profile or of the topic defaults."""
    if not of_topic(path):
        return False
    routes = [("topicDefaults", *path[2:]), *resolved.value_routes(path)]
    for route in (each for each in routes if each != path):
        start, inner = (
            (route[:1], route[1:]) if route[0] == "topicDefaults" else (route[:2], route[2:])
        )
        spellings = [inner]
        if inner[0] in WORDS:
            spellings.append(("config", WORDS[str(inner[0])][0]))
        if inner[0] == "config" and inner[-1] in WORD_OF:
            spellings.append((WORD_OF[str(inner[-1])],))
        if any(
            depth_of(resolved.data, (*start, *each))[0] == len(start) + len(each)
            for each in spellings
        ):
            return True
    return False


def _of_null(checked: CheckedSource, path: Path) -> Finding:
    line, column = checked.source.strict.place(path)
    return Finding(
        checked.source.name, line, column, "empty-value",
        f"{dotted(path)} has no value, and nothing is inherited that null would remove",
        "write a value, or {} for all defaults, or drop the key",
    )  # fmt: skip


def _misnamed(folder: str, data: dict[str, Any]) -> Iterator[Problem]:
    if folder == SHARED:
        message = f"'{folder}' is where rendered/ keeps what all environments share"
        yield Problem(("environment",), message, "environment-name", "choose another name")
    name = data.get("environment")
    if name != folder:
        message = f"'{name}' is not the folder's name '{folder}'"
        if name is None:
            message = "'environment' is missing"
        yield Problem(("environment",), message, "environment-name", f"write environment: {folder}")


def _leaves(data: dict[str, Any], path: Path) -> Iterator[Path]:
    """The paths of everything that is no mapping."""
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)


def _missing(data: dict[str, Any], size: str | None, demanded: Iterable[Path]) -> Iterator[Problem]:
    """The keys without which there is no environment; the rules need all that the policy has."""
    if size is None:
        fix = "write size: dev, small, medium or large"
        yield Problem((), "'size' is missing", "missing-key", fix)
    for path in (*_NEEDED, *demanded):
        depth = depth_of(data, path)[0]
        if depth < len(path):
            message = f"{dotted(path)} is removed, but there must be one"
            fix = "write a value instead of null"
            yield Problem(path[: depth + 1], message, "missing-key", fix)
    if "namespace" not in data:
        yield Problem((), "'namespace' is missing", "missing-key", "add namespace:")
    if "name" not in data.get("cluster", {}):
        yield Problem((), "'cluster.name' is missing", "missing-key", "add cluster: {name: events}")
