"""`extra/`: the user's own manifests, plain YAML or jinja2, held to the same rules as ours.

A file of a higher layer replaces the file of the same name below it.
"""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path as File
from typing import Any

from generator.common.bounded import TooMuchError, bounded
from generator.common.finding import Finding, FindingsError, Problem, did_you_mean
from generator.common.paths import ENVIRONMENTS, EXTRA
from generator.documents.manifest import Body, Manifest
from generator.documents.source import Source, list_files, read_text
from generator.intent.resolved import Resolved
from generator.model.environment import Environment

TEMPLATE_SUFFIX = ".yaml.j2"
_MAX_BYTES = 2**20
_MAX_RENDERED = 8 * 2**20
_MAX_SECONDS = 10
_MAX_MEGABYTES = 512


def extra_files(resolved: Resolved, root: File) -> dict[str, File]:
    """The extra files of an environment by their path below extra/."""
    files: dict[str, File] = {}
    environments = root / ENVIRONMENTS
    for layer in resolved.layers:
        if layer.folder is None or not (layer.folder / EXTRA).is_dir():
            continue
        folder = layer.folder / EXTRA
        for path in list_files(folder, environments, (".yaml", ".yml", TEMPLATE_SUFFIX)):
            files[path.relative_to(folder).as_posix()] = path
    return dict(sorted(files.items()))


def read(
    environment: Environment, resolved: Resolved, root: File
) -> tuple[list[Manifest], dict[str, Source]]:
    """The extra manifests, and the texts they came from by the file's name.

    A manifest's origin is ("extra", file name, document number, ...).

    Raises:
        FindingsError: when a file is no YAML, no manifest, or its template does not render.
    """
    manifests: list[Manifest] = []
    sources: dict[str, Source] = {}
    findings: list[Finding] = []
    for path in extra_files(resolved, root).values():
        name = path.relative_to(root).as_posix()
        try:
            text = read_text(path, name, _MAX_BYTES)
            if name.endswith(TEMPLATE_SUFFIX):
                text = _fill(text, name, environment)
            for number, source in enumerate(_documents(text, name)):
                key = f"{name}#{number}"
                sources[key] = source
                if source.data is not None:
                    manifests.append(_manifest(source, key))
        except FindingsError as error:
            findings += error.findings
    if findings:
        raise FindingsError(findings)
    return manifests, sources


def locate(problem: Problem, sources: dict[str, Source]) -> Finding:
    """The place in an extra file that a problem with origin ("extra", key, ...) is about."""
    source = sources[str(problem.path[1])]
    line, column = source.strict.place(problem.path[2:], on_key=problem.on_key)
    if source.name.endswith(TEMPLATE_SUFFIX):
        line = column = 0  # lines of the filled text are not lines of the template
    return Finding(
        source.name, line, column, problem.rule, problem.message, problem.fix, problem.severity
    )


def _documents(text: str, name: str) -> Iterator[Source]:
    """The text's documents; each keeps the line numbers of the whole file."""
    lines = text.split("\n")
    starts = [0, *(i + 1 for i, line in enumerate(lines) if line.rstrip() == "---"), len(lines) + 1]
    for start, end in pairwise(starts):
        body = lines[start : end - 1]
        if any(line.strip() and not line.lstrip().startswith("#") for line in body):
            yield Source(name, "\n" * start + "\n".join(body) + "\n")


def _manifest(source: Source, key: str) -> Manifest:
    body = source.data

    def refuse(path: tuple[str, ...], message: str, fix: str) -> FindingsError:
        problem = Problem(("extra", key, *path), message, "extra-manifest", fix)
        return FindingsError([locate(problem, {key: source})])

    if not isinstance(body, dict):
        raise refuse((), "this is no manifest", "write apiVersion, kind and metadata")
    for name in ("apiVersion", "kind"):
        if not isinstance(body.get(name), str):
            raise refuse((), f"'{name}' is missing", f"add {name}:")
    metadata = body.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        raise refuse(("metadata",), "'metadata.name' is missing", "add it")
    if body["kind"] == "Secret" and ("data" in body or "stringData" in body):
        raise refuse(
            ("kind",), "a Secret with content would be readable by everyone who reads Git",
            "let an operator make it: ExternalSecret, SealedSecret, or Strimzi itself",
        )  # fmt: skip
    return Manifest(EXTRA, body, ("extra", key))


def _fill(text: str, name: str, environment: Environment) -> str:
    """The template filled in a sandbox; every value is written as a YAML scalar."""
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    context: Body = {
        "environment": environment.name,
        "namespace": environment.namespace,
        "cluster": environment.cluster.name,
        "intent": environment.data,
    }
    jinja = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined, finalize=_scalar, keep_trailing_newline=True
    )
    # The same intent must give the same bytes.
    jinja.globals.pop("lipsum", None)
    jinja.filters.pop("random", None)

    def fill() -> str:
        return _filled(jinja, text, name, context)

    try:
        return str(bounded(fill, _MAX_SECONDS, _MAX_MEGABYTES))
    except TooMuchError as error:
        raise _template_error(name, 0, str(error), "loop and compute less") from error


def _filled(jinja: Any, text: str, name: str, context: Body) -> str:
    import jinja2

    try:
        return _joined(jinja.from_string(text).generate(context), name)
    except TooMuchError as error:
        raise _template_error(name, _line(error), str(error), "loop and compute less") from error
    except MemoryError as error:
        message = f"takes more than {_MAX_MEGABYTES} MiB of memory"
        raise _template_error(
            name, _line(error), message, "make shorter texts and lists"
        ) from error
    except jinja2.UndefinedError as error:
        missing = str(error.message or "").split("'")
        hint = did_you_mean(missing[1], context) if len(missing) > 2 else ""
        raise _template_error(name, _line(error), str(error.message), hint) from error
    except jinja2.TemplateError as error:
        raise _template_error(name, _line(error), str(error.message), "mend it") from error
    except FindingsError:
        raise
    except Exception as error:  # a template may raise anything: wrong types, division by zero
        raise _template_error(name, _line(error), str(error), "mend the expression") from error


def _joined(pieces: Iterator[str], name: str) -> str:
    kept: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > _MAX_RENDERED:
            raise _template_error(name, 0, "renders more than 8 MiB", "loop over less")
        kept.append(piece)
    return "".join(kept)


def _template_error(name: str, line: int, message: str, fix: str) -> FindingsError:
    return FindingsError([Finding(name, line, 1 if line else 0, "template", message, fix)])


def _line(error: BaseException) -> int:
    line = getattr(error, "lineno", None)
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == "<template>":
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return int(line or 0)


def _scalar(value: object) -> Any:
    """JSON is YAML: quoting and escaping are right whatever the value holds."""
    import jinja2

    if isinstance(value, jinja2.Undefined):
        str(value)  # raises, as StrictUndefined promises
    return json.dumps(value, ensure_ascii=False)
