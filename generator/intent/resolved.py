"""An environment's document after inheritance, every value still tied to where it was written."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path as File
from typing import Any, cast

from generator.common.finding import Finding, Path, Problem
from generator.common.kafka_values import WORD_OF
from generator.common.paths import ENVIRONMENT_FILE, ENVIRONMENTS
from generator.documents.source import Source
from generator.intent.schema import CheckedSource
from generator.intent.sections import Intent

_FALLBACKS = {"topicProfiles": 2, "topicDefaults": 1}
"""Where a topic's value may come from instead, and the depth at which values begin there."""
_SIDES_OWN = ("retention.ms", "partitions")
"""What dead-letter and retry topics do not take over from their source."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of intent: a folder under environments/, or a part of the built-in table."""

    title: str
    sources: tuple[CheckedSource, ...]
    data: dict[str, Any]
    prefix: Path = ()
    """Where this layer begins inside its one source file; empty for folders."""
    folder: File | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """One layer's say on a key path: which file, where, and what."""

    layer: Layer
    source: Source
    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Resolved:
    """An environment's whole intent after inheritance, and the layers it came from."""

    name: str
    layers: tuple[Layer, ...]
    data: dict[str, Any]
    problems: tuple[Problem, ...] = ()
    """What is wrong but leaves enough to go on and find the rest."""
    findings: tuple[Finding, ...] = ()
    """The same, of what its files say in the wrong shape."""

    @property
    def intent(self) -> Intent:
        """The document as what the schema has proved it to be."""
        return cast("Intent", self.data)

    def with_data(self, data: dict[str, Any]) -> "Resolved":
        """The same layers with another outcome."""
        return replace(self, data=data)

    def writings(self, path: Path) -> list[Writing]:
        """Every layer that says something at exactly this path, lowest first."""
        found: list[Writing] = []
        for layer in self.layers:
            for checked in layer.sources:
                depth, value = depth_of(checked.data, (*layer.prefix, *path))
                if depth == len(path) + len(layer.prefix):
                    found.append(Writing(layer, checked.source, (*layer.prefix, *path), value))
        return found

    def locate(self, problem: Problem) -> Finding:
        """The problem with a place: where its value is written, else the nearest key above.

        Nobody edits what is built in; where that alone speaks, the place is where one would speak against it:
        the nearest key above that somebody has written, or the size.
        """
        paths = [path for path in self._routes(problem) if path]
        if problem.of_size:
            said = next(filter(None, map(self.writings, paths)), None)
            if said and said[-1].layer.folder is None:
                paths.insert(0, ("size",))
        paths += [problem.path[:depth] for depth in range(len(problem.path) - 1, 0, -1)]
        for path in (*paths, *([("size",)] if problem.path else [])):
            writings = [each for each in self.writings(path) if each.layer.folder is not None]
            if writings:
                return self._found(problem, writings[-1].source, writings[-1].path)
        own = [checked.source for checked in self.layers[-1].sources]
        if own:
            main = [source for source in own if source.name.endswith(f"/{ENVIRONMENT_FILE}")]
            return self._found(problem, (main or own)[0], ())
        name = f"{ENVIRONMENTS}/{self.name}/{ENVIRONMENT_FILE}"
        return Finding(name, 0, 0, problem.rule, problem.message, problem.fix, problem.severity)

    @staticmethod
    def _found(problem: Problem, source: Source, path: Path) -> Finding:
        line, column = source.strict.place(path, on_key=problem.on_key)
        return Finding(
            source.name, line, column, problem.rule, problem.message, problem.fix, problem.severity
        )

    def _routes(self, problem: Problem) -> Iterator[Path]:
        """Key paths that may have caused the problem, the likeliest first."""
        if problem.subject and problem.inner:
            kind, name = problem.subject
            for patched in (name, "*"):
                patch = ("overrides", kind, patched, *problem.inner)
                yield patch
                for depth in range(len(patch) - 1, 3, -1):  # null there takes everything below away
                    if any(each.value is None for each in self.writings(patch[:depth])):
                        yield patch[:depth]
            starts = list(self.value_routes(problem.path))
            if _of_side_topic(problem.path) and problem.inner[-1] not in _SIDES_OWN:
                starts = [problem.path, *self.value_routes(problem.path[:2])]
            routes = [self._spelled_alike(start, problem.inner) for start in starts]
            leaf = problem.inner[-1]
            names = {leaf, WORD_OF.get(str(leaf))}
            yield max(routes, key=lambda route: (bool(route) and route[-1] in names, len(route)))
        yield problem.path

    def _spelled_alike(self, start: Path, inner: Path) -> Path:
        """As far below `start` as intent spells a manifest's keys alike, skipping those it lacks."""
        depth, node = depth_of(self.data, start)
        path = start if depth == len(start) else ()
        for key in inner if path else ():
            if _has(node, key):
                path, node = (*path, key), node[key]
            elif key in WORD_OF and len(path) == len(start) and _has(node, WORD_OF[str(key)]):
                path = (*path, WORD_OF[str(key)])
                break
        return path if len(path) > _FALLBACKS.get(str(start[0]), 0) else ()

    def value_routes(self, path: Path) -> Iterator[Path]:
        """The path itself, then where a topic's value may come from instead: profile, defaults."""
        yield path
        if len(path) > 1 and path[0] == "topics":
            topic = self.data.get("topics", {}).get(path[1])
            if isinstance(topic, dict) and "profile" in topic:
                yield ("topicProfiles", topic["profile"], *path[2:])
            yield ("topicDefaults", *path[2:])


def _of_side_topic(path: Path) -> bool:
    return len(path) > 2 and path[0] == "topics" and path[2] in ("deadLetter", "retries")


def depth_of(data: Any, path: Path) -> tuple[int, Any]:
    """How many keys of the path the data holds, and the value there."""
    for depth, key in enumerate(path):
        if not _has(data, key):
            return depth, data
        data = data[key]
    return len(path), data


def _has(node: object, key: str | int) -> bool:
    if isinstance(node, dict):
        return key in node
    return isinstance(node, list) and isinstance(key, int) and key < len(node)
